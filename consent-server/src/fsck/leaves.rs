//! Which places of the log are taken, and by what leaf.

use super::error::FsckError;
use crate::store::{Inspection, StoreError};
use consent_core::digest::Digest;
use consent_core::merkle::{HASH_BYTES, TILE_WIDTH, Tile};

/// The log's leaves by place, and which places are taken.
pub(super) struct Leaves {
    size: u64,
    waiting: Vec<Digest>,
    taken: Vec<u64>,
    /// The tile that was read last: things that follow each other mostly have places that do.
    last: Option<(Tile, Vec<u8>)>,
}

impl Leaves {
    pub(super) fn open(view: &dyn Inspection) -> Result<Self, FsckError> {
        let stands = view.log()?;
        let mut waiting = Vec::new();
        for row in view.waiting()? {
            let (hashes, _) = row.hashes.as_chunks::<HASH_BYTES>();
            waiting.extend(hashes.iter().copied().map(Digest::from_bytes));
        }
        // Not by what may be a damaged number.
        let words = usize::try_from(stands.next)
            .unwrap_or_default()
            .min(1 << 36)
            / 64
            + 1;
        let most = view.tiles()?.len() * 4 + waiting.len() / 64 + 5;
        Ok(Self {
            size: u64::try_from(stands.size)
                .map_err(|_| StoreError::Corrupt("place in the log"))?,
            waiting,
            taken: vec![0; words.min(most)],
            last: None,
        })
    }

    /// What is wrong about a thing with this leaf being at this place.
    pub(super) fn wrong(
        &mut self,
        view: &dyn Inspection,
        place: i64,
        leaf: &Digest,
    ) -> Result<Option<String>, FsckError> {
        let Ok(place) = u64::try_from(place) else {
            return Ok(Some(format!("the log has no place {place}")));
        };
        let found = if place < self.size {
            self.in_tile(view, place)?
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

    fn in_tile(&mut self, view: &dyn Inspection, place: u64) -> Result<Option<Digest>, FsckError> {
        let width = u64::from(TILE_WIDTH);
        let Some(tile) = Tile::at(0, place / width, self.size) else {
            return Ok(None);
        };
        if self.last.as_ref().is_none_or(|(last, _)| *last != tile) {
            let Some(bytes) = view.tile(tile)? else {
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
