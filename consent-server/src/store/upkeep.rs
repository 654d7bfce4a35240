//! What runs the storage itself.

use super::StoreError;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;
use std::path::Path;

/// Something whose last time is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The newest time that receipts were signed at, as far as it was written down: every few minutes.
    Signed,
    /// The proofs whose time was over were ended, of every site.
    Purged,
    /// The database was copied by `consent backup`.
    BackedUp,
}

impl Moment {
    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Purged => "purged",
            Self::BackedUp => "backed_up",
        }
    }
}

/// What runs the storage itself. Calls block.
pub trait Upkeep: Send + Sync + 'static {
    /// Every site that is known here: one with receipts, publications or a legal hold.
    fn known_sites(&self) -> Result<BTreeSet<SiteId>, StoreError>;

    /// When something happened last.
    fn moment(&self, which: Moment) -> Result<Option<UnixSeconds>, StoreError>;

    /// Writes down when something happened.
    fn set_moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError>;

    /// How much room the database takes, its log included, in bytes.
    fn size(&self) -> Result<u64, StoreError>;

    /// Writes a copy of all, as it is at this moment, into a new file. Nobody waits meanwhile. Backends that are copied by
    /// tools of their own say so ([`StoreError::CopiedByOthers`]), and write nothing.
    fn copy_to(&self, file: &Path) -> Result<(), StoreError>;

    /// Takes what was deleted out of the database's files, where it stays readable at first; does nothing if nothing was
    /// deleted since. `false`: others are reading or writing, so try again later.
    fn forget(&self) -> Result<bool, StoreError>;

    /// Whether a write could begin now.
    fn ready(&self) -> Result<(), StoreError>;
}
