//! Runs a router on a socket until it is told to stop: with limits on what clients may do.

mod client;
mod connection;
mod connection_limits;
mod descriptors;
mod places;
mod steady;

pub use connection_limits::ConnectionLimits;

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

/// Answers requests until `stop`, and then those that are under way, for some seconds at most.
pub async fn answer(
    router: Router,
    listener: TcpListener,
    connections: ConnectionLimits,
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
