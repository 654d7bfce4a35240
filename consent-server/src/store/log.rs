//! What the store keeps of the log: hashes in the order of their commits, and the tree's tiles.

use super::{ArtefactKind, StoreError};
use crate::clock::{RandomError, salt};
use crate::sha256::AwsLc;
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::{self, Tile, TreeHasher as _};
use std::fmt;

/// What ties a receipt to its leaf in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Random, fresh for each receipt, and erased with it.
    pub salt: [u8; 32],
    /// The leaf.
    pub leaf: Digest,
}

impl Commitment {
    /// A commitment to a receipt with a fresh salt.
    pub fn to(receipt: &str) -> Result<Self, RandomError> {
        let salt = salt()?;
        let leaf = leaf_of(&salt, receipt);
        Ok(Self { salt, leaf })
    }
}

/// The leaf of a receipt with this salt.
#[must_use]
pub fn leaf_of(salt: &[u8; 32], receipt: &str) -> Digest {
    AwsLc::leaf_hash(&AwsLc::receipt_entry(salt, receipt))
}

/// The leaf of something published.
#[must_use]
pub fn leaf_of_artefact(kind: ArtefactKind, site: &str, digest: &Digest) -> Digest {
    merkle::leaf_hash(merkle::artefact_entry(kind.as_str(), site, digest).as_bytes())
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Its name; `None` until it was begun.
    pub origin: Option<String>,
    /// How many entries were ever committed.
    pub next: u64,
    /// How many of them are in the tiles.
    pub size: u64,
    /// The minimum index: tiles that end at or before this entry are not given out.
    pub minimum: u64,
}

/// What proves, with the receipt, that it is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its place.
    pub place: u64,
    /// Its salt.
    pub salt: [u8; 32],
}

/// A receipt that has a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The signed receipt.
    pub receipt: String,
    /// Its salt.
    pub salt: [u8; 32],
    /// Its place.
    pub place: u64,
}

/// The log's part of a storage backend. Calls block.
pub trait LogStore: fmt::Debug + Send + Sync + 'static {
    /// Where the log stands.
    fn log_state(&self) -> Result<LogState, StoreError>;

    /// Gives the log its name, or a new one.
    fn name_log(&self, origin: &str) -> Result<(), StoreError>;

    /// The smallest place of a receipt that is still stored, if it is larger than the minimum index by a tile or more.
    fn first_living(&self) -> Result<Option<u64>, StoreError>;

    /// Raises the minimum index; answers whether it was lower.
    fn raise_minimum(&self, minimum: u64) -> Result<bool, StoreError>;

    /// Adds leaves at the log's end, durably; answers the place of the first.
    fn add_leaves(&self, leaves: &[Digest]) -> Result<u64, StoreError>;

    /// The leaves from a place on, where a commit begins, that wait to be put into tiles: at most about so many, and no gap
    /// between.
    fn waiting(&self, from: u64, limit: usize) -> Result<Vec<Digest>, StoreError>;

    /// Puts tiles in their places, and so moves the end of what they hold from one place to another, in one
    /// transaction. Fails with [`StoreError::Moved`] if the tiles do not end at `from`.
    fn integrate(&self, from: u64, to: u64, tiles: &[(Tile, Vec<u8>)]) -> Result<(), StoreError>;

    /// The bytes of a tile, cut to its width; `None` if it is not there or too short.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError>;

    /// Gives places to some receipts that were stored without one; whether there may be more. Backends that give each its place
    /// when it is stored have nothing to do.
    fn adopt(&self) -> Result<bool, StoreError>;

    /// A receipt, its salt and its place; `None` if it is not stored, or has no place yet.
    fn logged(&self, site: &SiteId, id: RecordId) -> Result<Option<Logged>, StoreError>;

    /// The place of something published; `site` is `None` for what all sites share.
    fn logged_artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<u64>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_the_one_that_others_compute() {
        for receipt in ["", "a.b.c", &"long".repeat(300)] {
            let entry = merkle::receipt_entry(&[7; 32], receipt);
            assert_eq!(
                leaf_of(&[7; 32], receipt),
                merkle::leaf_hash(entry.as_bytes())
            );
        }
    }
}
