//! The routes for pages, backends and operators.

mod audit;
mod bearer;
mod check;
mod consents;
mod evidence;
mod export;
mod extract;
mod files;
mod health;
mod keys;
mod log;
mod metrics;
mod openapi;
mod origin;
mod problem;
mod reload;
mod subjects;
mod verify;

pub(crate) use audit::note;
pub(crate) use bearer::by_token;
pub(crate) use extract::Asking;
pub use metrics::router as metrics;
pub use problem::Problem;

use crate::app::App;
use crate::store::{Store, StoreError};
use axum::Router;
use axum::routing::{delete, get, post};
use std::sync::Arc;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/s/{site}/consent.js", get(files::gate))
        .route("/s/{site}/{digest}/{file}", get(files::immutable))
        .route(
            "/v1/sites/{site}/consents",
            post(consents::post).options(origin::preflight),
        )
        .route("/v1/sites/{site}/consents/{record}", get(consents::get))
        .route("/v1/sites/{site}/consents/{record}/proof", get(log::proof))
        .route(
            "/v1/sites/{site}/consents/{record}/evidence",
            get(evidence::get),
        )
        .route(
            "/v1/sites/{site}/subjects/{subject}",
            delete(subjects::delete),
        )
        .route("/v1/sites/{site}/export", get(export::get))
        .route("/v1/sites/{site}/exports/{number}", get(export::manifest))
        .route("/v1/sites/{site}/notices/{digest}", get(files::notice))
        .route("/v1/sites/{site}/scopes/{digest}", get(files::scope))
        .route("/v1/bundles/{digest}", get(files::bundle))
        .route("/v1/files/{digest}", get(files::file))
        .route("/v1/audit", get(audit::get))
        .route("/v1/admin/reload", post(reload::post))
        .route("/v1/verify", post(verify::post))
        .route("/v1/check", get(check::get))
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/vkey", get(log::vkey))
        .route("/log/minimum-index", get(log::minimum_index))
        .route("/log/tile/{*tile}", get(log::tile))
        .route("/.well-known/jwks.json", get(keys::get))
        .route("/openapi.json", get(openapi::get))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .fallback(async || Problem::NotFound)
}

/// Runs a call of the store where it may block. What went wrong is logged here; outsiders hear only that something did.
pub(crate) async fn with_store<T: Send + 'static>(
    app: &App,
    call: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let store = Arc::clone(&app.store);
    match tokio::task::spawn_blocking(move || call(&*store)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(%error, "the storage did not answer");
            Err(Problem::StorageUnavailable)
        }
        Err(error) => {
            tracing::error!(%error, "a call of the storage has panicked");
            Err(Problem::StorageUnavailable)
        }
    }
}
