//! The trail of what staff saw and took.

use crate::auth::SiteSet;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;

/// One access, as it is written down before it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: UnixSeconds,
    /// Who: the label of their token.
    pub who: String,
    /// Which token: the first characters of its hash.
    pub token: String,
    /// Their role.
    pub role: String,
    /// What they did, as in `export`.
    pub action: String,
    /// At which site; `None`: the whole server.
    pub site: Option<SiteId>,
    /// What they asked for.
    pub filter: String,
    /// How many receipts they got; `None` until it is known.
    pub rows: Option<u64>,
}

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccess {
    /// Its place in the trail.
    pub seq: i64,
    /// What happened.
    pub access: Access,
}

/// Which lines to read.
#[derive(Clone, Debug)]
pub struct AccessFilter {
    /// Of which sites. Lines about the whole server belong to those who see every site.
    pub sites: SiteSet,
    /// The first moment.
    pub from: Option<UnixSeconds>,
    /// The moment after the last.
    pub to: Option<UnixSeconds>,
}
