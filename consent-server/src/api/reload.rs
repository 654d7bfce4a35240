//! `POST /v1/admin/reload`: sites and keys are read again.

use super::audit::note;
use super::bearer::operator;
use super::blocking::blocking;
use super::{Problem, json};
use crate::app::App;
use crate::reload::ReloadError;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::id::SiteId;

pub(super) async fn post(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let staff = operator(&app, &headers).await?;
    note(&app, &staff, "reload", None, String::new(), Some(0)).await?;
    let reloading = app.clone();
    let reloaded = blocking(&app, move || reloading.reload()).await?;
    let reloaded = reloaded.map_err(|error| {
        tracing::error!(%error, "not reloaded");
        match error {
            ReloadError::NoFolder => Problem::NotFound,
            _ => Problem::ReloadRefused(error.to_string()),
        }
    })?;
    let names = |ids: &[SiteId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let document = serde_json::json!({
        "sites": reloaded.sites,
        "changed": names(&reloaded.changed),
        "gone": names(&reloaded.gone),
        "key": reloaded.key,
    });
    Ok(json(document.to_string()))
}
