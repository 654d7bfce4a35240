//! Receipts whose time is over, or that are to be erased.

use super::{Placed, StoreError, Stretch};
use consent_core::id::{ConsentId, SiteId};
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;

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

/// How receipts go, and what keeps them. Calls block.
pub trait Retention: Send + Sync + 'static {
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

    /// Puts a site under a legal hold. [`hold`](super::deeds::hold) tells the trail, too.
    fn hold(&self, hold: &Hold) -> Result<(), StoreError>;

    /// Ends a legal hold; whether there was one. [`lift`](super::deeds::lift) tells the trail, too.
    fn lift(&self, site: &SiteId) -> Result<bool, StoreError>;

    /// The legal hold of a site.
    fn held(&self, site: &SiteId) -> Result<Option<Hold>, StoreError>;

    /// All legal holds.
    fn holds(&self) -> Result<Vec<Hold>, StoreError>;
}
