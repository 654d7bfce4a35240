//! A text of the catalogue.

use alloc::collections::BTreeMap;
use alloc::string::String;

use serde::Deserialize;

use crate::language::Language;

/// A text in some languages, or one that is the same in all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum KnownText {
    /// The same in all languages: a name, an address.
    Same(String),
    /// By language tag; English and French at least.
    Each(BTreeMap<String, String>),
}

impl KnownText {
    /// The text in a language, if there is one.
    #[must_use]
    pub fn get(&self, language: &str) -> Option<&str> {
        match self {
            Self::Same(text) => Some(text),
            Self::Each(texts) => texts.get(language).map(String::as_str),
        }
    }

    /// Whether a declaration that takes it has a text in a language: the French here is that of every region.
    #[must_use]
    pub fn covers(&self, language: &Language) -> bool {
        self.get(language.as_str())
            .or_else(|| self.get(language.primary()))
            .is_some()
    }
}
