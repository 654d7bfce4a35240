//! `[categories.*]`: what visitors are asked about, each with the services that belong to it.

use alloc::format;
use alloc::vec::Vec;

use super::diagnostic::Fault;
use super::localized::Localized;
use super::node::{SchemaNode, localized, map, optional, required, table};
use super::reader::{Item, Rank, Table};
use super::services::{self, Service};
use super::values::id;
use crate::catalogue::category_words;
use crate::i18n::Strings;
use crate::id::CategoryId;
use crate::language::Language;

/// A category, with its services in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// A few words.
    pub title: Localized,
    /// A line.
    pub description: Localized,
    /// What belongs to it. A category without services is declared, but not used and not asked about.
    pub services: Vec<Service>,
}

impl Category {
    /// Whether it needs no consent: it is always on, and never recorded as consented to.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.id.as_str() == CategoryId::OPERATION
    }

    /// Whether visitors are asked about it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.is_exempt() && !self.services.is_empty()
    }
}

/// Reads `[categories]` and, into them, `[services]`.
pub(super) fn read(root: &mut Table<'_>, languages: &[Language]) -> Vec<Category> {
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
        let Some((in_category, service)) = services::read(&name, &item, languages) else {
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
                let known = all.iter().map(|(_, category)| category.id.as_str());
                in_category.report_unknown(known.chain(BUILT_IN), languages);
                continue;
            };
            all.push((item.rank, category));
        }
        if let Some((_, category)) = all.iter_mut().find(|(_, c)| c.id == in_category.id) {
            category.services.push(service);
        }
    }
    // Pages ask for either by its name alone: one name for both would grant one with the other.
    for (name, item) in services.iter().flat_map(Table::entries) {
        let is_category = all.iter().any(|(_, category)| category.id.as_str() == name);
        if is_category || BUILT_IN.contains(&&*name) {
            item.report(Fault::new(
                format!("\"{name}\" is a category: with one name, what is granted to one is granted to the other"),
                "give the service another id, the name of its product",
            ));
        }
    }
    all.sort_by_key(|(place, category)| (!category.is_exempt(), *place));
    all.into_iter().map(|(_, category)| category).collect()
}

/// The categories that the library has words for in all its languages.
const BUILT_IN: [&str; 3] = [CategoryId::OPERATION, "social", "analytics"];

fn built_in(id: &CategoryId, languages: &[Language]) -> Option<Category> {
    let id_text = id.as_str();
    let pair = |language: &Language| {
        if BUILT_IN.contains(&id_text) {
            Strings::of(language)?.category(id_text)
        } else {
            category_words(id_text, language)
        }
    };
    let texts: Vec<_> = languages
        .iter()
        .filter_map(|language| Some((language.clone(), pair(language)?)))
        .collect();
    if !BUILT_IN.contains(&id_text) && (texts.is_empty() || texts.len() < languages.len()) {
        return None;
    }
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
    let id = item.keep(id::<CategoryId>(name))?;
    let mut table = item.keep(item.table())?;
    let title = |item: &Item<'_>| Localized::read(item, languages);
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
        Localized::read(item, languages)
    });
    let description = table.required("description", "write a line", |item| {
        Localized::read(item, languages)
    });
    table.finish();
    Some(Category {
        id,
        title: title?,
        description: description?,
        services: Vec::new(),
    })
}

pub(super) fn schema() -> SchemaNode {
    let built_in = |about: &str| {
        table(
            about,
            [
                optional("title", localized("A few words.")),
                optional("description", localized("A line.")),
            ],
        )
    };
    let own = table(
        "A category of your own. Without services it is shown as not used.",
        [
            required("title", localized("A few words.")),
            required("description", localized("A line.")),
        ],
    );
    let known = SchemaNode::new([
        (
            "operation",
            built_in("What needs no consent; it is always on.").into(),
        ),
        (
            "social",
            built_in("Content of social networks and media.").into(),
        ),
        ("analytics", built_in("Audience measurement.").into()),
    ]);
    map(
        "Categories of your own, or other words for the three that exist.",
        own,
    )
    .with("properties", known)
}
