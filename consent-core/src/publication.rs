//! A site made ready to be served: its scope, its notices, its gate, and the files around them.

use alloc::collections::BTreeMap;
use alloc::string::String;

use maud::{PreEscaped, html};

use crate::canonical::Value;
use crate::digest::Digest;
use crate::language::Language;
use crate::notice::Notice;
use crate::render;
use crate::scope::Scope;
use crate::site::Site;

/// Where the gate's template takes the site's manifest.
pub const MANIFEST_PLACE: &str = "__MANIFEST__";

/// The code that shows notices, as it was built.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    /// The gate's template, with [`MANIFEST_PLACE`] once in it.
    pub gate: &'a str,
    /// The banner's style sheet.
    pub style: &'a str,
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
    /// Names the folder of the immutable files: it changes with each of them, and with the bundle.
    pub digest: Digest,
    /// The site's manifest: JSON.
    pub manifest: String,
    /// `consent.js`: the gate with the manifest in it.
    pub gate: String,
    /// `{lang}.html`, what the banner fetches.
    pub files: BTreeMap<Language, String>,
}

impl Publication {
    /// Renders a site.
    #[must_use]
    pub fn new(site: Site, bundle: &Bundle<'_>) -> Self {
        let scope = site.scope();
        let notices: BTreeMap<_, _> = site
            .languages
            .iter()
            .map(|l| {
                (
                    l.clone(),
                    Notice::new(&site, l, bundle.style, bundle.digest),
                )
            })
            .collect();
        let files: BTreeMap<_, _> = notices
            .values()
            .map(|notice| (notice.language.clone(), file(&site, notice, bundle.style)))
            .collect();
        let names = files
            .iter()
            .map(|(l, file)| (l.as_str(), Digest::of(file.as_bytes())));
        let digest = Value::object([
            ("bundle", bundle.digest.into()),
            ("files", Value::object(names)),
        ])
        .digest();
        let manifest = manifest(&site, &scope, digest);
        let gate = bundle.gate.replacen(MANIFEST_PLACE, &manifest, 1);
        Self {
            site,
            scope,
            notices,
            digest,
            manifest,
            gate,
            files,
        }
    }
}

/// The notice with its style, its digest, and what the banner must know beside them.
fn file(site: &Site, notice: &Notice, style: &str) -> String {
    let direction = if render::strings(&notice.language).right_to_left {
        "rtl"
    } else {
        "ltr"
    };
    let wrapper = html! {
        style { (PreEscaped(style)) }
        div #consent lang=(notice.language) dir=(direction) data-notice=(notice.digest)
            data-months=(site.valid) data-path=(site.cookie.path) data-domain=[&site.cookie.domain] {
            (PreEscaped(&notice.html))
        }
    };
    wrapper.into_string()
}

/// The gate's manifest. Its keys are short because every page view pays for them:
///
/// | key | |
/// | --- | --- |
/// | `s` `v` `p` | site, scope, publication |
/// | `l` | languages, the default first |
/// | `k` | name of the cookie |
/// | `c` | the categories that are asked about, each with its services |
/// | `x` | what is always allowed |
/// | `b` `i` | label of the re-open button by language, and its side; absent when the site has its own |
fn manifest(site: &Site, scope: &Scope, digest: Digest) -> String {
    let categories = site.asked().map(|category| {
        (
            category.id.as_str(),
            Value::array(category.services.iter().map(|s| s.id.as_str())),
        )
    });
    let mut members = alloc::vec![
        ("s", Value::from(site.id.as_str())),
        ("v", scope.digest().into()),
        ("p", digest.into()),
        (
            "l",
            Value::array(site.languages.iter().map(Language::as_str))
        ),
        ("k", Value::from(&*site.cookie.name)),
        ("c", Value::object(categories)),
        ("x", Value::array(site.exempt_names())),
    ];
    if let Some(side) = site.appearance.reopen {
        let label = |language: &Language| render::strings(language).reopen;
        let labels = site
            .languages
            .iter()
            .map(|language| (language.as_str(), label(language)));
        members.push(("b", Value::object(labels)));
        members.push(("i", side.as_str().into()));
    }
    // A gate may also be written into a page: nothing in it may end a script element.
    Value::object(members).to_json().replace('<', "\\u003c")
}
