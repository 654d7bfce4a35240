//! Runs a router on a socket until it is told to stop.

mod client;
mod connection;
mod descriptors;
mod places;
mod steady;

use crate::app::App;
use crate::data::DataFolder;
use crate::limit::Network;
use crate::log::Vouchers;
use crate::repeats;
use crate::retention::{self, RetentionError};
use crate::retired::Retired;
use crate::store::{Actor, Moment, StoreError};
use axum::Router;
use connection::Door;
use consent_core::id::SiteId;
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
        if let Err(error) = app.write_time() {
            tracing::warn!(%error, "the time of the last signature is not written down");
        }
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

/// Asks witnesses and the authority about the log, at once and then regularly. Who does not answer is asked again.
pub async fn vouch_regularly(app: App, vouchers: Vouchers, every: Duration) {
    let Some(log) = app.log.clone() else { return };
    if vouchers.is_empty() {
        return;
    }
    app.metrics.expect(vouchers.names());
    let vouchers = Arc::new(vouchers);
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let (log, vouchers) = (Arc::clone(&log), Arc::clone(&vouchers));
        match tokio::task::spawn_blocking(move || log.ask_to_vouch(&vouchers)).await {
            Ok(Ok(asked)) => {
                for by in asked.vouched {
                    app.metrics.vouched(&by, app.clock.now());
                }
                for error in asked.failed {
                    if error.is_contradiction() {
                        app.metrics.contradicted();
                    }
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
                repeats::tell("what was erased is still in the write-ahead log", &error);
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

/// How often the clock is looked at; a clock that is not believed is told about as often.
const LOOK_AT_CLOCK: Duration = Duration::from_mins(1);

/// After how many looks the time is written down.
const LOOKS: u32 = 10;

/// Watches the clock, and tells what was held back from the log, for as long as the server runs. What was believed is written
/// down: at once, then every ten minutes.
pub async fn watch_clock(app: App) {
    let mut ticks = tokio::time::interval(LOOK_AT_CLOCK);
    let mut looks = 0;
    loop {
        ticks.tick().await;
        repeats::tell_rest();
        if let Err(wrong) = app.signing_time() {
            tracing::error!(%wrong, "records are refused");
            continue;
        }
        if looks % LOOKS == 0 {
            let app = app.clone();
            match tokio::task::spawn_blocking(move || app.write_time()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => repeats::tell("the time is not written down", &error),
                Err(error) => repeats::tell("writing the time down has panicked", &error),
            }
        }
        looks += 1;
    }
}

/// How often the receipts whose time is over are looked for.
const PURGE_EVERY: Duration = Duration::from_hours(24);

/// Ends the proofs whose time is over, once a day from the first minute on, for as long as the server runs; and prunes the
/// log then, if that is wanted.
pub async fn purge_daily(app: App, data: DataFolder, prune_log: bool) {
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

fn purge_all(app: &App, data: &DataFolder) {
    // By a clock that is ahead, proofs would end years too early, and for good.
    let now = match app.signing_time() {
        Ok(now) => now,
        Err(wrong) => {
            tracing::error!(%wrong, "not purged");
            return;
        }
    };
    let mut is_done = true;
    let schedule = Actor::operator("schedule", now);
    let serving = app.serving();
    let is_served = |id: &SiteId| serving.sites.get(id.as_str()).is_some();
    let retired = Retired::all(&*app.store, is_served).unwrap_or_else(|error| {
        is_done = false;
        tracing::error!(%error, "the sites that are retired are not purged");
        Vec::new()
    });
    let served = serving
        .sites
        .iter()
        .map(|site| (&site.id, Some(site.proof)));
    let retired = retired.iter().map(|site| (&site.id, site.proof()));
    for (site, proof) in served.chain(retired) {
        let Some(proof) = proof else {
            tracing::warn!(
                site = site.as_str(),
                "not purged: nobody declares it any more, and its terms are not kept"
            );
            continue;
        };
        match retention::purge(&*app.store, data, site, proof, &schedule, false) {
            Ok(purged) if purged.receipts == 0 => {}
            Ok(purged) => tracing::info!(
                site = site.as_str(),
                receipts = purged.receipts,
                at_end = retention::name(purged.at_end),
                "proofs whose time was over"
            ),
            Err(RetentionError::Store(StoreError::Held(_))) => {
                tracing::info!(site = site.as_str(), "kept: a legal hold");
            }
            Err(error) => {
                is_done = false;
                tracing::error!(site = site.as_str(), %error, "not purged");
            }
        }
    }
    if is_done && let Err(error) = app.store.set_moment(Moment::Purged, now) {
        tracing::error!(%error, "that proofs were ended is not written down");
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
