//! A site made ready to be served: its scope, its notices, its gate, and the files around them.
//!
//! Rendering is pure: the same site and the same bundle make the same bytes, and so the same digests, anywhere. The
//! crate's front page shows it in its place.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maud::{PreEscaped, html};

use crate::canonical::Value;
use crate::digest::Digest;
use crate::i18n::also_known;
use crate::language::Language;
use crate::look::Look;
use crate::notice::Notice;
use crate::render;
use crate::scope::Scope;
use crate::site::{Dialect, Layout, Side, Site, Theme};

mod folder;
mod manifest;

pub use folder::{FOLDER_LEN, folder_name};
use manifest::manifest;

/// Where the gate's template takes the site's manifest.
pub const MANIFEST_PLACE: &str = "__MANIFEST__";

/// Where it takes the parts that the site uses.
pub const PARTS_PLACE: &str = "__PARTS__";

/// Where the button that reopens the preferences takes its side, in reading direction.
const SIDE_PLACE: &str = "__SIDE__";

/// The part that holds the banner's script and a notice, for visitors who have yet to choose, and its places for them.
const AHEAD: &str = "ahead";
const LANGUAGE_PLACE: &str = "__LANGUAGE__";
const NOTICE_PLACE: &str = "__NOTICE__";

/// The code that shows notices, as it was built.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    /// The gate's template, with [`MANIFEST_PLACE`] and [`PARTS_PLACE`] once in it.
    pub gate: &'a str,
    /// What a site's gate may have besides, by name: each a function.
    pub parts: &'a BTreeMap<String, String>,
    /// The parts of the notice's style sheets, by name.
    pub styles: &'a BTreeMap<String, String>,
    /// The digest of the whole bundle.
    pub digest: Digest,
}

/// A site made ready to be served.
#[derive(Clone, Debug)]
pub struct Publication {
    /// What was published.
    pub site: Site,
    /// What visitors agree to.
    pub scope: Scope,
    /// What they are shown.
    pub notices: BTreeMap<Language, Notice>,
    /// Its beginning names the folder of the immutable files: it changes with each of them, and with the bundle.
    pub digest: Digest,
    /// The site's manifest: JSON.
    pub manifest: String,
    /// `consent.js`: the gate with the manifest in it.
    pub gate: String,
    /// `{lang}.html`, what the banner fetches: the first layer; under each tag that a visitor may bring for a language of
    /// the site.
    pub files: BTreeMap<Language, String>,
    /// `{lang}.preferences.html`, what is fetched besides when a visitor asks for it.
    pub preferences: BTreeMap<Language, String>,
}

impl Publication {
    /// Renders a site.
    #[must_use]
    pub fn new(site: Site, bundle: &Bundle<'_>) -> Self {
        let scope = site.scope();
        let look = Look::new(&site.appearance, bundle.styles);
        let notices: BTreeMap<_, _> = site
            .languages
            .iter()
            .map(|l| (l.clone(), Notice::new(&site, l, &look, bundle.digest)))
            .collect();
        let each = |file: &dyn Fn(&Notice) -> String| -> BTreeMap<Language, String> {
            let all = notices.values();
            let mut files: BTreeMap<_, _> = all
                .map(|notice| (notice.language.clone(), file(notice)))
                .collect();
            for (tag, language) in also_known(&site.languages) {
                if let Some(file) = files.get(language).cloned() {
                    files.insert(tag, file);
                }
            }
            files
        };
        let files = each(&|notice| file(&site, &scope, notice, &look));
        let preferences = each(&|notice| preferences(&site, notice, &look));
        let digests = named(&files, &preferences)
            .map(|(name, file)| (name, Digest::of(file.as_bytes()).to_text()));
        let digest = folder_digest(&bundle.digest, digests);
        let manifest = manifest(&site, &scope, digest, false);
        let gate = gate(&site, bundle, &manifest, None);
        Self {
            site,
            scope,
            notices,
            digest,
            manifest,
            gate,
            files,
            preferences,
        }
    }

    /// The files of the notices, by their names in the folder.
    pub fn notice_files(&self) -> impl Iterator<Item = (String, &str)> {
        named(&self.files, &self.preferences)
    }

    /// `consent.js` for a visitor who has yet to choose: with the banner's script and the notice of a language in it, so
    /// that they arrive together. It does what the gate alone does, and pages in other languages fetch their own notice.
    #[must_use]
    pub fn gate_ahead(&self, bundle: &Bundle<'_>, language: &Language) -> Option<String> {
        let text = |text: &str| Value::from(text).to_json();
        let notice = text(self.files.get(language)?);
        let part = bundle.parts.get(AHEAD)?;
        let part = part.replacen(LANGUAGE_PLACE, &text(language.as_str()), 1);
        // The notice last: it holds what the owner wrote.
        let part = part.replacen(NOTICE_PLACE, &notice, 1);
        Some(gate(&self.site, bundle, &self.manifest, Some(&part)))
    }

    /// The list of cookies and services in a language of the site, in plain HTML for a page of the site.
    #[must_use]
    pub fn declaration(&self, language: &Language) -> String {
        render::declaration(&self.site, language)
    }

    /// `consent.js` for pages that no server of ours stands behind: it keeps records unsigned, and sends them nowhere.
    #[must_use]
    pub fn static_gate(&self, bundle: &Bundle<'_>) -> String {
        let manifest = manifest(&self.site, &self.scope, self.digest, true);
        gate(&self.site, bundle, &manifest, None)
    }
}

/// The digest that names a publication's folder: over its bundle and the digests of the notices' files by their names,
/// which end in `.html`. The other files of the folder are the bundle's.
pub fn folder_digest(bundle: &Digest, files: impl Iterator<Item = (String, String)>) -> Digest {
    let files = files.map(|(name, digest)| (name, Value::from(&*digest)));
    Value::object([
        ("bundle", (*bundle).into()),
        ("files", Value::object(files)),
    ])
    .digest()
}

/// `{language}.html` with the first layer, and `{language}.preferences.html`.
fn named<'a>(
    first: &'a BTreeMap<Language, String>,
    preferences: &'a BTreeMap<Language, String>,
) -> impl Iterator<Item = (String, &'a str)> {
    let of = |files: &'a BTreeMap<Language, String>, ending: &'static str| {
        files
            .iter()
            .map(move |(language, html)| (format!("{language}{ending}"), &**html))
    };
    of(first, ".html").chain(of(preferences, ".preferences.html"))
}

/// The first layer with its style, the notice's digest, and what the banner must know beside them.
fn file(site: &Site, scope: &Scope, notice: &Notice, look: &Look) -> String {
    let wrapper = html! {
        style { (PreEscaped(&look.first)) }
        div #consent lang=(notice.language) dir=(direction(site, notice)) data-nosnippet
            data-site=(site.id) data-notice=(notice.digest) data-scope=(scope.digest())
            data-months=(site.valid) data-path=(site.cookie.path) data-domain=[&site.cookie.domain] {
            (PreEscaped(&notice.first_layer))
        }
    };
    wrapper.into_string()
}

/// The preferences with their style.
fn preferences(site: &Site, notice: &Notice, look: &Look) -> String {
    let wrapper = html! {
        style { (PreEscaped(&look.preferences)) }
        div lang=(notice.language) dir=(direction(site, notice)) data-nosnippet {
            (PreEscaped(&notice.preferences))
        }
    };
    wrapper.into_string()
}

fn direction(site: &Site, notice: &Notice) -> &'static str {
    if site.strings(&notice.language).right_to_left {
        "rtl"
    } else {
        "ltr"
    }
}

/// The gate with its manifest, and with the parts that the site uses: what it does not use, its visitors do not load.
fn gate(site: &Site, bundle: &Bundle<'_>, manifest: &str, ahead: Option<&str>) -> String {
    let signals = &site.signals;
    let markup = &site.markup;
    let dialects = Dialect::ALL.map(|d| (d.as_str(), markup.dialects.contains(&d)));
    let first = [
        ("frames", !site.frame_ancestors.is_empty()),
        ("google", signals.google_consent_mode.is_some()),
        ("uet", signals.microsoft_uet.is_some()),
        ("clarity", signals.microsoft_clarity.is_some()),
        ("matomo", signals.matomo.is_some()),
        ("meta", signals.meta_pixel.is_some()),
        ("data-layer", signals.data_layer.is_some()),
        ("gpc", !signals.global_privacy_control.is_empty()),
        ("ask-again", site.ask_again < site.valid),
        // Before those that wrap how elements are found.
        ("names", !markup.dialects.is_empty()),
    ];
    let last = [
        ("block", markup.block),
        ("shadow-roots", markup.shadow_roots),
        ("placeholders", markup.placeholders),
        ("reopen", site.appearance.reopen.is_some()),
        (
            "actions",
            markup.actions || site.appearance.layout == Layout::None,
        ),
        ("declaration", markup.declaration),
        ("page-theme", site.appearance.theme == Theme::Page),
    ];
    let used = first.into_iter().chain(dialects).chain(last);
    let parts: Vec<&str> = used
        .filter(|(_, is_used)| *is_used)
        .filter_map(|(name, _)| bundle.parts.get(name).map(String::as_str))
        .chain(ahead)
        .collect();
    let edge = match site.appearance.reopen {
        Some(Side::Right) => "end",
        _ => "start",
    };
    let parts = parts.join(",").replacen(SIDE_PLACE, edge, 1);
    // The manifest last: it holds what the owner wrote.
    let gate = bundle.gate.replacen(PARTS_PLACE, &parts, 1);
    gate.replacen(MANIFEST_PLACE, manifest, 1)
}
