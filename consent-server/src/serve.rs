//! Runs a router on a socket until it is told to stop: with limits on what clients may do.

mod client;
mod connection;
mod descriptors;
mod places;
mod steady;

use crate::limit::Network;
use crate::repeats;
use axum::Router;
use connection::Door;
use hyper_util::server::graceful::GracefulShutdown;
use places::Places;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long requests that are under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long to wait when no connection can be taken, because too many files are open.
const PAUSE: Duration = Duration::from_millis(100);

/// How much of an answer the system holds for a client that does not read: what every slow reader costs in memory. As much
/// as a fast one far away needs; without a bound the system keeps megabytes for each.
const UNREAD: usize = 256 * 1024;

/// What the connections of a listener are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many at a time. For those above, others that wait for nothing but their clients must leave.
    pub most: usize,
    /// How many of these one peer may hold: an IPv4 address, or an IPv6 network of 64 bits. Behind a proxy, all are its own.
    pub a_peer: usize,
    /// Behind a proxy: how many requests of one client may be under way.
    pub a_client: usize,
    /// How long a client may take over the head of a request; also how long a connection may stay open without one.
    pub head_timeout: Duration,
    /// How long a client may take over the body of a request, from its head on, whatever is done with it.
    pub body_timeout: Duration,
    /// How long a client may leave what was sent to it unread. One that takes it very slowly uses this time up, too.
    pub unread_timeout: Duration,
    /// Whether a proxy stands before the server and names clients in `X-Forwarded-For`.
    pub behind_proxy: bool,
}

impl Connections {
    /// So many, half of them for one peer at most.
    #[must_use]
    pub fn of(most: usize) -> Self {
        let most = most.max(1);
        Self {
            most,
            a_peer: most.div_ceil(2),
            a_client: most.div_ceil(8),
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(15),
            unread_timeout: Duration::from_secs(30),
            behind_proxy: false,
        }
    }

    /// As many as that, or as many as the process may have files open for: the system's limit is raised as far as it may be,
    /// and the process's log says if that is not enough.
    #[must_use]
    pub fn fitting(wanted: usize) -> Self {
        Self::of(descriptors::fitting(wanted.max(1)))
    }

    /// For a listener that only operators reach: a handful.
    #[must_use]
    pub fn few() -> Self {
        Self::of(64)
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self::of(4096)
    }
}

/// Answers requests until `stop`, and then those that are under way, for some seconds at most.
pub async fn answer(
    router: Router,
    listener: TcpListener,
    connections: Connections,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let one_peer = if connections.behind_proxy {
        connections.most
    } else {
        connections.a_peer
    };
    let places = Arc::new(Places::new(connections.most, one_peer));
    let door = Arc::new(Door::new(router, connections));
    // Connections have it from their listener.
    let _ = socket2::SockRef::from(&listener).set_send_buffer_size(UNREAD);
    let mut stop = std::pin::pin!(stop);
    loop {
        let taken = async {
            let (stream, peer) = accept(&listener, &places).await;
            let place = places.take(Network::of(peer.ip())).await;
            (stream, peer, place)
        };
        let (stream, peer, place) = tokio::select! {
            taken = taken => taken,
            () = &mut stop => break,
        };
        // A peer that has as many as it may, all of them in use: closed.
        let Ok(place) = place else { continue };
        let http = door.connection(stream, peer.ip(), &place);
        let http = graceful.watch(http);
        tokio::spawn(async move {
            tokio::select! {
                // Clients that go away or send what is no HTTP are no concern of the operator's.
                _ = http => {}
                () = place.must_leave() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("connections that are still open are cut"),
    }
    Ok(())
}

async fn accept(listener: &TcpListener, places: &Places) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // One client's fault, before it was taken.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                places.clear_some();
                repeats::tell(
                    "no connection can be taken at the moment: those that wait longest for their clients are closed",
                    &error,
                );
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Resolves when the system asks the process to end, or somebody presses Ctrl+C.
pub async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM will end the process at once");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Hears SIGHUP from now on, which would end the process otherwise; to be called before it is known that the server runs.
#[must_use]
pub fn hear_hangups() -> Option<Signal> {
    let hangups = signal(SignalKind::hangup()).inspect_err(|error| {
        tracing::warn!(%error, "SIGHUP will end the process instead of reloading");
    });
    hangups.ok()
}
