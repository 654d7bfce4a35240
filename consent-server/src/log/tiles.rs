//! Reads the tiles of a log out of the storage, and proves with them.

use super::LogError;
use crate::store::{LogStore, StoreError};
use consent_core::digest::Digest;
use consent_core::merkle::{ProveError, ReadError, Tile, TileReader, inclusion_proof};

/// The proof that an entry is in the tree of that size, from the storage alone. Blocks.
pub fn prove(store: &dyn LogStore, place: u64, size: u64) -> Result<Vec<Digest>, LogError> {
    let mut reader = TileReader::new(size, |tile| fetch(store, tile));
    let proof = inclusion_proof(place, size, |node| reader.node(node));
    proof.map_err(|error| match error {
        ProveError::Source(ReadError::Fetch(error)) => error,
        ProveError::Source(ReadError::Tile { tile, .. }) => LogError::Tile(tile.path()),
        ProveError::OutOfTree { .. } | ProveError::Source(ReadError::OutOfTree(_)) => {
            LogError::Store(StoreError::Corrupt("place in the log"))
        }
    })
}

/// A tile that must be there.
pub(super) fn fetch(store: &dyn LogStore, tile: Tile) -> Result<Vec<u8>, LogError> {
    store.tile(tile)?.ok_or_else(|| LogError::Tile(tile.path()))
}
