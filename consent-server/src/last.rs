//! What each file of the folder of sites published last: kept in the data folder, for a start at which a file is broken.
//!
//! Its name and the digest of its declaration are enough: the declaration's words are in the store, for ever.

use crate::data::{DataFolder, FileError, durable};
use crate::declarations::Written;
use crate::published_declarations;
use crate::store::{ArtefactKind, Store, StoreError};
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// By the names of the files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Last(BTreeMap<String, Declared>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Declared {
    site: String,
    declaration: String,
}

impl Last {
    /// That of a data folder; nothing if it is not there or not readable, which is told.
    #[must_use]
    pub fn read(data: &DataFolder) -> Self {
        let path = data.published();
        let read = fs::read(&path).and_then(|text| Ok(serde_json::from_slice(&text)?));
        read.unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                let path = path.display();
                tracing::warn!(%path, %error, "not known what the files published last");
            }
            Self::default()
        })
    }

    /// What is served now: files, each with its site and the digest of its declaration.
    #[must_use]
    pub fn of<'a>(served: impl IntoIterator<Item = (&'a Path, &'a SiteId, Digest)>) -> Self {
        let of = |(file, site, declaration): (&Path, &SiteId, Digest)| {
            let declared = Declared {
                site: site.to_string(),
                declaration: declaration.to_text(),
            };
            Some((name_of(file)?, declared))
        };
        Self(served.into_iter().filter_map(of).collect())
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps it in the data folder, whole or not at all.
    pub fn keep(&self, data: &DataFolder) {
        let path = data.published();
        let kept = serde_json::to_vec_pretty(self)
            .map_err(|error| FileError::at(&path)(error.into()))
            .and_then(|text| durable::write(&path, &text));
        if let Err(error) = kept {
            tracing::warn!(%error, "a site whose file is broken at the next start will not be served");
        }
    }

    /// What a file published last; `None` if it published nothing, or what cannot be published again.
    pub(crate) fn written(
        &self,
        file: &Path,
        store: &dyn Store,
    ) -> Result<Option<Written>, StoreError> {
        let declared = name_of(file).and_then(|name| self.0.get(&name));
        let known = declared.and_then(|Declared { site, declaration }| {
            let site: SiteId = site.parse().ok()?;
            let digest: Digest = declaration.parse().ok()?;
            Some((site, digest))
        });
        let Some((site, digest)) = known else {
            return Ok(None);
        };
        let kept = store.artefact(Some(&site), ArtefactKind::Declaration, &digest)?;
        let written = kept.and_then(|content| published_declarations::written(&content));
        Ok(written
            .filter(|written| written.site.id == site)
            .map(|written| Written {
                file: Some(file.to_owned()),
                ..written
            }))
    }
}

fn name_of(file: &Path) -> Option<String> {
    Some(file.file_name()?.to_str()?.to_owned())
}
