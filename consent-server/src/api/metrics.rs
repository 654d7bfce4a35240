//! `/metrics`, on a listener of its own: for operators, not for visitors. Whether the server is alive and ready is told there
//! too, out of visitors' way.

use super::blocking::{with_log, with_store};
use super::{Problem, health};
use crate::app::App;
use crate::log::Log;
use crate::metrics::MEDIA_TYPE;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

/// The routes of that listener.
pub fn router(app: &App) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app.clone())
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    // Told even when the storage is not: that is when it is read most.
    let size = with_store(&app, crate::store::Store::size)
        .await
        .unwrap_or(0);
    if app.log.is_some()
        && let Ok((signed, waiting)) = with_log(&app, Log::lag).await
    {
        app.metrics.logged(signed, waiting);
    }
    let text = app.metrics.text(app.intake.waiting(), size);
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text))
}
