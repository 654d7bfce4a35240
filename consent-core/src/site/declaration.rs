//! From a TOML document to a [`Site`].

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::appearance;
use super::base::{self, Base};
use super::diagnostic::{Diagnostic, Fault, did_you_mean};
use super::document::{BASE, Document, OWN, Source};
use super::markup;
use super::reader::{Item, Rank, Table};
use super::signals;
use super::texts;
use super::{
    AtEnd, Authority, Category, Controller, Cookie, Declaration, Lifetime, Localized, Policy,
    Processor, ProofRetention, Service, Site, StorageKind,
};
use crate::cookie::CookieSettings;
use crate::i18n::{self, Strings};
use crate::id::CategoryId;
use crate::language::Language;
use crate::scope::MAX_RECEIPT_LEN;
use crate::time::Months;

pub(super) fn read(
    own: Source<'_>,
    read_base: impl FnOnce(&str) -> Result<Base, String>,
) -> Result<Declaration, Vec<Diagnostic>> {
    // The base's text is there before the document that borrows it.
    let shared;
    let mut document = Document::new(own);
    let root = document.parse(OWN);
    match base::find(&document, &root, read_base) {
        Ok(None) => {}
        Ok(Some((found, span))) => {
            shared = found;
            let Base { file, text } = &shared;
            document.put_beneath(Source { file, text }, span);
        }
        // Without it, everything that it holds would be said to be missing.
        Err(()) => return Err(document.finish().0),
    }
    let beneath = document.has_base().then(|| document.parse(BASE));
    if let Some(beneath) = &beneath {
        base::check(&document, beneath);
    }
    let site = site(Table::root(&document, &root, beneath.as_ref()));
    let (found, places) = document.finish();
    match site {
        Some(site) if found.is_empty() => Ok(Declaration { site, places }),
        _ => Err(found),
    }
}

/// The keys that each table of a document is asked for, by its path.
#[cfg(test)]
pub(super) fn known_keys(text: &str) -> BTreeMap<String, Vec<&'static str>> {
    let file = "site.toml";
    let document = Document::new(Source { file, text });
    let root = document.parse(OWN);
    site(Table::root(&document, &root, None));
    document.known.into_inner()
}

fn site(mut root: Table<'_>) -> Option<Site> {
    // Read already: it is what this file is laid upon.
    root.get("base");
    let id = root.required(
        "id",
        "name the site, like `id = \"my-site\"` (a base has none: it is read with the sites that name it)",
        Item::parsed,
    );
    let languages = root
        .required(
            "languages",
            "list them, the default first, like [\"en\", \"fr\"]",
            languages,
        )
        .unwrap_or_default();
    let l = &*languages;
    let name = root.required("name", "write the name that visitors know", |item| {
        localized(item, l)
    });
    let origins = root.required(
        "origins",
        "list where the pages live, like [\"https://www.example.org\"]",
        origins,
    );
    let revision = root
        .optional("revision", |item| item.integer(1..u32::MAX))
        .unwrap_or(1);
    let controller = root
        .required(
            "controller",
            "add a table [controller]: visitors must know who asks",
            Item::table,
        )
        .map(controller);
    let processor = root.optional("processor", Item::table).map(processor);
    let policy = root
        .required(
            "policy",
            "add a table [policy] with `url` and `updated`",
            Item::table,
        )
        .map(|table| policy(table, l));
    let (valid, ask_again, reload) = root
        .optional("choice", Item::table)
        .map_or((Some(Months::THIRTEEN), None, None), choice);
    let proof = root.optional("proof", Item::table).map_or(PROOF, proof);
    let data_retention = root.optional("data", Item::table).and_then(data);
    let cookie = root
        .optional("cookie", Item::table)
        .map(cookie_settings)
        .unwrap_or_default();
    let frame_ancestors = root
        .optional("frames", Item::table)
        .map(frames)
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
    let categories = categories(&mut root, l);
    let markup = markup.map(|read| read.checked(&categories));
    let signals = signals.map(|read| read.checked(&categories));

    // Whatever is missing, the keys that nobody asked for are reported too.
    let site = valid.and_then(|valid| {
        Some(Site {
            id: id?,
            name: name?,
            origins: origins?,
            revision,
            controller: controller??,
            processor: match processor {
                Some(processor) => Some(processor?),
                None => None,
            },
            policy: policy??,
            valid,
            ask_again: ask_again.unwrap_or(valid),
            reload: reload.unwrap_or(true),
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

fn languages(item: &Item<'_>) -> Result<Vec<Language>, Fault> {
    let languages: Vec<Language> = each(item, |item| {
        let language: Language = item.parsed()?;
        if Strings::of(&language).is_none() {
            let known: Vec<_> = i18n::languages().collect();
            return Err(Fault::new(
                format!("the notice has no texts in \"{language}\""),
                format!("use one of {}", known.join(", ")),
            ));
        }
        Ok(language)
    })?;
    if languages.is_empty() {
        return Err(Fault::new("is empty", "name at least one language"));
    }
    Ok(languages)
}

fn origins(item: &Item<'_>) -> Result<Vec<String>, Fault> {
    if item.list()?.is_empty() {
        return Err(Fault::new("is empty", "name at least one origin"));
    }
    each(item, origin)
}

fn origin(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    if host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not an origin"),
            "write scheme and host only, like \"https://www.example.org\"",
        ))
    }
}

fn controller(mut table: Table<'_>) -> Option<Controller> {
    let name = table.required("name", "name the controller", Item::string);
    let address = table.required(
        "address",
        "write the controller's postal address",
        Item::string,
    );
    let contact = table.required("contact", "write an e-mail address or a URL", Item::string);
    let data_protection_officer = table.optional("data_protection_officer", Item::string);
    let authority = table
        .optional("authority", Item::table)
        .and_then(|mut table| {
            let name = table.required("name", "name the authority", Item::string);
            let url = table.required("url", "write its URL", url);
            table.finish();
            Some(Authority {
                name: name?,
                url: url?,
            })
        });
    table.finish();
    Some(Controller {
        name: name?,
        address: address?,
        contact: contact?,
        data_protection_officer,
        authority,
    })
}

fn processor(mut table: Table<'_>) -> Option<Processor> {
    let name = table.required("name", "name the company that runs the site", Item::string);
    let contact = table.required("contact", "write an e-mail address or a URL", Item::string);
    table.finish();
    Some(Processor {
        name: name?,
        contact: contact?,
    })
}

fn policy(mut table: Table<'_>, languages: &[Language]) -> Option<Policy> {
    let url = table.required("url", "write the policy's URL", |item| {
        localized_url(item, languages)
    });
    let updated = table.required(
        "updated",
        "write the date of its last update, like 2026-03-01",
        Item::date,
    );
    table.finish();
    Some(Policy {
        url: url?,
        updated: updated?,
    })
}

fn choice(mut table: Table<'_>) -> (Option<Months>, Option<Months>, Option<bool>) {
    let valid = match table.get("valid_months") {
        None => Some(Months::THIRTEEN),
        Some(item) => item
            .keep(item.integer(1..14).map_err(|fault| {
                Fault::new(
                    fault.problem,
                    "a choice is valid for 1 to 13 months; CNIL calls 6 good practice",
                )
            }))
            .and_then(months),
    };
    let ask_again = table.optional("ask_again_months", |item| {
        let months = item.integer(6..14).map_err(|fault| {
            Fault::new(
                fault.problem,
                "people are not asked again sooner than after 6 months, nor later than after 13",
            )
        })?;
        if valid.is_some_and(|valid| months > u32::from(valid.get())) {
            return Err(Fault::new(
                "is later than the end of the choice",
                "people are asked again when their choice ends: use a number up to `valid_months`",
            ));
        }
        Ok(months)
    });
    let reload = table.optional("reload", Item::boolean);
    table.finish();
    (valid, ask_again.and_then(months), reload)
}

fn months(number: u32) -> Option<Months> {
    u8::try_from(number)
        .ok()
        .and_then(|number| Months::new(number).ok())
}

/// Five years is the usual limitation period in France (Code civil, art. 2224).
const PROOF: ProofRetention = ProofRetention {
    years: 5,
    at_end: AtEnd::Delete,
};

fn proof(mut table: Table<'_>) -> ProofRetention {
    let years = table.optional("keep_years", |item| item.integer(1..31));
    let at_end = table.optional("at_end", |item| {
        item.one_of(&[
            ("delete", AtEnd::Delete),
            ("anonymise", AtEnd::Anonymise),
            ("archive", AtEnd::Archive),
        ])
    });
    table.finish();
    ProofRetention {
        years: years.unwrap_or(PROOF.years),
        at_end: at_end.unwrap_or(PROOF.at_end),
    }
}

fn data(mut table: Table<'_>) -> Option<Lifetime> {
    let retention = table.optional("retention", Item::parsed);
    table.finish();
    retention
}

fn cookie_settings(mut table: Table<'_>) -> CookieSettings {
    let name = table.optional("name", |item| cookie_part(item, "=;, \"\\"));
    let path = table.optional("path", |item| {
        let path = cookie_part(item, ";, \"\\")?;
        if path.starts_with('/') {
            Ok(path)
        } else {
            Err(Fault::new(
                format!("\"{path}\" is not a path"),
                "begin it with `/`",
            ))
        }
    });
    let domain = table.optional("domain", |item| cookie_part(item, "=;,/: \"\\"));
    table.finish();
    let usual = CookieSettings::new(path.unwrap_or_else(|| "/".into()), domain);
    match name {
        Some(name) => CookieSettings { name, ..usual },
        None => usual,
    }
}

fn frames(mut table: Table<'_>) -> Vec<String> {
    let ancestors = table.optional("ancestors", |item| each(item, ancestor));
    table.finish();
    ancestors.unwrap_or_default()
}

/// An origin as browsers write it: they compare letter by letter.
fn ancestor(item: &Item<'_>) -> Result<String, Fault> {
    let text = origin(item)?;
    if text.contains('*') {
        return Err(Fault::new(
            format!("\"{text}\" names no one site"),
            "list each origin by itself",
        ));
    }
    let lower = text.to_lowercase();
    let usual_port = if lower.starts_with("https:") {
        ":443"
    } else {
        ":80"
    };
    let written = lower.strip_suffix(usual_port).unwrap_or(&lower);
    if text == written {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not how browsers write it"),
            format!("write \"{written}\""),
        ))
    }
}

fn cookie_part(item: &Item<'_>, forbidden: &str) -> Result<String, Fault> {
    let text = item.string()?;
    let fits = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !forbidden.contains(c));
    if fits && text.len() <= 200 {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" cannot stand in a cookie"),
            format!("use up to 200 plain characters, none of {forbidden}"),
        ))
    }
}

fn categories(root: &mut Table<'_>, languages: &[Language]) -> Vec<Category> {
    // Where a category is first named is where it stands in the notice.
    let mut all: Vec<(Rank, Category)> = Vec::new();
    let declared = root.optional("categories", Item::table);
    for (name, item) in declared.iter().flat_map(Table::entries) {
        if let Some(category) = category(&name, &item, languages) {
            all.push((item.rank, category));
        }
    }
    let services = root.optional("services", Item::table);
    for (name, item) in services.iter().flat_map(Table::entries) {
        let Some((in_category, service)) = service(&name, &item, languages) else {
            continue;
        };
        let Some(in_category) = in_category else {
            continue;
        };
        if !all
            .iter()
            .any(|(_, category)| category.id == in_category.id)
        {
            let Some(category) = built_in(&in_category.id, languages) else {
                in_category.report_unknown(&all);
                continue;
            };
            all.push((item.rank, category));
        }
        if let Some((_, category)) = all.iter_mut().find(|(_, c)| c.id == in_category.id) {
            category.services.push(service);
        }
    }
    all.sort_by_key(|(place, category)| (!category.is_exempt(), *place));
    all.into_iter().map(|(_, category)| category).collect()
}

const BUILT_IN: [&str; 3] = [CategoryId::OPERATION, "social", "analytics"];

fn built_in(id: &CategoryId, languages: &[Language]) -> Option<Category> {
    if !BUILT_IN.contains(&id.as_str()) {
        return None;
    }
    let texts: Vec<_> = languages
        .iter()
        .filter_map(|language| {
            let pair = Strings::of(language)?.category(id.as_str())?;
            Some((language.clone(), pair))
        })
        .collect();
    let localized = |part: fn(&(&'static str, &'static str)) -> &'static str| {
        Localized(
            texts
                .iter()
                .map(|(l, pair)| (l.clone(), part(pair).into()))
                .collect(),
        )
    };
    Some(Category {
        id: id.clone(),
        title: localized(|pair| pair.0),
        description: localized(|pair| pair.1),
        services: Vec::new(),
    })
}

fn category(name: &str, item: &Item<'_>, languages: &[Language]) -> Option<Category> {
    let id = item.keep(slug::<CategoryId>(name))?;
    let mut table = item.keep(item.table())?;
    let title = |item: &Item<'_>| localized(item, languages);
    if let Some(mut category) = built_in(&id, languages) {
        if let Some(other) = table.optional("title", title) {
            category.title = other;
        }
        if let Some(other) = table.optional("description", title) {
            category.description = other;
        }
        table.finish();
        return Some(category);
    }
    let title = table.required("title", "write a few words", |item| {
        localized(item, languages)
    });
    let description = table.required("description", "write a line", |item| {
        localized(item, languages)
    });
    table.finish();
    Some(Category {
        id,
        title: title?,
        description: description?,
        services: Vec::new(),
    })
}

/// The category that a service names, and where it names it.
struct InCategory<'d> {
    id: CategoryId,
    item: Item<'d>,
}

impl InCategory<'_> {
    fn report_unknown(&self, all: &[(Rank, Category)]) {
        let known = all
            .iter()
            .map(|(_, category)| category.id.as_str())
            .chain(BUILT_IN);
        let advice = did_you_mean(self.id.as_str(), known).unwrap_or_else(|| {
            format!(
                "declare it as [categories.{}] with a title and a description",
                self.id
            )
        });
        self.item.report(Fault::new(
            format!("there is no category \"{}\"", self.id),
            advice,
        ));
    }
}

fn service<'d>(
    name: &str,
    item: &Item<'d>,
    languages: &[Language],
) -> Option<(Option<InCategory<'d>>, Service)> {
    let id = item.keep(slug(name));
    let mut table = item.keep(item.table())?;
    let category_item = table.get("category");
    if category_item.is_none() {
        table.report(
            "category",
            Fault::new("is missing", "say which category it belongs to"),
        );
    }
    let category = category_item.and_then(|item| {
        Some(InCategory {
            id: item.keep(item.parsed())?,
            item: item.clone(),
        })
    });
    let text = |item: &Item<'_>| localized(item, languages);
    let display_name = table.required("name", "write the name that visitors know", text);
    let provider = table.required("provider", "name the company behind it", Item::string);
    let country = table.required("country", "write its country, like \"FR\"", country);
    let purpose = table.required("purpose", "say in a line what it is for", text);
    let policy = table.required("policy", "write the URL of the provider's policy", |item| {
        localized_url(item, languages)
    });
    let retention = table.optional("retention", Item::parsed);
    let hosts = table
        .optional("hosts", |item| each(item, host))
        .unwrap_or_default();
    let exempt = exempt(&mut table, category.as_ref(), languages);
    let cookies = table.optional("cookies", |item| each(item, |item| cookie(item, languages)));
    table.finish();
    let service = Service {
        id: id?,
        name: display_name?,
        provider: provider?,
        country: country?,
        purpose: purpose?,
        policy: policy?,
        retention,
        hosts,
        exempt,
        cookies: cookies.unwrap_or_default().into_iter().flatten().collect(),
    };
    Some((category, service))
}

/// The reason why a service needs no consent stands exactly in `operation`.
fn exempt(
    table: &mut Table<'_>,
    category: Option<&InCategory<'_>>,
    languages: &[Language],
) -> Option<Localized> {
    let item = table.get("exempt");
    let is_operation = category.map(|category| category.id.as_str() == CategoryId::OPERATION);
    match (item, is_operation) {
        (None, Some(true)) => {
            let advice =
                "say why it needs no consent, or put it into a category that people can refuse";
            table.report("exempt", Fault::new("is missing", advice));
            None
        }
        (Some(item), Some(false)) => {
            let advice = "only services of category `operation` need no consent: remove it, or move the service";
            item.report(Fault::new("does not belong here", advice));
            None
        }
        (item, _) => item.and_then(|item| item.keep(localized(&item, languages))),
    }
}

fn cookie(item: &Item<'_>, languages: &[Language]) -> Result<Option<Cookie>, Fault> {
    let mut table = item.table()?;
    let name = table.required("name", "write its name, or a pattern with *", storage_name);
    let kind = table.optional("kind", |item| {
        item.one_of(&[
            ("cookie", StorageKind::Cookie),
            ("local-storage", StorageKind::LocalStorage),
            ("session-storage", StorageKind::SessionStorage),
        ])
    });
    let lifetime = table.required(
        "lifetime",
        "write how long it lives, like \"13 months\"",
        Item::parsed,
    );
    let purpose = table.required("purpose", "say in a line what it is for", |item| {
        localized(item, languages)
    });
    let domain = table.optional("domain", host);
    let http_only = table.optional("http_only", Item::boolean);
    table.finish();
    // What is missing was reported; the others are still read.
    let (Some(name), Some(lifetime), Some(purpose)) = (name, lifetime, purpose) else {
        return Ok(None);
    };
    let kind = kind.unwrap_or(StorageKind::Cookie);
    Ok(Some(Cookie {
        name,
        kind,
        lifetime,
        purpose,
        domain,
        http_only: http_only.unwrap_or(false),
    }))
}

fn storage_name(item: &Item<'_>) -> Result<String, Fault> {
    let name = item.string()?;
    let fixed = name.chars().filter(|c| *c != '*').count();
    if name.contains(char::is_whitespace) || name.len() > 100 {
        Err(Fault::new(
            format!("\"{name}\" is not a name"),
            "write up to 100 characters, no spaces",
        ))
    } else if fixed < 2 {
        // Withdrawal deletes what matches: such a pattern would delete everything.
        Err(Fault::new(
            format!("\"{name}\" matches too much"),
            "write at least two characters beside *",
        ))
    } else {
        Ok(name)
    }
}

fn slug<T: core::str::FromStr<Err: core::fmt::Display>>(name: &str) -> Result<T, Fault> {
    name.parse()
        .map_err(|error| Fault::new(format!("\"{name}\" is not an id"), format!("it {error}")))
}

fn country(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a country code"),
            "write two capitals of ISO 3166-1, like \"FR\"",
        ))
    }
}

fn host(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    let labels = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if text.split('.').all(labels) {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a host"),
            "write the name alone, in lower case, like \"www.example.org\"",
        ))
    }
}

fn url(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    check_url(&text)?;
    Ok(text)
}

fn check_url(text: &str) -> Result<(), Fault> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| !rest.is_empty()) || text.starts_with('/');
    if is_url && !text.contains(char::is_whitespace) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a URL"),
            "begin it with https:// (or / for a page of the site)",
        ))
    }
}

fn localized_url(item: &Item<'_>, languages: &[Language]) -> Result<Localized, Fault> {
    let urls = localized(item, languages)?;
    urls.0.values().try_for_each(|url| check_url(url))?;
    Ok(urls)
}

/// One text for all languages, or a table with a text for each.
fn localized(item: &Item<'_>, languages: &[Language]) -> Result<Localized, Fault> {
    let texts: BTreeMap<_, _> = in_languages(item, languages)?
        .into_iter()
        .map(|(language, (_, text))| (language, text))
        .collect();
    let missing: Vec<_> = languages
        .iter()
        .filter(|l| !texts.contains_key(l))
        .map(Language::as_str)
        .collect();
    if missing.is_empty() {
        Ok(Localized(texts))
    } else {
        let example: Vec<_> = missing.iter().map(|l| format!("{l} = \"…\"")).collect();
        Err(Fault::new(
            format!("has no text in {}", missing.join(", ")),
            format!("add {}", example.join(", ")),
        ))
    }
}

/// One text for all languages, or a table with a text for some; each with where it stands.
pub(super) fn in_languages<'d>(
    item: &Item<'d>,
    languages: &[Language],
) -> Result<BTreeMap<Language, (Item<'d>, String)>, Fault> {
    if item.is_string() {
        let text = item.string()?;
        let all = languages.iter();
        return Ok(all
            .map(|l| (l.clone(), (item.clone(), text.clone())))
            .collect());
    }
    let mut texts = BTreeMap::new();
    for (name, text) in item.table()?.entries() {
        let Some(language) = languages.iter().find(|language| language.as_str() == name) else {
            let named: Vec<_> = languages.iter().map(Language::as_str).collect();
            // A base serves sites in fewer languages than its own.
            let is_known = |tag: Language| Strings::of(&tag).is_some();
            if text.is_shared() && name.parse().is_ok_and(is_known) {
                continue;
            }
            text.report(Fault::new(
                format!("\"{name}\" is not a language of this site"),
                format!("the site's `languages` are {}", named.join(", ")),
            ));
            continue;
        };
        if let Some(words) = text.keep(text.string()) {
            texts.insert(language.clone(), (text, words));
        }
    }
    Ok(texts)
}

fn each<'d, T>(
    item: &Item<'d>,
    read: impl Fn(&Item<'d>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    Ok(item
        .list()?
        .iter()
        .filter_map(|item| item.keep(read(item)))
        .collect())
}
