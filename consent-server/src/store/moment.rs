//! When something happened last.

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
