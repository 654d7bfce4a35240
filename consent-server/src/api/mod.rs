//! The routes for pages, backends and operators; those for staff are apart, in `staff`.

mod allow;
mod bearer;
mod blocking;
mod consents;
mod document;
mod erasures;
mod extract;
mod files;
mod health;
mod holder;
mod keys;
mod log;
mod metrics;
mod openapi;
mod origin;
mod retired;
pub(crate) mod staff;
mod verify;

pub use crate::problem::{Problem, Refused};
pub(crate) use blocking::{unavailable, with_store};
pub(crate) use extract::Asking;
pub use metrics::router as metrics;
pub(crate) use verify::judged;

use crate::app::App;
use axum::Router;
use axum::routing::{get, post};
use document::json;

/// Where records go, as the metrics know it.
pub(crate) const CONSENTS: &str = "/v1/sites/{site}/consents";

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
        .route("/v1/sites/{site}/erasures", post(erasures::post))
        .route("/v1/sites/{site}/notices/{digest}", get(files::notice))
        .route("/v1/sites/{site}/scopes/{digest}", get(files::scope))
        .route("/v1/bundles/{digest}", get(files::bundle))
        .route("/v1/files/{digest}", get(files::file))
        .route("/v1/verify", post(verify::post))
        .route("/v1/check", get(allow::get))
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
