//! One connection: its requests go to the router, within limits that no handler has to think of.

use super::ConnectionLimits;
use super::client::Clients;
use super::places::{Place, Seat};
use super::steady::Steady;
use crate::body::TooSlow;
use crate::limit::{Client, Network};
use crate::problem::Problem;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response, StatusCode};
use axum::response::IntoResponse as _;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tower::ServiceExt as _;

/// Enough for a head with the largest cookies that browsers send; counted over the request line and all header lines.
/// A longer one is answered 431, as is one of more than a hundred lines.
const MAX_HEAD: usize = 32 * 1024;

/// What the connections of a listener have in common.
#[derive(Debug)]
pub(super) struct Door {
    router: Router,
    pub(super) limits: ConnectionLimits,
    clients: Clients,
    crowd: Crowd,
}

impl Door {
    pub(super) fn new(router: Router, limits: ConnectionLimits) -> Self {
        Self {
            router,
            limits,
            clients: Clients::new(limits.behind_proxy),
            crowd: Crowd::new(limits),
        }
    }

    pub(super) fn connection(
        self: &Arc<Self>,
        stream: TcpStream,
        peer: IpAddr,
        place: &Place,
    ) -> http1::Connection<
        TokioIo<Steady<TcpStream>>,
        impl HttpService<Incoming, ResBody = Answering, Error = Infallible, Future: Send> + use<>,
    > {
        // Answers are small and sent whole: waiting for more only delays them.
        let _ = stream.set_nodelay(true);
        let socket = socket2::SockRef::from(&stream);
        let _ = socket.set_tcp_user_timeout(Some(self.limits.unread_timeout));
        let stream = Steady::new(stream, self.limits.unread_timeout);
        let (door, seat) = (Arc::clone(self), place.seat());
        let service = service_fn(move |request| {
            let (door, seat) = (Arc::clone(&door), Arc::clone(&seat));
            async move { Ok::<_, Infallible>(door.answer(request, peer, seat).await) }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_timeout)
            // The buffer's size alone bounds no head: what is read at once may be longer, and is looked at before it is measured.
            .max_header_size(MAX_HEAD)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service)
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
        seat: Arc<Seat>,
    ) -> Response<Answering> {
        let client = self.clients.of(peer, request.headers());
        let Some(present) = Crowd::enter(&self, client) else {
            let busy = Problem::TooManyRequests(1).into_response();
            return Answering::of(busy, seat, None);
        };
        let mut request = if request.body().is_end_stream() {
            seat.answers();
            request.map(|_| Body::empty())
        } else {
            request.map(|body| {
                Body::new(Coming {
                    body,
                    end: Instant::now() + self.limits.body_timeout,
                    timer: None,
                    seat: Arc::clone(&seat),
                })
            })
        };
        request.extensions_mut().insert(client);
        let Ok(mut response) = self.router.clone().oneshot(request).await;
        if seat.was_late() && response.status() != StatusCode::REQUEST_TIMEOUT {
            // Whatever its handler made of a body that ended with an error.
            response = Problem::RequestTimeout.into_response();
        }
        Answering::of(response, seat, Some(present))
    }
}

/// A body on its way in, with a deadline: whoever reads it gets what comes until then, and then an error.
#[derive(Debug)]
struct Coming {
    body: Incoming,
    end: Instant,
    /// Most bodies come with their heads, and need no timer.
    timer: Option<Pin<Box<Sleep>>>,
    seat: Arc<Seat>,
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(None) => {
                this.seat.answers();
                Poll::Ready(None)
            }
            Poll::Ready(Some(frame)) => Poll::Ready(Some(frame.map_err(Into::into))),
            Poll::Pending => {
                let end = this.end;
                let timer = this
                    .timer
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                this.seat.is_late();
                Poll::Ready(Some(Err(TooSlow.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        // Nobody waits for the rest of it.
        self.seat.answers();
    }
}

/// An answer on its way out: until it is handed over to the connection, the client is being answered.
#[derive(Debug)]
pub(super) struct Answering {
    body: Body,
    seat: Arc<Seat>,
    _present: Option<Present>,
}

impl Answering {
    fn of(response: Response<Body>, seat: Arc<Seat>, present: Option<Present>) -> Response<Self> {
        response.map(|body| Self {
            body,
            seat,
            _present: present,
        })
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.seat.answered();
    }
}

/// How many requests of each client are under way, behind a proxy, whose connections tell nothing of that. Clients share
/// counters by a keyed hash: seldom, by nobody's choice, and without a lock.
#[derive(Debug)]
struct Crowd {
    counters: Box<[AtomicUsize]>,
    keyed: RandomState,
    /// Of one client; and of all that the proxy does not name.
    most: usize,
    untold: usize,
}

const COUNTERS: usize = 4096;

impl Crowd {
    fn new(limits: ConnectionLimits) -> Self {
        let counters = if limits.behind_proxy { COUNTERS } else { 0 };
        Self {
            counters: (0..counters).map(|_| AtomicUsize::new(0)).collect(),
            keyed: RandomState::new(),
            most: limits.a_client.max(1),
            untold: limits.a_peer.max(1),
        }
    }

    /// One more request of this client, if it has not too many under way. Without a proxy, connections are counted instead.
    fn enter(door: &Arc<Door>, client: Client) -> Option<Present> {
        let crowd = &door.crowd;
        if crowd.counters.is_empty() {
            return Some(Present(None));
        }
        let network = Network::from(client);
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the lowest bits choose a counter"
        )]
        let counter = crowd.keyed.hash_one(network) as usize % crowd.counters.len();
        let most = match network {
            Network::Untold => crowd.untold,
            _ => crowd.most,
        };
        if crowd.counters[counter].fetch_add(1, Ordering::Relaxed) >= most {
            crowd.counters[counter].fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Present(Some((Arc::clone(door), counter))))
    }
}

/// A request that is under way, for as long as this is kept.
#[derive(Debug)]
struct Present(Option<(Arc<Door>, usize)>);

impl Drop for Present {
    fn drop(&mut self) {
        if let Some((door, counter)) = &self.0 {
            door.crowd.counters[*counter].fetch_sub(1, Ordering::Relaxed);
        }
    }
}
