//! What the log's entries are: 32 bytes each, that only say something to whoever knows what they were made of.

use super::{Portable, TreeHasher as _};
use crate::digest::Digest;

/// The entry of a receipt, as [`super::TreeHasher::receipt_entry`] makes it.
#[must_use]
pub fn receipt_entry(salt: &[u8; 32], receipt: &str) -> Digest {
    Portable::receipt_entry(salt, receipt)
}

/// The entry of something published: SHA-256("consent-artefact/v1\n" kind "\n" site "\n" digest "\n"), with the digest
/// in base64url. The kind is `notice`, `scope`, `publication` or `bundle`; the site is empty for what all sites share.
///
/// Published things are not secret, so this needs no salt: whoever holds the thing can compute it.
#[must_use]
pub fn artefact_entry(kind: &str, site: &str, digest: &Digest) -> Digest {
    let lines = ["consent-artefact/v1", kind, site, &digest.to_text(), ""].join("\n");
    Digest::of(lines.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn entries_are_what_their_definitions_say() {
        let salt = [9; 32];
        let bytes: Vec<u8> = [&b"consent-leaf/v1"[..], &salt, b"a.b.c"].concat();
        assert_eq!(receipt_entry(&salt, "a.b.c"), Digest::of(&bytes));
        assert_ne!(
            receipt_entry(&salt, "a.b.c"),
            receipt_entry(&[8; 32], "a.b.c")
        );
        let digest = Digest::of(b"");
        assert_eq!(
            artefact_entry("notice", "shop", &digest),
            Digest::of(
                b"consent-artefact/v1\nnotice\nshop\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\n"
            )
        );
    }
}
