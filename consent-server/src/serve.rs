//! Runs a router on a socket until it is told to stop.

use crate::app::App;
use axum::Router;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests that are under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop`, then finishes what was accepted: when this returns, every answered record is durable and no
/// accepted one is unanswered.
pub async fn serve(
    app: App,
    router: Router,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, told) = oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        let _ = stopping.send(());
    });
    let mut server = std::pin::pin!(server.into_future());
    let ended = tokio::select! {
        ended = &mut server => ended,
        () = async {
            let _ = told.await;
            tokio::time::sleep(GRACE).await;
        } => {
            tracing::warn!("connections that are still open are cut");
            Ok(())
        }
    };
    if tokio::task::spawn_blocking(move || app.intake.stop())
        .await
        .is_err()
    {
        tracing::error!("the records that waited may not have been stored");
    }
    ended
}

/// Resolves when the system asks the process to end, or somebody presses Ctrl+C.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
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
