//! Sites and keys, read from their files at the start, and again while requests are served. A file that is broken changes nothing for its site, and does not
//! stop the others.

use crate::apart::{SharedOrigin, keep_apart_from};
use crate::data::DataFolder;
use crate::folder::{Folder, Refused, said_once};
use crate::keys::{KeySource, Keys, KeysError};
use crate::last::Last;
use crate::publish::{PublishError, Publisher, Sites};
use crate::published_declarations;
use crate::rotation::RetireError;
use crate::store::Store;
use crate::url::BaseUrl;
use consent_core::changes::Changes;
use consent_core::check::Severity;
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a server's sites and keys come from.
#[derive(Debug)]
pub struct DeclarationSource {
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

/// What was read, and is to be served.
pub(crate) struct ReadAgain {
    pub(crate) sites: Sites,
    pub(crate) keys: Keys,
    pub(crate) reloaded: Reloaded,
}

impl DeclarationSource {
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

    /// Publishes what the folder holds at the start.
    pub fn publish(
        &self,
        folder: Folder,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<Sites, PublishError> {
        let (last, before) = (Last::read(&self.data), Sites::default());
        self.publish_from(folder, &last, &before, store, now)
    }

    /// Lets nobody else read for as long as it is kept.
    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads sites and keys, and publishes the sites; `before` are those that are served. Serves nothing.
    pub(crate) fn read_again(
        &self,
        before: &Sites,
        staff: &BaseUrl,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<ReadAgain, ReloadError> {
        // Both are read before either is used: a broken one must not leave half of a change.
        let keys = self.keys.read()?.able_to_sign()?;
        let folder = Folder::read(&self.folder, now)
            .map_err(PublishError::Folder)?
            .judged();
        keep_apart_from(staff, &folder.sites)?;
        let sites = self.publish_from(folder, &Last::of(before.declared()), before, store, now)?;
        let is_new = |id: &SiteId, digest| {
            let old = before.get(id.as_str());
            old.is_none_or(|old| old.digest != digest)
        };
        let changed = sites
            .iter()
            .filter(|site| is_new(&site.id, site.digest))
            .map(|site| site.id.clone())
            .collect();
        let gone = before
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
        Ok(ReadAgain {
            sites,
            keys,
            reloaded,
        })
    }

    /// Publishes, tells what is wrong, and writes down what each file has published.
    fn publish_from(
        &self,
        folder: Folder,
        last: &Last,
        before: &Sites,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<Sites, PublishError> {
        let known = last_published(&folder, before, store)?;
        let sites = self
            .publisher
            .publish_folder(folder, last, before, store, now)?;
        tell(&sites, before);
        tell_changes(&sites, before, &known, store);
        let published = Last::of(sites.declared());
        if published != *last {
            published.keep(&self.data);
        }
        Ok(sites)
    }
}

/// What sites published last that are not served yet: publishing them notes what they publish then.
fn last_published(
    folder: &Folder,
    before: &Sites,
    store: &dyn Store,
) -> Result<BTreeMap<SiteId, Digest>, PublishError> {
    let mut known = BTreeMap::new();
    for written in &folder.sites {
        let id = &written.site.id;
        if before.get(id.as_str()).is_none()
            && let Some(digest) = store.last_published(id)?
        {
            known.insert(id.clone(), digest);
        }
    }
    Ok(known)
}

/// Tells the operator what visitors will read otherwise, and whether they are asked again: what `consent diff` says.
fn tell_changes(
    sites: &Sites,
    before: &Sites,
    known: &BTreeMap<SiteId, Digest>,
    store: &dyn Store,
) {
    for site in sites.iter() {
        let earlier = match before.get(site.id.as_str()) {
            Some(old) if Arc::ptr_eq(old, site) => continue,
            Some(old) => Some(old.declaration.clone()),
            None => {
                let digest = known.get(&site.id);
                let other = digest.filter(|digest| Some(**digest) != site.declared);
                other.and_then(|digest| {
                    let found = published_declarations::find(store, &site.id, digest);
                    found.unwrap_or_else(|error| {
                        let site = site.id.as_str();
                        tracing::warn!(site, %error, "not known what it declared before");
                        None
                    })
                })
            }
        };
        let Some(earlier) = earlier else { continue };
        let changes = Changes::between(&earlier, &site.declaration);
        let site = site.id.as_str();
        for (said, change) in changes.told() {
            if changes.unasked().any(|unasked| unasked == change) {
                tracing::warn!(site, "{said}: {change}");
            } else {
                tracing::info!(site, "{said}: {change}");
            }
        }
    }
}

/// Tells the operator which files are refused and why, and of which of the others `consent check` warns. Not again of those
/// that were so before.
fn tell(sites: &Sites, before: &Sites) {
    for wrong in said_once(sites.refused()) {
        tracing::error!("{wrong}");
    }
    for refused in sites.refused() {
        tracing::error!("{}", refused.outcome());
    }
    for site in sites.iter() {
        let is_same = before.get(site.id.as_str());
        if is_same.is_some_and(|old| Arc::ptr_eq(old, site)) {
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
