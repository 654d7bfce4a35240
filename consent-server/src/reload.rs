//! Sites and keys, read again while requests are served. A file that is broken changes nothing for its site, and does not
//! stop the others.

use crate::apart::{SharedOrigin, keep_apart_from};
use crate::app::{App, RetireError};
use crate::data::DataFolder;
use crate::folder::{Folder, Refused, said_once};
use crate::keys::{KeySource, KeysError};
use crate::last::Last;
use crate::publish::{PublishError, Publisher, Sites};
use consent_core::check::Severity;
use consent_core::id::SiteId;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Where a server's sites and keys come from.
#[derive(Debug)]
pub struct Source {
    folder: PathBuf,
    /// The data folder, which knows what each file published last.
    data: DataFolder,
    publisher: Publisher,
    keys: KeySource,
    /// Held while reading: of two reloads at once the later one must win.
    reading: Mutex<()>,
}

/// What a reload changed.
#[derive(Clone, Debug)]
pub struct Reloaded {
    /// How many sites are served now.
    pub sites: usize,
    /// Those that are new, or publish something else than before.
    pub changed: Vec<SiteId>,
    /// Those that are served no longer. What they published is kept.
    pub gone: Vec<SiteId>,
    /// How many sites were rendered: those whose declaration is another one than before.
    pub rendered: usize,
    /// The files that are not published as they are.
    pub refused: Vec<Refused>,
    /// The key that signs now.
    pub key: String,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The folder cannot be read, all of it is wrong, or what it publishes cannot be kept.
    #[error("the sites stay as they were:\n{0}")]
    Sites(#[from] PublishError),
    /// The keys.
    #[error("the keys stay as they were: {0}")]
    Keys(#[from] KeysError),
    /// A site would have its pages where those of staff are.
    #[error("the sites stay as they were: {0}")]
    Shared(#[from] SharedOrigin),
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
    /// A folder of declarations, the data folder, what publishes, and the keys.
    #[must_use]
    pub fn new(folder: PathBuf, data: DataFolder, publisher: Publisher, keys: KeySource) -> Self {
        Self {
            folder,
            data,
            publisher,
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
        let before = self.serving();
        // Both are read before either is used: a broken one must not leave half of a change.
        let keys = source.keys.read()?.able_to_sign()?;
        let folder = Folder::read(&source.folder, now)
            .map_err(PublishError::Folder)?
            .judged();
        keep_apart_from(&self.staff_url, &folder.sites)?;
        let last = Last::of(&before.sites);
        let sites =
            source
                .publisher
                .publish_folder(folder, &last, &before.sites, &*self.store, now)?;
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
            rendered: sites.made().rendered,
            refused: sites.refused().to_vec(),
            key: keys.signing().to_string(),
        };
        tell(&sites, &before.sites);
        let published = Last::of(&sites);
        if published != last {
            published.keep(&source.data);
        }
        let replaced = self.replace(sites, keys);
        replaced.map_err(|source| ReloadError::Retirement {
            key: reloaded.key.clone(),
            source,
        })?;
        Ok(reloaded)
    }
}

/// Tells the operator which files are refused and why, and of which of the others `consent check` warns. Not again of those
/// that were so before.
pub fn tell(sites: &Sites, before: &Sites) {
    for wrong in said_once(sites.refused()) {
        tracing::error!("{wrong}");
    }
    for refused in sites.refused() {
        tracing::error!("{}", refused.outcome());
    }
    for site in sites.iter() {
        let is_same = before.get(site.id.as_str());
        if is_same.is_some_and(|old| std::sync::Arc::ptr_eq(old, site)) {
            continue;
        }
        let warnings = site.findings.iter();
        let warnings = warnings.filter(|found| found.rule.severity == Severity::Warning);
        let (warnings, Some(file)) = (warnings.count(), &site.file) else {
            continue;
        };
        if warnings > 0 {
            let (site, file) = (site.id.as_str(), file.display());
            tracing::warn!(site, warnings, "see them with `consent check {file}`");
        }
    }
}
