//! Who staff are, and what they may see.

use consent_core::digest::Digest;
use consent_core::id::{IdError, SiteId};
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// What a member of staff may do. Each role may do all that the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// See decisions.
    Viewer,
    /// Export them.
    Exporter,
    /// Everything.
    Admin,
}

/// The text is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, exporter or admin")]
pub struct RoleError;

impl Role {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Exporter => "exporter",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let all = [Self::Viewer, Self::Exporter, Self::Admin];
        all.into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(RoleError)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The sites a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteSet {
    /// Every site of this server, later ones included.
    All,
    /// These.
    Some(BTreeSet<SiteId>),
}

impl SiteSet {
    /// Whether a site belongs to the set.
    #[must_use]
    pub fn contains(&self, site: &SiteId) -> bool {
        match self {
            Self::All => true,
            Self::Some(sites) => sites.contains(site),
        }
    }

    pub(crate) fn to_column(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Some(sites) => Some(
                sites
                    .iter()
                    .map(SiteId::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
        }
    }

    pub(crate) fn from_column(column: Option<&str>) -> Result<Self, IdError> {
        let Some(sites) = column else {
            return Ok(Self::All);
        };
        Ok(Self::Some(
            sites
                .split_whitespace()
                .map(str::parse)
                .collect::<Result<_, _>>()?,
        ))
    }
}

/// A member of staff, known by their token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// What they may do.
    pub role: Role,
    /// For which sites.
    pub sites: SiteSet,
    /// Their name, as it was given when the token was made.
    pub label: String,
    /// The first characters of their token's hash: says which of two tokens with one name.
    pub token: String,
    /// Their token's hash.
    pub hash: Digest,
    /// When their token ends; `None`: never.
    pub ends: Option<UnixSeconds>,
}

impl Staff {
    /// Whether they may do this for a site.
    #[must_use]
    pub fn may(&self, role: Role, site: &SiteId) -> bool {
        self.role >= role && self.sites.contains(site)
    }
}
