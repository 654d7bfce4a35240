//! `[proof]`: how long proofs are kept, and then.

use super::node::{SchemaNode, optional, table, whole, words};
use super::reader::Table;

/// How long proofs are kept, and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofRetention {
    /// Years after the choice ended.
    pub years: u32,
    /// What happens then.
    pub at_end: AtEnd,
}

/// What happens to proofs when their time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// They are deleted.
    Delete,
    /// They lose what ties them to a browser.
    Anonymise,
    /// They leave daily reach, and are deleted later.
    Archive,
}

/// Five years is the usual limitation period in France (Code civil, art. 2224).
pub(super) const USUAL: ProofRetention = ProofRetention {
    years: 5,
    at_end: AtEnd::Delete,
};

pub(super) fn read(mut table: Table<'_>) -> ProofRetention {
    let years = table.optional("keep_years", |item| item.integer(1..31));
    let at_end = table.optional("at_end", |item| {
        item.one_of(&[
            ("delete", AtEnd::Delete),
            ("anonymise", AtEnd::Anonymise),
            ("archive", AtEnd::Archive),
        ])
    });
    table.finish();
    ProofRetention {
        years: years.unwrap_or(USUAL.years),
        at_end: at_end.unwrap_or(USUAL.at_end),
    }
}

pub(super) fn schema() -> SchemaNode {
    let at_end = words(
        "What happens to proofs then.",
        &["delete", "anonymise", "archive"],
    );
    table(
        "How long proofs are kept.",
        [
            optional(
                "keep_years",
                whole("Years after the choice ended.", 1, 30).with("default", 5),
            ),
            optional("at_end", at_end.with("default", "delete")),
        ],
    )
}
