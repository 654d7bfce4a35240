//! `DELETE /v1/sites/{site}/subjects/{consent id}`: erasure.

use super::Problem;
use super::bearer::{presented, staff};
use super::extract::Site;
use crate::app::App;
use crate::auth::Role;
use crate::retention::{RetentionError, erase};
use crate::store::{Actor, StoreError};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use consent_core::id::ConsentId;
use std::sync::Arc;

/// By an administrator of the site, or by whoever presents a receipt of this consent id.
pub(super) async fn delete(
    State(app): State<App>,
    Site(site): Site,
    Path((_, subject)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
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
    let erased = tokio::task::spawn_blocking(move || erase(&*store, &id, subject, &actor)).await;
    let erased = match erased {
        Ok(Ok(erased)) => erased,
        Ok(Err(RetentionError::Store(StoreError::Held(_)))) => return Err(Problem::LegalHold),
        Ok(Err(error)) => {
            tracing::error!(%error, "an erasure ended early");
            return Err(Problem::StorageUnavailable);
        }
        Err(error) => {
            tracing::error!(%error, "an erasure has panicked");
            return Err(Problem::StorageUnavailable);
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, format!("{{\"erased\":{erased}}}")))
}
