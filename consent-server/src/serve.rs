//! Runs a router on a socket until it is told to stop.

use crate::app::App;
use crate::limit::Client;
use crate::log::Vouchers;
use crate::retention::{self, RetentionError};
use crate::store::{Actor, StoreError};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt as _;

/// How long requests that are under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How long a client may leave what was sent to it unread.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Enough for a head with the largest cookies that browsers send.
const MAX_HEAD: usize = 32 * 1024;

/// How long to wait when no connection can be taken, because too many files are open.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections are allowed.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    /// How many at a time; those above wait in the system's queue.
    pub most: usize,
    /// How long a client may take over the head of a request; also how long a connection may stay open without one.
    pub head_timeout: Duration,
    /// Whether a proxy stands before the server and names clients in `X-Forwarded-For`.
    pub behind_proxy: bool,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            most: 4096,
            head_timeout: Duration::from_secs(15),
            behind_proxy: false,
        }
    }
}

/// Serves until `stop`, then finishes what was accepted: when this returns, every answered record is durable and no
/// accepted one is unanswered.
pub async fn serve(
    app: App,
    router: Router,
    listener: TcpListener,
    connections: Connections,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    answer(router, listener, connections, stop).await?;
    let stop = move || {
        app.intake.stop();
        // After the last record: nothing waits for its place when this ends.
        if let Some(log) = &app.log {
            log.stop();
        }
    };
    if tokio::task::spawn_blocking(stop).await.is_err() {
        tracing::error!("the records that waited may not have been stored");
    }
    Ok(())
}

/// Answers requests until `stop`, and then those that are under way, for some seconds at most.
pub async fn answer(
    router: Router,
    listener: TcpListener,
    connections: Connections,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(connections.most));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        let (stream, peer, place) = accepted?;
        let http = connection(stream, peer, &router, connections);
        let http = graceful.watch(http);
        tokio::spawn(async move {
            // Clients that go away or send what is no HTTP are no concern of the operator's.
            let _ = http.await;
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

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Ok((stream, peer, place)),
            // One client's fault, before it was taken.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken at the moment");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    connections: Connections,
) -> http1::Connection<
    TokioIo<TcpStream>,
    impl hyper::service::HttpService<
        hyper::body::Incoming,
        ResBody = Body,
        Error = std::convert::Infallible,
        Future: Send,
    > + use<>,
> {
    // Answers are small and sent whole: waiting for more only delays them.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD_TIMEOUT));
    let router = router.clone().map_request(move |request: Request<_>| {
        let mut request = request.map(Body::new);
        let client = client(peer.ip(), request.headers(), connections.behind_proxy);
        request.extensions_mut().insert(client);
        request
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(connections.head_timeout)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}

/// The last address in `X-Forwarded-For` is the one that our own proxy has seen; those before it may be made up.
fn client(peer: IpAddr, headers: &HeaderMap, behind_proxy: bool) -> Client {
    let forwarded = behind_proxy
        .then(|| headers.get_all("x-forwarded-for").iter().next_back())
        .flatten();
    let named = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.rsplit(',').next())
        .and_then(|text| text.trim().parse().ok());
    Client(named.unwrap_or(peer))
}

/// Asks witnesses and the authority about the log, at once and then regularly. Who does not answer is asked again.
pub async fn vouch_regularly(app: App, vouchers: Vouchers, every: Duration) {
    let Some(log) = app.log.clone() else { return };
    if vouchers.is_empty() {
        return;
    }
    let vouchers = Arc::new(vouchers);
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let (log, vouchers) = (Arc::clone(&log), Arc::clone(&vouchers));
        match tokio::task::spawn_blocking(move || log.ask_to_vouch(&vouchers)).await {
            Ok(Ok(failed)) => {
                for error in failed {
                    tracing::warn!(%error, "not vouched for");
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "what others say of the log cannot be kept"),
            Err(error) => tracing::error!(%error, "asking others about the log has panicked"),
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

/// How soon what was erased leaves the database's files; and how soon it is tried again while others read.
const FORGET_EVERY: Duration = Duration::from_secs(1);
const FORGET_AGAIN: Duration = Duration::from_secs(10);

/// Takes what was erased or purged out of the database's files, for as long as the server runs.
pub async fn forget_regularly(app: App) {
    loop {
        let store = Arc::clone(&app.store);
        let pause = match tokio::task::spawn_blocking(move || store.forget()).await {
            Ok(Ok(true)) => FORGET_EVERY,
            Ok(Ok(false)) => FORGET_AGAIN,
            Ok(Err(error)) => {
                tracing::error!(%error, "what was erased is still in the write-ahead log");
                FORGET_AGAIN
            }
            Err(error) => {
                tracing::error!(%error, "emptying the write-ahead log has panicked");
                FORGET_AGAIN
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How often the receipts whose time is over are looked for.
const PURGE_EVERY: Duration = Duration::from_hours(24);

/// Ends the proofs whose time is over, once a day from the first minute on, for as long as the server runs; and prunes the
/// log then, if that is wanted.
pub async fn purge_daily(app: App, data: PathBuf, prune_log: bool) {
    tokio::time::sleep(Duration::from_mins(1)).await;
    loop {
        let (app, data) = (app.clone(), data.clone());
        let purged = tokio::task::spawn_blocking(move || {
            purge_all(&app, &data);
            if prune_log {
                prune(&app);
            }
        })
        .await;
        if let Err(error) = purged {
            tracing::error!(%error, "a purge has panicked");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}

fn prune(app: &App) {
    match app.log.as_ref().map(|log| log.prune()) {
        None | Some(Ok(None)) => {}
        Some(Ok(Some(minimum))) => tracing::info!(minimum, "the log is pruned"),
        Some(Err(error)) => tracing::error!(%error, "the log is not pruned"),
    }
}

fn purge_all(app: &App, data: &Path) {
    let schedule = Actor::operator("schedule", app.clock.now());
    for site in app.serving().sites.iter() {
        match retention::purge(&*app.store, data, &site.id, site.proof, &schedule, false) {
            Ok(purged) if purged.receipts == 0 => {}
            Ok(purged) => tracing::info!(
                site = site.id.as_str(),
                receipts = purged.receipts,
                at_end = retention::name(purged.at_end),
                "proofs whose time was over"
            ),
            Err(RetentionError::Store(StoreError::Held(_))) => {
                tracing::info!(site = site.id.as_str(), "kept: a legal hold");
            }
            Err(error) => tracing::error!(site = site.id.as_str(), %error, "not purged"),
        }
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

/// Reads sites and keys again at each SIGHUP, for as long as the server runs.
pub async fn reload_when_asked(app: App, hangups: Option<Signal>) {
    let Some(mut hangups) = hangups else { return };
    while hangups.recv().await.is_some() {
        let app = app.clone();
        match tokio::task::spawn_blocking(move || app.reload()).await {
            Ok(Ok(reloaded)) => tracing::info!(
                sites = reloaded.sites,
                changed = reloaded.changed.len(),
                gone = reloaded.gone.len(),
                rendered = reloaded.rendered,
                refused = reloaded.refused.len(),
                key = reloaded.key,
                "reloaded"
            ),
            Ok(Err(error)) => tracing::error!(%error, "not reloaded"),
            Err(error) => tracing::error!(%error, "a reload has panicked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_client_is_who_our_own_proxy_has_seen() {
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        let told = |values: &[&'static str], behind_proxy| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", HeaderValue::from_static(value));
            }
            client(peer, &headers, behind_proxy).0.to_string()
        };
        assert_eq!(told(&["198.51.100.1, 203.0.113.7"], true), "203.0.113.7");
        assert_eq!(told(&["198.51.100.1", "2001:db8::7"], true), "2001:db8::7");
        assert_eq!(told(&["203.0.113.7"], false), "127.0.0.1");
        assert_eq!(told(&["nonsense"], true), "127.0.0.1");
        assert_eq!(told(&[], true), "127.0.0.1");
    }
}
