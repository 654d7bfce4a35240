//! The growing end of a tree: the tiles that are not full yet.

use super::tile::{self, HASH_BYTES};
use super::{Node, Portable, TILE_HEIGHT, TILE_WIDTH, Tile, TreeHasher, empty_root};
use crate::digest::Digest;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// A tree's size, and the hashes of its last, not yet full tile on each level: all that is needed to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge<H = Portable> {
    size: u64,
    levels: Vec<Vec<Digest>>,
    hasher: PhantomData<H>,
}

impl Edge {
    /// The edge of a tree without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            levels: Vec::new(),
            hasher: PhantomData,
        }
    }
}

impl<H: TreeHasher> Edge<H> {
    /// The edge of a tree of that size. `fetch` gives the bytes of its partial tiles; `Ok(None)` if one has not the
    /// length that its width asks for.
    pub fn load<E>(
        size: u64,
        mut fetch: impl FnMut(Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Self>, E> {
        let mut levels = Vec::new();
        let mut hashes = size;
        for level in 0..64 / TILE_HEIGHT {
            if hashes == 0 {
                break;
            }
            let partial = Tile::at(level, hashes / u64::from(TILE_WIDTH), size);
            let mut held = Vec::new();
            if let Some(partial) = partial {
                let bytes = fetch(partial)?;
                if bytes.len() != usize::from(partial.width()) * HASH_BYTES {
                    return Ok(None);
                }
                held = tile::read(&bytes);
            }
            levels.push(held);
            hashes >>= TILE_HEIGHT;
        }
        Ok(Some(Self {
            size,
            levels,
            hasher: PhantomData,
        }))
    }

    /// How many entries the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf. `full` is given each tile that this fills, with its hashes; those are no longer kept here.
    pub fn push(&mut self, leaf: Digest, mut full: impl FnMut(Tile, &[Digest])) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0..64 / TILE_HEIGHT {
            let place = usize::from(level);
            if self.levels.len() == place {
                self.levels.push(Vec::new());
            }
            self.levels[place].push(hash);
            if self.levels[place].len() < usize::from(TILE_WIDTH) {
                return;
            }
            let hashes = core::mem::take(&mut self.levels[place]);
            let filled = (self.size >> (level * TILE_HEIGHT)) / u64::from(TILE_WIDTH);
            if let Some(tile) = Tile::at(level, filled - 1, self.size) {
                full(tile, &hashes);
            }
            hash = H::root_of(&hashes);
        }
    }

    /// The tiles that are not full, with their hashes: what stands between the full ones and the tree's end.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, &[Digest])> {
        (0..).zip(&self.levels).filter_map(|(level, hashes)| {
            let count = self.size >> (u32::from(level) * u32::from(TILE_HEIGHT));
            let tile = Tile::at(level, count / u64::from(TILE_WIDTH), self.size)?;
            Some((tile, &hashes[..]))
        })
    }

    /// The tree's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        // From the right: the smallest full part first. Each level's hashes are the digits of the size, base 256.
        let mut root: Option<Digest> = None;
        for hashes in &self.levels {
            let mut rest = &hashes[..];
            while !rest.is_empty() {
                let part = 1 << rest.len().trailing_zeros();
                let (before, last) = rest.split_at(rest.len() - part);
                let hash = H::root_of(last);
                root = Some(root.map_or(hash, |right| H::node_hash(&hash, &right)));
                rest = before;
            }
        }
        root.unwrap_or_else(empty_root)
    }

    /// The hash of a full part of the tree, if it lies within the edge.
    #[must_use]
    pub fn node(&self, node: Node) -> Option<Digest> {
        let tile = Tile::holding(node, self.size).filter(|tile| !tile.is_full())?;
        let hashes = self.levels.get(usize::from(tile.level()))?;
        let inner = node.level % TILE_HEIGHT;
        let first = (node.index << inner) % u64::from(TILE_WIDTH);
        let first = usize::try_from(first).ok()?;
        hashes.get(first..first + (1 << inner)).map(H::root_of)
    }
}
