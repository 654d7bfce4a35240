//! Sites made ready to be served: rendered, kept forever in the store, held in memory.
//!
//! What has not changed is made once: a reload goes on with what is served, a start with what the [`Cache`] has.

use crate::bundle::Bundle;
use crate::cache::{Cache, Listed};
use crate::cores;
use crate::declarations::{Text, Written};
use crate::folder::{Folder, FolderError, Refused, said_once};
use crate::gate::{self, Gate};
use crate::last::Last;
use crate::published_declarations;
use crate::static_file::StaticFile;
use crate::store::{Artefact, ArtefactKind, Store, StoreError, digests_beginning_with};
use consent_core::canonical::Value;
use consent_core::check::Finding;
use consent_core::cookie::CookieSettings;
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::id::{CategoryId, SiteId};
use consent_core::language::Language;
use consent_core::publication::Publication;
use consent_core::scope::Scope;
use consent_core::site::{Diagnostic, Layout, ProofRetention, Site};
use consent_core::time::{Months, UnixSeconds};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// This build of the program: another one may render the same declaration otherwise.
const PROGRAM: [&str; 3] = [
    env!("CARGO_PKG_VERSION"),
    env!("CONSENT_SOURCES"),
    consent_core::VERSION,
];

/// How many sites are rendered before what they consist of is stored: it is in memory until then.
const AT_ONCE: usize = 64;

/// The sites of a server, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Sites {
    by_id: BTreeMap<String, Arc<Published>>,
    /// Files that are not published as they are.
    refused: Vec<Refused>,
    made: Made,
}

/// What publishing took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// How many sites were rendered.
    pub rendered: usize,
    /// How many files were compressed.
    pub compressed: usize,
}

/// A site, as far as requests need it.
#[derive(Debug)]
pub struct Published {
    /// Its id.
    pub id: SiteId,
    /// All that its owner declares.
    pub declaration: Site,
    /// The file of the declaration, if it is from one.
    pub file: Option<PathBuf>,
    /// The digest of the declaration in the store, if its words are known.
    pub declared: Option<Digest>,
    /// What law and guidelines say about the declaration.
    pub findings: Vec<Finding>,
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
    /// The digest of all that it was made from, if that is known.
    inputs: Option<Digest>,
}

/// Why sites were not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The folder of the declarations.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Declarations with errors.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Declarations(Vec<Diagnostic>),
    /// Nothing is left to be served.
    #[error("no declaration can be published:\n{}", said_once(.0).join("\n"))]
    AllRefused(Vec<Refused>),
    /// Two sites with one id.
    #[error("two declarations have the id \"{0}\": give each site an id of its own")]
    Twice(SiteId),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Publishes sites again and again, and makes nothing twice.
#[derive(Debug)]
pub struct Publisher {
    bundle: Bundle,
    cache: Cache,
    program: String,
}

impl Publisher {
    /// With this half for browsers, and what earlier starts have kept.
    #[must_use]
    pub fn new(bundle: Bundle, cache: Cache) -> Self {
        let program = PROGRAM.join(" ");
        Self {
            bundle,
            cache,
            program,
        }
    }

    /// Renders the sites that are not what they were before, or at the last start; keeps what was rendered in the store,
    /// and holds all ready.
    pub fn publish(
        &self,
        sites: impl IntoIterator<Item = impl Into<Written>>,
        refused: Vec<Refused>,
        before: &Sites,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<Sites, PublishError> {
        let press = Press::new(&self.cache, before);
        let run = Run {
            bundle: &self.bundle,
            program: &self.program,
            // The same for every site, so compressed once.
            shared: self
                .bundle
                .loaded()
                .map(|(name, bytes)| (name.to_owned(), press.press(content_type(name), bytes)))
                .collect(),
            press,
            store,
            now,
        };
        let mut sites = run.publish(sites.into_iter().map(Into::into).collect(), before)?;
        sites.refused = refused;
        self.cache
            .keep_only(&sites.all_files(), &sites.all_inputs());
        Ok(sites)
    }

    /// Publishes what is fit in a folder. Sites whose files are refused go on as they were published last.
    pub fn publish_folder(
        &self,
        folder: Folder,
        last: &Last,
        before: &Sites,
        store: &dyn Store,
        now: UnixSeconds,
    ) -> Result<Sites, PublishError> {
        let Folder { sites, refused } = folder.going_on(last, store)?;
        if sites.is_empty() {
            return Err(PublishError::AllRefused(refused));
        }
        self.publish(sites, refused, before, store, now)
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
        let publisher = Publisher::new(bundle.clone(), Cache::none());
        publisher.publish(sites, Vec::new(), &Self::default(), store, now)
    }

    /// The site of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Published>> {
        self.by_id.get(id)
    }

    /// The sites, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Published>> {
        self.by_id.values()
    }

    /// Those whose declarations are from files and in the store: the file, the site, and the declaration's digest.
    pub fn declared(&self) -> impl Iterator<Item = (&Path, &SiteId, Digest)> {
        self.iter()
            .filter_map(|site| Some((site.file.as_deref()?, &site.id, site.declared?)))
    }

    /// The files that are not published as they are, and why.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// What publishing them took.
    #[must_use]
    pub const fn made(&self) -> Made {
        self.made
    }

    fn all_files(&self) -> BTreeSet<Digest> {
        let all = self.iter().flat_map(|site| site.served());
        all.map(|file| *file.digest()).collect()
    }

    fn all_inputs(&self) -> BTreeSet<Digest> {
        self.iter().filter_map(|site| site.inputs).collect()
    }
}

/// One publishing of all sites.
struct Run<'a> {
    bundle: &'a Bundle,
    program: &'a str,
    shared: BTreeMap<String, Arc<StaticFile>>,
    press: Press<'a>,
    store: &'a dyn Store,
    now: UnixSeconds,
}

/// A site that is to be published, and the digest of all that it is made from.
struct Wanted {
    written: Written,
    inputs: Option<Digest>,
}

impl Run<'_> {
    fn publish(self, sites: Vec<Written>, before: &Sites) -> Result<Sites, PublishError> {
        let mut ids = BTreeSet::new();
        if let Some(twice) = sites.iter().find(|site| !ids.insert(&site.site.id)) {
            return Err(PublishError::Twice(twice.site.id.clone()));
        }
        let wanted = sites.into_iter().map(|written| {
            let inputs = written.text.as_ref().map(|text| self.inputs(text));
            Wanted { written, inputs }
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let found = cores::each(&wanted, |wanted| {
            served_before(wanted, before).or_else(|| self.cached(wanted).map(Arc::new))
        });
        let found = self.whole(found)?;
        let (mut by_id, mut rest) = (BTreeMap::new(), Vec::new());
        for (wanted, found) in wanted.into_iter().zip(found) {
            match found {
                Some(site) => drop(by_id.insert(site.id.to_string(), site)),
                None => rest.push(wanted),
            }
        }
        self.store.keep(&self.of_bundle())?;
        for some in rest.chunks(AT_ONCE) {
            let rendered = cores::each(some, |wanted| self.render(wanted));
            let (sites, shelves): (Vec<_>, Vec<_>) = rendered.into_iter().unzip();
            self.store.keep(&shelves.concat())?;
            for site in sites {
                // In the store first: what the cache names is there.
                self.remember(&site);
                by_id.insert(site.id.to_string(), Arc::new(site));
            }
        }
        let declared = by_id.values().filter_map(|site: &Arc<Published>| {
            let digest = site.declared?;
            Some((site.id.clone(), digest))
        });
        // Their terms, once they are retired.
        self.store.note_published(&declared.collect::<Vec<_>>())?;
        Ok(Sites {
            by_id,
            refused: Vec::new(),
            made: Made {
                rendered: rest.len(),
                compressed: self.press.compressed.into_inner(),
            },
        })
    }

    /// The digest of everything that decides on what a site publishes.
    fn inputs(&self, text: &Text) -> Digest {
        let mut inputs: Vec<(&str, Value)> = vec![
            ("bundle", self.bundle.digest.into()),
            ("declaration", text.own.as_str().into()),
            ("program", self.program.into()),
        ];
        inputs.extend(text.base.as_deref().map(|base| ("base", base.into())));
        Value::object(inputs).digest()
    }

    /// The site as an earlier start has left it in the cache, if it is the same.
    fn cached(&self, wanted: &Wanted) -> Option<Published> {
        let listed = self.press.cache.publication(&wanted.inputs?)?;
        let file = |name: &str, digest: &str| {
            let digest: Digest = digest.parse().ok()?;
            match self
                .shared
                .get(name)
                .filter(|file| *file.digest() == digest)
            {
                Some(shared) => Some(Arc::clone(shared)),
                None => self.press.pressed(content_type(name), digest),
            }
        };
        let script = |digest: &str| self.press.pressed(gate::CONTENT_TYPE, digest.parse().ok()?);
        let ahead = listed.ahead.iter().map(|(language, digest)| {
            let language: Language = language.parse().ok()?;
            Some((language, script(digest)?))
        });
        let files = listed.files.iter();
        let files = files.map(|(name, digest)| Some((name.clone(), file(name, digest)?)));
        let notices = listed.notices.iter();
        let notices =
            notices.map(|(language, digest)| Some((language.parse().ok()?, digest.parse().ok()?)));
        let cookie = &wanted.written.site.cookie;
        Some(Published::new(
            wanted,
            Parts {
                digest: listed.digest.parse().ok()?,
                gate: Gate::of(cookie, script(&listed.gate)?, ahead.collect::<Option<_>>()?),
                files: files.collect::<Option<_>>()?,
                notices: notices.collect::<Option<_>>()?,
                scope: wanted.written.site.scope(),
            },
        ))
    }

    /// Only those of which everything is in the store: it may be another one, or have lost something.
    fn whole(
        &self,
        found: Vec<Option<Arc<Published>>>,
    ) -> Result<Vec<Option<Arc<Published>>>, StoreError> {
        let names = found.iter().flatten().flat_map(|site| site.artefacts());
        let missing = self.store.missing(&names.collect::<Vec<_>>())?;
        let is_whole = |site: &Arc<Published>| {
            let mut names = site.artefacts().into_iter();
            names.all(|(_, _, digest)| !missing.contains(&digest))
        };
        Ok(found
            .into_iter()
            .map(|site| site.filter(is_whole))
            .collect())
    }

    fn render(&self, wanted: &Wanted) -> (Published, Vec<Artefact>) {
        let parts = self.bundle.for_publication();
        let publication = Publication::new(wanted.written.site.clone(), &parts);
        let gate = Gate::compressed_by(&publication, &parts, |script| {
            self.press.press(gate::CONTENT_TYPE, script.as_bytes())
        });
        let mut files = self.shared.clone();
        for (name, html) in publication.notice_files() {
            let file = self.press.press(content_type(&name), html.as_bytes());
            files.insert(name, file);
        }
        let notices = publication.notices.iter();
        let site = Published::new(
            wanted,
            Parts {
                digest: publication.digest,
                gate,
                files,
                notices: notices
                    .map(|(language, notice)| (language.clone(), notice.digest))
                    .collect(),
                scope: publication.scope.clone(),
            },
        );
        let kept = self.kept(&site, &publication, wanted.written.text.as_ref());
        (site, kept)
    }

    /// What is to be kept of a publication.
    fn kept(
        &self,
        site: &Published,
        publication: &Publication,
        text: Option<&Text>,
    ) -> Vec<Artefact> {
        let of = Some(&site.id);
        let mut kept = ToKeep {
            artefacts: Vec::new(),
            now: self.now,
        };
        let scope = publication.scope.to_value().to_json();
        kept.keep(site.scope_digest, ArtefactKind::Scope, of, scope);
        for notice in publication.notices.values() {
            let content = notice.value.to_json();
            kept.keep(notice.digest, ArtefactKind::Notice, of, content);
        }
        if let (Some(digest), Some(text)) = (site.declared, text) {
            let content = published_declarations::content(text, site.notices.values().copied());
            kept.keep(digest, ArtefactKind::Declaration, of, content);
        }
        for (name, file) in &site.files {
            if !self.shared.contains_key(name) {
                kept.keep(*file.digest(), ArtefactKind::File, None, file.bytes());
            }
        }
        let list = list_of(&site.files);
        kept.keep(site.digest, ArtefactKind::Publication, of, list);
        kept.artefacts
    }

    /// What is to be kept of what all sites share.
    fn of_bundle(&self) -> Vec<Artefact> {
        let mut kept = ToKeep {
            artefacts: Vec::new(),
            now: self.now,
        };
        let list = self.bundle.list.clone();
        kept.keep(self.bundle.digest, ArtefactKind::Bundle, None, list);
        for (_, bytes) in self.bundle.files() {
            kept.keep(Digest::of(bytes), ArtefactKind::File, None, bytes);
        }
        kept.artefacts
    }

    fn remember(&self, site: &Published) {
        let Some(inputs) = &site.inputs else { return };
        let text = |file: &StaticFile| file.digest().to_text();
        let ahead = site.gate.ahead().iter();
        let listed = Listed {
            digest: site.digest.to_text(),
            notices: site
                .notices
                .iter()
                .map(|(language, digest)| (language.to_string(), digest.to_text()))
                .collect(),
            gate: text(site.gate.alone()),
            ahead: ahead
                .map(|(language, file)| (language.to_string(), text(file)))
                .collect(),
            files: site
                .files
                .iter()
                .map(|(name, file)| (name.clone(), text(file)))
                .collect(),
        };
        self.press.cache.keep_publication(inputs, &listed);
    }
}

/// The site as it is served, if it is the same.
fn served_before(wanted: &Wanted, before: &Sites) -> Option<Arc<Published>> {
    let site = before.get(wanted.written.site.id.as_str())?;
    let is_same =
        wanted.inputs.is_some() && site.inputs == wanted.inputs && site.file == wanted.written.file;
    is_same.then(|| Arc::clone(site))
}

/// Compresses what was never compressed before.
struct Press<'a> {
    cache: &'a Cache,
    known: Mutex<BTreeMap<(Digest, &'static str), Arc<StaticFile>>>,
    compressed: AtomicUsize,
}

impl<'a> Press<'a> {
    fn new(cache: &'a Cache, before: &Sites) -> Self {
        let known = before.iter().flat_map(|site| site.served());
        let known = known.map(|file| ((*file.digest(), file.content_type()), Arc::clone(file)));
        Self {
            cache,
            known: Mutex::new(known.collect()),
            compressed: AtomicUsize::new(0),
        }
    }

    fn press(&self, content_type: &'static str, content: &[u8]) -> Arc<StaticFile> {
        let digest = Digest::of(content);
        if let Some(file) = self.pressed(content_type, digest) {
            return file;
        }
        let file = StaticFile::new(content_type, content.to_vec());
        self.compressed.fetch_add(1, Ordering::Relaxed);
        self.cache.keep_file(&file);
        self.share(file)
    }

    /// A file that was compressed before.
    fn pressed(&self, content_type: &'static str, digest: Digest) -> Option<Arc<StaticFile>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known.get(&(digest, content_type)) {
            return Some(Arc::clone(file));
        }
        drop(known);
        let file = self.cache.file(content_type, digest)?;
        Some(self.share(file))
    }

    /// One in memory for all who have the same.
    fn share(&self, file: StaticFile) -> Arc<StaticFile> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (*file.digest(), file.content_type());
        Arc::clone(known.entry(name).or_insert_with(|| Arc::new(file)))
    }
}

/// What a site's publication consists of.
struct Parts {
    digest: Digest,
    gate: Gate,
    files: BTreeMap<String, Arc<StaticFile>>,
    notices: BTreeMap<Language, Digest>,
    scope: Scope,
}

impl Published {
    fn new(wanted: &Wanted, parts: Parts) -> Self {
        let Written {
            site,
            text,
            file,
            findings,
        } = &wanted.written;
        let Parts {
            digest,
            gate,
            files,
            notices,
            scope,
        } = parts;
        let default = site.languages.first();
        let declared = text.as_ref().map(|text| {
            let content = published_declarations::content(text, notices.values().copied());
            Digest::of(content.as_bytes())
        });
        Self {
            id: site.id.clone(),
            name: default
                .map(|language| site.name.get(language))
                .unwrap_or_default()
                .to_owned(),
            declaration: site.clone(),
            file: file.clone(),
            declared,
            findings: findings.clone(),
            exempt: site.exempt_names().into_iter().map(str::to_owned).collect(),
            controller: site.controller.name.clone(),
            origins: site.origins.clone(),
            cookie: site.cookie.clone(),
            valid: site.valid,
            proof: site.proof,
            scope_digest: scope.digest(),
            scope,
            notices,
            digest,
            gate,
            files,
            inputs: wanted.inputs,
        }
    }

    /// All files that are in memory for it.
    fn served(&self) -> impl Iterator<Item = &Arc<StaticFile>> {
        let gates = self.gate.ahead().iter().map(|(_, file)| file);
        let gates = gates.chain([self.gate.alone()]);
        gates.chain(self.files.values())
    }

    /// All that the store keeps of it.
    fn artefacts(&self) -> Vec<(Option<&SiteId>, ArtefactKind, Digest)> {
        let of = Some(&self.id);
        let mut names = vec![
            (of, ArtefactKind::Scope, self.scope_digest),
            (of, ArtefactKind::Publication, self.digest),
        ];
        names.extend(self.declared.map(|d| (of, ArtefactKind::Declaration, d)));
        names.extend(
            self.notices
                .values()
                .map(|d| (of, ArtefactKind::Notice, *d)),
        );
        let files = self.files.values();
        names.extend(files.map(|file| (None, ArtefactKind::File, *file.digest())));
        names
    }

    /// Whether a name needs no consent: `operation` and its services.
    #[must_use]
    pub fn is_exempt(&self, name: &str) -> bool {
        self.exempt.contains(name)
    }

    /// Whether its pages have a way to this act.
    #[must_use]
    pub fn can(&self, act: Act) -> bool {
        match act {
            // The banner takes the Escape key for it, whether or not it has a button; pages of their own have neither.
            Act::Dismiss => self.declaration.appearance.layout != Layout::None,
            Act::Signal => !self.declaration.signals.global_privacy_control.is_empty(),
            _ => true,
        }
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

/// A file of an earlier publication, for pages that were opened before the site changed. `folder` is its digest, or the
/// beginning of that.
pub(crate) fn kept_file(
    store: &dyn Store,
    site: &SiteId,
    folder: &str,
    name: &str,
) -> Result<Option<StaticFile>, StoreError> {
    let Some(digests) = digests_beginning_with(folder) else {
        return Ok(None);
    };
    let Some(list) = store.artefact_between(site, ArtefactKind::Publication, &digests)? else {
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
    Value::object(digests).to_json()
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
struct ToKeep {
    artefacts: Vec<Artefact>,
    now: UnixSeconds,
}

impl ToKeep {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::Bundle;
    use crate::data::DataFolder;
    use crate::folder::Folder;
    use crate::store::StoreAddress;
    use std::path::Path;

    const SITE: &str = include_str!("../tests/support/shop.toml");
    const BASE: &str = "[texts]\nintro = \"{controller} asks.\"\n";

    fn now() -> UnixSeconds {
        UnixSeconds::new(1_795_316_891).unwrap()
    }

    /// A folder with a site that has a base, and where it is published from.
    struct Place {
        folder: tempfile::TempDir,
        store: Arc<dyn Store>,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("sites")).unwrap();
            let store = StoreAddress::of(&DataFolder::at(folder.path()))
                .open()
                .unwrap();
            let place = Self { folder, store };
            place.write("shop.toml", &format!("base = \"base.toml\"\n{SITE}"));
            place.write("base.toml", BASE);
            place
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.sites().join(name), text).unwrap();
        }

        fn sites(&self) -> std::path::PathBuf {
            self.folder.path().join("sites")
        }

        fn data(&self) -> &Path {
            self.folder.path()
        }

        fn publisher(&self) -> Publisher {
            Publisher::new(
                Bundle::embedded().unwrap(),
                Cache::open(&DataFolder::at(self.data())),
            )
        }

        fn publish(&self, publisher: &Publisher, before: &Sites) -> Sites {
            let folder = Folder::read(&self.sites(), now()).unwrap();
            assert!(folder.refused.is_empty(), "{:?}", folder.refused);
            let last = Last::default();
            let sites = publisher.publish_folder(folder, &last, before, &*self.store, now());
            sites.unwrap()
        }
    }

    fn bytes(sites: &Sites) -> Vec<Vec<u8>> {
        let files = sites.iter().flat_map(|site| site.served());
        files.map(|file| file.bytes().to_vec()).collect()
    }

    #[test]
    fn whatever_a_site_is_made_from_is_looked_at_at_a_start_and_at_a_reload() {
        let shop = format!("base = \"base.toml\"\n{SITE}");
        let same = Publisher::new(Bundle::embedded().unwrap(), Cache::none());
        let of_bundle = Publisher::new(other_bundle(), Cache::none());
        let mut other = Publisher::new(Bundle::embedded().unwrap(), Cache::none());
        other.program = "another build".into();
        let logo = format!("{shop}\n[appearance]\nlogo = \"/logo.svg\"\n");
        let text = |from: &str, to: &str| shop.replacen(from, to, 1);
        for (what, shop, base, publisher) in [
            (
                "declaration",
                text("Counts visits.", "Counts."),
                BASE,
                &same,
            ),
            (
                "origins",
                text("www.shop.example\"]", "shop.example\"]"),
                BASE,
                &same,
            ),
            (
                "texts",
                format!("{shop}\n[texts]\nintro = \"{{controller}} demande.\"\n"),
                BASE,
                &same,
            ),
            ("logo", logo, BASE, &same),
            (
                "base",
                shop.clone(),
                "[texts]\nintro = \"{controller} asks again.\"\n",
                &same,
            ),
            ("bundle", shop.clone(), BASE, &of_bundle),
            ("program", shop.clone(), BASE, &other),
        ] {
            let place = Place::new();
            let fresh = place.publisher();
            let before = place.publish(&fresh, &Sites::default());
            assert_eq!(before.made().rendered, 1);
            let unchanged = place.publish(&fresh, &Sites::default());
            assert_eq!(unchanged.made(), Made::default(), "{what}");
            assert_eq!(bytes(&unchanged), bytes(&before), "{what}");

            place.write("shop.toml", &shop);
            place.write("base.toml", base);
            // In the place's own cache.
            let changed = Publisher {
                bundle: publisher.bundle.clone(),
                cache: Cache::open(&DataFolder::at(place.data())),
                program: publisher.program.clone(),
            };
            let started = place.publish(&changed, &Sites::default());
            let reloaded = Publisher {
                bundle: publisher.bundle.clone(),
                cache: Cache::none(),
                program: publisher.program.clone(),
            };
            let reloaded = place.publish(&reloaded, &before);
            assert_eq!(started.made().rendered, 1, "{what}");
            assert_eq!(reloaded.made().rendered, 1, "{what}");
            let afresh = Folder::read(&place.sites(), now()).unwrap().sites;
            let afresh = Sites::publish(afresh, &publisher.bundle, &*place.store, now()).unwrap();
            assert_eq!(bytes(&started), bytes(&afresh), "{what}");
            assert_eq!(bytes(&reloaded), bytes(&afresh), "{what}");
            // Some of what is declared is in no file, and is served all the same.
            let is_in_files = !matches!(what, "program" | "origins");
            assert_eq!(bytes(&afresh) != bytes(&before), is_in_files, "{what}");
            for sites in [&started, &reloaded] {
                let [site, afresh] = [sites, &afresh].map(|sites| sites.get("shop").unwrap());
                assert_eq!(site.origins, afresh.origins, "{what}");
            }
        }
    }

    /// One with another text in one file, as a build makes it.
    fn other_bundle() -> Bundle {
        let folder = tempfile::tempdir().unwrap();
        let whole = Bundle::embedded().unwrap();
        let mut files = BTreeMap::new();
        for (name, content) in whole.files() {
            let mut content = content.to_vec();
            if name == "log.js" {
                content.extend_from_slice(b"\n");
            }
            std::fs::write(folder.path().join(name), &content).unwrap();
            files.insert(name.to_owned(), Digest::of(&content).to_text());
        }
        let list = Value::object(files.iter().map(|(name, digest)| (&**name, &**digest)));
        let bundle = list.digest().to_text();
        let record = serde_json::json!({ "bundle": bundle, "files": files });
        std::fs::write(folder.path().join("build.json"), record.to_string()).unwrap();
        Bundle::from_folder(folder.path()).unwrap()
    }

    #[test]
    fn what_all_sites_share_is_in_memory_once() {
        let place = Place::new();
        for number in 0..3 {
            let text = SITE.replace("id = \"shop\"", &format!("id = \"shop-{number}\""));
            place.write(&format!("{number}.toml"), &text);
        }
        for publisher in [place.publisher(), place.publisher()] {
            let sites = place.publish(&publisher, &Sites::default());
            let mut first: Option<Arc<StaticFile>> = None;
            for site in sites.iter() {
                let file = &site.files["banner.wasm"];
                assert!(first.as_ref().is_none_or(|first| Arc::ptr_eq(first, file)));
                first = Some(Arc::clone(file));
            }
            let again = place.publish(&publisher, &sites);
            assert_eq!(again.made(), Made::default());
            for site in again.iter() {
                assert!(Arc::ptr_eq(site, sites.get(site.id.as_str()).unwrap()));
            }
        }
    }
}
