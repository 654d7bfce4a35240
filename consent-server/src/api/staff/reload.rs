//! `POST /v1/admin/reload`: sites and keys are read again.

use super::door::operator;
use super::trail::note;
use crate::api::blocking::blocking;
use crate::api::{Problem, json};
use crate::app::App;
use crate::folder::{Refused, said_once};
use crate::reload::{ReloadError, Reloaded};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use consent_core::id::SiteId;
use serde_json::{Value, json as object};

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
    let changes = document(&reloaded);
    if reloaded.refused.is_empty() {
        return Ok(json(changes.to_string()));
    }
    Ok(partly(&reloaded, changes))
}

fn document(reloaded: &Reloaded) -> Value {
    let names = |ids: &[SiteId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let refused = |refused: &Refused| {
        let wrong = refused.wrong.iter().map(ToString::to_string);
        object!({
            "file": refused.file.display().to_string(),
            "served": refused.served.as_ref().map(SiteId::as_str),
            "wrong": wrong.collect::<Vec<_>>(),
        })
    };
    object!({
        "sites": reloaded.sites,
        "changed": names(&reloaded.changed),
        "gone": names(&reloaded.gone),
        "rendered": reloaded.rendered,
        "refused": reloaded.refused.iter().map(refused).collect::<Vec<_>>(),
        "key": reloaded.key,
    })
}

/// A problem, so that a script that reloads does not take it for done; with what was done all the same.
fn partly(reloaded: &Reloaded, changes: Value) -> Response {
    let outcomes = reloaded.refused.iter().map(Refused::outcome);
    let mut lines = said_once(&reloaded.refused);
    lines.extend(outcomes);
    let problem = Problem::ReloadRefused(lines.join("\n"));
    let mut document = object!({
        "type": "about:blank",
        "title": problem.status().canonical_reason(),
        "status": problem.status().as_u16(),
        "code": problem.code(),
        "detail": problem.to_string(),
    });
    if let (Value::Object(document), Value::Object(changes)) = (&mut document, changes) {
        document.extend(changes);
    }
    let (parts, _) = problem.into_response().into_parts();
    Response::from_parts(parts, Body::from(document.to_string()))
}
