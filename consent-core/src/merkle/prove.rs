//! Making proofs, from any source of the tree's hashes.

use super::{Subtree, empty_root, node_hash};
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
    /// There is no such entry, or no such part.
    #[error("{wanted} is not in a tree of {size} entries")]
    OutOfTree {
        /// The entry, or the end of the part.
        wanted: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The source of hashes.
    #[error(transparent)]
    Source(E),
}

/// The root of the tree over the first `size` entries. `node` gives the hash of any full part within them.
pub fn root<E>(size: u64, node: impl FnMut(Node) -> Result<Digest, E>) -> Result<Digest, E> {
    subtree_root(Subtree::tree(size), node)
}

/// The root of a part.
pub fn subtree_root<E>(
    part: Subtree,
    mut node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Digest, E> {
    if part.is_empty() {
        return Ok(empty_root());
    }
    root_between(part.start(), part.end(), &mut node)
}

/// The proof that entry `index` is in the tree over the first `size` entries (RFC 9162 §2.1.3.1): the sibling of the
/// leaf first, the child of the root last.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    subtree_inclusion_proof(index, Subtree::tree(size), node)
}

/// The proof that entry `index`, counted from the tree's beginning, is in a part
/// (draft-ietf-plants-merkle-tree-certs, "Subtree Inclusion Proofs").
pub fn subtree_inclusion_proof<E>(
    index: u64,
    part: Subtree,
    node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    let entry = Subtree::entry(index).filter(|_| part.has(index));
    let entry = entry.ok_or(ProveError::OutOfTree {
        wanted: index,
        size: part.end(),
    })?;
    way(entry, part, node).map_err(ProveError::Source)
}

/// The proof that the tree over the first `old` entries is the beginning of that over the first `size` (RFC 9162
/// §2.1.4.1). Empty when both are the same; there is none from a tree without entries.
pub fn consistency_proof<E>(
    old: u64,
    size: u64,
    node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    if old == 0 {
        return Err(ProveError::OutOfTree { wanted: old, size });
    }
    subtree_consistency_proof(Subtree::tree(old), size, node)
}

/// The proof that a part is in the tree over the first `size` entries (draft-ietf-plants-merkle-tree-certs, "Subtree
/// Consistency Proofs"). Empty for the tree itself, and for a part without entries.
pub fn subtree_consistency_proof<E>(
    part: Subtree,
    size: u64,
    node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, ProveError<E>> {
    if part.end() > size {
        return Err(ProveError::OutOfTree {
            wanted: part.end(),
            size,
        });
    }
    if part.is_empty() {
        return Ok(Vec::new());
    }
    way(part, Subtree::tree(size), node).map_err(ProveError::Source)
}

/// The siblings from a part up to the root of what it is in, the lowest first.
fn way<E>(
    part: Subtree,
    within: Subtree,
    mut node: impl FnMut(Node) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    let mut proof = Vec::new();
    let (mut begin, mut end) = (within.start(), within.end());
    let mut start = part.start();
    while (begin, end) != (start, part.end()) {
        let middle = begin + split(end - begin);
        let sibling = if part.end() <= middle {
            (middle, core::mem::replace(&mut end, middle))
        } else {
            // What of the part is left of the middle is this sibling.
            start = start.max(middle);
            (core::mem::replace(&mut begin, middle), middle)
        };
        proof.push(root_between(sibling.0, sibling.1, &mut node)?);
    }
    // Where both end; if that is the whole part, its verifier has it.
    if start != part.start() {
        proof.push(root_between(begin, end, &mut node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The root over the leaves from `begin` to `end`; `begin` is where such a part can begin in the whole tree.
fn root_between<E>(
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
    let left = root_between(begin, middle, node)?;
    Ok(node_hash(&left, &root_between(middle, end, node)?))
}

/// The largest power of two below a width of at least 2.
const fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}
