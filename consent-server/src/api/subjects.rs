//! `DELETE /v1/sites/{site}/subjects/{consent id}`: erasure.

use super::bearer::{presented, staff};
use super::blocking::{blocking, unavailable};
use super::extract::Site;
use super::{Problem, json};
use crate::app::App;
use crate::auth::Role;
use crate::retention::{RetentionError, erase};
use crate::store::{Actor, StoreError};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::id::ConsentId;
use std::sync::Arc;

/// By an administrator of the site, or by whoever presents a receipt of this consent id.
pub(super) async fn delete(
    State(app): State<App>,
    Site(site): Site,
    Path((_, subject)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let subject: ConsentId = subject.parse().map_err(|_| Problem::NotFound)?;
    let at = app.clock.now();
    let presented = presented(&app, &site, &headers);
    let actor = if presented.is_some_and(|record| record.subject == subject) {
        Actor::visitor(at)
    } else {
        let staff = staff(&app, &headers, Role::Admin, &site.id).await?;
        Actor::staff(&staff, at)
    };
    let store = Arc::clone(&app.store);
    let id = site.id.clone();
    let erased = blocking(move || erase(&*store, &id, subject, &actor)).await?;
    let erased = erased.map_err(|error| match error {
        RetentionError::Store(StoreError::Held(_)) => Problem::LegalHold,
        error => unavailable("an erasure ended early", &error),
    })?;
    Ok(json(format!("{{\"erased\":{erased}}}")))
}
