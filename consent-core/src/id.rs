//! Identifiers, each a type of its own so that one cannot stand in for another.

use core::fmt;
use core::str::FromStr;

use alloc::boxed::Box;
use alloc::string::String;

use crate::base64url;

/// The longest slug, in bytes. Slugs go into receipts, which live in a cookie.
pub const SLUG_MAX_LEN: usize = 40;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a slug.
    #[error("must be 1 to 40 of a-z, 0-9 and '-', beginning and ending with a letter or a digit")]
    Slug,
    /// Not a consent id.
    #[error("must be 16 bytes in base64url without padding (22 characters)")]
    Consent,
    /// Not a record id.
    #[error("must be a UUID of version 7, in lower case with hyphens")]
    Record,
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if is_slug(text) { Ok(Self(text.into())) } else { Err(IdError::Slug) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

slug! {
    /// Names one web property of one controller, like `lacassagne`.
    SiteId
}
slug! {
    /// Names a category, like `analytics`.
    CategoryId
}
slug! {
    /// Names a service within a site, like `google-analytics`.
    ServiceId
}

impl CategoryId {
    /// The category that needs no consent: always on, never asked about, never recorded as consented to.
    pub const OPERATION: &'static str = "operation";
}

fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=SLUG_MAX_LEN).contains(&bytes.len())
        && bytes
            .iter()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && bytes[0] != b'-'
        && bytes[bytes.len() - 1] != b'-'
}

/// The pseudonym of one browser at one site: 128 random bits, written as 22 characters of base64url.
///
/// Whoever reads a receipt knows it, so it opens nothing: who may go on under it, or erase it, is whoever holds the secret
/// that it is the digest of (`holder::HolderSecret`, with feature `digest`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsentId([u8; 16]);

impl ConsentId {
    /// Wraps 16 bytes, which must come from a cryptographic source of randomness, or be the digest of what did.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 22 characters of base64url.
    #[must_use]
    pub fn to_text(self) -> String {
        base64url::encode(&self.0)
    }
}

impl FromStr for ConsentId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        base64url::decode(text).map(Self).ok_or(IdError::Consent)
    }
}

impl fmt::Display for ConsentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for ConsentId {
    /// Hidden: a consent id is personal data, and `Debug` output ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsentId(…)")
    }
}

/// Names a record: a UUID of version 7 (RFC 9562 §5.7), made where the decision is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 16]);

/// Where a hyphen stands before a byte.
const HYPHENS: [usize; 4] = [4, 6, 8, 10];

impl RecordId {
    /// Makes an id from the Unix time in milliseconds and 10 random bytes.
    #[must_use]
    pub const fn v7(unix_millis: u64, random: [u8; 10]) -> Self {
        let [_, _, time @ ..] = unix_millis.to_be_bytes();
        let mut bytes = [0; 16];
        let (start, end) = bytes.split_at_mut(time.len());
        start.copy_from_slice(&time);
        end.copy_from_slice(&random);
        bytes[6] = 0x70 | bytes[6] & 0x0F;
        bytes[8] = 0x80 | bytes[8] & 0x3F;
        Self(bytes)
    }

    /// When it says it was made, by the clock of whoever made it: Unix time in milliseconds.
    #[must_use]
    pub fn unix_millis(&self) -> u64 {
        let [time @ .., _, _, _, _, _, _, _, _, _, _] = self.0;
        time.into_iter()
            .fold(0, |millis, byte| millis << 8 | u64::from(byte))
    }

    /// Reads the 16 bytes that [`RecordId::as_bytes`] gave.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, IdError> {
        let is_v7 = bytes[6] >> 4 == 7 && bytes[8] >> 6 == 0b10;
        if is_v7 {
            Ok(Self(bytes))
        } else {
            Err(IdError::Record)
        }
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 36 characters, in lower case with hyphens.
    #[must_use]
    pub fn to_text(self) -> String {
        let mut text = String::with_capacity(36);
        for (place, byte) in self.0.into_iter().enumerate() {
            if HYPHENS.contains(&place) {
                text.push('-');
            }
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(if digit < 10 {
                    b'0' + digit
                } else {
                    b'a' + digit - 10
                }));
            }
        }
        text
    }
}

impl FromStr for RecordId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut bytes = [0; 16];
        let mut digits = text.bytes().filter(|byte| *byte != b'-');
        for byte in &mut bytes {
            for digit in digits.by_ref().take(2) {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(IdError::Record),
                };
                *byte = *byte << 4 | value;
            }
        }
        let id = Self::from_bytes(bytes)?;
        // Hyphens anywhere, too few digits or too many: one id must have one spelling.
        if id.to_text() == text {
            Ok(id)
        } else {
            Err(IdError::Record)
        }
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn slugs_are_short_lower_case_words() {
        for good in ["a", "google-analytics", "x2", &"a".repeat(SLUG_MAX_LEN)] {
            assert!(good.parse::<ServiceId>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a b",
            "é",
            "a.b",
            &"a".repeat(SLUG_MAX_LEN + 1),
        ] {
            assert_eq!(bad.parse::<ServiceId>(), Err(IdError::Slug), "{bad}");
        }
    }

    #[test]
    fn a_consent_id_has_one_spelling_and_stays_out_of_logs() {
        let id = ConsentId::from_random([7; 16]);
        assert_eq!(id.to_text().parse(), Ok(id));
        assert_eq!(format!("{id:?}"), "ConsentId(…)");
        for bad in [
            "",
            "BwcHBwcHBwcHBwcHBwcHBw==",
            "BwcHBwcHBwcHBwcHBwcHBx",
            "BwcHBwcHBwcHBwcHBwcHBwcH",
        ] {
            assert_eq!(bad.parse::<ConsentId>(), Err(IdError::Consent), "{bad}");
        }
    }

    #[test]
    fn a_record_id_is_a_version_7_uuid_in_lower_case() {
        // The example of RFC 9562 appendix A.6: its time, and its random bits.
        let id = RecordId::v7(
            0x017F_22E2_79B0,
            [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F],
        );
        assert_eq!(id.to_text(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        assert_eq!(id.unix_millis(), 0x017F_22E2_79B0);
        assert_eq!(id.to_text().parse(), Ok(id));
        for bad in [
            "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
            "017f22e279b07cc398c4dc0c0c07398f",
            "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-18c4-dc0c0c07398f",
            "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
            "",
        ] {
            assert_eq!(bad.parse::<RecordId>(), Err(IdError::Record), "{bad}");
        }
    }
}
