//! Receipts of keys that are retired. Whoever has such a key can still write a date from before it was, and no signature shows
//! that; but the server has stored all that it signed.

use super::Problem;
use super::blocking::with_store;
use crate::app::App;
use consent_core::id::RecordId;
use consent_core::key::{KeySet, Term};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_core::time::UnixSeconds;

/// Why the server does not stand by a receipt whose signature is right.
pub(super) const UNKNOWN: &str = "signed with a key that is retired, and not stored here: erased since, or never signed by this server";

/// Whether the server stands by a receipt that this key has signed: one of a retired key must be stored.
pub(super) async fn is_known(
    app: &App,
    keys: &KeySet,
    key: &str,
    record: &Record,
    signed_at: UnixSeconds,
) -> Result<bool, Problem> {
    if keys.term(key).is_some_and(Term::is_open) {
        return Ok(true);
    }
    let id: RecordId = record.id;
    let stored = with_store(app, move |store| store.find(id)).await?;
    let stored = stored
        .as_deref()
        .and_then(|text| UnverifiedReceipt::parse(text).ok());
    Ok(stored.is_some_and(|stored| (stored.record(), stored.issued_at()) == (record, signed_at)))
}
