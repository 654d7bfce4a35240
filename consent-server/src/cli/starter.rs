//! How a declaration begins that `consent init` and `consent import` write: what is yet to be written stands as …

use super::declaring::quoted;
use consent_core::catalogue::{Catalogue, CatalogueEntry, KnownText, category_words};
use consent_core::language::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The starter's first line names the format that is written beside it.
pub(super) const SCHEMA: &str = "site.schema.json";

/// What is yet to be written; `consent check` finds it.
pub(super) const UNWRITTEN: &str = "…";

/// The service of the choice's own cookies.
pub(super) const CHOICE: &str = "consent-choice";

/// What a declaration says of a site and of who answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SiteFacts {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) languages: Vec<Language>,
    pub(super) origin: String,
    pub(super) revision: u32,
    pub(super) controller: String,
    pub(super) address: String,
    pub(super) contact: String,
    /// Of the controller, as ISO 3166-1 alpha-2.
    pub(super) country: String,
    /// Name and URL.
    pub(super) authority: Option<(String, String)>,
    /// URL.
    pub(super) policy: String,
    pub(super) valid_months: u8,
}

impl SiteFacts {
    /// Those of nobody.
    pub(super) fn example() -> Self {
        Self {
            id: "my-site".into(),
            name: "My site".into(),
            languages: ["en", "fr"]
                .iter()
                .filter_map(|tag| tag.parse().ok())
                .collect(),
            origin: "https://www.example.org".into(),
            revision: 1,
            controller: "My organisation".into(),
            address: "1 Example Street, 06000 Nice, France".into(),
            contact: "privacy@example.org".into(),
            country: "FR".into(),
            authority: Some(("CNIL".into(), "https://www.cnil.fr/".into())),
            policy: "https://www.example.org/cookies".into(),
            valid_months: 13,
        }
    }
}

/// The declaration up to its services, with that of the choice itself.
pub(super) fn beginning(facts: &SiteFacts) -> String {
    let languages: Vec<_> = facts
        .languages
        .iter()
        .map(|tag| quoted(tag.as_str()))
        .collect();
    let authority = match &facts.authority {
        Some((name, url)) => format!(
            "authority = {{ name = {}, url = {} }}",
            quoted(name),
            quoted(url)
        ),
        None => {
            "# authority = { name = \"…\", url = \"…\" }        # where visitors complain".into()
        }
    };
    let [id, name, origin, controller, address, contact, policy] = [
        &facts.id,
        &facts.name,
        &facts.origin,
        &facts.controller,
        &facts.address,
        &facts.contact,
        &facts.policy,
    ]
    .map(|text| quoted(text));
    let head = format!(
        "\
#:schema ./{SCHEMA}
# What this site asks its visitors, and for whom. Every key: docs of the project; what is wrong: `consent check site.toml`.

id = {id}   # a-z, 0-9 and hyphens; stands in the script tag: /s/{}/consent.js
name = {name}   # as visitors know it; {{ en = \"…\", fr = \"…\" }} where it differs
languages = [{}]   # the first is shown to visitors who read none of them
origins = [{origin}]   # where its pages live
revision = {}   # raise it to ask everybody again

[controller]   # who answers for the data
name = {controller}
address = {address}
contact = {contact}
# data_protection_officer = \"dpo@example.org\"   # if you have one
{authority}

[policy]
url = {policy}   # {{ en = \"…\", fr = \"…\" }} where each language has its page
updated = 2026-01-01

[choice]
valid_months = {}   # 1 to 13

[data]
retention = \"13 months\"   # how long the data of services are kept that do not say it themselves

# One table for each third party or tool. Known ones are like what the catalogue says of them, and any key beside `like` wins:
# `consent services` lists them, `consent add NAME` puts one in here. For all others, write every key.
# Categories: operation (needs no consent, and says why), social, analytics; with `like` also advertising and functional.
",
        facts.id,
        languages.join(", "),
        facts.revision,
        facts.valid_months,
    );
    match Catalogue::built_in().find(CHOICE) {
        Some(choice) => format!("{head}\n{}", like(facts, CHOICE, choice, &BTreeMap::new())),
        None => head,
    }
}

/// A service as the catalogue has it, under an id of the site's own. `purpose`: by language, where the catalogue has none.
pub(super) fn like(
    facts: &SiteFacts,
    id: &str,
    entry: &CatalogueEntry,
    purpose: &BTreeMap<String, String>,
) -> String {
    let mut table = format!("[services.{id}]\nlike = {}\n", quoted(entry.id));
    if entry.is_self_hosted() {
        table += &own(facts);
    }
    let (service, none) = (&entry.service, BTreeMap::new());
    table.extend(lacking(facts, "name", &service.name, &none));
    table.extend(lacking(facts, "purpose", &service.purpose, purpose));
    let exempt = service.exempt.as_ref();
    table.extend(exempt.and_then(|exempt| lacking(facts, "exempt", exempt, &none)));
    table
}

/// Who provides what the site runs itself.
pub(super) fn own(facts: &SiteFacts) -> String {
    let [provider, country, policy] =
        [&facts.controller, &facts.country, &facts.policy].map(|text| quoted(text));
    format!("provider = {provider}\ncountry = {country}\npolicy = {policy}\n")
}

/// The texts in the languages that the catalogue has none in.
fn lacking(
    facts: &SiteFacts,
    key: &str,
    known: &KnownText,
    own: &BTreeMap<String, String>,
) -> Option<String> {
    let languages = facts.languages.iter();
    let each = languages
        .filter(|language| !known.covers(language))
        .map(|language| {
            let own = own.get(language.as_str()).map_or(UNWRITTEN, String::as_str);
            format!("{language} = {}", quoted(own))
        });
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| format!("{key} = {{ {} }}\n", each.join(", ")))
}

/// The tables of the catalogue's categories that have no words in one of the site's languages.
pub(super) fn categories<'c>(facts: &SiteFacts, used: impl Iterator<Item = &'c str>) -> String {
    let mut tables = String::new();
    let used: BTreeSet<&str> = used.collect();
    for id in used {
        let words: Vec<_> = facts
            .languages
            .iter()
            .map(|language| (language, category_words(id, language)))
            .collect();
        let is_known = ["en", "fr"].iter().any(|tag| {
            let language = tag.parse::<Language>();
            language.is_ok_and(|language| category_words(id, &language).is_some())
        });
        if !is_known || words.iter().all(|(_, words)| words.is_some()) {
            continue;
        }
        let each = |part: fn((&'static str, &'static str)) -> &'static str| {
            let each = words.iter().map(|(language, words)| {
                format!("{language} = {}", quoted(words.map_or(UNWRITTEN, part)))
            });
            each.collect::<Vec<_>>().join(", ")
        };
        let _ = write!(
            tables,
            "\n[categories.{id}]\ntitle = {{ {} }}\ndescription = {{ {} }}\n",
            each(|(title, _)| title),
            each(|(_, description)| description)
        );
    }
    tables
}
