//! Keys that another one has replaced: they sign no more, and are retired after all that they have signed.

use crate::keys::{Keys, KeysError};
use crate::store::{Store, StoreError};
use consent_core::time::UnixSeconds;

/// Why keys that sign no more could not be retired. They are when it is tried again, at the next reload or start.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    /// The moment is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be written down.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Retires the keys that another one has replaced, after all that they have signed: by the clock as it is now, and as it was
/// when it was ahead.
pub fn retire_replaced(
    keys: &mut Keys,
    store: &dyn Store,
    now: UnixSeconds,
) -> Result<(), RetireError> {
    // Looking through the database is for the one start or reload in many that has something to retire.
    if keys.replaced().is_empty() {
        return Ok(());
    }
    let last = store.last_received()?.map_or(now, |last| now.max(last));
    // `iat` has whole seconds: the next one is after all that was signed in this.
    let at = UnixSeconds::new(last.get() + 1).unwrap_or(last);
    Ok(keys.retire_replaced(at)?)
}
