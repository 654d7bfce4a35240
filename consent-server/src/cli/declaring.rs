//! Puts services of the catalogue into the text of a declaration, whose comments and order stay as they are.

use anyhow::{Result, bail};
use consent_core::catalogue::{Catalogue, CatalogueEntry};
use consent_core::language::Language;
use consent_core::site::{Base, Declaration, Diagnostic, Service, Site};
use std::fmt::Write as _;

/// The service of an id, or what was meant perhaps.
pub(super) fn find(id: &str) -> Result<&'static CatalogueEntry> {
    let catalogue = Catalogue::built_in();
    if let Some(entry) = catalogue.find(id) {
        return Ok(entry);
    }
    let misspelt = |entry: &&CatalogueEntry| strsim::damerau_levenshtein(entry.id, id) <= 2;
    let near: Vec<_> = match catalogue.iter().find(misspelt) {
        Some(entry) => Vec::from([entry]),
        None => catalogue.search(id).take(3).collect(),
    };
    let near: Vec<_> = near
        .iter()
        .map(|entry| format!("\"{}\"", entry.id))
        .collect();
    let advice = if near.is_empty() {
        "`consent services` lists all that there are".into()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    bail!("the catalogue has no service \"{id}\"; {advice}")
}

/// What a declaration says at least to have a service of the catalogue.
pub(super) fn table(entry: &CatalogueEntry) -> String {
    let id = entry.id;
    let table = format!("[services.{id}]\nlike = \"{id}\"\n");
    if entry.is_self_hosted() {
        let yours =
            "provider = \"…\"   # you, or who runs it for you\ncountry = \"…\"\npolicy = \"…\"\n";
        table + yours
    } else {
        table
    }
}

/// The text of a declaration with one service of the catalogue more, at its end. It is a declaration all the same, or an
/// error says what keeps it from being one.
///
/// `base` is the text of the base that it names.
pub(super) fn with_service(
    file: &str,
    text: &str,
    base: Option<&str>,
    entry: &CatalogueEntry,
) -> Result<String> {
    let site = match parse(file, text, base) {
        Ok(declaration) => declaration.site,
        Err(wrong) => bail!("first mend what is wrong:\n{}", lines(&wrong)),
    };
    let id = entry.id;
    if let Some(there) = services(&site).find(|service| service.id.as_str() == id) {
        bail!("{file}: services.{} is there already", there.id);
    }
    let mut added = String::from(text);
    if !added.is_empty() && !added.ends_with('\n') {
        added += "\n";
    }
    let table = if entry.is_self_hosted() {
        table_of_own(entry, &site)?
    } else {
        table(entry)
    };
    added.push('\n');
    added.push_str(&table);
    if text.contains("\r\n") {
        added = added.replace("\r\n", "\n").replace('\n', "\r\n");
    }
    match parse(file, &added, base) {
        Ok(_) => Ok(added),
        Err(wrong) => bail!(
            "{file} would not be right with it, and was left as it is. Write the service by hand, with what is missing:\n\n{table}\n{}",
            lines(&wrong)
        ),
    }
}

/// What a site runs itself: by whom and where is what its other services of its own say.
fn table_of_own(entry: &CatalogueEntry, site: &Site) -> Result<String> {
    let id = entry.id;
    let provider = &site.controller.name;
    let mut own = services(site).filter(|service| service.provider == *provider);
    let Some(own) = own.next() else {
        bail!(
            "no service says where {provider} is. Write it by hand, with your country and policy:\n\n{}",
            table(entry)
        );
    };
    let policy = localized(&site.languages, |language| own.policy.get(language));
    Ok(format!(
        "[services.{id}]\nlike = \"{id}\"\nprovider = {}\ncountry = {}\npolicy = {policy}\n",
        quoted(provider),
        quoted(&own.country)
    ))
}

/// One text where it is the same in all languages, or a table.
fn localized<'t>(languages: &[Language], text: impl Fn(&Language) -> &'t str) -> String {
    let each: Vec<_> = languages
        .iter()
        .map(|language| (language, text(language)))
        .collect();
    match each.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, text)| text == first) => quoted(first),
        each => {
            let each: Vec<_> = each
                .iter()
                .map(|(language, text)| format!("{language} = {}", quoted(text)))
                .collect();
            format!("{{ {} }}", each.join(", "))
        }
    }
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

fn services(site: &Site) -> impl Iterator<Item = &Service> {
    site.categories
        .iter()
        .flat_map(|category| &category.services)
}

fn parse(file: &str, text: &str, base: Option<&str>) -> Result<Declaration, Vec<Diagnostic>> {
    Declaration::parse_with_base(file, text, |name| match base {
        Some(text) => Ok(Base {
            file: name.into(),
            text: text.into(),
        }),
        None => Err("only this file was read".into()),
    })
}

fn lines(wrong: &[Diagnostic]) -> String {
    let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "\
# Ours.
id = \"shop\"
name = \"The shop\"   # as people know it
languages = [\"en\", \"fr\"]
origins = [\"https://shop.example\"]
[controller]
name = \"The \\\"Shop\\\"\"
address = \"1 High Street, York\"
contact = \"privacy@shop.example\"
[policy]
url = { en = \"https://shop.example/cookies\", fr = \"https://shop.example/fr/cookies\" }
updated = 2026-03-01
[services.choice]
like = \"consent-choice\"
provider = \"The \\\"Shop\\\"\"
country = \"GB\"
policy = { en = \"https://shop.example/cookies\", fr = \"https://shop.example/fr/cookies\" }";

    fn added(text: &str, id: &str) -> Result<String, String> {
        let entry = find(id).map_err(|error| error.to_string())?;
        with_service("site.toml", text, None, entry).map_err(|error| error.to_string())
    }

    #[test]
    fn a_text_is_quoted_so_that_it_is_read_as_it_was() {
        let text = "a \"b\" \\c\\ \n\u{1b}[1m \u{7f}é";
        let read: toml::Table = toml::from_str(&format!("text = {}", quoted(text))).unwrap();
        assert_eq!(read["text"].as_str(), Some(text));
    }

    #[test]
    fn a_service_is_added_at_the_end_and_all_else_stays() {
        let with = added(SITE, "youtube").unwrap();
        let expected = format!("{SITE}\n\n[services.youtube]\nlike = \"youtube\"\n");
        assert_eq!(with, expected);
        let windows = added(&SITE.replace('\n', "\r\n"), "youtube").unwrap();
        assert_eq!(windows, expected.replace('\n', "\r\n"));
    }

    #[test]
    fn what_the_site_runs_itself_is_said_to_be_its_own() {
        let with = added(SITE, "wordpress").unwrap();
        let table = with.strip_prefix(SITE).unwrap();
        assert_eq!(
            table,
            "\n\n[services.wordpress]\nlike = \"wordpress\"\nprovider = \"The \\\"Shop\\\"\"\ncountry = \"GB\"\n\
             policy = { en = \"https://shop.example/cookies\", fr = \"https://shop.example/fr/cookies\" }\n"
        );
        let nobody = SITE.split("[services.choice]").next().unwrap();
        let error = added(nobody, "wordpress").unwrap_err();
        assert!(error.contains("with your country and policy"), "{error}");
    }

    #[test]
    fn what_is_there_unknown_or_would_not_be_right_is_refused() {
        let with = added(SITE, "youtube").unwrap();
        let again = added(&with, "youtube").unwrap_err();
        assert_eq!(again, "site.toml: services.youtube is there already");
        let unknown = added(SITE, "yuotube").unwrap_err();
        assert_eq!(
            unknown,
            "the catalogue has no service \"yuotube\"; did you mean \"youtube\"?"
        );
        let german = SITE
            .replace("\"fr\"]", "\"de\"]")
            .replace("fr = ", "de = ")
            .replace("\"consent-choice\"", "\"consent-choice\"\nname.de = \"Wahl\"\npurpose.de = \"Merkt sie.\"\nexempt.de = \"Ist ausgenommen.\"");
        let error = added(&german, "youtube").unwrap_err();
        assert!(error.contains("was left as it is"), "{error}");
        assert!(
            error.contains("write `purpose = { de = \"…\" }` beside `like`"),
            "{error}"
        );
        let broken = added("id = 1", "youtube").unwrap_err();
        assert!(
            broken.starts_with("first mend what is wrong:\nsite.toml:1:1: "),
            "{broken}"
        );
    }
}
