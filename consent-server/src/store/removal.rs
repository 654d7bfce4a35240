//! Receipts whose time is over, or that are to be erased.

use super::Row;
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

/// What was found in one stretch of a site's receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The receipts to go.
    pub rows: Vec<Row>,
    /// Where the next stretch begins; `None`: this was the last.
    pub next: Option<i64>,
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
