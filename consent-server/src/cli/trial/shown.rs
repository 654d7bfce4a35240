//! What the address of a page of `consent try` says.

use super::tried::Look;
use consent_core::language::Language;
use serde::Deserialize;

/// How the sample page is to be shown.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Shown {
    pub(super) lang: Option<String>,
    #[serde(default)]
    pub(super) look: Look,
    /// As wide as a phone.
    #[serde(default)]
    pub(super) phone: bool,
    /// As for somebody who has yet to choose.
    #[serde(default)]
    pub(super) afresh: bool,
}

impl Shown {
    /// The language that is asked for, or the first.
    pub(super) fn language<'t>(&self, languages: &'t [Language]) -> Option<&'t Language> {
        let wanted = languages
            .iter()
            .find(|language| Some(language.as_str()) == self.lang.as_deref());
        wanted.or(languages.first())
    }
}
