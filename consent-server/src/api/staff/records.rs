//! One record, for staff: what was decided on which words, and its proof in the log.

use super::door::enter_for_record;
use crate::api::Problem;
use crate::api::{consents, log};
use crate::app::App;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// `GET /v1/sites/{site}/consents/{record}`
pub(super) async fn get(
    State(app): State<App>,
    Path((site, record)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (site, id) = enter_for_record(&app, &headers, &site, &record, "view_record").await?;
    consents::shown(&app, site.id(), id).await
}

/// `GET /v1/sites/{site}/consents/{record}/proof`
pub(super) async fn proof(
    State(app): State<App>,
    Path((site, record)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (site, id) = enter_for_record(&app, &headers, &site, &record, "view_proof").await?;
    log::proof_file(&app, site.id(), id).await
}
