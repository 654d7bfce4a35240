//! Sites and keys, read again while requests are served. What is broken changes nothing.

use crate::app::{App, RetireError};
use crate::bundle::Bundle;
use crate::keys::{KeySource, KeysError};
use crate::publish::{PublishError, Sites, read_folder};
use consent_core::id::SiteId;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Where a server's sites and keys come from.
#[derive(Debug)]
pub struct Source {
    folder: PathBuf,
    bundle: Bundle,
    keys: KeySource,
    /// Held while reading: of two reloads at once the later one must win.
    reading: Mutex<()>,
}

/// What a reload changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// How many sites are served now.
    pub sites: usize,
    /// Those that are new, or publish something else than before.
    pub changed: Vec<SiteId>,
    /// Those that are served no longer. What they published is kept.
    pub gone: Vec<SiteId>,
    /// The key that signs now.
    pub key: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// A declaration is wrong, or what it publishes cannot be kept.
    #[error("the sites stay as they were:\n{0}")]
    Sites(#[from] PublishError),
    /// The keys.
    #[error("the keys stay as they were: {0}")]
    Keys(#[from] KeysError),
    /// The new key signs, but those before it have no retirement yet.
    #[error(
        "sites and keys were read again, and key {key} signs; that those before it sign no more could not be written down: {source}. Mend that and reload again"
    )]
    Retirement {
        /// The key that signs now.
        key: String,
        /// What stood in the way.
        source: RetireError,
    },
    /// The server was started without a folder, as the demo is.
    #[error("this server has no folder to read again")]
    NoFolder,
}

impl Source {
    /// A folder of declarations, what browsers load, and the keys.
    #[must_use]
    pub fn new(folder: PathBuf, bundle: Bundle, keys: KeySource) -> Self {
        Self {
            folder,
            bundle,
            keys,
            reading: Mutex::default(),
        }
    }
}

impl App {
    /// Reads the folder of sites and the keys again, and serves them from the next request on. Blocks.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let source = self.source.as_ref().ok_or(ReloadError::NoFolder)?;
        let _reading = source
            .reading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        // Both are read before either is used: a broken one must not leave half of a change.
        let keys = source.keys.read()?.able_to_sign()?;
        let sites = read_folder(&source.folder)?;
        let sites = Sites::publish(sites, &source.bundle, &*self.store, now)?;
        let before = self.serving();
        let is_new = |id: &SiteId, digest| {
            let old = before.sites.get(id.as_str());
            old.is_none_or(|old| old.digest != digest)
        };
        let changed = sites
            .iter()
            .filter(|site| is_new(&site.id, site.digest))
            .map(|site| site.id.clone())
            .collect();
        let gone = before
            .sites
            .iter()
            .filter(|site| sites.get(site.id.as_str()).is_none())
            .map(|site| site.id.clone())
            .collect();
        let reloaded = Reloaded {
            sites: sites.iter().count(),
            changed,
            gone,
            key: keys.signing().to_string(),
        };
        let replaced = self.replace(sites, keys);
        replaced.map_err(|source| ReloadError::Retirement {
            key: reloaded.key.clone(),
            source,
        })?;
        Ok(reloaded)
    }
}
