//! The trail of what staff saw and took.

use super::StoreError;
use crate::staff::{SiteSet, Staff};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
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

/// Who does something that the trail must tell, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The label of their token, or what they are.
    pub who: String,
    /// Their token's first characters, if it was one.
    pub token: String,
    /// Their role.
    pub role: String,
    /// When.
    pub at: UnixSeconds,
}

impl Actor {
    /// Whoever runs the server, by this means: `command line`, `schedule`.
    #[must_use]
    pub fn operator(by: &str, at: UnixSeconds) -> Self {
        Self::without_token(by, "operator", at)
    }

    /// The browser that holds the secret of a consent id. Whether the person before it is the one who decided, nobody knows.
    #[must_use]
    pub fn holder(at: UnixSeconds) -> Self {
        Self::without_token("the browser that holds the consent id", "holder", at)
    }

    /// A member of staff.
    #[must_use]
    pub fn staff(staff: &Staff, at: UnixSeconds) -> Self {
        Self {
            who: staff.label.clone(),
            token: staff.token.clone(),
            role: staff.role.to_string(),
            at,
        }
    }

    fn without_token(who: &str, role: &str, at: UnixSeconds) -> Self {
        Self {
            who: who.to_owned(),
            token: String::new(),
            role: role.to_owned(),
            at,
        }
    }

    /// What they do, as the trail tells it. `rows` is `None` until it is known.
    #[must_use]
    pub fn access(
        &self,
        action: &str,
        site: Option<&SiteId>,
        filter: String,
        rows: Option<u64>,
    ) -> Access {
        Access {
            at: self.at,
            who: self.who.clone(),
            token: self.token.clone(),
            role: self.role.clone(),
            action: action.to_owned(),
            site: site.cloned(),
            filter,
            rows,
        }
    }
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

/// A consent id as the trail tells it: who knows the id can see that it was asked for, and nobody can read it there.
pub(crate) fn in_trail(subject: ConsentId) -> String {
    format!("sha256:{}", Digest::of(subject.to_text().as_bytes()))
}

/// Who did what with the receipts of others. Calls block.
pub trait Trail: Send + Sync + 'static {
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
}
