//! The routes for staff. They answer on the listener and origin of staff alone: a script of a site's pages, whatever it may
//! do there, is a stranger here.

mod audit;
mod door;
mod erasures;
mod evidence;
mod export;
mod records;
mod reload;
mod same_origin;
mod trail;

pub(crate) use door::{by_session, by_token, kept};
pub(crate) use erasures::erased;
pub(crate) use same_origin::{Sender, is_navigation, is_own, same_origin};
pub(crate) use trail::note;

use super::{Problem, files, health};
use crate::app::App;
use axum::Router;
use axum::routing::{get, post};

pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/v1/sites/{site}/consents/{record}", get(records::get))
        .route(
            "/v1/sites/{site}/consents/{record}/proof",
            get(records::proof),
        )
        .route(
            "/v1/sites/{site}/consents/{record}/evidence",
            get(evidence::get),
        )
        .route("/v1/sites/{site}/erasures", post(erasures::post))
        .route(
            "/v1/sites/{site}/export",
            get(export::get).post(export::post),
        )
        .route("/v1/sites/{site}/exports/{number}", get(export::manifest))
        .route("/v1/sites/{site}/notices/{digest}", get(files::notice))
        .route("/v1/sites/{site}/scopes/{digest}", get(files::scope))
        .route("/v1/audit", get(audit::get))
        .route("/v1/admin/reload", post(reload::post))
        .route("/healthz", get(health::alive))
        .method_not_allowed_fallback(async || Problem::MethodNotAllowed)
        .fallback(async || Problem::NotFound)
        .layer(axum::middleware::from_fn_with_state(
            (app.clone(), Sender::PageOrProgram),
            same_origin,
        ))
}
