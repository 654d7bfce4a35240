//! One file of the catalogue.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::Deserialize;
use toml::de::DeTable;

use super::known_service::KnownService;

/// One service of the catalogue: the facts, where they are from, and how a page marks it up.
#[derive(Debug)]
pub struct CatalogueEntry {
    /// Its id, which is the name of its file.
    pub id: &'static str,
    /// What people search for it by, beside its id, its name and its provider.
    pub words: Vec<String>,
    /// Where the facts are from: the URL of the vendor's own documentation, or of a public list of cookies.
    pub source: String,
    /// The day on which they were compared with it, `YYYY-MM-DD`.
    pub checked: String,
    /// The facts, in the keys of a declaration.
    pub service: KnownService,
    /// How a page holds it back.
    pub recommendation: Recommendation,
    declared: DeTable<'static>,
}

/// How a page holds a service back until it is agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recommendation {
    /// Mark-up of the page, with its `data-service`; capitals stand for what is the owner's own.
    pub html: Option<String>,
    /// What to add to the declaration, for vendors that are told about the choice (`[signals]`).
    pub signals: Option<String>,
    /// What else to mind, in a line.
    pub note: Option<String>,
}

/// A file of the catalogue breaks its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("consent-core/services/{id}.toml: {problem}")]
pub struct CatalogueError {
    /// The id of the service.
    pub id: &'static str,
    /// What is wrong, and where in the file.
    pub problem: String,
}

/// What a file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryFile {
    words: Vec<String>,
    source: String,
    checked: toml::value::Date,
    service: KnownService,
    recommendation: Recommendation,
}

impl CatalogueEntry {
    /// Reads the file of a service.
    pub(super) fn read(id: &'static str, text: &'static str) -> Result<Self, CatalogueError> {
        let wrong = |error: toml::de::Error| CatalogueError {
            id,
            problem: error.to_string(),
        };
        let file: EntryFile = toml::from_str(text).map_err(wrong)?;
        let root = DeTable::parse(text).map_err(wrong)?.into_inner();
        let service = root.get("service").map(|table| table.get_ref().as_table());
        let declared = service.flatten().cloned().unwrap_or_default();
        Ok(Self {
            id,
            words: file.words,
            source: file.source,
            checked: file.checked.to_string(),
            service: file.service,
            recommendation: file.recommendation,
            declared,
        })
    }

    /// The facts as they are written: what lies beneath a declaration that names them.
    pub(crate) fn declared(&self) -> &DeTable<'static> {
        &self.declared
    }

    /// Whether the site itself runs it: its owner says who, where, and under which policy.
    #[must_use]
    pub fn is_self_hosted(&self) -> bool {
        self.service.provider.is_none()
    }
}
