//! A text in every language of the site: one for all, or a table with one for each.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::diagnostic::Fault;
use super::node::{Part, SchemaNode};
use super::reader::Item;
use super::values::{check_url, url_schema};
use crate::i18n::Strings;
use crate::language::Language;

/// A text in every language of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized(pub(super) BTreeMap<Language, String>);

impl Localized {
    /// The text in a language of the site; empty in a language that is none of the site's.
    #[must_use]
    pub fn get(&self, language: &Language) -> &str {
        self.0.get(language).map_or("", String::as_str)
    }

    /// One text for all languages, or a table with a text for each.
    pub(super) fn read(item: &Item<'_>, languages: &[Language]) -> Result<Self, Fault> {
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
            return Ok(Self(texts));
        }
        let example: Vec<_> = missing.iter().map(|l| format!("{l} = \"…\"")).collect();
        let example = example.join(", ");
        let missing = missing.join(", ");
        Err(if item.is_known() {
            let name = item.key.rsplit('.').next().unwrap_or_default();
            Fault::new(
                format!("has no text in {missing}: the catalogue has none"),
                format!("write `{name} = {{ {example} }}` beside `like`"),
            )
        } else {
            Fault::new(
                format!("has no text in {missing}"),
                format!("add {example}"),
            )
        })
    }

    /// A text of the catalogue, and `instead` in the languages that it lacks.
    pub(super) fn read_known(
        item: &Item<'_>,
        languages: &[Language],
        instead: Option<&Self>,
    ) -> Result<Self, Fault> {
        let known = in_languages(item, languages)?;
        let text = |language: &Language| {
            let known = known.get(language).map(|(_, text)| text.as_str());
            let text = known.or_else(|| Some(instead?.get(language)));
            // Where the service itself lacks a text, that is reported.
            (language.clone(), text.unwrap_or_default().into())
        };
        Ok(Self(languages.iter().map(text).collect()))
    }

    /// The same for texts that are URLs.
    pub(super) fn read_urls(item: &Item<'_>, languages: &[Language]) -> Result<Self, Fault> {
        let urls = Self::read(item, languages)?;
        urls.0.values().try_for_each(|url| check_url(url))?;
        Ok(urls)
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
            // The catalogue's French is that of every region.
            let regions = languages.iter().filter(|l| l.primary() == name);
            if text.is_known() {
                let words = text.string()?;
                for language in regions {
                    let words = || (text.clone(), words.clone());
                    texts.entry(language.clone()).or_insert_with(words);
                }
                continue;
            }
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

pub(super) fn schema() -> SchemaNode {
    schema_of(SchemaNode::string().with("pattern", r"\S"))
}

pub(super) fn url_schema_in_languages() -> SchemaNode {
    schema_of(url_schema())
}

/// One text for all languages, or a table with a text for each.
fn schema_of(text: SchemaNode) -> SchemaNode {
    let each = SchemaNode::new([("type", "object".into())])
        .with("minProperties", 1)
        .with("additionalProperties", text.clone());
    SchemaNode::new([("anyOf", Part::List(Vec::from([text.into(), each.into()])))])
}
