//! SHA-256 digests, written in base64url.

use core::fmt;
use core::str::FromStr;

use alloc::string::String;

use crate::base64url;

/// A SHA-256 digest: 32 bytes, written as 43 characters of base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The text is not a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 bytes in base64url without padding (43 characters)")]
pub struct DigestError;

impl Digest {
    /// Hashes bytes.
    ///
    /// ```
    /// use consent_core::digest::Digest;
    /// let empty = Digest::of(b"");
    /// assert_eq!(empty.to_text(), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    /// ```
    #[cfg(feature = "digest")]
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// Wraps 32 bytes that some other code hashed.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 43 characters of base64url.
    #[must_use]
    pub fn to_text(self) -> String {
        base64url::encode(&self.0)
    }

    /// The 64 lower-case hexadecimal digits that `sha256sum` prints.
    #[must_use]
    pub fn to_hex(self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
            .collect()
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        base64url::decode(text).map(Self).ok_or(DigestError)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_two_digits_a_byte() {
        let bytes: [u8; 32] = core::array::from_fn(|n| u8::try_from(n * 8 + 7).unwrap());
        assert_eq!(
            Digest::from_bytes(bytes).to_hex(),
            "070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff"
        );
    }

    #[test]
    fn text_and_bytes_go_back_and_forth() {
        let digest = Digest::from_bytes([0xAB; 32]);
        assert_eq!(digest.to_text().parse(), Ok(digest));
        assert_eq!("q6ur".parse::<Digest>(), Err(DigestError));
        assert_eq!("=".repeat(43).parse::<Digest>(), Err(DigestError));
    }
}
