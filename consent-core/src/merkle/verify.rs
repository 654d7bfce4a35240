//! Checking proofs: pure arithmetic, and strict about their length.

use super::{Subtree, empty_root, node_hash};
use crate::digest::Digest;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry or the part is not in a tree of that size, or the older tree has no entries or more than the newer.
    #[error("the proof is about a place that the tree does not have")]
    OutOfTree,
    /// Too few hashes or too many.
    #[error("the proof does not have as many hashes as its tree asks for")]
    Length,
    /// The older tree, or the part, does not come out.
    #[error("the proof leads to another root of the older tree")]
    OldRoot,
    /// The tree does not come out.
    #[error("the proof leads to another root")]
    Root,
}

/// Checks that a leaf is entry `index` of the tree with `size` entries and this root (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: &Digest,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    let entry = Subtree::entry(index).ok_or(ProofError::OutOfTree)?;
    let (_, tree) = roots(entry, size, leaf, proof)?;
    expect_root(tree, root)
}

/// Checks that a leaf is entry `index`, counted from the tree's beginning, of this part with this root
/// (draft-ietf-plants-merkle-tree-certs, "Verifying a Subtree Inclusion Proof").
pub fn verify_subtree_inclusion(
    index: u64,
    part: Subtree,
    leaf: &Digest,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    let index = index.checked_sub(part.start());
    verify_inclusion(
        index.ok_or(ProofError::OutOfTree)?,
        part.width(),
        leaf,
        proof,
        root,
    )
}

/// Checks that the tree with `old` entries and `old_root` is the beginning of that with `size` and `root` (RFC 9162
/// §2.1.4.2). Trees of the same size must be the same, with an empty proof. Nothing is said about an older tree without
/// entries, which is the beginning of any: that is an error, but where both are empty.
pub fn verify_consistency(
    old: u64,
    size: u64,
    old_root: &Digest,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    match (old, size) {
        (0, 0) => {
            verify_subtree_consistency(Subtree::tree(0), 0, old_root, root, proof)?;
            expect_root(*old_root, root)
        }
        (0, _) => Err(ProofError::OutOfTree),
        _ => verify_subtree_consistency(Subtree::tree(old), size, old_root, root, proof),
    }
}

/// Checks that this part with `part_root` is in the tree with `size` entries and `root`
/// (draft-ietf-plants-merkle-tree-certs, "Verifying a Subtree Consistency Proof").
///
/// A part without entries is in every tree: its root must be that of nothing, and `root` is not looked at.
pub fn verify_subtree_consistency(
    part: Subtree,
    size: u64,
    part_root: &Digest,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if part.is_empty() {
        return match (part.end() <= size, proof.is_empty()) {
            (false, _) => Err(ProofError::OutOfTree),
            (_, false) => Err(ProofError::Length),
            _ if *part_root == empty_root() => Ok(()),
            _ => Err(ProofError::OldRoot),
        };
    }
    let (made, tree) = roots(part, size, part_root, proof)?;
    if made != *part_root {
        return Err(ProofError::OldRoot);
    }
    expect_root(tree, root)
}

fn expect_root(made: Digest, root: &Digest) -> Result<(), ProofError> {
    if made == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The roots of a part and of the tree, as a proof makes them. A part that has a node of its own in the tree is not
/// made: its root is where the proof begins.
fn roots(
    part: Subtree,
    size: u64,
    part_root: &Digest,
    proof: &[Digest],
) -> Result<(Digest, Digest), ProofError> {
    if part.is_empty() || part.end() > size {
        return Err(ProofError::OutOfTree);
    }
    let mut climb = Climb::new(part, size);
    climb.skip_common();
    let (begin, rest) = if climb.is_at_one_node() {
        (part_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length)?
    };
    let (mut made, mut tree) = (*begin, *begin);
    for sibling in rest {
        match climb.up()? {
            Sibling::Right => tree = node_hash(&tree, sibling),
            Sibling::Left { within } => {
                if within {
                    made = node_hash(sibling, &made);
                }
                tree = node_hash(sibling, &tree);
            }
        }
    }
    climb.done()?;
    Ok((made, tree))
}

/// The way from a part's last leaf to the root, between the ways from its first leaf and from the tree's last.
struct Climb {
    first: u64,
    place: u64,
    last: u64,
}

/// Where a sibling stands, and whether it is in the part too.
enum Sibling {
    Left { within: bool },
    Right,
}

impl Climb {
    /// The part is not empty, and ends within the tree.
    const fn new(part: Subtree, size: u64) -> Self {
        Self {
            first: part.start(),
            place: part.end() - 1,
            last: size - 1,
        }
    }

    const fn shift(&mut self) {
        self.first >>= 1;
        self.place >>= 1;
        self.last >>= 1;
    }

    /// Leaves out the levels on which part and tree have the same nodes up to the part's end: a proof has these as one.
    const fn skip_common(&mut self) {
        let ends_the_tree = self.place == self.last;
        while !self.is_at_one_node() && (ends_the_tree || self.place & 1 == 1) {
            self.shift();
        }
    }

    const fn is_at_one_node(&self) -> bool {
        self.first == self.place
    }

    /// One hash up.
    const fn up(&mut self) -> Result<Sibling, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let side = if self.place & 1 == 1 || self.place == self.last {
            let within = self.first < self.place;
            // At the tree's ragged edge a node without a sibling moves up as it is.
            while self.place & 1 == 0 {
                self.shift();
            }
            Sibling::Left { within }
        } else {
            Sibling::Right
        };
        self.shift();
        Ok(side)
    }

    const fn done(&self) -> Result<(), ProofError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(ProofError::Length)
        }
    }
}
