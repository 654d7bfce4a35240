//! Who asks with `Authorization: Bearer …`: a visitor with a receipt of their own.

use super::{Problem, with_store};
use crate::app::App;
use crate::publish::Published;
use axum::http::{HeaderMap, header};
use consent_core::id::RecordId;
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use consent_core::record::Record;
use subtle::ConstantTimeEq as _;

/// The credentials.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credentials.trim())
}

/// The record whose receipt is presented, if this server has signed it for this site.
pub(super) fn presented(app: &App, site: &Published, headers: &HeaderMap) -> Option<Record> {
    let text = bearer(headers).filter(|text| text.contains('.'))?;
    let receipt = UnverifiedReceipt::parse(text).ok()?;
    // An ended choice still proves who asks, so the receipt is checked as of the moment it was signed.
    let expect = Expectations {
        site: Some(&site.id),
        ..Expectations::at(receipt.issued_at())
    };
    let receipt = receipt.verify(&app.serving().keys, &expect).ok()?;
    Some(receipt.record().clone())
}

/// The stored receipt of a record, for whoever presents it: that very text. Another one of the same record, though it
/// verifies, was made by somebody who holds a key and not by this server's storage, and opens nothing.
pub(super) async fn own_receipt(
    app: &App,
    headers: &HeaderMap,
    site: &Published,
    id: RecordId,
) -> Result<String, Problem> {
    // Before the storage is asked: what was never signed here costs it nothing, and is told nothing of what is there.
    presented(app, site, headers)
        .filter(|record| record.id == id)
        .ok_or(Problem::NotTheReceipt)?;
    let text = bearer(headers).ok_or(Problem::NotTheReceipt)?;
    let of = site.id.clone();
    let row = with_store(app, move |store| store.row(&of, id)).await?;
    let stored = row.ok_or(Problem::NotFound)?.receipt;
    if bool::from(stored.as_bytes().ct_eq(text.as_bytes())) {
        Ok(stored)
    } else {
        Err(Problem::NotTheReceipt)
    }
}
