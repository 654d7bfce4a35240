//! What is said to people who are no programmers: one file a language, each with every text.

mod en;
mod fr;

use consent_core::decision::{Act, Source};

/// A language of those who read files and pages for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderLanguage {
    /// English.
    En,
    /// French.
    Fr,
}

/// Every text in one language.
pub(crate) struct Texts {
    pub(crate) table: TableTexts,
}

/// A table of decisions. `{zone}` stands for the name of a time zone.
pub(crate) struct TableTexts {
    /// What spreadsheets of the language take to stand between two fields.
    pub(crate) separator: u8,
    pub(crate) number: &'static str,
    pub(crate) received: &'static str,
    pub(crate) decided: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) place: &'static str,
    pub(crate) also_accepted: &'static str,
    pub(crate) also_refused: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) language: &'static str,
    pub(crate) gpc: &'static str,
    pub(crate) consent_id: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) replaces: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    act: fn(Act) -> &'static str,
    source: fn(Source) -> &'static str,
}

impl ReaderLanguage {
    /// Every one of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Its tag, as in `<html lang="fr">`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::En => &en::TEXTS,
            Self::Fr => &fr::TEXTS,
        }
    }
}

impl TableTexts {
    /// What the visitor did.
    pub(crate) fn act(&self, act: Act) -> &'static str {
        (self.act)(act)
    }

    /// Where.
    pub(crate) fn source(&self, source: Source) -> &'static str {
        (self.source)(source)
    }

    /// Yes or no.
    pub(crate) const fn answer(&self, is_so: bool) -> &'static str {
        if is_so { self.yes } else { self.no }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn acts_and_places_are_told_apart_in_every_language() {
        for language in ReaderLanguage::ALL {
            let table = &language.texts().table;
            let acts: BTreeSet<_> = Act::ALL.iter().map(|act| table.act(*act)).collect();
            assert_eq!(acts.len(), Act::ALL.len());
            let places: BTreeSet<_> = Source::ALL.iter().map(|from| table.source(*from)).collect();
            assert_eq!(places.len(), Source::ALL.len());
            for title in [table.received, table.decided, table.valid_until] {
                assert!(title.contains("{zone}"), "{title}");
            }
        }
    }
}
