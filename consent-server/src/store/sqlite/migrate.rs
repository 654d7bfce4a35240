//! Brings a database to the newest format, one numbered file at a time.

use super::error::SqliteError;
use super::{statistics, subjects};
use crate::store::StoreError;
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
    include_str!("../../../migrations/008_token_use.sql"),
    include_str!("../../../migrations/009_continued.sql"),
    include_str!("../../../migrations/010_removed.sql"),
    include_str!("../../../migrations/011_act_counts.sql"),
    include_str!("../../../migrations/012_subjects.sql"),
    include_str!("../../../migrations/013_daily_counts.sql"),
    include_str!("../../../migrations/014_no_act_counts.sql"),
    include_str!("../../../migrations/015_wrong_sums_stay.sql"),
    include_str!("../../../migrations/016_continued_places.sql"),
];

/// The format from which on consent ids are sorted: statements alone cannot do that.
const WITH_SUBJECTS: usize = 12;

/// The format from which on decisions are counted by day: what that takes stands in the receipts alone.
const WITH_DAILY_COUNTS: usize = 13;

pub(super) fn to_newest(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    // The lock is taken before the version is read: two processes that start together must not both migrate.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let applied = usize::try_from(applied).map_err(|_| StoreError::Corrupt("format number"))?;
    let waiting = MIGRATIONS
        .get(applied..)
        .ok_or_else(|| SqliteError::Newer {
            path: path.display().to_string(),
            found: applied,
            known: MIGRATIONS.len(),
        })?;
    for migration in waiting {
        transaction.execute_batch(migration)?;
    }
    if applied < WITH_SUBJECTS {
        subjects::index_all(&transaction)?;
    }
    if applied < WITH_DAILY_COUNTS {
        statistics::count_all(&transaction)?;
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
        std::cmp::Ordering::Less => Err(SqliteError::Older { path, found, known }.into()),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(SqliteError::Newer { path, found, known }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::record;
    use consent_core::key::SigningKey;
    use consent_core::receipt::Signer;
    use consent_core::time::UnixSeconds;

    #[test]
    fn receipts_of_before_are_counted_by_the_days_of_utc() {
        let mut old = Connection::open_in_memory().unwrap();
        crate::store::sqlite::sum::register(&old).unwrap();
        let counting = WITH_DAILY_COUNTS - 1;
        for migration in &MIGRATIONS[..counting] {
            old.execute_batch(migration).unwrap();
        }
        let signer = Signer::new(SigningKey::from_seed(&[7; 32]), "https://a.example");
        let at = 86_400 * 20_000 + 86_399;
        for place in 1..=5_000_i64 {
            let record = record(2, "a", at);
            let receipt = signer.sign(&record, UnixSeconds::new(at).unwrap());
            old.execute(
                "INSERT INTO records (seq, record_id, subject, act, decided_at, received_at, expires_at, receipt)
                 VALUES (1 << 40 | ?1, randomblob(16), x'00', 'accept_all', 1, ?2, 9, ?3)",
                rusqlite::params![place, at, receipt],
            )
            .unwrap();
        }
        old.execute_batch("INSERT INTO sites (id, next) VALUES ('a', 5001)")
            .unwrap();
        let applied = i64::try_from(counting).unwrap();
        old.pragma_update(None, "user_version", applied).unwrap();
        to_newest(&mut old, Path::new(":memory:")).unwrap();
        for table in ["decision_counts", "choice_counts"] {
            let counts = format!("SELECT site, day, removed, granted, count FROM {table}");
            let counts = old.query_row(&counts, [], |row| {
                let days: (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((days, row.get(2)?, row.get(3)?, row.get(4)?))
            });
            assert_eq!(
                counts,
                Ok(((1, 20_000), 0_i64, 1_i64, 5_000_i64)),
                "{table}"
            );
        }
    }

    #[test]
    fn what_was_gone_before_anybody_counted_is_no_gap() {
        let mut old = Connection::open_in_memory().unwrap();
        crate::store::sqlite::sum::register(&old).unwrap();
        let counting = MIGRATIONS
            .iter()
            .position(|migration| migration.contains("CREATE TABLE removed"))
            .unwrap();
        for migration in &MIGRATIONS[..counting] {
            old.execute_batch(migration).unwrap();
        }
        old.execute_batch(
            "INSERT INTO sites (id, next) VALUES ('whole', 3), ('gaps', 8), ('gone', 3), ('new', 1);
             INSERT INTO records (seq, record_id, subject, act, decided_at, received_at, expires_at, receipt, leaf)
             WITH stored (site, place) AS (VALUES (1, 1), (1, 2), (2, 2), (2, 3), (2, 6))
             SELECT site << 40 | place, randomblob(16), x'00', 'dismiss', 1, 100 + place, 9, '', nullif(place, 6) FROM stored;
             UPDATE log SET next = 20;
             INSERT INTO tallies (site, month, act, granted, count) VALUES ('gaps', '2026-11', 'custom', '', 2)",
        )
        .unwrap();
        let applied = i64::try_from(counting).unwrap();
        old.pragma_update(None, "user_version", applied).unwrap();
        to_newest(&mut old, Path::new(":memory:")).unwrap();
        let mut rows = old
            .prepare("SELECT site, first, last FROM removed WHERE sum = row_sum(site, first, last)")
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let rows: Vec<(i64, i64, i64)> = rows.unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows, [(2, 1, 1), (2, 4, 5), (2, 7, 7), (3, 1, 2)]);
        let counts = "SELECT gone, (SELECT sum(tallied) FROM sites), (SELECT at FROM moments WHERE what = 'signed') FROM log";
        let counts = old.query_row(counts, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        assert_eq!(counts, Ok((16_i64, 2_i64, 106_i64)));
    }
}
