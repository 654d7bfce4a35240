//! Where receipts, published artefacts and staff tokens are kept.
//!
//! Who owns this storage could hide rows or add none: receipts are signed, so a changed or made-up one does not verify.

mod access;
mod log;
mod moment;
mod removal;
mod row;
mod sqlite;
#[cfg(test)]
pub(crate) mod story;
mod token;

pub use access::{Access, AccessFilter, Actor, StoredAccess};
pub use log::{Commitment, LogState, LogStore, Logged, Placed, leaf_of, leaf_of_artefact};
pub use moment::Moment;
pub use removal::{Doomed, Hold, Tally};
pub use row::{Appended, Artefact, ArtefactKind, Filter, NewRow, Row, Stretch};
pub use sqlite::SqliteStore;
pub use token::StoredToken;

use crate::data::FileError;
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;
use rusqlite::ErrorCode;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a storage backend does. Calls block: async code makes them on a blocking thread.
pub trait Store: Send + Sync + 'static {
    /// Stores a batch in one transaction. On `Ok` every row is durable, and the answers are in the batch's order.
    ///
    /// A row whose record id is already there, from an earlier batch or from earlier in this one, is not stored again.
    fn append(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError>;

    /// One receipt of a site.
    fn row(&self, site: &SiteId, id: RecordId) -> Result<Option<Row>, StoreError>;

    /// One receipt, of whichever site it is.
    fn find(&self, id: RecordId) -> Result<Option<String>, StoreError>;

    /// A site's receipts of a consent id that may have had others before them ([`NewRow::continues`]), the oldest first.
    fn continued(&self, site: &SiteId, subject: ConsentId) -> Result<Vec<Row>, StoreError>;

    /// Whether a site has a receipt of this consent id whose record is later than this one, by their ids.
    fn has_later(
        &self,
        site: &SiteId,
        subject: ConsentId,
        id: RecordId,
    ) -> Result<bool, StoreError>;

    /// Looks through one stretch of a site's receipts, after a place, for at most `limit` that the filter lets through.
    ///
    /// A stretch can hold none of them and not be the last: so no call takes long, however rare they are.
    fn page(&self, filter: &Filter, after: i64, limit: u32) -> Result<Stretch, StoreError>;

    /// A site's newest receipts, newest first.
    fn latest(&self, site: &SiteId, limit: u32) -> Result<Vec<Row>, StoreError>;

    /// The latest moment at which a receipt that is stored was received, by the clock of then. Looks at all of them.
    fn last_received(&self) -> Result<Option<UnixSeconds>, StoreError>;

    /// How many receipts a site has of each act.
    fn counts(&self, site: &SiteId) -> Result<Vec<(String, u64)>, StoreError>;

    /// Keeps artefacts forever. Those already kept stay as they are.
    fn keep(&self, artefacts: &[Artefact]) -> Result<(), StoreError>;

    /// The content of an artefact; `site` is `None` for those that all sites share.
    fn artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// The digests of those artefacts that are not kept; the site is `None` for those that all sites share.
    fn missing(
        &self,
        artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
    ) -> Result<BTreeSet<Digest>, StoreError>;

    /// All artefacts of one kind of a site.
    fn artefacts(&self, site: &SiteId, kind: ArtefactKind) -> Result<Vec<Artefact>, StoreError>;

    /// Adds a staff token.
    fn add_token(&self, token: &StoredToken) -> Result<(), StoreError>;

    /// All staff tokens, expired ones included.
    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError>;

    /// Remembers the day of a token's last use, by that day's first second.
    fn use_token(&self, hash: &Digest, day: UnixSeconds) -> Result<(), StoreError>;

    /// Takes a staff token away; whether it was there.
    fn revoke_token(&self, hash: &Digest) -> Result<bool, StoreError>;

    /// Remembers which declarations these sites have published last, by their digests among the artefacts.
    fn note_published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError>;

    /// The declaration that a site has published last.
    fn last_published(&self, site: &SiteId) -> Result<Option<Digest>, StoreError>;

    /// Every site that ever published a declaration or had a receipt, in the order of their ids.
    fn sites(&self) -> Result<Vec<SiteId>, StoreError>;

    /// Writes an access down, durably, and answers its place in the trail.
    fn note(&self, access: &Access) -> Result<i64, StoreError>;

    /// The same for an access to one record, which the line names for as long as the record is there: once it is removed,
    /// nothing in the trail leads to it.
    fn note_record(&self, access: &Access, record: RecordId) -> Result<i64, StoreError>;

    /// Takes a consent id that is erased out of the trail's lines, where it stood as its digest.
    fn unname(&self, site: &SiteId, subject: ConsentId) -> Result<(), StoreError>;

    /// Completes a line of the trail: how many receipts went out or were deleted, and what a whole export consisted of.
    fn settle(&self, seq: i64, rows: u64, manifest: Option<&str>) -> Result<(), StoreError>;

    /// What an export of a site consisted of, by its line in the trail; `None` also while it is under way.
    fn manifest(&self, site: &SiteId, seq: i64) -> Result<Option<String>, StoreError>;

    /// A page of the trail: at most `limit` lines with a `seq` above `after`.
    fn trail(
        &self,
        filter: &AccessFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, StoreError>;

    /// Looks through one stretch of a site's receipts, after a place, for those that are to go.
    fn doomed(&self, site: &SiteId, which: &Doomed, after: i64) -> Result<Stretch, StoreError>;

    /// The place and the salt of receipts in the log, by their places in their site's order; `None` for those without one.
    fn commitments(&self, site: &SiteId, places: &[i64])
    -> Result<Vec<Option<Placed>>, StoreError>;

    /// Deletes receipts of a site by their places, writes down that these are empty now, and adds to its tallies, in one
    /// transaction; answers how many. All of them or, if one is not there, none ([`StoreError::Fewer`]). None is deleted
    /// while the site is under a legal hold.
    fn remove(
        &self,
        site: &SiteId,
        places: &[i64],
        tallies: &BTreeMap<Tally, u64>,
    ) -> Result<u64, StoreError>;

    /// What is left of a site's anonymised receipts.
    fn tallies(&self, site: &SiteId) -> Result<BTreeMap<Tally, u64>, StoreError>;

    /// Puts a site under a legal hold.
    fn hold(&self, hold: &Hold) -> Result<(), StoreError>;

    /// Ends a legal hold; whether there was one.
    fn lift(&self, site: &SiteId) -> Result<bool, StoreError>;

    /// The legal hold of a site.
    fn held(&self, site: &SiteId) -> Result<Option<Hold>, StoreError>;

    /// All legal holds.
    fn holds(&self) -> Result<Vec<Hold>, StoreError>;

    /// Every site that is known here: one with receipts, publications or a legal hold.
    fn known_sites(&self) -> Result<BTreeSet<SiteId>, StoreError>;

    /// When something happened last.
    fn moment(&self, which: Moment) -> Result<Option<UnixSeconds>, StoreError>;

    /// Writes down when something happened.
    fn set_moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError>;

    /// How much room the database takes, its log included, in bytes.
    fn size(&self) -> Result<u64, StoreError>;

    /// Takes what was deleted out of the database's files, where it stays readable at first; does nothing if nothing was
    /// deleted since. `false`: others are reading or writing, so try again later.
    fn forget(&self) -> Result<bool, StoreError>;

    /// Whether a write could begin now.
    fn ready(&self) -> Result<(), StoreError>;
}

/// Why the storage did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused, or cannot be reached.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// As many read as may at a time, and none of them ended in time.
    #[error("too many are reading the database at the moment")]
    Busy,
    /// The database file.
    #[error(transparent)]
    File(#[from] FileError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] crate::clock::RandomError),
    /// There is no database.
    #[error("{0} is not there: is this the data folder of a server that has run?")]
    Missing(String),
    /// The database was written by an earlier version of this program.
    #[error(
        "{path} has format {found}, and this program needs {known}: start the server on it once, which upgrades it"
    )]
    Older {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The format needed.
        known: usize,
    },
    /// The database was written by an earlier version of this program, which is serving it.
    #[error(
        "{path} has format {found}, this program needs {known}, and a server of the earlier version runs on it: restart the server with this program, or use that version"
    )]
    Served {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The format needed.
        known: usize,
    },
    /// The database was written by a later version of this program.
    #[error(
        "{path} has format {found}, and this program knows formats up to {known}: run the newer version that wrote it"
    )]
    Newer {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The newest format known here.
        known: usize,
    },
    /// The file is not a database, or parts of it are overwritten.
    #[error("{0} is damaged: stop the server and restore the file from a backup")]
    Damaged(String),
    /// The file or its folder cannot be written.
    #[error("{0} cannot be written: give it and its folder to the user that runs the server")]
    ReadOnly(String),
    /// Somebody else has moved the end of the log's tiles.
    #[error(
        "the log has gone on without this server: is another server running on this data folder?"
    )]
    Moved,
    /// Somebody has said that nothing may be deleted.
    #[error("site \"{0}\" is under a legal hold: lift it first with `consent hold --lift`")]
    Held(SiteId),
    /// Not all that was to be deleted is there, so nothing was.
    #[error("some of the receipts were deleted by somebody else meanwhile: try again")]
    Fewer,
    /// A stored value is not what this program writes.
    #[error("the database holds a {0} that this program did not write: restore it from a backup")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Says in plain words what is wrong with the file, where the database's own words are for its developers.
    fn at(self, path: &Path) -> Self {
        let Self::Database(error) = &self else {
            return self;
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged(path.display().to_string())
            }
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly(path.display().to_string())
            }
            _ => self,
        }
    }
}
