//! A database that is set back while a server runs on it: a fail-over to a standby that lacked what was answered, a copy.

use super::LogError;
use crate::store::LogStore;

/// Whether the tiles of a database still hold what was signed. What comes into those that do not would get places that others
/// have already.
pub(super) fn check(store: &dyn LogStore, signed: u64) -> Result<(), LogError> {
    let stored = store.log_state()?.size;
    if stored < signed {
        return Err(LogError::SetBack { signed, stored });
    }
    Ok(())
}
