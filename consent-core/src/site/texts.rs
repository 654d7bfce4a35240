//! What a site says in its own words where the library has words of its own.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::diagnostic::Fault;
use super::localized::in_languages;
use super::node::{SchemaNode, localized, optional, table};
use super::reader::Table;
use crate::i18n::{Strings, TextKind, columns, names, places};
use crate::language::Language;

/// A site's own words for texts of the library, by language and by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(BTreeMap<Language, BTreeMap<&'static str, String>>);

impl Texts {
    /// The texts that a site says in its own words in a language, by name.
    pub fn in_language(&self, language: &Language) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = self.0.get(language).into_iter().flatten();
        texts.map(|(name, text)| (*name, text.as_str()))
    }

    /// The library's texts in a language, with the site's own words in their place.
    pub(super) fn over_the_library(&self, language: &Language) -> Strings<'_> {
        // A site in a language without texts is refused when it is read.
        let known = Strings::of(language).unwrap_or(Strings::ENGLISH);
        let own = self.in_language(language);
        own.fold(known.clone(), |strings, (name, text)| {
            strings.with(name, text)
        })
    }
}

/// Reads a `[texts]` table.
pub(super) fn read(mut table: Table<'_>, languages: &[Language]) -> Texts {
    let mut texts = Texts::default();
    for (name, place) in names() {
        let Some(item) = table.get(name) else {
            continue;
        };
        for (language, (item, text)) in item
            .keep(in_languages(&item, languages))
            .unwrap_or_default()
        {
            let Some(known) = Strings::of(&language) else {
                continue;
            };
            let library = known.get(name).unwrap_or_default();
            if let Some(text) = item.keep(checked(text, library, place)) {
                let text = if known.right_to_left {
                    isolated(&text)
                } else {
                    text
                };
                texts.0.entry(language).or_default().insert(name, text);
            }
        }
    }
    for (language, own) in &texts.0 {
        if let Some(fault) = unequal(own) {
            table.report("accept_all", in_language(fault, language));
        }
    }
    table.finish();
    texts
}

fn checked(text: String, library: &str, place: TextKind) -> Result<String, Fault> {
    let (ours, theirs) = (places(library), places(&text));
    let braces = text.matches(['{', '}']).count();
    if ours != theirs || braces != 2 * theirs.len() {
        let advice = match &*ours {
            [] => "write it without { and }".into(),
            ours => {
                let ours: Vec<_> = ours.iter().map(|name| format!("{{{name}}}")).collect();
                format!("write {} in it, each once", ours.join(" and "))
            }
        };
        let problem = format!("\"{text}\" does not fill in what the library's text does");
        return Err(Fault::new(problem, advice));
    }
    let (width, most) = (columns(&without_places(&text)), place.most_columns());
    if width > most {
        return Err(Fault::new(
            format!("\"{text}\" is {width} characters wide"),
            format!("there is room for {most}; one of Chinese, Japanese or Korean takes two"),
        ));
    }
    Ok(text)
}

/// Agreeing and refusing stay parallel: who words one words both, of about the same length.
fn unequal(own: &BTreeMap<&'static str, String>) -> Option<Fault> {
    let [accept, refuse] = ["accept_all", "refuse_all"].map(|name| own.get(name));
    match (accept, refuse) {
        (None, None) => None,
        (Some(accept), Some(refuse)) => {
            let (one, other) = (columns(accept), columns(refuse));
            let is_parallel = accept != refuse && 2 * one.max(other) <= 3 * one.min(other) + 8;
            (!is_parallel).then(|| {
                Fault::new(
                    format!("\"{accept}\" and \"{refuse}\" are not parallel"),
                    "word both alike, at about the same length: refusing is as easy as accepting",
                )
            })
        }
        _ => Some(Fault::new(
            "and `refuse_all` go together",
            "word both, alike: refusing is as easy as accepting",
        )),
    }
}

fn in_language(fault: Fault, language: &Language) -> Fault {
    Fault::new(format!("{} (in {language})", fault.problem), fault.advice)
}

fn without_places(text: &str) -> String {
    crate::i18n::fill(text, &[])
}

/// What is filled in keeps its own direction, and does not turn the words around it.
fn isolated(text: &str) -> String {
    text.replace('{', "\u{2068}{").replace('}', "}\u{2069}")
}

pub(super) fn schema() -> SchemaNode {
    let own = |(name, _)| {
        let said = Strings::ENGLISH.get(name);
        optional(
            name,
            localized(&format!("For \"{}\"", said.unwrap_or_default())),
        )
    };
    table(
        "The site's own words for the library's, in all its languages or in some; what stands in {…} must stand in them too.",
        names().map(own),
    )
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::site::{Diagnostic, Site};

    fn site(languages: &str, texts: &str) -> Result<Site, Vec<String>> {
        let text = format!(
            r#"
            id = "shop"
            name = "The shop"
            languages = {languages}
            origins = ["https://shop.example"]
            controller = {{ name = "Shop Ltd", address = "York", contact = "privacy@shop.example" }}
            policy = {{ url = "/cookies", updated = 2026-03-01 }}
            [texts]
            {texts}"#
        );
        let said = |wrong: Vec<Diagnostic>| wrong.iter().map(ToString::to_string).collect();
        Site::parse("shop.toml", &text).map_err(said)
    }

    #[test]
    fn a_site_puts_its_own_words_in_some_languages_and_keeps_the_others() {
        let texts = r#"reopen = { fr = "Vos choix" }
            table_kind = "Type"
            accept_all = { en = "Allow all" }
            refuse_all = { en = "Allow none" }"#;
        let site = site(r#"["en", "fr"]"#, texts).unwrap();
        let [en, fr] = ["en", "fr"].map(|tag| site.strings(&tag.parse().unwrap()));
        assert_eq!((en.reopen, fr.reopen), ("Cookie settings", "Vos choix"));
        assert_eq!((en.table[1], fr.table[1]), ("Type", "Type"));
        assert_eq!((en.accept_all, en.refuse_all), ("Allow all", "Allow none"));
        assert_eq!((fr.accept_all, fr.table[0]), ("Tout accepter", "Nom"));
    }

    #[test]
    fn words_that_do_not_fit_are_refused_with_what_to_do() {
        for (texts, expected) in [
            ("acept_all = 'Yes'", "did you mean `accept_all`?"),
            (
                "title = { de = 'Cookies' }",
                "\"de\" is not a language of this site",
            ),
            ("title = 7", "write a table"),
            (
                "intro = 'We would use:'",
                "write {controller} in it, each once",
            ),
            (
                "intro = '{controller} and {controller}'",
                "write {controller} in it",
            ),
            (
                "intro = '{controler} would use:'",
                "write {controller} in it",
            ),
            (
                "current = '{decided} {expires}'",
                "{decided} and {expires} and {subject}",
            ),
            ("save = 'Save {all}'", "write it without { and }"),
            ("save = 'Save }'", "write it without { and }"),
            (
                "save = 'Save what I have chosen on this page'",
                "is 36 characters wide",
            ),
            (
                "save = '私が選んだものを全部ここに保存します'",
                "is 36 characters wide",
            ),
            ("refuse_all = 'No'", "and `refuse_all` go together"),
            (
                "accept_all = 'Yes'\nrefuse_all = 'I want to lose functions'",
                "\"Yes\" and \"I want to lose functions\" are not parallel",
            ),
            (
                "accept_all = 'Go on'\nrefuse_all = 'Go on'",
                "are not parallel",
            ),
        ] {
            let wrong = site(r#"["en"]"#, texts).unwrap_err();
            assert!(wrong[0].contains(expected), "{texts}: {wrong:?}");
            assert!(wrong[0].starts_with("shop.toml:"), "{wrong:?}");
        }
    }
}
