//! The tree: recomputed from its leaves, tile by tile, up to the signed root.

use super::{Check, FsckError, Place, Stage};
use crate::log::LogError;
use crate::sha256::Edge;
use crate::store::StoreError;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::merkle::{HASH_BYTES, TILE_WIDTH, Tile};
use rusqlite::{Connection, OptionalExtension as _};
use std::time::Instant;

/// After how many tiles people are told.
const TELL_EVERY: u64 = 256;

pub(super) fn check(check: &mut Check<'_>, after: u64) -> Result<(), FsckError> {
    let connection = check.connection;
    let (origin, next, size, minimum): (Option<String>, i64, i64, i64) =
        connection.query_row("SELECT origin, next, size, minimum FROM log", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let numbers = [next, size, minimum].map(u64::try_from);
    let [Ok(next), Ok(size), Ok(minimum)] = numbers else {
        return check.found("table log", "its numbers are below zero");
    };
    if minimum > size {
        check.found(
            "table log",
            format!("its minimum index {minimum} is beyond its {size} entries"),
        )?;
    }
    check.checked.entries = next;
    check.checked.minimum = minimum;
    let signed = signed(check, origin.as_deref())?;
    let wanted = signed.as_ref().map(|signed| signed.unverified().size());
    let began = Instant::now();
    let start = after.min(size / u64::from(TILE_WIDTH)) * u64::from(TILE_WIDTH);
    let loaded = Edge::load(start, |tile| {
        stored(connection, tile).map(Option::unwrap_or_default)
    })?;
    let mut edge = loaded.unwrap_or_default();
    if edge.size() != start {
        check.found(
            "tiles",
            format!("the tree of {start} entries cannot be read: begin at 0"),
        )?;
    }
    let mut signed_root = (wanted == Some(edge.size())).then(|| edge.root());
    let mut done = 0;
    while edge.size() < size {
        let Some(tile) = Tile::at(0, edge.size() / u64::from(TILE_WIDTH), size) else {
            break;
        };
        let Some(hashes) = stored(connection, tile)? else {
            check.found(
                format!("tile {tile}"),
                "is missing or too short: the tree ends here",
            )?;
            return Ok(());
        };
        let mut full = Vec::new();
        let (leaves, _) = hashes.as_chunks::<HASH_BYTES>();
        for leaf in leaves {
            edge.push(Digest::from_bytes(*leaf), |tile, hashes| {
                full.push((tile, hashes.to_vec()));
            });
            if wanted == Some(edge.size()) {
                signed_root = Some(edge.root());
            }
        }
        for (tile, hashes) in full.into_iter().filter(|(tile, _)| tile.level() > 0) {
            compare(check, tile, &hashes)?;
        }
        check.counted(Stage::Tiles, 1);
        done += 1;
        if done % TELL_EVERY == 0 {
            let place = Place {
                stage: Stage::Tiles,
                after: edge.size() / u64::from(TILE_WIDTH),
            };
            check.watcher.reached(place, done, began.elapsed())?;
        }
    }
    let partial: Vec<(Tile, Vec<Digest>)> = edge
        .partial()
        .map(|(tile, hashes)| (tile, hashes.to_vec()))
        .collect();
    for (tile, hashes) in partial.iter().filter(|(tile, _)| tile.level() > 0) {
        compare(check, *tile, hashes)?;
    }
    strangers(check, size)?;
    let leaves = waiting(check, size, next)?;
    for leaf in leaves {
        edge.push(leaf, |_, _| ());
        if wanted == Some(edge.size()) {
            signed_root = Some(edge.root());
        }
    }
    check.checked.root = edge.root().to_text();
    if let (Some(signed), Some(wanted)) = (signed, wanted) {
        match signed_root {
            // What is before the place where this run began was compared by the run before.
            None if wanted < start => {}
            Some(root) if root == signed.unverified().root() => {}
            None => check.found(
                "log/checkpoint",
                format!(
                    "{wanted} entries were signed, and the database has {next}: it is an older copy"
                ),
            )?,
            Some(_) => check.found(
                "log/checkpoint",
                format!("the first {wanted} leaves lead to another root than the signed one"),
            )?,
        }
    }
    Ok(())
}

/// The checkpoint that was signed last, if it is what it must be.
fn signed(
    check: &mut Check<'_>,
    origin: Option<&str>,
) -> Result<Option<SignedCheckpoint>, FsckError> {
    let read = match check.kept.take().unwrap_or(Ok(None)) {
        Err(error @ LogError::NotOurs { .. }) => {
            check.found("log/checkpoint", error)?;
            return Ok(None);
        }
        read => read?,
    };
    let Some(origin) = origin else {
        if let Some(read) = read.filter(|read| read.unverified().size() > 0) {
            check.found("table log", "the log has no name, and was signed before")?;
            return Ok(Some(read));
        }
        return Ok(None);
    };
    let Some(read) = read else {
        check.found(
            "log/checkpoint",
            "is missing: nobody can tell whether the database is an old copy",
        )?;
        return Ok(None);
    };
    if read.unverified().origin() != origin {
        check.found(
            "log/checkpoint",
            format!(
                "is of the log {:?}, and the database of {origin:?}",
                read.unverified().origin()
            ),
        )?;
        return Ok(None);
    }
    let verified = match check.log_key {
        Some(key) => read
            .verify(key, &[])
            .map(|_| ())
            .map_err(|error| error.to_string()),
        None => Err("there is no key keys/log.key to check it with".to_owned()),
    };
    if let Err(wrong) = verified {
        check.found("log/checkpoint", wrong)?;
        return Ok(None);
    }
    Ok(Some(read))
}

fn compare(check: &mut Check<'_>, tile: Tile, hashes: &[Digest]) -> Result<(), FsckError> {
    let expected: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
    check.counted(Stage::Tiles, 1);
    match stored(check.connection, tile)? {
        Some(stored) if stored == expected => Ok(()),
        Some(_) => check.found(
            format!("tile {tile}"),
            "is not what the tiles below it lead to: one of them, or this one, is damaged",
        ),
        None => check.found(format!("tile {tile}"), "is missing or too short"),
    }
}

/// Rows that are no tiles of this tree, or longer than theirs.
fn strangers(check: &mut Check<'_>, size: u64) -> Result<(), FsckError> {
    let mut statement = check
        .connection
        .prepare("SELECT place, length(hashes) FROM log_tiles")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    for (place, length) in rows {
        let (level, index) = ((place >> 48) & 0xFF, place & ((1 << 48) - 1));
        let tile = Tile::at(level.to_le_bytes()[0], index.unsigned_abs(), size);
        let expected = tile.map(|tile| i64::from(tile.width()) * 32);
        if place < 0 || expected != Some(length) {
            check.found(
                format!("row {place} of table log_tiles"),
                format!("has {length} bytes, and a tree of {size} entries has no such tile there"),
            )?;
        }
    }
    Ok(())
}

/// The leaves that wait for their tiles.
fn waiting(check: &mut Check<'_>, size: u64, next: u64) -> Result<Vec<Digest>, FsckError> {
    let mut statement = check.connection.prepare(
        "SELECT first, hashes, sum IS NULL OR sum = row_sum(first, hashes) FROM log_waiting
             ORDER BY first",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut leaves: Vec<Digest> = Vec::new();
    for row in rows {
        let (first, hashes, is_sound): (i64, Vec<u8>, bool) = row?;
        if !is_sound {
            check.found(
                format!("row {first} of table log_waiting"),
                "is damaged: its bytes do not make its sum",
            )?;
        }
        let (hashes, rest) = hashes.as_chunks::<HASH_BYTES>();
        if u64::try_from(first) != Ok(size + leaves.len() as u64) || !rest.is_empty() {
            check.found(
                format!("row {first} of table log_waiting"),
                "does not go on where the one before it ends",
            )?;
        }
        leaves.extend(hashes.iter().copied().map(Digest::from_bytes));
    }
    if size + leaves.len() as u64 != next {
        let found = size + leaves.len() as u64;
        check.found(
            "table log",
            format!("{next} entries were committed, and {found} are there"),
        )?;
    }
    Ok(leaves)
}

/// The bytes of a tile, cut to its width; `None` if it is not there or too short.
pub(super) fn stored(connection: &Connection, tile: Tile) -> Result<Option<Vec<u8>>, FsckError> {
    let place = i64::from(tile.level()) << 48 | i64::try_from(tile.index()).unwrap_or(i64::MAX);
    let mut statement =
        connection.prepare_cached("SELECT hashes FROM log_tiles WHERE place = ?1")?;
    let hashes: Option<Vec<u8>> = statement.query_row([place], |row| row.get(0)).optional()?;
    let length = usize::from(tile.width()) * HASH_BYTES;
    Ok(hashes.and_then(|hashes| hashes.get(..length).map(<[u8]>::to_vec)))
}

/// The log's leaves by place, and which places are taken.
pub(super) struct Leaves {
    size: u64,
    waiting: Vec<Digest>,
    taken: Vec<u64>,
    /// The tile that was read last: things that follow each other mostly have places that do.
    last: Option<(Tile, Vec<u8>)>,
}

impl Leaves {
    pub(super) fn open(connection: &Connection) -> Result<Self, FsckError> {
        let (next, size): (i64, i64) =
            connection.query_row("SELECT next, size FROM log", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let mut statement = connection.prepare("SELECT hashes FROM log_waiting ORDER BY first")?;
        let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let mut waiting = Vec::new();
        for row in rows {
            let row = row?;
            let (hashes, _) = row.as_chunks::<HASH_BYTES>();
            waiting.extend(hashes.iter().copied().map(Digest::from_bytes));
        }
        // Not by what may be a damaged number.
        let words = usize::try_from(next).unwrap_or_default().min(1 << 36) / 64 + 1;
        let tiles: i64 =
            connection.query_row("SELECT count(*) FROM log_tiles", [], |row| row.get(0))?;
        let most = usize::try_from(tiles).unwrap_or_default() * 4 + waiting.len() / 64 + 5;
        Ok(Self {
            size: u64::try_from(size).map_err(|_| StoreError::Corrupt("place in the log"))?,
            waiting,
            taken: vec![0; words.min(most)],
            last: None,
        })
    }

    /// What is wrong about a thing with this leaf being at this place.
    pub(super) fn wrong(
        &mut self,
        connection: &Connection,
        place: i64,
        leaf: &Digest,
    ) -> Result<Option<String>, FsckError> {
        let Ok(place) = u64::try_from(place) else {
            return Ok(Some(format!("the log has no place {place}")));
        };
        let found = if place < self.size {
            self.in_tile(connection, place)?
        } else {
            let index = usize::try_from(place - self.size).unwrap_or(usize::MAX);
            self.waiting.get(index).copied()
        };
        let Some(found) = found else {
            return Ok(Some(format!("its place {place} in the log has no leaf")));
        };
        if found != *leaf {
            return Ok(Some(format!(
                "it does not make the leaf at its place {place} in the log: it was changed, or its place, its salt, or that leaf"
            )));
        }
        let word = usize::try_from(place / 64)
            .ok()
            .and_then(|word| self.taken.get_mut(word));
        let Some(word) = word else {
            return Ok(None);
        };
        let bit = 1 << (place % 64);
        let was_taken = *word & bit != 0;
        *word |= bit;
        Ok(was_taken.then(|| format!("something else has its place {place} in the log, too")))
    }

    fn in_tile(
        &mut self,
        connection: &Connection,
        place: u64,
    ) -> Result<Option<Digest>, FsckError> {
        let width = u64::from(TILE_WIDTH);
        let Some(tile) = Tile::at(0, place / width, self.size) else {
            return Ok(None);
        };
        if self.last.as_ref().is_none_or(|(last, _)| *last != tile) {
            let Some(bytes) = stored(connection, tile)? else {
                return Ok(None);
            };
            self.last = Some((tile, bytes));
        }
        let bytes = self.last.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let index = usize::try_from(place % width).unwrap_or_default();
        Ok(bytes
            .as_chunks::<HASH_BYTES>()
            .0
            .get(index)
            .copied()
            .map(Digest::from_bytes))
    }
}
