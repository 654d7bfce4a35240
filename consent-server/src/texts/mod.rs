//! What is said to people who are no programmers: one file a language, each with every text.

mod accesses;
mod declaration;
mod desk;
mod en;
mod fr;
mod integrity;
mod notices;
mod proof;
mod set;
mod table;

pub(crate) use accesses::AccessesTexts;
pub(crate) use declaration::DeclarationTexts;
pub(crate) use desk::DeskTexts;
pub(crate) use integrity::IntegrityTexts;
pub(crate) use notices::NoticesTexts;
pub(crate) use proof::ProofTexts;
use set::Texts;
pub(crate) use table::TableTexts;

/// A language of those who read files and pages for staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReaderLanguage {
    /// English.
    En,
    /// French.
    Fr,
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

    /// Its name, in itself.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Fr => "Français",
        }
    }

    pub(crate) const fn texts(self) -> &'static Texts {
        match self {
            Self::En => &en::TEXTS,
            Self::Fr => &fr::TEXTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::decision::{Act, Source};
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
