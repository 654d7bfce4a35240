//! Receipts whose time is over, or that are to be erased.

use consent_core::id::{ConsentId, SiteId};
use consent_core::time::UnixSeconds;

/// Which receipts of a site are to go.
#[derive(Clone, Debug)]
pub enum Doomed {
    /// Those whose choice ended at or before this moment. None that was accepted after it can be among them.
    EndedBy(UnixSeconds),
    /// All of one consent id.
    Subject(ConsentId),
}

/// So many receipts that decided the same in one month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// As in `2026-11`.
    pub month: String,
    /// What the visitors did.
    pub act: String,
    /// The categories they granted, with a space between.
    pub granted: String,
}

/// A legal hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The site.
    pub site: SiteId,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: UnixSeconds,
}
