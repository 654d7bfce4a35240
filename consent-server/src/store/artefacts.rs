//! What was published.

use super::StoreError;
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;

/// What kind of published thing an artefact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtefactKind {
    /// All that a visitor was shown, as hashed.
    Notice,
    /// What was agreed to, as hashed.
    Scope,
    /// Which files a publication consists of.
    Publication,
    /// Which files a build of the browser's half consists of, as hashed.
    Bundle,
    /// The declaration that notices were made from, in its owner's words.
    Declaration,
    /// A file that browsers load.
    File,
}

impl ArtefactKind {
    /// Its name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Scope => "scope",
            Self::Publication => "publication",
            Self::Bundle => "bundle",
            Self::Declaration => "declaration",
            Self::File => "file",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        let all = [
            Self::Notice,
            Self::Scope,
            Self::Publication,
            Self::Bundle,
            Self::Declaration,
            Self::File,
        ];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Something published, addressed by its digest.
#[derive(Clone, Debug)]
pub struct Artefact {
    /// Its digest.
    pub digest: Digest,
    /// What it is.
    pub kind: ArtefactKind,
    /// Whose it is; `None` when all sites share it.
    pub site: Option<SiteId>,
    /// The bytes.
    pub content: Vec<u8>,
    /// When it was published first.
    pub kept_at: UnixSeconds,
}

/// The least and the greatest digest whose text begins like this; `None`: there is none.
#[must_use]
pub fn digests_beginning_with(text: &str) -> Option<(Digest, Digest)> {
    // Of the last of 43 characters, four bits count.
    let filled = |with: &str, last: &str| {
        let rest = 43_usize.checked_sub(text.len())?;
        let filled = match rest {
            0 => text.to_owned(),
            rest => [text, &with.repeat(rest - 1), last].concat(),
        };
        filled.parse().ok()
    };
    Some((filled("A", "A")?, filled("_", "8")?))
}

/// What was published, kept for as long as a receipt names it. Calls block.
pub trait Artefacts: Send + Sync + 'static {
    /// Keeps artefacts forever. Those already kept stay as they are.
    fn keep(&self, artefacts: &[Artefact]) -> Result<(), StoreError>;

    /// The content of an artefact; `site` is `None` for those that all sites share.
    fn artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// The content of the artefact between these digests, both included, of a kind of a site: the one that
    /// [`digests_beginning_with`] some text are about.
    fn artefact_between(
        &self,
        site: &SiteId,
        kind: ArtefactKind,
        digests: &(Digest, Digest),
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// The digests of those artefacts that are not kept; the site is `None` for those that all sites share.
    fn missing(
        &self,
        artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
    ) -> Result<BTreeSet<Digest>, StoreError>;

    /// All artefacts of one kind of a site.
    fn artefacts(&self, site: &SiteId, kind: ArtefactKind) -> Result<Vec<Artefact>, StoreError>;

    /// Remembers which declarations these sites have published last, by their digests among the artefacts.
    fn note_published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError>;

    /// The declaration that a site has published last.
    fn last_published(&self, site: &SiteId) -> Result<Option<Digest>, StoreError>;

    /// Every site that ever published a declaration or had a receipt, in the order of their ids.
    fn sites(&self) -> Result<Vec<SiteId>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_two_digests_begins_as_they_do() {
        let digest = Digest::of(b"a publication");
        let text = digest.to_text();
        for length in [1, 21, 22, 42, 43] {
            let (least, greatest) = digests_beginning_with(&text[..length]).unwrap();
            for end in [&least, &digest, &greatest] {
                assert!(end.to_text().starts_with(&text[..length]), "{length}");
            }
            assert!((least.as_bytes()..=greatest.as_bytes()).contains(&digest.as_bytes()));
        }
        for (bytes, expected) in [([0; 32], 0), ([255; 32], 1)] {
            let (least, greatest) = digests_beginning_with("").unwrap();
            assert_eq!(*[least, greatest][expected].as_bytes(), bytes);
        }
        for none in [
            "!",
            "AA/A",
            "\u{e9}",
            &"A".repeat(44),
            &format!("{}B", &text[..42]),
        ] {
            assert_eq!(digests_beginning_with(none), None, "{none}");
        }
    }
}
