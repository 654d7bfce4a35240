//! Checking proofs: pure arithmetic, and strict about their length.

use super::node_hash;
use crate::digest::Digest;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry is not in a tree of that size, the older tree is the larger one, or it has no entries.
    #[error("the proof is about a place that the tree does not have")]
    OutOfTree,
    /// Too few hashes or too many.
    #[error("the proof does not have as many hashes as its tree asks for")]
    Length,
    /// The older tree does not come out.
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
    if root_from_inclusion(index, size, leaf, proof)? == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// The root that an inclusion proof leads to.
pub fn root_from_inclusion(
    index: u64,
    size: u64,
    leaf: &Digest,
    proof: &[Digest],
) -> Result<Digest, ProofError> {
    if index >= size {
        return Err(ProofError::OutOfTree);
    }
    let mut climb = Climb::new(index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        hash = if climb.up()? {
            node_hash(sibling, &hash)
        } else {
            node_hash(&hash, sibling)
        };
    }
    climb.done()?;
    Ok(hash)
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
    if old == size {
        return match (proof.is_empty(), old_root == root) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    if old == 0 || old > size {
        return Err(ProofError::OutOfTree);
    }
    let mut climb = Climb::new(old - 1, size - 1);
    climb.skip_right_turns();
    // An older tree that is a full part of the newer one is not repeated in the proof.
    let (start, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::Length)?
    };
    let (mut older, mut newer) = (*start, *start);
    for sibling in rest {
        if climb.up()? {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
        } else {
            newer = node_hash(&newer, sibling);
        }
    }
    climb.done()?;
    if older != *old_root {
        return Err(ProofError::OldRoot);
    }
    if newer != *root {
        return Err(ProofError::Root);
    }
    Ok(())
}

/// The way from a leaf to the root, beside the way from the tree's last leaf.
struct Climb {
    place: u64,
    last: u64,
}

impl Climb {
    const fn new(place: u64, last: u64) -> Self {
        Self { place, last }
    }

    const fn shift(&mut self) {
        self.place >>= 1;
        self.last >>= 1;
    }

    /// Leaves out the levels where the way is a right child: the part on its left is in both trees.
    fn skip_right_turns(&mut self) {
        while self.place & 1 == 1 {
            self.shift();
        }
    }

    /// One hash up. Whether the sibling stands on the left.
    fn up(&mut self) -> Result<bool, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let is_left = self.place & 1 == 1 || self.place == self.last;
        if is_left {
            // At the tree's ragged edge a node without a sibling moves up as it is.
            while self.place & 1 == 0 && self.place != 0 {
                self.shift();
            }
        }
        self.shift();
        Ok(is_left)
    }

    const fn done(&self) -> Result<(), ProofError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(ProofError::Length)
        }
    }
}
