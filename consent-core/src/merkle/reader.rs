//! The tree's hashes from its tiles.

use super::{Node, Tile, TileError};
use crate::digest::Digest;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Reads hashes out of tiles, each of which it fetches once.
#[derive(Debug)]
pub struct TileReader<F> {
    size: u64,
    fetch: F,
    fetched: BTreeMap<Tile, Vec<u8>>,
}

/// Why a hash cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError<E> {
    /// The tree does not have it.
    #[error("a tree of {0} entries does not have that hash")]
    OutOfTree(u64),
    /// The tile is not as long as it must be.
    #[error("tile {}: {source}", tile.path())]
    Tile {
        /// Which.
        tile: Tile,
        /// What is wrong with it.
        source: TileError,
    },
    /// The tile cannot be fetched.
    #[error(transparent)]
    Fetch(E),
}

impl<E, F: FnMut(Tile) -> Result<Vec<u8>, E>> TileReader<F> {
    /// Reads the tree over the first `size` entries. `fetch` gives a tile's bytes.
    pub const fn new(size: u64, fetch: F) -> Self {
        Self {
            size,
            fetch,
            fetched: BTreeMap::new(),
        }
    }

    /// The hash of a full part of the tree: what [`super::root`] and the proofs ask for.
    pub fn node(&mut self, node: Node) -> Result<Digest, ReadError<E>> {
        let missing = ReadError::OutOfTree(self.size);
        let Some(tile) = Tile::holding(node, self.size) else {
            return Err(missing);
        };
        if !self.fetched.contains_key(&tile) {
            let bytes = (self.fetch)(tile).map_err(ReadError::Fetch)?;
            self.fetched.insert(tile, bytes);
        }
        let bytes = self.fetched.get(&tile).ok_or(missing)?;
        tile.node(bytes, node)
            .map_err(|source| ReadError::Tile { tile, source })
    }
}
