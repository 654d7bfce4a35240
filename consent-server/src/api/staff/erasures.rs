//! `POST /v1/sites/{site}/erasures`: erasure by an administrator of the site, of the consent id that the body names.

use super::door::enter;
use crate::api::blocking::{blocking, unavailable};
use crate::api::{Problem, json};
use crate::app::App;
use crate::auth::{Role, Staff};
use crate::body::read_body;
use crate::retention::{RetentionError, erase};
use crate::store::{Actor, StoreError};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::id::{ConsentId, SiteId};
use consent_core::json::object;
use serde::Deserialize;
use std::sync::Arc;

/// `{"subject":"…"}`, with some room.
const MOST: usize = 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    subject: String,
}

pub(super) async fn post(
    State(app): State<App>,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (staff, site) = enter(&app, &headers, Role::Admin, &site).await?;
    let body = read_body(body, MOST).await?;
    let asked: Wish = object(&body).map_err(|error| Problem::MalformedJson(error.to_string()))?;
    let subject: ConsentId = asked
        .subject
        .parse()
        .map_err(|error| Problem::MalformedJson(format!("`subject` {error}")))?;
    let erased = erased(&app, &staff, site.id(), subject, String::new()).await?;
    Ok(json(format!("{{\"erased\":{erased}}}")))
}

/// Erases a consent id for a member of staff who may, and says how many receipts there were. `reason` is what the trail keeps
/// of why: it must name nobody.
pub(crate) async fn erased(
    app: &App,
    staff: &Staff,
    site: &SiteId,
    subject: ConsentId,
    reason: String,
) -> Result<u64, Problem> {
    let actor = Actor::staff(staff, app.clock.now());
    let (store, id) = (Arc::clone(&app.store), site.clone());
    let erased = blocking(app, move || erase(&*store, &id, subject, reason, &actor)).await?;
    erased.map_err(|error| match error {
        RetentionError::Store(StoreError::Held(_)) => Problem::LegalHold,
        error => unavailable("an erasure ended early", &error),
    })
}
