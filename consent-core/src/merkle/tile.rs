//! Tiles: the tree cut into pieces of 8 levels, each a file that never changes once it is full (C2SP tlog-tiles).

use super::{Node, root_of};
use crate::digest::Digest;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// How many levels of the tree a tile spans.
pub const TILE_HEIGHT: u8 = 8;

/// How many hashes a full tile has.
pub const TILE_WIDTH: u16 = 1 << TILE_HEIGHT;

/// The bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// A tile: hashes of one level of the tree, side by side. Level 0 holds leaves, level L the roots of full tiles of L−1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// Why a tile is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Its path.
    #[error(
        "a tile's path is level/index, as in 0/x001/x234/067 or, with 5 hashes, 0/x001/x234/067.p/5"
    )]
    Path,
    /// Its length.
    #[error("a tile of that width has another length")]
    Length,
    /// It does not hold what is asked of it.
    #[error("the tile does not hold that hash")]
    NotHere,
}

impl Tile {
    /// The tile at a place, in a tree of that size. `None` if the tree has no hash there yet.
    #[must_use]
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))?;
        let before = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = hashes.checked_sub(before)?.min(u64::from(TILE_WIDTH));
        let width = u16::try_from(width).ok()?;
        (width > 0).then_some(Self {
            level,
            index,
            width,
        })
    }

    /// The tile that a node's hash is in, or is made from, in a tree of that size.
    #[must_use]
    pub fn holding(node: Node, size: u64) -> Option<Self> {
        let (level, inner) = (node.level / TILE_HEIGHT, node.level % TILE_HEIGHT);
        Self::at(level, node.index >> (TILE_HEIGHT - inner), size)
    }

    /// All tiles of a tree of that size, the leaves' first.
    pub fn of_tree(size: u64) -> impl Iterator<Item = Self> {
        (0..64 / TILE_HEIGHT).flat_map(move |level| {
            (0..)
                .map(move |index| Self::at(level, index, size))
                .take_while(Option::is_some)
                .flatten()
        })
    }

    /// How far up it is: 0 for leaves.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Its place among the tiles of its level, from 0 on.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes it has: 1 to 256.
    #[must_use]
    pub const fn width(self) -> u16 {
        self.width
    }

    /// Whether it has all its hashes, and so never changes.
    #[must_use]
    pub const fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The same tile as larger trees have it, from its own width on: each begins with the hashes of the one before.
    pub fn wider(self) -> impl Iterator<Item = Self> {
        (self.width..=TILE_WIDTH).map(move |width| Self { width, ..self })
    }

    /// Its path below `tile/`, as in `0/x001/x234/067.p/5`.
    #[must_use]
    pub fn path(self) -> String {
        format!("{self}")
    }

    /// The hash of a node from the tile's bytes.
    pub fn node(self, bytes: &[u8], node: Node) -> Result<Digest, TileError> {
        if bytes.len() != usize::from(self.width) * HASH_BYTES {
            return Err(TileError::Length);
        }
        let inner = node.level % TILE_HEIGHT;
        let from = (node.index << inner).checked_sub(self.index * u64::from(TILE_WIDTH));
        let from = from.and_then(|from| usize::try_from(from).ok());
        let here = from.filter(|_| node.level / TILE_HEIGHT == self.level);
        let first = here.ok_or(TileError::NotHere)? * HASH_BYTES;
        let hashes = bytes
            .get(first..)
            .and_then(|rest| rest.get(..HASH_BYTES << inner));
        let hashes = hashes.ok_or(TileError::NotHere)?;
        Ok(root_of(&read(hashes)))
    }
}

/// The hashes of a tile's bytes; what is left over is ignored.
pub(super) fn read(bytes: &[u8]) -> Vec<Digest> {
    let (hashes, _) = bytes.as_chunks();
    hashes.iter().copied().map(Digest::from_bytes).collect()
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.level)?;
        let mut groups = Vec::new();
        let mut left = self.index;
        loop {
            groups.push(left % 1000);
            left /= 1000;
            if left == 0 {
                break;
            }
        }
        while let Some(group) = groups.pop() {
            if groups.is_empty() {
                write!(f, "{group:03}")?;
            } else {
                write!(f, "x{group:03}/")?;
            }
        }
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(text: &str) -> Result<Self, TileError> {
        let tile = parse(text).ok_or(TileError::Path)?;
        // Each tile has one spelling.
        if tile.path() == text {
            Ok(tile)
        } else {
            Err(TileError::Path)
        }
    }
}

fn parse(text: &str) -> Option<Tile> {
    let (text, width) = match text.split_once(".p/") {
        Some((text, width)) => (
            text,
            width
                .parse()
                .ok()
                .filter(|width| (1..TILE_WIDTH).contains(width))?,
        ),
        None => (text, TILE_WIDTH),
    };
    let (level, groups) = text.split_once('/')?;
    let level = level
        .parse()
        .ok()
        .filter(|level| *level < 64 / TILE_HEIGHT)?;
    let mut index: u64 = 0;
    for group in groups.split('/') {
        let group: u64 = group.trim_start_matches('x').parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(group)?;
    }
    // No tree has more leaves than 2^64.
    let leaves = u32::from(level + 1) * u32::from(TILE_HEIGHT);
    let fits = leaves >= 64 && index == 0 || leaves < 64 && index >> (64 - leaves) == 0;
    fits.then_some(Tile {
        level,
        index,
        width,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |level, index, size| Tile::at(level, index, size).unwrap().path();
        assert_eq!(path(0, 1_234_067, u64::MAX), "0/x001/x234/067");
        assert_eq!(path(0, 0, 70_000), "0/000");
        assert_eq!(path(0, 273, 70_000), "0/273.p/112");
        assert_eq!(path(1, 1, 70_000), "1/001.p/17");
        assert_eq!(path(2, 0, 70_000), "2/000.p/1");
        assert_eq!(path(0, 1000, 256_001), "0/x001/000.p/1");
        assert_eq!(Tile::at(3, 0, 70_000), None);
        assert_eq!(Tile::at(0, 274, 70_000), None);
        assert_eq!(Tile::at(1, 0, 255), None);
    }

    #[test]
    fn a_path_has_one_spelling() {
        for good in [
            "0/x001/x234/067",
            "0/x001/x234/067.p/5",
            "2/000",
            "7/000.p/255",
        ] {
            assert_eq!(good.parse::<Tile>().unwrap().path(), good);
        }
        let bad = [
            "",
            "0",
            "0/",
            "0/0",
            "0/00",
            "0/0000",
            "0/x000/001",
            "0/001/002",
            "0/xx01/002",
            "0/x001",
            "0/000.p/0",
            "0/000.p/256",
            "0/000.p/05",
            "0/000.p/",
            "0/000.p/1/2",
            "00/000",
            "8/000",
            "-1/000",
            "+0/000",
            "0/+01",
            "0/000/",
            "/0/000",
            "7/001",
            "0/x999/x999/x999/x999/x999/x999/x999/999",
            "entries/000",
        ];
        for bad in bad {
            assert_eq!(bad.parse::<Tile>(), Err(TileError::Path), "{bad}");
        }
    }

    #[test]
    fn the_tiles_of_a_tree() {
        let paths: Vec<_> = Tile::of_tree(513).map(Tile::path).collect();
        assert_eq!(paths, ["0/000", "0/001", "0/002.p/1", "1/000.p/2"]);
        assert_eq!(Tile::of_tree(0).count(), 0);
    }
}
