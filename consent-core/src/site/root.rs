//! A `site.toml` as a whole: its tables, and the keys that stand in none.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::appearance::{self, Appearance};
use super::base;
use super::categories::{self, Category};
use super::choice;
use super::controller::{self, Controller};
use super::cookie;
use super::data;
use super::diagnostic::Fault;
use super::frames;
use super::languages;
use super::localized::Localized;
use super::markup::{self, Markup};
use super::node::{SchemaNode, list, localized, optional, required, slug, table, whole};
use super::policy::{self, Policy};
use super::processor::{self, Processor};
use super::proof::{self, ProofRetention};
use super::reader::{Item, Table};
use super::services;
use super::signals::{self, Signals};
use super::texts::{self, Texts};
use super::time_zone::{self, TimeZone};
use super::values::{each, origin};
use crate::cookie::CookieSettings;
use crate::i18n::Strings;
use crate::id::{CategoryId, SiteId};
use crate::language::Language;
use crate::lifetime::Lifetime;
use crate::scope::{MAX_RECEIPT_LEN, Scope};
use crate::time::Months;

/// One web property of one controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The id that records carry as their audience.
    pub id: SiteId,
    /// The name that visitors know it by.
    pub name: Localized,
    /// The languages of its notice; the first is shown to visitors who read none of them.
    pub languages: Vec<Language>,
    /// Where its pages live: `https://www.example.org`.
    pub origins: Vec<String>,
    /// Raising it asks everybody again.
    pub revision: u32,
    /// Where those live who look after it: in their files, times are told there.
    pub time_zone: TimeZone,
    /// Who answers for the site.
    pub controller: Controller,
    /// Who runs the site for the controller.
    pub processor: Option<Processor>,
    /// The policy that the notice links to.
    pub policy: Policy,
    /// How long a choice is valid.
    pub valid: Months,
    /// After how many months, of 31 days, those who refused everything are asked again; their refusal stands until they answer.
    pub ask_again: Months,
    /// Whether a page is loaded again when something that runs is refused and cannot be stopped otherwise.
    pub reload: bool,
    /// How long proofs are kept.
    pub proof: ProofRetention,
    /// How long the data collected under consent are kept, where the site says so as a whole.
    pub data_retention: Option<Lifetime>,
    /// How the choice's own cookie is set.
    pub cookie: CookieSettings,
    /// The origins of other sites whose frames may hold its pages. In a frame of any other, nobody is asked.
    pub frame_ancestors: Vec<String>,
    /// How the notice looks, and where it stands.
    pub appearance: Appearance,
    /// How its pages mark what is held back.
    pub markup: Markup,
    /// Whom the gate tells about a choice, and whose signals it hears.
    pub signals: Signals,
    /// What it says in its own words where the library has words of its own.
    pub texts: Texts,
    /// What is declared, in the order of the file, `operation` first.
    pub categories: Vec<Category>,
}

impl Site {
    /// What visitors are asked to agree to.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let services = |category: &Category| {
            let services = category.services.iter();
            services
                .map(|service| (service.id.clone(), service.provider.clone()))
                .collect()
        };
        Scope {
            site: self.id.clone(),
            controller: self.controller.name.clone(),
            revision: self.revision,
            categories: self
                .asked()
                .map(|category| (category.id.clone(), services(category)))
                .collect(),
        }
    }

    /// The categories that visitors are asked about.
    pub fn asked(&self) -> impl Iterator<Item = &Category> {
        self.categories
            .iter()
            .filter(|category| category.is_asked())
    }

    /// The names that are always allowed: `operation` and its services.
    #[must_use]
    pub fn exempt_names(&self) -> BTreeSet<&str> {
        let exempt = self
            .categories
            .iter()
            .filter(|category| category.is_exempt());
        let services = exempt
            .flat_map(|category| &category.services)
            .map(|s| s.id.as_str());
        services.chain([CategoryId::OPERATION]).collect()
    }

    /// All texts of the notice in a language: the library's, with the site's own words in their place.
    #[must_use]
    pub fn strings(&self, language: &Language) -> Strings<'_> {
        self.texts.over_the_library(language)
    }
}

pub(super) fn read(mut root: Table<'_>) -> Option<Site> {
    // Read already: it is what this file is laid upon.
    root.get("base");
    let id = root.required(
        "id",
        "name the site, like `id = \"my-site\"` (a base has none: it is read with the sites that name it)",
        Item::parsed,
    );
    let languages = languages_of(&mut root);
    let l = &*languages;
    let name = root.required("name", "write the name that visitors know", |item| {
        Localized::read(item, l)
    });
    let origins = root.required(
        "origins",
        "list where the pages live, like [\"https://www.example.org\"]",
        origins,
    );
    let revision = root
        .optional("revision", |item| item.integer(1..u32::MAX))
        .unwrap_or(1);
    let time_zone = root.optional("time_zone", Item::parsed);
    let controller = root
        .required(
            "controller",
            "add a table [controller]: visitors must know who asks",
            Item::table,
        )
        .map(controller::read);
    let processor = root.optional("processor", Item::table).map(processor::read);
    let policy = root
        .required(
            "policy",
            "add a table [policy] with `url` and `updated`",
            Item::table,
        )
        .map(|table| policy::read(table, l));
    let choice = root
        .optional("choice", Item::table)
        .map(choice::read)
        .unwrap_or_default();
    let proof = root
        .optional("proof", Item::table)
        .map_or(proof::USUAL, proof::read);
    let data_retention = root.optional("data", Item::table).and_then(data::read);
    let cookie = root
        .optional("cookie", Item::table)
        .map(cookie::read)
        .unwrap_or_default();
    let frame_ancestors = root
        .optional("frames", Item::table)
        .map(frames::read)
        .unwrap_or_default();
    let appearance = root
        .optional("appearance", Item::table)
        .map(|table| appearance::read(table, origins.as_deref().unwrap_or_default()))
        .unwrap_or_default();
    let markup = root.optional("markup", Item::table).map(markup::read);
    let signals = root.optional("signals", Item::table).map(signals::read);
    let texts = root
        .optional("texts", Item::table)
        .map(|table| texts::read(table, l));
    let categories = categories::read(&mut root, l);
    let markup = markup.map(|read| read.checked(&categories));
    let signals = signals.map(|read| read.checked(&categories));

    // Whatever is missing, the keys that nobody asked for are reported too.
    let site = choice.valid.and_then(|valid| {
        Some(Site {
            id: id?,
            name: name?,
            origins: origins?,
            revision,
            time_zone: time_zone.unwrap_or_default(),
            controller: controller??,
            processor: match processor {
                Some(processor) => Some(processor?),
                None => None,
            },
            policy: policy??,
            valid,
            ask_again: choice.ask_again.unwrap_or(valid),
            reload: choice.reload.unwrap_or(true),
            proof,
            data_retention,
            cookie,
            frame_ancestors,
            appearance,
            markup: markup.unwrap_or_default(),
            signals: signals.unwrap_or_default(),
            texts: texts.unwrap_or_default(),
            categories,
            languages,
        })
    });
    if let Some(site) = &site {
        check_receipt_len(&root, site);
    }
    root.finish();
    site
}

fn languages_of(root: &mut Table<'_>) -> Vec<Language> {
    let advice = "list them, the default first, like [\"en\", \"fr\"]";
    let languages = root.required("languages", advice, languages::read);
    languages.unwrap_or_default()
}

/// The choice of every visitor must fit a cookie, signed.
fn check_receipt_len(root: &Table<'_>, site: &Site) {
    /// As long as base URLs get in practice.
    const ISSUER_LEN: usize = 60;
    let length = site.scope().longest_receipts(ISSUER_LEN).into_iter().max();
    if let Some(length) = length.filter(|length| *length > MAX_RECEIPT_LEN) {
        root.report(
            "services",
            Fault::new(
                format!(
                    "a receipt of this site could take {length} bytes, and {MAX_RECEIPT_LEN} is the most"
                ),
                "shorten the ids of categories and services, or join services into one",
            ),
        );
    }
}

fn origins(item: &Item<'_>) -> Result<Vec<String>, Fault> {
    if item.list()?.is_empty() {
        return Err(Fault::new("is empty", "name at least one origin"));
    }
    each(item, origin)
}

pub(super) fn schema() -> SchemaNode {
    table(
        "One web property of one controller.",
        [
            optional("base", base::schema()),
            required(
                "id",
                slug("Names the site in receipts and addresses. Do not change it."),
            ),
            required("name", localized("The name that visitors know.")),
            required("languages", languages::schema()),
            required("origins", origins_schema()),
            optional("revision", revision_schema()),
            optional("time_zone", time_zone::schema()),
            required("controller", controller::schema()),
            optional("processor", processor::schema()),
            required("policy", policy::schema()),
            optional("choice", choice::schema()),
            optional("proof", proof::schema()),
            optional("data", data::schema()),
            optional("cookie", cookie::schema()),
            optional("frames", frames::schema()),
            optional("appearance", appearance::schema()),
            optional("markup", markup::schema()),
            optional("signals", signals::schema()),
            optional("texts", texts::schema()),
            optional("categories", categories::schema()),
            optional("services", services::schema()),
        ],
    )
}

fn origins_schema() -> SchemaNode {
    let origin = SchemaNode::string().with("pattern", "^https?://[^/?#@ ]+$");
    let about = "Where the pages live, like \"https://www.example.org\".";
    list(about, origin).with("minItems", 1)
}

fn revision_schema() -> SchemaNode {
    whole("Raise it to ask everybody again.", 1, u32::MAX - 1).with("default", 1)
}
