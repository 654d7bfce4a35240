//! `DELETE /v1/sites/{site}/subjects/{consent id}`: erasure.

use super::bearer::{presented, staff};
use super::blocking::{blocking, unavailable, with_store};
use super::extract::{Asking, Site};
use super::{Problem, json};
use crate::app::App;
use crate::auth::Role;
use crate::retention::{RetentionError, erase};
use crate::store::{Actor, StoreError};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::id::{ConsentId, RecordId, SiteId};
use std::sync::Arc;
use tokio::sync::Mutex;

/// There is no index by consent id: an erasure looks through all receipts of its site, one erasure at a time.
static LOOKING: Mutex<()> = Mutex::const_new(());

/// By an administrator of the site, or by whoever presents a receipt of this consent id that is stored.
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
    let presented = presented(&app, &site, &headers);
    let presented = presented.filter(|record| record.subject == subject);
    let actor = if presented.is_some() {
        Actor::visitor(at)
    } else {
        let staff = staff(&app, &headers, Role::Admin, &site.id).await?;
        Actor::staff(&staff, at)
    };
    let record = presented.map(|record| record.id);
    if is_gone(&app, &site.id, record).await? {
        return Ok(answer(0));
    }
    let alone = LOOKING.lock().await;
    // Perhaps the one before was asked for by the same receipt.
    if is_gone(&app, &site.id, record).await? {
        return Ok(answer(0));
    }
    let store = Arc::clone(&app.store);
    let id = site.id.clone();
    let erased = blocking(&app, move || {
        // Also when nobody waits for the answer any more.
        let _alone = alone;
        erase(&*store, &id, subject, &actor)
    })
    .await?;
    let erased = erased.map_err(|error| match error {
        RetentionError::Store(StoreError::Held(_)) => Problem::LegalHold,
        error => unavailable("an erasure ended early", &error),
    })?;
    Ok(answer(erased))
}

/// Whether the receipt of a record was presented, and is not stored: what is gone opens nothing any more, and costs nothing.
async fn is_gone(app: &App, site: &SiteId, record: Option<RecordId>) -> Result<bool, Problem> {
    let Some(record) = record else {
        return Ok(false);
    };
    let site = site.clone();
    let row = with_store(app, move |store| store.row(&site, record)).await?;
    Ok(row.is_none())
}

fn answer(erased: u64) -> Response {
    json(format!("{{\"erased\":{erased}}}"))
}
