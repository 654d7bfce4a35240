//! Where the receipts of a consent id are.
//!
//! Consent ids are random: an index of them would dirty a page of its own for each receipt, which costs more than the receipt.
//! Few are looked for, so each run of [`RUN`] places of a site is sorted when it is full, and written in one piece: a search
//! reads one small row of each run, and looks at the receipts after the last.
//!
//! A row of `subjects` holds the entries of one run whose consent ids begin with the same five bits, one after the other: the
//! first eight bytes of the consent id, and two of the place within the run. What is removed leaves its row at once.

use super::place::{self, SiteRows};
use crate::store::StoreError;
use consent_core::id::ConsentId;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::{BTreeMap, BTreeSet};

/// Places of a run. Of ten million receipts, a search reads 1,220 rows.
pub(super) const RUN: i64 = 8192;

/// Bytes of a consent id in an entry: so few others begin with the same that looking at their receipts costs nothing.
const PREFIX: usize = 8;
const ENTRY: usize = PREFIX + 2;

/// The entries of one run, by their buckets.
type Run = BTreeMap<u8, Vec<u8>>;

fn bucket(subject: &[u8]) -> u8 {
    subject.first().map_or(0, |first| first >> 3)
}

/// The key before the first of a run that has a place, and the place within it.
fn within(rows: SiteRows, place: i64) -> (i64, u16) {
    let (run, offset) = ((place - 1) / RUN, (place - 1) % RUN);
    (rows.key(run * RUN), u16::try_from(offset).unwrap_or(0))
}

fn entry(subject: &[u8], offset: u16) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    for (to, from) in entry.iter_mut().zip(&subject[..PREFIX.min(subject.len())]) {
        *to = *from;
    }
    entry[PREFIX..].copy_from_slice(&offset.to_be_bytes());
    entry
}

/// Sorts the runs of a site that become full when its next free place is no longer the one but the other.
pub(super) fn index(
    connection: &Connection,
    rows: SiteRows,
    before: i64,
    next: i64,
) -> Result<(), StoreError> {
    for start in runs(full(before), full(next)) {
        let start = rows.key(start);
        let mut put = connection
            .prepare_cached("INSERT INTO subjects (run, bucket, entries) VALUES (?1, ?2, ?3)")?;
        for (bucket, entries) in sorted(connection, start)? {
            put.execute(params![start, bucket, entries])?;
        }
    }
    Ok(())
}

/// The same for all sites: of a database in which nobody has.
pub(super) fn index_all(connection: &Connection) -> Result<(), StoreError> {
    for (rows, next) in place::all(connection)? {
        index(connection, rows, 1, next)?;
    }
    Ok(())
}

/// How many places, from the first one, are in full runs.
const fn full(next: i64) -> i64 {
    (next - 1) / RUN * RUN
}

/// The places before the runs from one place to another.
fn runs(from: i64, to: i64) -> impl Iterator<Item = i64> {
    (from / RUN..to / RUN).map(|run| run * RUN)
}

/// The entries of the run after this key, as its receipts are now.
fn sorted(connection: &Connection, start: i64) -> Result<Run, StoreError> {
    let mut receipts = connection.prepare_cached(
        "SELECT seq, subject FROM records WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
    )?;
    let mut receipts = receipts.query([start, start + RUN])?;
    let mut entries: BTreeMap<u8, Vec<[u8; ENTRY]>> = BTreeMap::new();
    while let Some(row) = receipts.next()? {
        let (key, subject): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let offset = u16::try_from(key - start - 1).unwrap_or(0);
        let of_bucket = entries.entry(bucket(&subject)).or_default();
        of_bucket.push(entry(&subject, offset));
    }
    let run = entries.into_iter().map(|(bucket, mut entries)| {
        entries.sort_unstable();
        (bucket, entries.concat())
    });
    Ok(run.collect())
}

/// The keys of a consent id's receipts after a place, in their order. Few of others can be among them.
pub(super) fn find(
    connection: &Connection,
    rows: SiteRows,
    subject: ConsentId,
    after: i64,
) -> Result<Vec<i64>, StoreError> {
    let indexed = full(place::next(connection, rows)?);
    let (bucket, wanted) = (bucket(subject.as_bytes()), entry(subject.as_bytes(), 0));
    let mut keys = Vec::new();
    let mut run =
        connection.prepare_cached("SELECT entries FROM subjects WHERE run = ?1 AND bucket = ?2")?;
    for start in runs(after.max(0), indexed) {
        let start = rows.key(start);
        let entries = run.query_row(params![start, bucket], |row| {
            let entries = row.get_ref(0)?.as_blob()?.chunks_exact(ENTRY);
            let found = entries.filter(|entry| entry.starts_with(&wanted[..PREFIX]));
            let offsets = found
                .map(|entry| i64::from(u16::from_be_bytes([entry[PREFIX], entry[PREFIX + 1]])));
            Ok(offsets.collect::<BTreeSet<i64>>())
        });
        for offset in entries.optional()?.into_iter().flatten() {
            keys.push(start + 1 + offset);
        }
    }
    keys.retain(|key| *key > rows.key(after));
    let mut rest = connection.prepare_cached(
        "SELECT seq FROM records WHERE seq > ?1 AND seq <= ?2 AND subject = ?3 ORDER BY seq",
    )?;
    let rest = rest.query_map(
        params![
            rows.key(after.max(indexed)),
            rows.keys().end(),
            subject.as_bytes()
        ],
        |row| row.get(0),
    )?;
    for key in rest {
        keys.push(key?);
    }
    Ok(keys)
}

/// Takes out receipts that are removed: their places and consent ids.
pub(super) fn forget(
    connection: &Connection,
    rows: SiteRows,
    removed: &[(i64, Vec<u8>)],
) -> Result<(), StoreError> {
    let indexed = full(place::next(connection, rows)?);
    let mut gone: BTreeMap<(i64, u8), BTreeSet<[u8; ENTRY]>> = BTreeMap::new();
    for (place, subject) in removed.iter().filter(|(place, _)| *place <= indexed) {
        let (start, offset) = within(rows, *place);
        let of_bucket = gone.entry((start, bucket(subject))).or_default();
        of_bucket.insert(entry(subject, offset));
    }
    let mut read =
        connection.prepare_cached("SELECT entries FROM subjects WHERE run = ?1 AND bucket = ?2")?;
    let mut write = connection
        .prepare_cached("UPDATE subjects SET entries = ?3 WHERE run = ?1 AND bucket = ?2")?;
    let mut delete =
        connection.prepare_cached("DELETE FROM subjects WHERE run = ?1 AND bucket = ?2")?;
    for ((start, bucket), gone) in gone {
        let entries: Option<Vec<u8>> = read
            .query_row(params![start, bucket], |row| row.get(0))
            .optional()?;
        let entries = entries.unwrap_or_default();
        let left = entries.chunks_exact(ENTRY);
        let left: Vec<u8> = left
            .filter(|entry| {
                <[u8; ENTRY]>::try_from(*entry).is_ok_and(|entry| !gone.contains(&entry))
            })
            .flatten()
            .copied()
            .collect();
        if left.is_empty() {
            delete.execute(params![start, bucket])?;
        } else {
            write.execute(params![start, bucket, left])?;
        }
    }
    Ok(())
}

/// Compares all runs with the receipts, and tells of each that is another.
pub(super) fn check(
    connection: &Connection,
    told: &mut dyn FnMut(String, &'static str),
) -> Result<(), StoreError> {
    let mut known = 0;
    for (rows, next) in place::all(connection)? {
        for start in runs(0, full(next)) {
            let start = rows.key(start);
            let kept = kept(connection, start)?;
            known += kept.len();
            if kept != sorted(connection, start)? {
                told(
                    format!("table subjects, run {start}"),
                    "its consent ids are not those of the receipts",
                );
            }
        }
    }
    let count: i64 = connection.query_row("SELECT count(*) FROM subjects", [], |row| row.get(0))?;
    if usize::try_from(count) != Ok(known) {
        told("table subjects".into(), "has runs that no site has");
    }
    Ok(())
}

fn kept(connection: &Connection, start: i64) -> Result<Run, StoreError> {
    let mut kept =
        connection.prepare_cached("SELECT bucket, entries FROM subjects WHERE run = ?1")?;
    let kept = kept.query_map([start], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(kept.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFolder;
    use crate::store::conformance::new_row;
    use crate::store::sqlite::opening::connect;
    use crate::store::{NewRow, Receipts as _, Retention as _, SqliteStore};
    use consent_core::id::RecordId;

    fn subject(number: i64) -> [u8; 16] {
        let mut subject = [7; 16];
        subject[..8].copy_from_slice(
            &number
                .wrapping_mul(0x9E37_79B9_7F4A_7C15_u64.cast_signed())
                .to_be_bytes(),
        );
        subject
    }

    fn told(connection: &Connection) -> Vec<String> {
        let mut told = Vec::new();
        check(connection, &mut |place, wrong| {
            told.push(format!("{place} {wrong}"));
        })
        .unwrap();
        told
    }

    #[test]
    fn what_is_removed_leaves_and_what_is_changed_by_hand_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path());
        let store = SqliteStore::open(&data).unwrap();
        let rows = (1..=RUN + 9).map(|number| NewRow {
            id: RecordId::v7(number.unsigned_abs(), [1; 10]),
            subject: ConsentId::from_random(subject(number)),
            ..new_row(8, "a", 1)
        });
        store.append(&rows.collect::<Vec<_>>()).unwrap();
        let connection = connect(&data.database()).unwrap();
        let bytes = || -> i64 {
            let sum = "SELECT sum(length(entries)) FROM subjects";
            connection.query_row(sum, [], |row| row.get(0)).unwrap()
        };
        let entry_bytes = i64::try_from(ENTRY).unwrap();
        assert_eq!(
            (bytes(), told(&connection)),
            (RUN * entry_bytes, Vec::new())
        );
        let gone = [1, 77, RUN, RUN + 1];
        store
            .remove(&"a".parse().unwrap(), &gone, &BTreeMap::new())
            .unwrap();
        // The last of these was in no run yet.
        assert_eq!(bytes(), (RUN - 3) * entry_bytes);
        assert_eq!(told(&connection), [""; 0]);
        for change in [
            "DELETE FROM subjects WHERE bucket = 9",
            "UPDATE subjects SET entries = zeroblob(10) WHERE bucket = 9",
            "INSERT INTO subjects (run, bucket, entries) VALUES (7, 0, x'')",
            "UPDATE sites SET next = 9",
        ] {
            connection.execute_batch("SAVEPOINT sound").unwrap();
            connection.execute_batch(change).unwrap();
            assert!(!told(&connection).is_empty(), "{change}");
            connection
                .execute_batch("ROLLBACK TO sound; RELEASE sound")
                .unwrap();
        }
    }
}
