//! Who staff are, and what they may see.
//!
//! A token is known here by its SHA-256 alone. Who reads the database cannot log in with what it holds;
//! who writes it could add a token of their own, and still cannot sign a receipt.

use crate::clock::{RandomError, random};
use crate::store::{Store, StoreError, StoredToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::digest::Digest;
use consent_core::id::{IdError, SiteId};
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq as _;

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

/// A secret for staff: given out once, never stored. Hidden in `Debug`.
pub struct Token(String);

impl Token {
    /// Makes a token of 256 random bits, whose id can be typed on a command line: it is no option there.
    pub fn generate() -> Result<Self, RandomError> {
        loop {
            let token = Self(format!(
                "consent_{}",
                URL_SAFE_NO_PAD.encode(random::<32>()?)
            ));
            if !token.hash().to_text().starts_with('-') {
                return Ok(token);
            }
        }
    }

    /// The text to hand out.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be stored.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
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

/// Whose token this is, if it is one and has not ended.
pub fn identify(
    store: &dyn Store,
    token: &str,
    now: UnixSeconds,
) -> Result<Option<Staff>, StoreError> {
    recognise(store, &Digest::of(token.as_bytes()), now)
}

/// The same by a token's hash, as a session remembers it: whoever is logged in is who their token says at each request.
pub fn recognise(
    store: &dyn Store,
    presented: &Digest,
    now: UnixSeconds,
) -> Result<Option<Staff>, StoreError> {
    let mut found = None;
    // Every token is compared, in constant time: how long this takes says nothing of which came close.
    for stored in store.tokens()? {
        if bool::from(stored.hash.as_bytes().ct_eq(presented.as_bytes())) {
            found = Some(stored);
        }
    }
    let Some(token) = found.filter(|token| is_valid(token, now)) else {
        return Ok(None);
    };
    let today = UnixSeconds::new(now.get() - now.get().rem_euclid(DAY)).unwrap_or(now);
    // Once a day: what is asked a thousand times an hour must not write each time.
    if token.used_on != Some(today) {
        store.use_token(&token.hash, today)?;
    }
    Ok(Some(Staff {
        token: token.id(),
        role: token.role,
        sites: token.sites,
        label: token.label,
        hash: token.hash,
        ends: token.expires_at,
    }))
}

const DAY: i64 = 86_400;

fn is_valid(token: &StoredToken, now: UnixSeconds) -> bool {
    token.expires_at.is_none_or(|end| now < end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFolder;
    use crate::store::SqliteStore;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn a_token_works_until_it_ends_and_others_never() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&DataFolder::at(folder.path())).unwrap();
        let token = Token::generate().unwrap();
        let stored = StoredToken {
            hash: token.hash(),
            role: Role::Exporter,
            sites: SiteSet::Some(["a".parse().unwrap()].into()),
            label: "J. Dupont".into(),
            created_at: at(1),
            expires_at: Some(at(100)),
            used_on: None,
        };
        store.add_token(&stored).unwrap();
        let staff = identify(&store, token.reveal(), at(99)).unwrap().unwrap();
        assert!(staff.may(Role::Viewer, &"a".parse().unwrap()));
        assert!(staff.may(Role::Exporter, &"a".parse().unwrap()));
        assert!(!staff.may(Role::Admin, &"a".parse().unwrap()));
        assert!(!staff.may(Role::Viewer, &"b".parse().unwrap()));
        assert_eq!(identify(&store, token.reveal(), at(100)).unwrap(), None);
        assert_eq!(
            identify(&store, Token::generate().unwrap().reveal(), at(1)).unwrap(),
            None
        );
        assert_eq!(identify(&store, "", at(1)).unwrap(), None);
    }

    #[test]
    fn a_token_hides_in_debug_output() {
        let token = Token::generate().unwrap();
        assert!(!format!("{token:?}").contains(token.reveal()));
        assert_eq!(token.reveal().len(), "consent_".len() + 43);
    }
}
