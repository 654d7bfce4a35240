//! The statements of the log.

use super::place;
use crate::store::{ArtefactKind, LogState, Logged, StoreError};
use crate::store::{Commitment, Placed, leaf_of_artefact};
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::{HASH_BYTES, Tile};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

/// How many receipts get their place in one go.
const ADOPTED: i64 = 500;

/// Gives the log's next places to what one transaction stores.
pub(super) struct Places {
    first: i64,
    hashes: Vec<u8>,
}

impl Places {
    pub(super) fn open(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let mut next = transaction.prepare_cached("SELECT next FROM log")?;
        Ok(Self {
            first: next.query_row([], |row| row.get(0))?,
            hashes: Vec::new(),
        })
    }

    /// The place that [`Self::give`] gives next.
    pub(super) fn next(&self) -> i64 {
        self.first + i64::try_from(self.hashes.len() / HASH_BYTES).unwrap_or(i64::MAX)
    }

    pub(super) fn give(&mut self, leaf: &Digest) {
        self.hashes.extend_from_slice(leaf.as_bytes());
    }

    /// Stores what was given.
    pub(super) fn close(self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        if self.hashes.is_empty() {
            return Ok(());
        }
        let mut insert = transaction
            .prepare_cached("INSERT INTO log_waiting (first, hashes) VALUES (?1, ?2)")?;
        insert.execute(params![self.first, self.hashes])?;
        let mut update = transaction.prepare_cached("UPDATE log SET next = ?1")?;
        update.execute([self.next()])?;
        Ok(())
    }
}

/// Notes that receipts without a place were stored. Also while those of before get theirs: a site's come before another's.
pub(super) fn note_unlogged(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut update =
        transaction.prepare_cached("UPDATE log SET looked = 0 WHERE looked IS NOT 0")?;
    update.execute([])?;
    Ok(())
}

/// Notes that the receipt of this leaf is gone: if the leaf waits for its tile, a sum proves it from now on.
pub(super) fn note_orphan(transaction: &Transaction<'_>, leaf: i64) -> Result<(), StoreError> {
    let mut update = transaction.prepare_cached(
        "UPDATE log_waiting SET sum = row_sum(first, hashes)
         WHERE first = (SELECT max(first) FROM log_waiting WHERE first <= ?1)",
    )?;
    update.execute([leaf])?;
    Ok(())
}

/// Counts entries whose receipts are gone.
pub(super) fn count_gone(transaction: &Transaction<'_>, leaves: i64) -> Result<(), StoreError> {
    let mut update = transaction.prepare_cached("UPDATE log SET gone = gone + ?1 WHERE ?1 > 0")?;
    update.execute([leaves])?;
    Ok(())
}

pub(super) fn state(connection: &Connection) -> Result<LogState, StoreError> {
    let mut statement = connection.prepare_cached("SELECT origin, next, size, minimum FROM log")?;
    let (origin, next, size, minimum): (_, i64, i64, i64) = statement.query_row([], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    Ok(LogState {
        origin,
        next: count(next)?,
        size: count(size)?,
        minimum: count(minimum)?,
    })
}

pub(super) fn name(connection: &Connection, origin: &str) -> Result<(), StoreError> {
    connection.execute("UPDATE log SET origin = ?1", [origin])?;
    Ok(())
}

pub(super) fn add_leaves(
    connection: &mut Connection,
    leaves: &[Digest],
) -> Result<u64, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut places = Places::open(&transaction)?;
    let first = places.next();
    for leaf in leaves {
        places.give(leaf);
    }
    places.close(&transaction)?;
    transaction.commit()?;
    count(first)
}

pub(super) fn waiting(
    connection: &Connection,
    from: u64,
    limit: usize,
) -> Result<Vec<Digest>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT first, hashes, sum IS NULL OR sum = row_sum(first, hashes) FROM log_waiting
         WHERE first >= ?1 ORDER BY first",
    )?;
    let mut rows = statement.query([key(from)?])?;
    let mut leaves = Vec::new();
    while let Some(row) = rows.next()? {
        let first: i64 = row.get(0)?;
        let hashes = row.get_ref(1)?;
        let hashes = hashes.as_blob().map_err(|_| DAMAGED_WAITING)?;
        let (hashes, rest) = hashes.as_chunks::<HASH_BYTES>();
        let is_next = count(first)? == from + leaves.len() as u64;
        if !is_next || !rest.is_empty() || !row.get::<_, bool>(2)? {
            return Err(DAMAGED_WAITING);
        }
        leaves.extend(hashes.iter().copied().map(Digest::from_bytes));
        if leaves.len() >= limit {
            break;
        }
    }
    Ok(leaves)
}

const DAMAGED_WAITING: StoreError = StoreError::Corrupt("list of waiting log entries");

pub(super) fn integrate(
    connection: &mut Connection,
    from: u64,
    to: u64,
    tiles: &[(Tile, Vec<u8>)],
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (from, to) = (key(from)?, key(to)?);
    {
        let mut update = transaction
            .prepare_cached("UPDATE log SET size = ?2 WHERE size = ?1 AND next >= ?2")?;
        if update.execute([from, to])? != 1 {
            return Err(StoreError::Moved);
        }
        let mut put = transaction.prepare_cached(
            "INSERT INTO log_tiles (place, hashes) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET hashes = excluded.hashes",
        )?;
        for (tile, hashes) in tiles {
            put.execute(params![place_of(*tile)?, hashes])?;
        }
        let mut forget = transaction.prepare_cached("DELETE FROM log_waiting WHERE first < ?1")?;
        forget.execute([to])?;
    }
    crate::fault::point("tiles-written");
    transaction.commit()?;
    crate::fault::point("tiles-committed");
    Ok(())
}

pub(super) fn tile(connection: &Connection, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT hashes FROM log_tiles WHERE place = ?1")?;
    let hashes: Option<Vec<u8>> = statement
        .query_row([place_of(tile)?], |row| row.get(0))
        .optional()?;
    let length = usize::from(tile.width()) * HASH_BYTES;
    Ok(hashes
        .filter(|hashes| hashes.len() >= length)
        .map(|mut hashes| {
            hashes.truncate(length);
            hashes
        }))
}

/// Gives places to artefacts that have none: those of this transaction, and those of before there was a log.
pub(super) fn place_artefacts(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut unlogged = transaction.prepare_cached(
        "SELECT digest, kind, site FROM artefacts WHERE leaf IS NULL AND kind <> 'file' ORDER BY kept_at, kind, site, digest",
    )?;
    let found = unlogged.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let found: Vec<([u8; 32], String, String)> = found.collect::<Result<_, _>>()?;
    let mut places = Places::open(transaction)?;
    let mut update = transaction.prepare_cached(
        "UPDATE artefacts SET leaf = ?1 WHERE digest = ?2 AND kind = ?3 AND site = ?4",
    )?;
    for (digest, kind, site) in found {
        let kind = ArtefactKind::of(&kind).ok_or(StoreError::Corrupt("kind of artefact"))?;
        update.execute(params![places.next(), digest, kind.as_str(), site])?;
        places.give(&leaf_of_artefact(kind, &site, &Digest::from_bytes(digest)));
    }
    places.close(transaction)
}

/// Receipts without a place, each with its `seq`.
pub(super) struct Unlogged {
    /// Those up to this `seq` have one.
    pub(super) looked: i64,
    pub(super) receipts: Vec<(i64, String)>,
}

/// Some of the receipts without a place; `None`: all have one.
pub(super) fn unlogged(connection: &Connection) -> Result<Option<Unlogged>, StoreError> {
    let looked: Option<i64> = connection
        .prepare_cached("SELECT looked FROM log")?
        .query_row([], |row| row.get(0))?;
    let Some(looked) = looked else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT seq, receipt FROM records WHERE seq > ?1 AND leaf IS NULL ORDER BY seq LIMIT ?2",
    )?;
    let rows = statement.query_map([looked, ADOPTED], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let receipts = rows.collect::<Result<_, _>>()?;
    Ok(Some(Unlogged { looked, receipts }))
}

/// Gives places to receipts.
pub(super) fn adopt(
    connection: &mut Connection,
    looked: i64,
    found: &[(i64, Commitment)],
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut places = Places::open(&transaction)?;
        // One that was erased meanwhile is left alone.
        let mut update = transaction.prepare_cached(
            "UPDATE records SET leaf = ?2, salt = ?3 WHERE seq = ?1 AND leaf IS NULL",
        )?;
        for (seq, Commitment { salt, leaf }) in found {
            if update.execute(params![seq, places.next(), salt])? == 1 {
                places.give(leaf);
            }
        }
        places.close(&transaction)?;
        let last = found.last().map(|(seq, _)| seq);
        transaction.execute(
            "UPDATE log SET looked = ?2 WHERE looked = ?1",
            params![looked, last],
        )?;
    }
    transaction.commit()?;
    Ok(())
}

pub(super) fn logged(
    connection: &Connection,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<Logged>, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT receipt, salt, leaf FROM records WHERE record_id = ?1 AND seq BETWEEN ?2 AND ?3",
    )?;
    let keys = shelf.keys();
    let found = statement
        .query_row(params![id.as_bytes(), keys.start(), keys.end()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((receipt, Some(salt), Some(place))) = found else {
        return Ok(None);
    };
    Ok(Some(Logged {
        receipt,
        salt,
        place: count(place)?,
    }))
}

pub(super) fn commitments(
    connection: &Connection,
    site: &SiteId,
    places: &[i64],
) -> Result<Vec<Option<Placed>>, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(vec![None; places.len()]);
    };
    let mut statement =
        connection.prepare_cached("SELECT leaf, salt FROM records WHERE seq = ?1")?;
    let mut found = Vec::new();
    for place in places {
        let row = statement.query_row([shelf.key(*place)], |row| Ok((row.get(0)?, row.get(1)?)));
        found.push(match row.optional()? {
            Some((Some(leaf), Some(salt))) => Some(Placed {
                place: count(leaf)?,
                salt,
            }),
            _ => None,
        });
    }
    Ok(found)
}

pub(super) fn logged_artefact(
    connection: &Connection,
    site: Option<&SiteId>,
    kind: ArtefactKind,
    digest: &Digest,
) -> Result<Option<u64>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT leaf FROM artefacts WHERE digest = ?1 AND kind = ?2 AND site = ?3",
    )?;
    let site = site.map_or("", SiteId::as_str);
    let place: Option<Option<i64>> = statement
        .query_row(params![digest.as_bytes(), kind.as_str(), site], |row| {
            row.get(0)
        })
        .optional()?;
    place.flatten().map(count).transpose()
}

/// The key of a tile's row.
pub(super) fn place_of(tile: Tile) -> Result<i64, StoreError> {
    let index = i64::try_from(tile.index())
        .ok()
        .filter(|index| *index < 1 << 48);
    let index = index.ok_or(StoreError::Corrupt("place of a tile"))?;
    Ok(i64::from(tile.level()) << 48 | index)
}

pub(super) fn count(stored: i64) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(|_| StoreError::Corrupt("place in the log"))
}

pub(super) fn key(place: u64) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|_| StoreError::Corrupt("place in the log"))
}
