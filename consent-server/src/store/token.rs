//! Staff tokens as they are stored.

use crate::auth::{Role, SiteSet};
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
}
