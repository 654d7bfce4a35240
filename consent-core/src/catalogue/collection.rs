//! All services that are known.

use std::sync::LazyLock;

use alloc::vec::Vec;

use super::entry::CatalogueEntry;
use super::files::FILES;
use super::search;

/// All services that are known, by id.
#[derive(Debug)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

impl Catalogue {
    /// The catalogue of this version of the library.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
            let read = |(id, text): &(&'static str, &'static str)| {
                // What is compiled in was read by a test.
                CatalogueEntry::read(id, text).unwrap_or_else(|wrong| panic!("{wrong}"))
            };
            Catalogue {
                entries: FILES.iter().map(read).collect(),
            }
        });
        &BUILT_IN
    }

    /// The service of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&CatalogueEntry> {
        self.iter().find(|entry| entry.id == id)
    }

    /// The services that fit what a person types, the best first: words of their ids, names, providers, and those that
    /// people search for; misspelt ones too.
    pub fn search<'c>(&'c self, typed: &str) -> impl Iterator<Item = &'c CatalogueEntry> {
        search::ranked(&self.entries, typed).into_iter()
    }

    /// Every service, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries.iter()
    }
}
