//! Making proofs, from any source of the tree's hashes.

use super::{empty_root, node_hash};
use crate::digest::Digest;
use alloc::vec::Vec;

/// A full part of the tree: the 2^level leaves from index × 2^level on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Its height: 0 for a leaf.
    pub level: u8,
    /// Its place among the nodes of this level, from 0 on.
    pub index: u64,
}

impl Node {
    /// Its first leaf.
    #[must_use]
    pub const fn first(self) -> u64 {
        self.index << self.level
    }

    /// The leaf after its last.
    #[must_use]
    pub const fn end(self) -> u64 {
        (self.index + 1) << self.level
    }
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// There is no such entry, or no such older tree.
    #[error("{wanted} is not in a tree of {size} entries")]
    OutOfTree {
        /// The entry, or the size of the older tree.
        wanted: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The source of hashes.
    #[error(transparent)]
    Source(E),
}

/// The root of the tree over the first `size` entries. `node` gives the hash of any full part within them.
pub fn root<E>(size: u64, mut node: impl FnMut(Node) -> Result<Digest, E>) -> Result<Digest, E> {
    if size == 0 {
        return Ok(empty_root());
    }
    part(0, size, &mut node)
}

/// The proof that entry `index` is in the tree over the first `size` entries (RFC 9162 §2.1.3.1): the sibling of the
/// leaf first, the child of the root last.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    mut node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    if index >= size {
        return Err(ProveError::OutOfTree {
            wanted: index,
            size,
        });
    }
    let mut proof = Vec::new();
    let (mut begin, mut end) = (0, size);
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        let sibling = if index < middle {
            (middle, core::mem::replace(&mut end, middle))
        } else {
            (core::mem::replace(&mut begin, middle), middle)
        };
        proof.push(part(sibling.0, sibling.1, &mut node).map_err(ProveError::Source)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree over the first `old` entries is the beginning of that over the first `size` (RFC 9162
/// §2.1.4.1). Empty when both are the same; there is none from a tree without entries.
pub fn consistency_proof<E>(
    old: u64,
    size: u64,
    mut node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    if old == 0 || old > size {
        return Err(ProveError::OutOfTree { wanted: old, size });
    }
    let mut proof = Vec::new();
    let (mut begin, mut end) = (0, size);
    while end != old {
        let middle = begin + split(end - begin);
        let sibling = if old <= middle {
            (middle, core::mem::replace(&mut end, middle))
        } else {
            (core::mem::replace(&mut begin, middle), middle)
        };
        proof.push(part(sibling.0, sibling.1, &mut node).map_err(ProveError::Source)?);
    }
    // The part that both trees end with; where it is the whole old tree, its verifier has it.
    if begin > 0 {
        proof.push(part(begin, end, &mut node).map_err(ProveError::Source)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root over the leaves from `begin` to `end`; `begin` is where such a part can begin in the whole tree.
fn part<E>(
    begin: u64,
    end: u64,
    node: &mut impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Digest, E> {
    let width = end - begin;
    if width.is_power_of_two() {
        let level = width.trailing_zeros();
        return node(Node {
            level: level.to_le_bytes()[0],
            index: begin >> level,
        });
    }
    let middle = begin + split(width);
    let left = part(begin, middle, node)?;
    Ok(node_hash(&left, &part(middle, end, node)?))
}

/// The largest power of two below a width of at least 2.
const fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}
