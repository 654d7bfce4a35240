//! `DELETE /v1/sites/{site}/subjects/{consent id}`: erasure.

use super::bearer::staff;
use super::blocking::{blocking, unavailable};
use super::extract::{Asking, Site};
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
use tokio::sync::Mutex;

/// There is no index by consent id: an erasure looks through all receipts of its site, one erasure at a time.
static LOOKING: Mutex<()> = Mutex::const_new(());

/// By an administrator of the site.
pub(super) async fn delete(
    State(app): State<App>,
    Site(site): Site,
    Asking(client): Asking,
    Path((_, subject)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.rates.client(client)?;
    let subject: ConsentId = subject.parse().map_err(|_| Problem::NotFound)?;
    let at = app.clock.now();
    let staff = staff(&app, &headers, Role::Admin, &site.id).await?;
    let actor = Actor::staff(&staff, at);
    let alone = LOOKING.lock().await;
    let store = Arc::clone(&app.store);
    let id = site.id.clone();
    let erased = blocking(move || {
        // Also when nobody waits for the answer any more.
        let _alone = alone;
        erase(&*store, &id, subject, &actor)
    })
    .await?;
    let erased = erased.map_err(|error| match error {
        RetentionError::Store(StoreError::Held(_)) => Problem::LegalHold,
        error => unavailable("an erasure ended early", &error),
    })?;
    Ok(json(format!("{{\"erased\":{erased}}}")))
}
