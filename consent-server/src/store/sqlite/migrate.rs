//! Brings a database to the newest format, one numbered file at a time.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// In order; a released one never changes. `user_version` counts those that were applied.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/001_records.sql"),
    include_str!("../../../migrations/002_audit.sql"),
    include_str!("../../../migrations/003_retention.sql"),
    include_str!("../../../migrations/004_log.sql"),
    include_str!("../../../migrations/005_manifests.sql"),
    include_str!("../../../migrations/006_pruning.sql"),
    include_str!("../../../migrations/007_waiting_sums.sql"),
    include_str!("../../../migrations/010_removed.sql"),
];

pub(super) fn to_newest(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    // The lock is taken before the version is read: two processes that start together must not both migrate.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let applied = usize::try_from(applied).map_err(|_| StoreError::Corrupt("format number"))?;
    let waiting = MIGRATIONS.get(applied..).ok_or_else(|| StoreError::Newer {
        path: path.display().to_string(),
        found: applied,
        known: MIGRATIONS.len(),
    })?;
    for migration in waiting {
        transaction.execute_batch(migration)?;
    }
    let newest =
        i64::try_from(MIGRATIONS.len()).map_err(|_| StoreError::Corrupt("format number"))?;
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(())
}

/// Whether a database is of the newest format.
pub(super) fn check_newest(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = usize::try_from(found).map_err(|_| StoreError::Corrupt("format number"))?;
    let (path, known) = (path.display().to_string(), MIGRATIONS.len());
    match found.cmp(&known) {
        std::cmp::Ordering::Less => Err(StoreError::Older { path, found, known }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(StoreError::Newer { path, found, known }),
    }
}
