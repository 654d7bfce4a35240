//! What a site's declaration calls what was asked, in the language of whoever reads.

use crate::texts::ReaderLanguage;
use consent_core::id::{CategoryId, ServiceId};
use consent_core::language::Language;
use consent_core::site::{Localized, Site};

/// The names of a declaration.
pub(super) struct Names<'a> {
    site: &'a Site,
    language: Option<&'a Language>,
}

impl<'a> Names<'a> {
    /// In the reader's language if the site has it, else in the site's first.
    pub(super) fn of(site: &'a Site, reader: ReaderLanguage) -> Self {
        let reads = |language: &&Language| language.primary() == reader.tag();
        let language = site.languages.iter().find(reads);
        let language = language.or_else(|| site.languages.first());
        Self { site, language }
    }

    pub(super) fn text(&self, text: &'a Localized) -> &'a str {
        self.language.map_or("", |language| text.get(language))
    }

    /// The title of a category; `None`: it is not declared.
    pub(super) fn category(&self, id: &CategoryId) -> Option<&'a str> {
        let mut categories = self.site.categories.iter();
        let category = categories.find(|category| category.id == *id)?;
        Some(self.text(&category.title))
    }

    /// The name of a service, and its category.
    pub(super) fn service(&self, id: &ServiceId) -> Option<(&'a str, &'a CategoryId)> {
        self.site.categories.iter().find_map(|category| {
            let mut services = category.services.iter();
            let service = services.find(|service| service.id == *id)?;
            Some((self.text(&service.name), &category.id))
        })
    }
}
