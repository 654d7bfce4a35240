//! How staff are known.
//!
//! A token is known here by its SHA-256 alone. Who reads the database cannot log in with what it holds;
//! who writes it could add a token of their own, and still cannot sign a receipt.

use crate::clock::{RandomError, random};
pub use crate::staff::{Role, RoleError, SiteSet, Staff};
use crate::store::{Store, StoreError, StoredToken};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use std::fmt;
use subtle::ConstantTimeEq as _;

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
    use crate::store::StoreAddress;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn a_token_works_until_it_ends_and_others_never() {
        let folder = tempfile::tempdir().unwrap();
        let store = StoreAddress::of(&DataFolder::at(folder.path()))
            .open()
            .unwrap();
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
        let staff = identify(&*store, token.reveal(), at(99)).unwrap().unwrap();
        assert!(staff.may(Role::Viewer, &"a".parse().unwrap()));
        assert!(staff.may(Role::Exporter, &"a".parse().unwrap()));
        assert!(!staff.may(Role::Admin, &"a".parse().unwrap()));
        assert!(!staff.may(Role::Viewer, &"b".parse().unwrap()));
        assert_eq!(identify(&*store, token.reveal(), at(100)).unwrap(), None);
        assert_eq!(
            identify(&*store, Token::generate().unwrap().reveal(), at(1)).unwrap(),
            None
        );
        assert_eq!(identify(&*store, "", at(1)).unwrap(), None);
    }

    #[test]
    fn a_token_hides_in_debug_output() {
        let token = Token::generate().unwrap();
        assert!(!format!("{token:?}").contains(token.reveal()));
        assert_eq!(token.reveal().len(), "consent_".len() + 43);
    }
}
