//! The tree: recomputed from its leaves, tile by tile, up to the signed root.

use super::error::FsckError;
use super::examination::Examination;
use super::place::Place;
use super::place::Stage;
use crate::log::LogError;
use crate::sha256::Edge;
use crate::store::inspection::InspectedTile;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::merkle::{HASH_BYTES, TILE_WIDTH, Tile};
use std::time::Instant;

/// After how many tiles people are told.
const TELL_EVERY: u64 = 256;

pub(super) fn examine(examination: &mut Examination<'_>, after: u64) -> Result<(), FsckError> {
    let (view, stands) = (examination.view, examination.view.log()?);
    let numbers = [stands.next, stands.size, stands.minimum].map(u64::try_from);
    let [Ok(next), Ok(size), Ok(minimum)] = numbers else {
        return examination.found("table log", "its numbers are below zero");
    };
    if minimum > size {
        examination.found(
            "table log",
            format!("its minimum index {minimum} is beyond its {size} entries"),
        )?;
    }
    examination.checked.entries = next;
    examination.checked.minimum = minimum;
    let signed = signed(examination, stands.origin.as_deref())?;
    let wanted = signed.as_ref().map(|signed| signed.unverified().size());
    let began = Instant::now();
    let start = after.min(size / u64::from(TILE_WIDTH)) * u64::from(TILE_WIDTH);
    let loaded = Edge::load(start, |tile| view.tile(tile).map(Option::unwrap_or_default))?;
    let mut edge = loaded.unwrap_or_default();
    if edge.size() != start {
        examination.found(
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
        let Some(hashes) = view.tile(tile)? else {
            examination.found(
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
            compare(examination, tile, &hashes)?;
        }
        examination.counted(Stage::Tiles, 1);
        done += 1;
        if done % TELL_EVERY == 0 {
            let place = Place {
                stage: Stage::Tiles,
                after: edge.size() / u64::from(TILE_WIDTH),
            };
            examination.watcher.reached(place, done, began.elapsed())?;
        }
    }
    let partial: Vec<(Tile, Vec<Digest>)> = edge
        .partial()
        .map(|(tile, hashes)| (tile, hashes.to_vec()))
        .collect();
    for (tile, hashes) in partial.iter().filter(|(tile, _)| tile.level() > 0) {
        compare(examination, *tile, hashes)?;
    }
    strangers(examination, size)?;
    let leaves = waiting(examination, size, next)?;
    for leaf in leaves {
        edge.push(leaf, |_, _| ());
        if wanted == Some(edge.size()) {
            signed_root = Some(edge.root());
        }
    }
    examination.checked.root = edge.root().to_text();
    if let (Some(signed), Some(wanted)) = (signed, wanted) {
        match signed_root {
            // What is before the place where this run began was compared by the run before.
            None if wanted < start => {}
            Some(root) if root == signed.unverified().root() => {}
            None => examination.found(
                "log/checkpoint",
                format!(
                    "{wanted} entries were signed, and the database has {next}: it is an older copy"
                ),
            )?,
            Some(_) => examination.found(
                "log/checkpoint",
                format!("the first {wanted} leaves lead to another root than the signed one"),
            )?,
        }
    }
    Ok(())
}

/// The checkpoint that was signed last, if it is what it must be.
fn signed(
    examination: &mut Examination<'_>,
    origin: Option<&str>,
) -> Result<Option<SignedCheckpoint>, FsckError> {
    let read = match examination.kept.take().unwrap_or(Ok(None)) {
        Err(error @ LogError::NotOurs { .. }) => {
            examination.found("log/checkpoint", error)?;
            return Ok(None);
        }
        read => read?,
    };
    let Some(origin) = origin else {
        if let Some(read) = read.filter(|read| read.unverified().size() > 0) {
            examination.found("table log", "the log has no name, and was signed before")?;
            return Ok(Some(read));
        }
        return Ok(None);
    };
    let Some(read) = read else {
        examination.found(
            "log/checkpoint",
            "is missing: nobody can tell whether the database is an old copy",
        )?;
        return Ok(None);
    };
    if read.unverified().origin() != origin {
        examination.found(
            "log/checkpoint",
            format!(
                "is of the log {:?}, and the database of {origin:?}",
                read.unverified().origin()
            ),
        )?;
        return Ok(None);
    }
    let verified = match examination.log_key {
        Some(key) => read
            .verify(key, &[])
            .map(|_| ())
            .map_err(|error| error.to_string()),
        None => Err("there is no key keys/log.key to examine it with".to_owned()),
    };
    if let Err(wrong) = verified {
        examination.found("log/checkpoint", wrong)?;
        return Ok(None);
    }
    Ok(Some(read))
}

fn compare(
    examination: &mut Examination<'_>,
    tile: Tile,
    hashes: &[Digest],
) -> Result<(), FsckError> {
    let expected: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
    examination.counted(Stage::Tiles, 1);
    match examination.view.tile(tile)? {
        Some(stored) if stored == expected => Ok(()),
        Some(_) => examination.found(
            format!("tile {tile}"),
            "is not what the tiles below it lead to: one of them, or this one, is damaged",
        ),
        None => examination.found(format!("tile {tile}"), "is missing or too short"),
    }
}

/// Rows that are no tiles of this tree, or longer than theirs.
fn strangers(examination: &mut Examination<'_>, size: u64) -> Result<(), FsckError> {
    for InspectedTile { name, at, bytes } in examination.view.tiles()? {
        let tile = at.and_then(|(level, index)| Tile::at(level, index, size));
        if tile.map(|tile| i64::from(tile.width()) * 32) != Some(bytes) {
            examination.found(
                name,
                format!("has {bytes} bytes, and a tree of {size} entries has no such tile there"),
            )?;
        }
    }
    Ok(())
}

/// The leaves that wait for their tiles.
fn waiting(
    examination: &mut Examination<'_>,
    size: u64,
    next: u64,
) -> Result<Vec<Digest>, FsckError> {
    let mut leaves: Vec<Digest> = Vec::new();
    for row in examination.view.waiting()? {
        if !row.is_sound {
            examination.found(&row.name, "is damaged: its bytes do not make its sum")?;
        }
        let (hashes, rest) = row.hashes.as_chunks::<HASH_BYTES>();
        if u64::try_from(row.first) != Ok(size + leaves.len() as u64) || !rest.is_empty() {
            examination.found(&row.name, "does not go on where the one before it ends")?;
        }
        leaves.extend(hashes.iter().copied().map(Digest::from_bytes));
    }
    if size + leaves.len() as u64 != next {
        let found = size + leaves.len() as u64;
        examination.found(
            "table log",
            format!("{next} entries were committed, and {found} are there"),
        )?;
    }
    Ok(leaves)
}
