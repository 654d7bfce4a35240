//! `GET /v1/sites/{site}/consents/{record}/evidence`, for staff: a receipt and all that proves it, in one file.

use super::door::enter_for_record;
use crate::api::blocking::unavailable;
use crate::api::log::vouched_proof_of;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::evidence::{GatherError, Office, file_name, gather};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::evidence::Logged;

pub(super) async fn get(
    State(app): State<App>,
    Path((site, record)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (site, id) = enter_for_record(&app, &headers, &site, &record, "evidence").await?;
    let proof = match app.log() {
        Some(_) => vouched_proof_of(&app, site.id(), id).await?,
        None => None,
    };
    let log_key = app.log().map(|log| log.key().clone());
    let (serving, seal) = (app.serving(), app.intake.signer());
    let name = file_name(site.id(), &id.to_text());
    let made = with_store(&app, move |store| {
        let Some(row) = store.row(site.id(), id)? else {
            return Ok(None);
        };
        let office = Office {
            keys: &serving.keys,
            seal: &seal,
            declaration: site.declaration(),
            log: proof
                .as_ref()
                .zip(log_key.as_ref())
                .map(|(proven, log)| Logged {
                    proof: &proven.proof,
                    log,
                    witnesses: &proven.witnesses,
                    timestamp: proven.timestamp.as_deref(),
                }),
        };
        Ok(Some(gather(store, &row.receipt, &office)))
    });
    let zip = made.await?.ok_or(Problem::NotFound)?;
    let zip = zip.map_err(|error| match error {
        GatherError::Revoked(_) => Problem::KeyRevoked,
        error => unavailable("no evidence file could be made of a stored receipt", &error),
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, zip).into_response())
}
