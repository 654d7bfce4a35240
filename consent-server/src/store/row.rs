//! What is stored, apart from what travels over the wire.

use super::Commitment;
use crate::clock::RandomError;
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;

/// A receipt to be stored, with the columns that filters need.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The record id.
    pub id: RecordId,
    /// The site.
    pub site: SiteId,
    /// The consent id.
    pub subject: ConsentId,
    /// Whether there may be receipts of this consent id from before: a look for what came later finds those alone.
    pub continues: bool,
    /// What the visitor did.
    pub act: Act,
    /// When the visitor decided.
    pub decided_at: UnixSeconds,
    /// When the server accepted it.
    pub received_at: UnixSeconds,
    /// When the choice ends.
    pub expires_at: UnixSeconds,
    /// The signed receipt.
    pub receipt: String,
    /// What ties it to its leaf in the log; `None`: it gets its place there later.
    pub commitment: Option<Commitment>,
}

impl NewRow {
    /// The row with a place in the log.
    pub fn committed(self) -> Result<Self, RandomError> {
        let commitment = Some(Commitment::to(&self.receipt)?);
        Ok(Self { commitment, ..self })
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored.
    Stored,
    /// Its record id was stored before, with this receipt.
    Exists(String),
}

/// A stored receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in its site's order of acceptance, from 1 on.
    pub seq: i64,
    /// The signed receipt.
    pub receipt: String,
}

/// Which receipts to read: those of one site that fit everything that is said.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The site.
    pub site: SiteId,
    /// Accepted at this moment or later.
    pub from: Option<UnixSeconds>,
    /// Accepted before this moment.
    pub to: Option<UnixSeconds>,
    /// What the visitor did.
    pub act: Option<Act>,
    /// The consent id.
    pub subject: Option<ConsentId>,
}

impl Filter {
    /// All receipts of a site.
    #[must_use]
    pub const fn all(site: SiteId) -> Self {
        Self {
            site,
            from: None,
            to: None,
            act: None,
            subject: None,
        }
    }
}

/// What was found in one stretch of a site's receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The receipts, in the order of acceptance.
    pub rows: Vec<Row>,
    /// The place after which the next stretch begins; `None`: this was the last.
    pub next: Option<i64>,
}

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
