//! What trees are hashed with.

use crate::digest::Digest;
use sha2::{Digest as _, Sha256};

/// A SHA-256, and what a tree makes with it (RFC 6962 §2.1). [`Portable`] is this crate's own; who builds large trees may
/// have a faster one.
pub trait TreeHasher {
    /// SHA-256 over the parts, one after the other.
    fn sha256(parts: &[&[u8]]) -> Digest;

    /// SHA-256(0x00 ‖ entry).
    #[must_use]
    fn leaf_hash(entry: &Digest) -> Digest {
        let mut leaf = [0; 33];
        leaf[1..].copy_from_slice(entry.as_bytes());
        Self::sha256(&[&leaf])
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    #[must_use]
    fn node_hash(left: &Digest, right: &Digest) -> Digest {
        let mut node = [1; 65];
        node[1..33].copy_from_slice(left.as_bytes());
        node[33..].copy_from_slice(right.as_bytes());
        Self::sha256(&[&node])
    }

    /// The root of the tree over these leaves or, which is the same, over the roots of equal, full parts of it.
    #[must_use]
    fn root_of(hashes: &[Digest]) -> Digest {
        match hashes {
            [] => empty_root(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(more.len().next_power_of_two() / 2);
                Self::node_hash(&Self::root_of(left), &Self::root_of(right))
            }
        }
    }

    /// The entry of a receipt: SHA-256("consent-leaf/v1" ‖ salt ‖ receipt), where the receipt is the signed text.
    ///
    /// The salt is 32 random bytes, fresh for each receipt. Once salt and receipt are erased, the entry says nothing.
    #[must_use]
    fn receipt_entry(salt: &[u8; 32], receipt: &str) -> Digest {
        Self::sha256(&[b"consent-leaf/v1", salt, receipt.as_bytes()])
    }
}

/// The SHA-256 of the `sha2` crate: everywhere the same, in WASM too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portable;

impl TreeHasher for Portable {
    fn sha256(parts: &[&[u8]]) -> Digest {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Digest::from_bytes(hasher.finalize().into())
    }
}

/// The root of a tree without entries: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// SHA-256(0x00 ‖ entry).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Portable::sha256(&[&[0], entry])
}

/// SHA-256(0x01 ‖ left ‖ right).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Portable::node_hash(left, right)
}

/// The root of the tree over these leaves or, which is the same, over the roots of equal, full parts of it.
#[must_use]
pub fn root_of(hashes: &[Digest]) -> Digest {
    Portable::root_of(hashes)
}
