//! `[services.*]`: the third parties and tools, and the category that each belongs to.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::cookies::{self, Cookie};
use super::diagnostic::{Fault, did_you_mean};
use super::like;
use super::localized::Localized;
use super::node::{Part, SchemaNode, list, localized, map, optional, reference, slug, table, text};
use super::reader::{Item, Table};
use super::values::{each, host, id, kept};
use crate::catalogue::category_words;
use crate::i18n::{Strings, countries};
use crate::id::{CategoryId, ServiceId};
use crate::language::Language;
use crate::lifetime::Lifetime;

/// One third party or tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The id of the catalogue's service that it takes from what it does not say itself.
    pub like: Option<&'static str>,
    /// The name that visitors know it by.
    pub name: Localized,
    /// The company behind it.
    pub provider: String,
    /// The provider's country, as ISO 3166-1 alpha-2.
    pub country: String,
    /// What it is for, in a line.
    pub purpose: Localized,
    /// URL of the provider's policy.
    pub policy: Localized,
    /// How long the data it collects are kept.
    pub retention: Option<Lifetime>,
    /// The hosts it contacts.
    pub hosts: Vec<String>,
    /// Why it needs no consent; there exactly in `operation`.
    pub exempt: Option<Localized>,
    /// What it stores.
    pub cookies: Vec<Cookie>,
}

/// The category that a service names, and where it names it.
pub(super) struct InCategory<'d> {
    pub(super) id: CategoryId,
    item: Item<'d>,
}

impl InCategory<'_> {
    pub(super) fn report_unknown<'k>(
        &self,
        known: impl Iterator<Item = &'k str>,
        languages: &[Language],
    ) {
        let id = self.id.as_str();
        let declare = format!("declare it as [categories.{id}] with a title and a description");
        let is_known = ["en", "fr"].into_iter().any(|tag| {
            let words = |language| category_words(id, &language);
            tag.parse().ok().and_then(words).is_some()
        });
        self.item.report(if is_known {
            let lacking = languages
                .iter()
                .filter(|language| category_words(id, language).is_none());
            let lacking: Vec<_> = lacking.map(Language::as_str).collect();
            let lacking = lacking.join(", ");
            let problem = format!("the library has no words for category \"{id}\" in {lacking}");
            Fault::new(problem, declare)
        } else {
            let problem = format!("there is no category \"{id}\"");
            Fault::new(problem, did_you_mean(id, known).unwrap_or(declare))
        });
    }
}

/// Reads one service, and which category it names.
pub(super) fn read<'d>(
    name: &str,
    item: &Item<'d>,
    languages: &[Language],
) -> Option<(Option<InCategory<'d>>, Service)> {
    let id = item.keep(id(name));
    let mut table = item.keep(item.table())?;
    let like = match table.get("like") {
        Some(item) => {
            // Without it, everything that it stands for would be said to be missing.
            let entry = item.keep(like::read(&item))?;
            table.put_beneath(entry.declared(), &item);
            Some(entry.id)
        }
        None => None,
    };
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
    let text = |item: &Item<'_>| Localized::read(item, languages);
    let display_name = table.required("name", "write the name that visitors know", text);
    let provider = table.required("provider", "name the company behind it", Item::string);
    let country = table.required("country", "write its country, like \"FR\"", country);
    let purpose = table.required("purpose", "say in a line what it is for", text);
    let policy = table.required("policy", "write the URL of the provider's policy", |item| {
        Localized::read_urls(item, languages)
    });
    let retention = table.optional("retention", kept);
    let hosts = table
        .optional("hosts", |item| each(item, host))
        .unwrap_or_default();
    let exempt = exempt(&mut table, category.as_ref(), languages);
    let cookies = table.optional("cookies", |item| {
        each(item, |item| {
            cookies::read(item, languages, purpose.as_ref())
        })
    });
    table.finish();
    let service = Service {
        id: id?,
        like,
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
        (item, _) => item.and_then(|item| item.keep(Localized::read(&item, languages))),
    }
}

fn country(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    // Visitors read its name, in their language.
    if Strings::ENGLISH.country(&text).is_some() {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a country code"),
            "write two capitals of ISO 3166-1, like \"FR\" (the United Kingdom is \"GB\", Greece \"GR\")",
        ))
    }
}

pub(super) fn schema() -> SchemaNode {
    let exempt = localized("Why it needs no consent; exactly in category operation.");
    let hosts = list("The hosts it contacts.", SchemaNode::reference("host"));
    let cookies = list("What it stores in the browser.", cookies::schema());
    let service = table(
        "One third party or tool.",
        [
            optional("like", like::schema()),
            optional("category", slug("The category it belongs to.")),
            optional("name", localized("The name that visitors know.")),
            optional("provider", text("The company behind it.")),
            optional(
                "country",
                SchemaNode::string()
                    .with(
                        "description",
                        "The provider's country, like \"FR\" (ISO 3166-1).",
                    )
                    .with("enum", Part::list(countries())),
            ),
            optional("purpose", localized("What it is for, in a line.")),
            optional(
                "policy",
                reference("localizedUrl", "The provider's policy."),
            ),
            optional(
                "retention",
                reference("span", "How long the data it collects are kept."),
            ),
            optional("hosts", hosts),
            optional("exempt", exempt),
            optional("cookies", cookies),
        ],
    );
    let operation = SchemaNode::new([("const", "operation".into())]);
    let is_exempt = SchemaNode::new([
        (
            "properties",
            SchemaNode::new([("category", operation.into())]).into(),
        ),
        ("required", Part::list(["category"])),
    ]);
    let no_reason = SchemaNode::new([("exempt", false.into())]);
    // What the catalogue has need not be said: which of it there is, only the reader knows.
    let needed = [
        "category", "name", "provider", "country", "purpose", "policy",
    ];
    let on_its_own = SchemaNode::new([("required", Part::list(needed))])
        .with("if", is_exempt)
        .with(
            "then",
            SchemaNode::new([("required", Part::list(["exempt"]))]),
        )
        .with("else", SchemaNode::new([("properties", no_reason.into())]));
    let is_like = SchemaNode::new([("required", Part::list(["like"]))]);
    let service = service.with("if", is_like).with("else", on_its_own);
    map(
        "The third parties and tools, each by an id of its own.",
        service,
    )
}
