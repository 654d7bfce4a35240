//! `POST /v1/admin/reload`: sites and keys are read again.

use super::Problem;
use super::audit::note;
use super::bearer::operator;
use crate::app::App;
use crate::reload::ReloadError;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use consent_core::id::SiteId;

pub(super) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let staff = operator(&app, &headers).await?;
    note(&app, &staff, "reload", None, String::new(), Some(0)).await?;
    let reload = tokio::task::spawn_blocking(move || app.reload());
    let reloaded = reload.await.map_err(|error| {
        tracing::error!(%error, "a reload has panicked");
        Problem::StorageUnavailable
    })?;
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
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, document.to_string()))
}
