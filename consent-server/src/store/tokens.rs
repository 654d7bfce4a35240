//! Staff tokens as they are stored.

use super::StoreError;
use crate::staff::{Role, SiteSet};
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;

/// A staff token, known by its hash alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// SHA-256 of the token.
    pub hash: Digest,
    /// What its bearer may do.
    pub role: Role,
    /// For which sites.
    pub sites: SiteSet,
    /// A name for people, like `J. Dupont`.
    pub label: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it ends; `None`: never.
    pub expires_at: Option<UnixSeconds>,
    /// The day of its last use, by that day's first second (UTC); `None`: not used, as far as is known.
    pub used_on: Option<UnixSeconds>,
}

impl StoredToken {
    /// What it is called where people read: the first characters of its hash, as the trail has them.
    #[must_use]
    pub fn id(&self) -> String {
        token_id(&self.hash)
    }
}

/// The same for the hash alone.
pub(crate) fn token_id(hash: &Digest) -> String {
    hash.to_text().chars().take(8).collect()
}

/// The tokens of staff. Calls block.
pub trait Tokens: Send + Sync + 'static {
    /// Adds a staff token. [`add_token`](super::deeds::add_token) tells the trail, too.
    fn add_token(&self, token: &StoredToken) -> Result<(), StoreError>;

    /// All staff tokens, expired ones included.
    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError>;

    /// Remembers the day of a token's last use, by that day's first second.
    fn use_token(&self, hash: &Digest, day: UnixSeconds) -> Result<(), StoreError>;

    /// Takes a staff token away; whether it was there. [`revoke_token`](super::deeds::revoke_token) tells the trail, too.
    fn revoke_token(&self, hash: &Digest) -> Result<bool, StoreError>;
}
