//! Why a storage did not do what it was asked.

use consent_core::id::SiteId;
use std::error::Error;

/// Why the storage did not do what it was asked: kinds that callers act on, and the backend's own reasons, which are for people.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The backend refused or cannot be reached, for a reason of its own, which it tells in its own words.
    #[error(transparent)]
    Backend(Box<dyn Error + Send + Sync>),
    /// As many read as may at a time, and none of them ended in time: later it may be otherwise.
    #[error("too many are reading the database at the moment")]
    Busy,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] crate::clock::RandomError),
    /// Somebody else has moved the end of the log's tiles.
    #[error(
        "the log has gone on without this server: is another server running on this data folder, or on this database?"
    )]
    Moved,
    /// Another server has taken over the store, and this one stores nothing more.
    #[error(
        "another server has taken over this database, and this one stores nothing more: stop this one"
    )]
    Superseded,
    /// The store lacks what was stored in it before: a fail-over to a standby that was behind, or an older copy.
    #[error(
        "this database lacks receipts that were stored in it, and takes no more: bring back the one that was in use; if it is lost, stop the server and run `consent log renew`"
    )]
    SetBack,
    /// Somebody has said that nothing may be deleted.
    #[error("site \"{0}\" is under a legal hold: lift it first with `consent hold --lift`")]
    Held(SiteId),
    /// Not all that was to be deleted is there, so nothing was.
    #[error("some of the receipts were deleted by somebody else meanwhile: try again")]
    Fewer,
    /// The backend is copied by tools of its own, which are named.
    #[error("this database is copied by its own tools: {0}")]
    CopiedByOthers(&'static str),
    /// A stored value is not what this program writes.
    #[error("the database holds a {0} that this program did not write: restore it from a backup")]
    Corrupt(&'static str),
}
