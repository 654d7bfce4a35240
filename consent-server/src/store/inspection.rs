//! All that is stored, as it was at one moment, for whoever checks it: values as they are there, right or wrong.

use super::{Counts, Direction, StoreError};
use consent_core::digest::Digest;
use consent_core::merkle::Tile;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The bits of a place in its site's order: a receipt's key has the site's number above them.
pub const PLACE_BITS: u32 = 40;

/// A view of all that is stored, which nothing that is written meanwhile changes. Calls block.
pub trait Inspection {
    /// What the backend finds wrong with its own files, tables and the sums of rows that nothing else proves; answers how
    /// many rows it looked at.
    fn damage(&self, told: &mut dyn FnMut(Damage) -> ControlFlow<()>) -> Result<u64, StoreError>;

    /// Where the log stands.
    fn log(&self) -> Result<InspectedLog, StoreError>;

    /// The bytes of a tile, cut to its width; `None` if it is not there or too short.
    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError>;

    /// All tiles that are there, without their bytes.
    fn tiles(&self) -> Result<Vec<InspectedTile>, StoreError>;

    /// The leaves that wait for their tiles, in their order.
    fn waiting(&self) -> Result<Vec<InspectedWaiting>, StoreError>;

    /// All that was published; of one kind, or of all.
    fn artefacts(
        &self,
        kind: Option<&str>,
        each: &mut dyn FnMut(InspectedArtefact) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Whether a file that all sites share is kept.
    fn has_file(&self, digest: &Digest) -> Result<bool, StoreError>;

    /// The digests of all notices and scopes, each with its kind and site.
    fn shown(&self) -> Result<BTreeSet<(String, String, [u8; 32])>, StoreError>;

    /// How many artefacts have a place in the log.
    fn logged_artefacts(&self) -> Result<i64, StoreError>;

    /// The sites.
    fn sites(&self) -> Result<Vec<InspectedSite>, StoreError>;

    /// The receipts with keys above this one, in the order of their keys.
    fn receipts(&self, after: i64, limit: u32) -> Result<Vec<InspectedReceipt>, StoreError>;

    /// The stretches of a site's places, by its number, that were emptied and have a place between these two, in their order.
    fn removed(&self, site: i64, first: i64, last: i64) -> Result<Vec<(i64, i64)>, StoreError>;

    /// All stretches of places that were emptied, with the numbers of their sites, in the order of both.
    fn all_removed(&self) -> Result<Vec<(i64, i64, i64)>, StoreError>;

    /// How many receipts the tallies of each site count.
    fn tallies(&self) -> Result<Vec<(String, i64)>, StoreError>;

    /// How many decisions of each day came, or went, as they were counted then.
    fn daily_counts(&self, direction: Direction) -> Result<Counts, StoreError>;

    /// The sites under a legal hold.
    fn held(&self) -> Result<BTreeSet<String>, StoreError>;

    /// The staff tokens.
    fn tokens(&self) -> Result<Vec<InspectedToken>, StoreError>;

    /// The sites of which it is written down what they published last.
    fn published(&self) -> Result<BTreeSet<String>, StoreError>;

    /// The lines of the trail about these actions, in their order.
    fn told(
        &self,
        actions: [&str; 2],
        each: &mut dyn FnMut(InspectedLine) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;
}

/// Something that a backend finds wrong with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub place: String,
    /// What.
    pub wrong: String,
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedLog {
    /// Its name; `None` until it was begun.
    pub origin: Option<String>,
    /// How many entries were ever committed.
    pub next: i64,
    /// How many of them are in the tiles.
    pub size: i64,
    /// The minimum index.
    pub minimum: i64,
    /// How many entries are of receipts that were removed.
    pub gone: i64,
    /// The key of the last receipt that was looked at for a place; `None`: all have theirs.
    pub looked: Option<i64>,
}

/// A tile, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedTile {
    /// What the row is called.
    pub name: String,
    /// Its level and index; `None` if that is no place of a tile.
    pub at: Option<(u8, u64)>,
    /// How many bytes it has.
    pub bytes: i64,
}

/// Leaves that were committed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedWaiting {
    /// What the row is called.
    pub name: String,
    /// The place of the first.
    pub first: i64,
    /// The leaves, one after the other.
    pub hashes: Vec<u8>,
    /// Whether they make the sum that was written beside them.
    pub is_sound: bool,
}

/// Something that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedArtefact {
    /// Its digest.
    pub digest: Vec<u8>,
    /// What it is.
    pub kind: String,
    /// Whose it is; empty when all sites share it.
    pub site: String,
    /// The bytes.
    pub content: Vec<u8>,
    /// When it was published first.
    pub kept_at: i64,
    /// Its place in the log.
    pub place: Option<i64>,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedSite {
    /// Its number.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// Its next free place.
    pub next: i64,
    /// How many of its receipts were anonymised.
    pub tallied: i64,
    /// The sum of the places of its receipts that continue a consent id, as it was counted when they came and went.
    pub continued: i64,
}

/// A receipt with all its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "named as in a record")]
pub struct InspectedReceipt {
    /// Its site's number and its place, [`PLACE_BITS`] wide.
    pub key: i64,
    pub record_id: Vec<u8>,
    pub subject: Vec<u8>,
    pub act: String,
    pub decided_at: i64,
    pub received_at: i64,
    pub expires_at: i64,
    pub receipt: String,
    /// Its place in the log.
    pub leaf: Option<i64>,
    pub salt: Option<Vec<u8>>,
    pub continues: Option<i64>,
    /// How many days the site's own calendar was ahead of that of UTC.
    pub day_shift: i64,
}

impl InspectedReceipt {
    /// The number of its site.
    #[must_use]
    pub const fn site(&self) -> i64 {
        self.key >> PLACE_BITS
    }

    /// Its place in its site's order.
    #[must_use]
    pub const fn place(&self) -> i64 {
        self.key & ((1 << PLACE_BITS) - 1)
    }
}

/// A staff token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedToken {
    /// Its hash.
    pub hash: Vec<u8>,
    /// What its bearer may do.
    pub role: String,
    /// Its name for people.
    pub label: String,
    /// When it was made.
    pub created_at: i64,
}

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectedLine {
    /// Its place in the trail.
    pub number: i64,
    /// When.
    pub at: i64,
    /// What was done.
    pub action: String,
    /// At which site; `None`: the whole server.
    pub site: Option<String>,
    /// How many receipts; `None`: it was not completed.
    pub rows: Option<i64>,
    /// What was asked for.
    pub filter: String,
}
