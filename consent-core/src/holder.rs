//! Who may go on under a consent id: whoever holds its secret.
//!
//! A consent id is in every receipt, so knowing one must open nothing. It is the digest of a secret that one browser holds:
//! the browser makes the secret and sends it once, in the claim `sub` of the record that begins; the server signs its
//! digest in its place, and gives the secret back in a cookie that no script can read. A later record goes on under that
//! consent id only beside this cookie.
//!
//! ```
//! use consent_core::holder::HolderSecret;
//!
//! let site = "shop".parse()?;
//! let sent = "AgICAgICAgICAgICAgICAg".parse()?; // the `sub` of a first record: 128 random bits
//! let secret = HolderSecret::begun_with(sent);
//! let consent_id = secret.consent_id(&site);
//! assert_ne!(consent_id, sent);
//! assert_eq!(HolderSecret::from_cookie_value(&secret.to_cookie_value()), Some(secret));
//! // Of another site, it is another person's for all that anybody can tell.
//! assert_ne!(consent_id, HolderSecret::begun_with(sent).consent_id(&"library".parse()?));
//! # Ok::<(), consent_core::id::IdError>(())
//! ```

use core::fmt;

use alloc::string::String;

use crate::base64url;
use crate::digest::Digest;
use crate::id::{ConsentId, SiteId};

/// What is hashed before the site and the secret: no digest of anything else is a consent id.
const LABEL: &[u8] = b"consent-id/v1\0";

/// 128 random bits that one browser has from one site. Never stored where receipts are, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HolderSecret([u8; 16]);

impl HolderSecret {
    /// The secret that a record sends in the claim `sub` when it begins a consent id.
    #[must_use]
    pub const fn begun_with(sent: ConsentId) -> Self {
        Self(*sent.as_bytes())
    }

    /// Wraps 16 bytes, which must come from a cryptographic source of randomness.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The consent id that it opens at a site: the first half of SHA-256("consent-id/v1" ‖ 0 ‖ site ‖ 0 ‖ secret).
    #[must_use]
    pub fn consent_id(&self, site: &SiteId) -> ConsentId {
        let message = [LABEL, site.as_str().as_bytes(), &[0], &self.0].concat();
        ConsentId::from_random(half(&Digest::of(&message)))
    }

    /// Reads the value of its cookie.
    #[must_use]
    pub fn from_cookie_value(value: &str) -> Option<Self> {
        base64url::decode(value).map(Self)
    }

    /// The value of its cookie: 22 characters of base64url.
    #[must_use]
    pub fn to_cookie_value(&self) -> String {
        base64url::encode(&self.0)
    }
}

impl fmt::Debug for HolderSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderSecret(…)")
    }
}

fn half(digest: &Digest) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn the_consent_id_of_a_secret_is_this() {
        // printf 'consent-id/v1\0shop\0' and sixteen bytes 02, through sha256sum.
        let secret = HolderSecret([2; 16]);
        assert_eq!(
            secret.consent_id(&"shop".parse().unwrap()).to_text(),
            "LHUdxEpIFv9fFo-DiH1gnQ"
        );
    }

    #[test]
    fn a_secret_stays_out_of_logs() {
        assert_eq!(format!("{:?}", HolderSecret([2; 16])), "HolderSecret(…)");
    }
}
