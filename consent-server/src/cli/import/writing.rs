//! A draft as a declaration. What nobody said stands as …, and `consent check` lists it.

use super::draft::{
    Draft, ForeignCookie, ForeignService, Texts, category_here, is_known_category, recognise, slug,
    stem,
};
use crate::cli::declaring::quoted;
use crate::cli::starter::{SiteFacts, UNWRITTEN, beginning, categories, like, own};
use consent_core::catalogue::CatalogueEntry;
use consent_core::i18n::Strings;
use consent_core::language::Language;
use consent_core::site::Dialect;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The text of the declaration; the draft then has also what the declaration has no place for.
pub(super) fn written(draft: &mut Draft) -> String {
    let facts = facts(draft);
    let mut text = beginning(&facts);
    let services = std::mem::take(&mut draft.services);
    let services = named(&services);
    text += &markup(draft, &services);
    text += &own_categories(draft, &facts, &services);
    for service in &services {
        text.push('\n');
        text += &match service.entry {
            Some(entry) => known(draft, &facts, service, entry),
            None => unknown(&facts, service),
        };
    }
    text
}

/// A service with its id and category here.
struct NamedService<'s> {
    id: String,
    category: String,
    entry: Option<&'static CatalogueEntry>,
    from: &'s ForeignService,
}

/// Services of one id are one: what two tools' entries mean.
fn named(services: &[ForeignService]) -> Vec<NamedService<'_>> {
    let mut all: Vec<NamedService<'_>> = Vec::new();
    for from in services {
        let entry = recognise(from);
        let category = match (&*from.category, entry) {
            ("", Some(entry)) => entry.service.category.clone(),
            ("", None) => "functional".into(),
            (name, _) => category_here(name),
        };
        let mut id = entry.map_or_else(|| slug(&from.name), |entry| entry.id.to_owned());
        if services
            .iter()
            .any(|service| category_here(&service.category) == id)
            || is_known_category(&id)
        {
            id += "-service";
        }
        if !all.iter().any(|service| service.id == id) {
            all.push(NamedService {
                id,
                category,
                entry,
                from,
            });
        }
    }
    all
}

fn facts(draft: &mut Draft) -> SiteFacts {
    let mut languages: Vec<Language> = Vec::new();
    for tag in std::mem::take(&mut draft.languages) {
        match tag.parse::<Language>() {
            Ok(language) if Strings::of(&language).is_some() => {
                if !languages.contains(&language) {
                    languages.push(language);
                }
            }
            _ => draft.leave(format!("language {tag}"), "has no texts in the library"),
        }
    }
    if languages.is_empty() {
        languages.extend("en".parse().ok());
    }
    let example = SiteFacts::example();
    let url = draft
        .policy
        .clone()
        .filter(|url| url.starts_with("https://"));
    if let Some(policy) = draft.policy.clone().filter(|_| url.is_none()) {
        draft.leave(
            format!("the policy's address {policy}"),
            "is relative: write the whole of it as `policy.url`",
        );
    }
    SiteFacts {
        languages,
        name: UNWRITTEN.into(),
        controller: UNWRITTEN.into(),
        address: UNWRITTEN.into(),
        contact: UNWRITTEN.into(),
        authority: None,
        country: UNWRITTEN.into(),
        origin: UNWRITTEN.into(),
        // Whoever agreed there is asked here once, whatever the number.
        revision: draft.revision.filter(|revision| *revision > 0).unwrap_or(1),
        valid_months: draft.months.unwrap_or(example.valid_months),
        policy: url.unwrap_or_else(|| UNWRITTEN.into()),
        ..example
    }
}

/// The tool's marks, and the names in them that are others here.
fn markup(draft: &mut Draft, services: &[NamedService<'_>]) -> String {
    let Some(dialect) = draft.dialect else {
        return String::new();
    };
    let used: BTreeSet<&str> = services.iter().map(|service| &*service.category).collect();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    // Cookiebot's marks name categories alone.
    let marked = services.iter().filter(|_| dialect != Dialect::Cookiebot);
    for service in marked {
        names.insert(&service.from.name, service.id.clone());
    }
    for foreign in &draft.categories {
        names.insert(&foreign.name, category_here(&foreign.name));
    }
    let mut unmapped = Vec::new();
    let mut text = String::new();
    for (theirs, ours) in &names {
        let is_used = used.contains(&**ours) || services.iter().any(|service| service.id == *ours);
        if *theirs == ours || !is_used {
            continue;
        }
        if theirs.contains(char::is_whitespace) {
            unmapped.push((*theirs).to_owned());
        } else {
            let _ = write!(
                text,
                "{}{} = {}",
                if text.is_empty() { "" } else { ", " },
                quoted(theirs),
                quoted(ours)
            );
        }
    }
    let names = if text.is_empty() {
        text
    } else {
        format!("names = {{ {text} }}\n")
    };
    for name in unmapped {
        draft.leave(
            format!("the name \"{name}\" in pages"),
            "has a space, which parts names: give the elements another",
        );
    }
    format!(
        "\n[markup]\ndialects = [{}]\n{names}",
        quoted(dialect.as_str())
    )
}

/// Categories that the library has no words for, and those of the catalogue that lack a language.
fn own_categories(draft: &Draft, facts: &SiteFacts, services: &[NamedService<'_>]) -> String {
    let used: BTreeSet<&str> = services.iter().map(|service| &*service.category).collect();
    let mut text = categories(facts, used.iter().copied());
    for id in used {
        if is_known_category(id) {
            continue;
        }
        let foreign = draft
            .categories
            .iter()
            .find(|foreign| category_here(&foreign.name) == id);
        let empty = Texts::new();
        let [title, description] = match foreign {
            Some(foreign) => [&foreign.title, &foreign.description],
            None => [&empty, &empty],
        };
        let _ = write!(
            text,
            "\n[categories.{id}]\ntitle = {}\ndescription = {}\n",
            localized(facts, title),
            localized(facts, description)
        );
    }
    text
}

/// What the catalogue has; the cookies that it has not are left.
fn known(
    draft: &mut Draft,
    facts: &SiteFacts,
    service: &NamedService<'_>,
    entry: &CatalogueEntry,
) -> String {
    let mut text = like(facts, &service.id, entry, &service.from.purpose);
    // The exemption of what the catalogue exempts is in it; one more is the owner's to give a reason for.
    if service.category != entry.service.category {
        let _ = writeln!(text, "category = {}", quoted(&service.category));
        if service.category == "operation" {
            let _ = writeln!(text, "exempt = \"{UNWRITTEN}\"");
        }
    }
    for cookie in &service.from.cookies {
        let mut cookies = entry.service.cookies.iter();
        if !cookies.any(|known| stem(&known.name) == stem(&cookie.name)) {
            draft.leave(
                format!("cookie {} of {}", cookie.name, service.from.name),
                "is not among those that the catalogue has: if the service still sets it, write `cookies` beside `like`",
            );
        }
    }
    text
}

fn unknown(facts: &SiteFacts, service: &NamedService<'_>) -> String {
    let from = service.from;
    let name = from.title.as_deref().unwrap_or(&from.name);
    let is_own = service.category == "operation" && from.provider.is_none();
    let mut text = format!(
        "[services.{}]\ncategory = {}\nname = {}\npurpose = {}\n",
        service.id,
        quoted(&service.category),
        quoted(name),
        localized(facts, &from.purpose)
    );
    if is_own {
        text += &own(facts);
    } else {
        let provider = from.provider.as_deref().unwrap_or(UNWRITTEN);
        let _ = write!(
            text,
            "provider = {}\ncountry = \"{UNWRITTEN}\"\npolicy = \"{UNWRITTEN}\"\n",
            quoted(provider)
        );
    }
    if service.category == "operation" {
        let _ = writeln!(text, "exempt = \"{UNWRITTEN}\"");
    }
    for cookie in &from.cookies {
        text += &stored(facts, service, cookie);
    }
    text
}

fn stored(facts: &SiteFacts, service: &NamedService<'_>, cookie: &ForeignCookie) -> String {
    let kind = cookie.kind.map(|kind| format!("kind = {}\n", quoted(kind)));
    format!(
        "\n[[services.{}.cookies]]\nname = {}\n{}lifetime = {}\npurpose = {}\n",
        service.id,
        quoted(&cookie.name),
        kind.unwrap_or_default(),
        quoted(cookie.lifetime.as_deref().unwrap_or(UNWRITTEN)),
        localized(facts, &cookie.purpose)
    )
}

/// A text in each language of the site, … where there is none.
fn localized(facts: &SiteFacts, texts: &Texts) -> String {
    let text = |language: &Language| {
        let text = texts
            .get(language.as_str())
            .or_else(|| texts.get(language.primary()));
        quoted(
            text.filter(|text| !text.is_empty())
                .map_or(UNWRITTEN, String::as_str),
        )
    };
    match facts.languages.as_slice() {
        [only] => text(only),
        several => {
            let each: Vec<_> = several
                .iter()
                .map(|language| format!("{language} = {}", text(language)))
                .collect();
            format!("{{ {} }}", each.join(", "))
        }
    }
}

/// How many services the catalogue has.
pub(super) fn count_known(services: &[ForeignService]) -> usize {
    let known = services
        .iter()
        .filter(|service| recognise(service).is_some());
    known.count()
}
