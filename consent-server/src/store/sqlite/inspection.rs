//! A look at everything in the database, which changes nothing.

use super::opening::inspect;
use super::{file, statistics};
use crate::data::DataFolder;
use crate::store::inspection::{
    Damage, InspectedArtefact, InspectedLine, InspectedLog, InspectedReceipt, InspectedSite,
    InspectedTile, InspectedToken, InspectedWaiting, Inspection,
};
use crate::store::{Counts, Direction, StoreError};
use consent_core::digest::Digest;
use consent_core::merkle::{HASH_BYTES, Tile};
use rusqlite::{Connection, OptionalExtension as _, Row};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The database of a data folder, as it was when this was opened.
pub(crate) struct SqliteInspection(Connection);

impl SqliteInspection {
    pub(crate) fn open(data: &DataFolder) -> Result<Self, StoreError> {
        let connection = inspect(data)?;
        // One view of the whole database, whatever a server writes meanwhile.
        connection.execute_batch("BEGIN; SELECT size FROM log")?;
        Ok(Self(connection))
    }
}

impl Inspection for SqliteInspection {
    fn damage(&self, told: &mut dyn FnMut(Damage) -> ControlFlow<()>) -> Result<u64, StoreError> {
        file::check(&self.0, told)
    }

    fn log(&self) -> Result<InspectedLog, StoreError> {
        let row = self.0.query_row(
            "SELECT origin, next, size, minimum, gone, looked FROM log",
            [],
            |row| {
                Ok(InspectedLog {
                    origin: row.get(0)?,
                    next: row.get(1)?,
                    size: row.get(2)?,
                    minimum: row.get(3)?,
                    gone: row.get(4)?,
                    looked: row.get(5)?,
                })
            },
        );
        Ok(row?)
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        let place = i64::from(tile.level()) << 48 | i64::try_from(tile.index()).unwrap_or(i64::MAX);
        let mut statement = self
            .0
            .prepare_cached("SELECT hashes FROM log_tiles WHERE place = ?1")?;
        let hashes: Option<Vec<u8>> = statement.query_row([place], |row| row.get(0)).optional()?;
        let length = usize::from(tile.width()) * HASH_BYTES;
        Ok(hashes.and_then(|hashes| hashes.get(..length).map(<[u8]>::to_vec)))
    }

    fn tiles(&self) -> Result<Vec<InspectedTile>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT place, length(hashes) FROM log_tiles")?;
        let rows = statement.query_map([], |row| {
            let place: i64 = row.get(0)?;
            let (level, index) = ((place >> 48) & 0xFF, place & ((1 << 48) - 1));
            Ok(InspectedTile {
                name: format!("row {place} of table log_tiles"),
                at: (place >= 0).then_some((level.to_le_bytes()[0], index.unsigned_abs())),
                bytes: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn waiting(&self) -> Result<Vec<InspectedWaiting>, StoreError> {
        let mut statement = self.0.prepare(
            "SELECT first, hashes, sum IS NULL OR sum = row_sum(first, hashes) FROM log_waiting
             ORDER BY first",
        )?;
        let rows = statement.query_map([], |row| {
            let first = row.get(0)?;
            Ok(InspectedWaiting {
                name: format!("row {first} of table log_waiting"),
                first,
                hashes: row.get(1)?,
                is_sound: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn artefacts(
        &self,
        kind: Option<&str>,
        each: &mut dyn FnMut(InspectedArtefact) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare(
            "SELECT digest, kind, site, content, leaf, kept_at FROM artefacts WHERE ?1 IS NULL OR kind = ?1",
        )?;
        let mut rows = statement.query([kind])?;
        while let Some(row) = rows.next()? {
            let artefact = InspectedArtefact {
                digest: row.get(0)?,
                kind: row.get(1)?,
                site: row.get(2)?,
                content: row.get(3)?,
                place: row.get(4)?,
                kept_at: row.get(5)?,
            };
            if each(artefact).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn has_file(&self, digest: &Digest) -> Result<bool, StoreError> {
        let mut find = self.0.prepare_cached(
            "SELECT 1 FROM artefacts WHERE digest = ?1 AND kind = 'file' AND site = ''",
        )?;
        Ok(find.exists([digest.as_bytes()])?)
    }

    fn shown(&self) -> Result<BTreeSet<(String, String, [u8; 32])>, StoreError> {
        let mut statement = self.0.prepare(
            "SELECT kind, site, digest FROM artefacts WHERE kind IN ('notice', 'scope')",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn logged_artefacts(&self) -> Result<i64, StoreError> {
        let count = "SELECT count(*) FROM artefacts WHERE leaf IS NOT NULL";
        Ok(self.0.query_row(count, [], |row| row.get(0))?)
    }

    fn sites(&self) -> Result<Vec<InspectedSite>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT number, id, next, coalesce(tallied, 0), continued FROM sites")?;
        let rows = statement.query_map([], |row| {
            Ok(InspectedSite {
                number: row.get(0)?,
                id: row.get(1)?,
                next: row.get(2)?,
                tallied: row.get(3)?,
                continued: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn receipts(&self, after: i64, limit: u32) -> Result<Vec<InspectedReceipt>, StoreError> {
        let mut select = self.0.prepare_cached(
            "SELECT seq, record_id, subject, act, decided_at, received_at, expires_at, receipt, leaf, salt, continues, day_shift
             FROM records WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let rows = select.query_map([after, i64::from(limit)], receipt)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn removed(&self, site: i64, first: i64, last: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut removed = self.0.prepare_cached(
            "SELECT first, last FROM removed WHERE site = ?1 AND first <= ?3 AND last >= ?2 AND first >=
                coalesce((SELECT max(first) FROM removed WHERE site = ?1 AND first <= ?2), ?2)
             ORDER BY first",
        )?;
        let rows = removed.query_map([site, first, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn all_removed(&self) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT site, first, last FROM removed ORDER BY site, first")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn tallies(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT site, coalesce(sum(count), 0) FROM tallies GROUP BY site")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn daily_counts(&self, direction: Direction) -> Result<Counts, StoreError> {
        statistics::all(&self.0, direction)
    }

    fn held(&self) -> Result<BTreeSet<String>, StoreError> {
        names(&self.0, "SELECT site FROM holds")
    }

    fn tokens(&self) -> Result<Vec<InspectedToken>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT hash, role, label, created_at FROM tokens")?;
        let rows = statement.query_map([], |row| {
            Ok(InspectedToken {
                hash: row.get(0)?,
                role: row.get(1)?,
                label: row.get(2)?,
                created_at: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn published(&self) -> Result<BTreeSet<String>, StoreError> {
        names(&self.0, "SELECT site FROM published")
    }

    fn told(
        &self,
        actions: [&str; 2],
        each: &mut dyn FnMut(InspectedLine) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut statement = self.0.prepare(
            "SELECT seq, at, action, site, rows, filter FROM audit WHERE action IN (?1, ?2) ORDER BY seq",
        )?;
        let mut rows = statement.query(actions)?;
        while let Some(row) = rows.next()? {
            let line = InspectedLine {
                number: row.get(0)?,
                at: row.get(1)?,
                action: row.get(2)?,
                site: row.get(3)?,
                rows: row.get(4)?,
                filter: row.get(5)?,
            };
            if each(line).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn names(connection: &Connection, select: &str) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = connection.prepare(select)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<InspectedReceipt> {
    Ok(InspectedReceipt {
        key: row.get(0)?,
        record_id: row.get(1)?,
        subject: row.get(2)?,
        act: row.get(3)?,
        decided_at: row.get(4)?,
        received_at: row.get(5)?,
        expires_at: row.get(6)?,
        receipt: row.get(7)?,
        leaf: row.get(8)?,
        salt: row.get(9)?,
        continues: row.get(10)?,
        day_shift: row.get(11)?,
    })
}
