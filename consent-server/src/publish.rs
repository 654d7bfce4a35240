//! Sites made ready to be served: read from a folder, rendered, kept forever in the store, held in memory.

use crate::bundle::Bundle;
use crate::declarations::{Unreadable, Written, read_files};
use crate::declared;
use crate::gate::Gate;
use crate::static_file::StaticFile;
use crate::store::{Artefact, ArtefactKind, Store, StoreError};
use consent_core::cookie::CookieSettings;
use consent_core::digest::Digest;
use consent_core::id::{CategoryId, SiteId};
use consent_core::language::Language;
use consent_core::publication::Publication;
use consent_core::scope::Scope;
use consent_core::site::{Diagnostic, ProofRetention, Site};
use consent_core::time::{Months, UnixSeconds};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The sites of a server, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Sites(BTreeMap<String, Arc<Published>>);

/// A site, as far as requests need it.
#[derive(Debug)]
pub struct Published {
    /// Its id.
    pub id: SiteId,
    /// All that its owner declares.
    pub declaration: Site,
    /// Its name, in its default language.
    pub name: String,
    /// The controller's name.
    pub controller: String,
    /// Where its pages live.
    pub origins: Vec<String>,
    /// How its cookie is set.
    pub cookie: CookieSettings,
    /// How long a choice is valid.
    pub valid: Months,
    /// How long proofs are kept, and then.
    pub proof: ProofRetention,
    /// What visitors agree to.
    pub scope: Scope,
    /// The digest of that.
    pub scope_digest: Digest,
    /// The digests of what they are shown.
    pub notices: BTreeMap<Language, Digest>,
    /// The folder of the immutable files.
    pub digest: Digest,
    /// `consent.js`.
    pub gate: Gate,
    /// The immutable files.
    pub files: BTreeMap<String, Arc<StaticFile>>,
    exempt: BTreeSet<String>,
}

/// Why sites were not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Declarations with errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Declarations(Vec<Diagnostic>),
    /// A folder without declarations.
    #[error("{}: no file ends in .toml: write one with `consent init`", .0.display())]
    NoSites(PathBuf),
    /// Two sites with one id.
    #[error("two declarations have the id \"{0}\": give each site an id of its own")]
    Twice(SiteId),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads every `*.toml` of a folder, in the order of their names. Those that others name as their base are no sites.
pub fn read_folder(folder: &Path) -> Result<Vec<Written>, PublishError> {
    let failed = |source| PublishError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(PublishError::NoSites(folder.to_owned()));
    }
    paths.sort();
    let (mut sites, mut wrong) = (Vec::new(), Vec::new());
    for declared in read_files(&paths)? {
        match declared.read {
            Ok(declaration) => sites.push(Written {
                site: declaration.site,
                text: Some(declared.text),
            }),
            Err(diagnostics) => wrong.extend(diagnostics),
        }
    }
    if wrong.is_empty() {
        Ok(sites)
    } else {
        // What is wrong in a base is wrong for each of its sites, and said once.
        let mut said = BTreeSet::new();
        wrong.retain(|diagnostic| said.insert(diagnostic.clone()));
        Err(PublishError::Declarations(wrong))
    }
}

impl From<Unreadable> for PublishError {
    fn from(Unreadable { path, source }: Unreadable) -> Self {
        Self::File { path, source }
    }
}

impl Sites {
    /// Renders the sites, keeps what was rendered in the store, and holds it ready.
    pub fn publish(
        sites: impl IntoIterator<Item = impl Into<Written>>,
        bundle: &Bundle,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<Self, PublishError> {
        let mut shelf = Shelf {
            artefacts: Vec::new(),
            now,
        };
        shelf.keep(
            bundle.digest,
            ArtefactKind::Bundle,
            None,
            bundle.list.clone(),
        );
        for (_, bytes) in bundle.files() {
            shelf.keep(Digest::of(bytes), ArtefactKind::File, None, bytes);
        }
        // The same for every site, so compressed once.
        let shared: BTreeMap<String, Arc<StaticFile>> = bundle
            .loaded()
            .map(|(name, bytes)| {
                let file = StaticFile::new(content_type(name), bytes.to_vec());
                (name.to_owned(), Arc::new(file))
            })
            .collect();
        let mut published = BTreeMap::new();
        for written in sites {
            let written: Written = written.into();
            let id = written.site.id.clone();
            let site = Published::new(written, bundle, &shared, &mut shelf);
            if published.insert(id.to_string(), Arc::new(site)).is_some() {
                return Err(PublishError::Twice(id));
            }
        }
        store.keep(&shelf.artefacts)?;
        Ok(Self(published))
    }

    /// The site of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Published>> {
        self.0.get(id)
    }

    /// The sites, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Published>> {
        self.0.values()
    }
}

impl Published {
    fn new(
        Written { site, text }: Written,
        bundle: &Bundle,
        shared: &BTreeMap<String, Arc<StaticFile>>,
        shelf: &mut Shelf,
    ) -> Self {
        let parts = bundle.for_publication();
        let publication = Publication::new(site, &parts);
        let gate = Gate::new(&publication, &parts);
        let mut files = shared.clone();
        for (name, html) in publication.notice_files() {
            let file = StaticFile::new(content_type(&name), html.into());
            files.insert(name, Arc::new(file));
        }
        let site = publication.site;
        let declaration = site.clone();
        let scope_digest = publication.scope.digest();
        let of = Some(&site.id);
        shelf.keep(
            scope_digest,
            ArtefactKind::Scope,
            of,
            publication.scope.to_value().to_json(),
        );
        for notice in publication.notices.values() {
            shelf.keep(
                notice.digest,
                ArtefactKind::Notice,
                of,
                notice.value.to_json(),
            );
        }
        if let Some(text) = text {
            let notices = publication.notices.values().map(|notice| notice.digest);
            let content = declared::content(&text, notices);
            let digest = Digest::of(content.as_bytes());
            shelf.keep(digest, ArtefactKind::Declaration, of, content);
        }
        for file in files.values() {
            shelf.keep(*file.digest(), ArtefactKind::File, None, file.bytes());
        }
        shelf.keep(
            publication.digest,
            ArtefactKind::Publication,
            of,
            list_of(&files),
        );
        let default = site.languages.first();
        Self {
            name: default
                .map(|language| site.name.get(language))
                .unwrap_or_default()
                .to_owned(),
            declaration,
            exempt: site.exempt_names().into_iter().map(str::to_owned).collect(),
            controller: site.controller.name,
            origins: site.origins,
            cookie: site.cookie,
            valid: site.valid,
            proof: site.proof,
            scope: publication.scope,
            scope_digest,
            notices: publication
                .notices
                .into_iter()
                .map(|(language, notice)| (language, notice.digest))
                .collect(),
            digest: publication.digest,
            gate,
            files,
            id: site.id,
        }
    }

    /// Whether a name needs no consent: `operation` and its services.
    #[must_use]
    pub fn is_exempt(&self, name: &str) -> bool {
        self.exempt.contains(name)
    }

    /// Whether visitors are asked about a category or service of this name.
    #[must_use]
    pub fn asks_for(&self, name: &str) -> bool {
        self.scope
            .categories
            .keys()
            .any(|category| category.as_str() == name)
            || self.category_of(name).is_some()
    }

    /// The category of a service that visitors are asked about.
    #[must_use]
    pub fn category_of(&self, service: &str) -> Option<&CategoryId> {
        let mut categories = self.scope.categories.iter();
        let found =
            categories.find(|(_, services)| services.keys().any(|id| id.as_str() == service));
        found.map(|(category, _)| category)
    }
}

/// A file of an earlier publication, for pages that were opened before the site changed.
pub(crate) fn kept_file(
    store: &dyn Store,
    site: &SiteId,
    publication: &Digest,
    name: &str,
) -> Result<Option<StaticFile>, StoreError> {
    let Some(list) = store.artefact(Some(site), ArtefactKind::Publication, publication)? else {
        return Ok(None);
    };
    let list: BTreeMap<String, String> =
        serde_json::from_slice(&list).map_err(|_| StoreError::Corrupt("list of files"))?;
    let Some(digest) = list.get(name) else {
        return Ok(None);
    };
    let digest = digest.parse().map_err(|_| StoreError::Corrupt("digest"))?;
    let content = store.artefact(None, ArtefactKind::File, &digest)?;
    Ok(content.map(|content| StaticFile::uncompressed(content_type(name), content)))
}

/// The names of files with their digests, as JSON.
fn list_of(files: &BTreeMap<String, Arc<StaticFile>>) -> String {
    let digests = files.iter().map(|(name, file)| (&**name, *file.digest()));
    consent_core::canonical::Value::object(digests).to_json()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "wasm")) => "application/wasm",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "html")) => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Gathers what is to be kept.
struct Shelf {
    artefacts: Vec<Artefact>,
    now: UnixSeconds,
}

impl Shelf {
    fn keep(
        &mut self,
        digest: Digest,
        kind: ArtefactKind,
        site: Option<&SiteId>,
        content: impl Into<Vec<u8>>,
    ) {
        let site = site.cloned();
        self.artefacts.push(Artefact {
            digest,
            kind,
            site,
            content: content.into(),
            kept_at: self.now,
        });
    }
}
