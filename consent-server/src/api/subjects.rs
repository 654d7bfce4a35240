//! `DELETE /v1/sites/{site}/subjects/{consent id}`: erasure.

use super::Problem;
use super::bearer::{bearer, staff};
use super::extract::Site;
use crate::app::App;
use crate::auth::Role;
use crate::retention::{Order, RetentionError, erase};
use crate::store::StoreError;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use consent_core::id::{ConsentId, SiteId};
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt};
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
    let order = if presents_receipt(&app, &site.id, &headers, subject) {
        Order {
            who: "the visitor".into(),
            token: String::new(),
            role: "receipt".into(),
            at,
        }
    } else {
        let staff = staff(&app, &headers, Role::Admin, &site.id).await?;
        Order {
            who: staff.label,
            token: staff.token,
            role: staff.role.to_string(),
            at,
        }
    };
    let store = Arc::clone(&app.store);
    let id = site.id.clone();
    let erased = tokio::task::spawn_blocking(move || erase(&*store, &id, subject, &order)).await;
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

fn presents_receipt(app: &App, site: &SiteId, headers: &HeaderMap, subject: ConsentId) -> bool {
    let Some(text) = bearer(headers).filter(|text| text.contains('.')) else {
        return false;
    };
    let Ok(receipt) = UnverifiedReceipt::parse(text) else {
        return false;
    };
    let expect = Expectations {
        site: Some(site),
        ..Expectations::at(receipt.issued_at())
    };
    receipt
        .verify(&app.serving().keys, &expect)
        .is_ok_and(|receipt: Receipt| receipt.record().subject == subject)
}
