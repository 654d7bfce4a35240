//! What `consent init` asks in a terminal, line by line. An empty answer takes what stands in brackets.

use super::authorities;
use crate::cli::starter::{CHOICE, SiteFacts};
use anyhow::{Result, bail};
use consent_core::catalogue::{Catalogue, CatalogueEntry};
use consent_core::i18n::Strings;
use consent_core::id::SiteId;
use consent_core::language::Language;
use std::io::{BufRead, Write};

/// What was answered.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) facts: SiteFacts,
    pub(super) services: Vec<&'static CatalogueEntry>,
}

/// How many services are shown of those that fit what was typed.
const SHOWN: usize = 9;

/// Asks for all of it.
///
/// # Errors
/// Where the terminal cannot be read or written, or the answers end.
pub(super) fn ask(from: &mut impl BufRead, to: &mut impl Write) -> Result<Answers> {
    let mut dialogue = Dialogue { from, to };
    let example = SiteFacts::example();
    dialogue.tell(
        "An empty answer takes what stands in brackets; everything can be changed in the file.",
    )?;
    let name = dialogue.ask("The site's name, as visitors know it", &example.name, text)?;
    let origin = dialogue.ask("Its address", &example.origin, origin)?;
    let languages = dialogue.ask(
        "Its languages, like \"en fr\"; the first is for visitors who read none of them",
        "en",
        languages,
    )?;
    let host = host(&origin);
    let controller = dialogue.ask(
        "Who answers for the data: the name of the organisation",
        &name,
        text,
    )?;
    let address = dialogue.ask("Its postal address", &example.address, text)?;
    let contact = dialogue.ask(
        "An e-mail address for questions",
        &format!("privacy@{}", host.strip_prefix("www.").unwrap_or(host)),
        text,
    )?;
    let country = dialogue.ask("Its country, in two letters", &example.country, country)?;
    let authority = match authorities::of_country(&country) {
        Some((known, known_url)) => {
            let name = dialogue.ask("The authority that visitors can complain to", known, text)?;
            let url = if name == known {
                known_url.to_owned()
            } else {
                dialogue.ask("Its address on the web", known_url, url)?
            };
            Some((name, url))
        }
        None => None,
    };
    let policy = dialogue.ask(
        "The page with your policy",
        &format!("{origin}/cookies"),
        url,
    )?;
    let services = dialogue.services()?;
    let facts = SiteFacts {
        id: id(host).unwrap_or_else(|| example.id.clone()),
        name,
        languages,
        origin,
        controller,
        address,
        contact,
        country,
        authority,
        policy,
        ..example
    };
    Ok(Answers { facts, services })
}

struct Dialogue<'d, R, W> {
    from: &'d mut R,
    to: &'d mut W,
}

impl<R: BufRead, W: Write> Dialogue<'_, R, W> {
    fn tell(&mut self, line: &str) -> Result<()> {
        Ok(writeln!(self.to, "{line}")?)
    }

    fn line(&mut self, question: &str) -> Result<String> {
        write!(self.to, "{question}: ")?;
        self.to.flush()?;
        let mut line = String::new();
        if self.from.read_line(&mut line)? == 0 {
            bail!("the answers ended: nothing was written");
        }
        Ok(line.trim().to_owned())
    }

    /// Asks until the answer can be read.
    fn ask<T>(
        &mut self,
        question: &str,
        usual: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T> {
        loop {
            let line = self.line(&format!("{question} [{usual}]"))?;
            let answer = if line.is_empty() { usual } else { &line };
            match read(answer) {
                Ok(answer) => return Ok(answer),
                Err(why) => self.tell(&format!("  {why}"))?,
            }
        }
    }

    fn services(&mut self) -> Result<Vec<&'static CatalogueEntry>> {
        let catalogue = Catalogue::built_in();
        let mut chosen: Vec<&'static CatalogueEntry> = Vec::new();
        let mut offered: Vec<&'static CatalogueEntry> = Vec::new();
        self.tell("Which services does it use? Type words to find one, like \"maps\"; an empty line ends.")?;
        loop {
            let typed = self.line("A service")?;
            if typed.is_empty() {
                return Ok(chosen);
            }
            let number = typed.parse::<usize>().ok();
            let picked = number.and_then(|number| offered.get(number.checked_sub(1)?).copied());
            offered = match picked.or_else(|| catalogue.find(&typed)) {
                Some(entry) => Vec::from([entry]),
                None => catalogue.search(&typed).take(SHOWN).collect(),
            };
            match offered.as_slice() {
                [] => self.tell("  Nothing found: it can be written by hand in the file.")?,
                [entry] if entry.id == CHOICE => {
                    self.tell("  The choice's own cookies are in it already.")?;
                }
                [entry] => {
                    if !chosen.iter().any(|known| known.id == entry.id) {
                        chosen.push(*entry);
                    }
                    self.tell(&format!("  {} is in it.", shown(entry)))?;
                }
                several => {
                    for (place, entry) in several.iter().enumerate() {
                        writeln!(self.to, "  {} {}", place + 1, shown(entry))?;
                    }
                    self.tell("  Type a number, or other words.")?;
                }
            }
        }
    }
}

fn shown(entry: &CatalogueEntry) -> String {
    let name = entry.service.name.get("en").unwrap_or_default();
    format!("{name} ({})", entry.id)
}

fn text(answer: &str) -> Result<String, String> {
    if answer.contains(char::is_control) {
        Err("there are keys in it that are no letters: type it again".into())
    } else {
        Ok(answer.to_owned())
    }
}

fn url(answer: &str) -> Result<String, String> {
    let is_url = ["https://", "http://"].iter().any(|start| {
        let rest = answer.strip_prefix(start);
        rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
    });
    if is_url {
        text(answer)
    } else {
        Err("write the whole address, like https://www.example.org/cookies".into())
    }
}

fn origin(answer: &str) -> Result<String, String> {
    let with_scheme = if answer.contains("://") {
        answer.to_owned()
    } else {
        format!("https://{answer}")
    };
    let (scheme, rest) = with_scheme.split_once("://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let is_host = host
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || ".-:".contains(letter));
    if !host.is_empty() && is_host && ["https", "http"].contains(&scheme) {
        Ok(format!("{scheme}://{}", host.to_ascii_lowercase()))
    } else {
        Err("write it like https://www.example.org".into())
    }
}

fn host(origin: &str) -> &str {
    let (_, host) = origin.split_once("://").unwrap_or(("", origin));
    host.split(':').next().unwrap_or(host)
}

/// What a host's owner calls it: `shop` of `www.shop.example`.
fn id(host: &str) -> Option<String> {
    let host = host.strip_prefix("www.").unwrap_or(host);
    let name = host.split('.').next()?;
    name.parse::<SiteId>().ok().map(|id| id.to_string())
}

fn languages(answer: &str) -> Result<Vec<Language>, String> {
    let mut languages: Vec<Language> = Vec::new();
    for tag in answer.split([' ', ',']).filter(|tag| !tag.is_empty()) {
        let language = tag.parse::<Language>().ok();
        let language = language.filter(|language| Strings::of(language).is_some());
        let language = language.ok_or_else(|| format!("the library has no texts in \"{tag}\""))?;
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    if languages.is_empty() {
        return Err("name one at least".into());
    }
    Ok(languages)
}

fn country(answer: &str) -> Result<String, String> {
    let code = answer.to_ascii_uppercase();
    if Strings::ENGLISH.country(&code).is_some() {
        Ok(code)
    } else {
        Err(format!("\"{answer}\" is no country's code, like FR or DE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(lines: &[&str]) -> (Result<Answers>, String) {
        let typed = lines.join("\n") + "\n";
        let mut said = Vec::new();
        let answers = ask(&mut typed.as_bytes(), &mut said);
        (answers, String::from_utf8(said).unwrap())
    }

    #[test]
    fn empty_answers_take_what_stands_in_brackets() {
        let (answers, said) = asked(&[""; 11]);
        let Answers { facts, services } = answers.unwrap();
        let expected = SiteFacts {
            id: "example".into(),
            languages: Vec::from(["en".parse().unwrap()]),
            controller: "My site".into(),
            ..SiteFacts::example()
        };
        assert_eq!(facts, expected);
        assert!(services.is_empty());
        assert!(
            said.contains("Its country, in two letters [FR]: "),
            "{said}"
        );
    }

    #[test]
    fn what_cannot_be_read_is_asked_again_and_services_are_found_by_words() {
        let (answers, said) = asked(&[
            "The shop",
            "ftp://x",
            "Shop.example/start",
            "en xx",
            "de, en",
            "Shop Ltd",
            "1 High Street, York",
            "",
            "England",
            "gb",
            "",
            "https://shop.example/privacy",
            "youtube",
            "google",
            "1",
            "youtube",
            "no-such-thing",
            "",
        ]);
        let Answers { facts, services } = answers.unwrap();
        assert_eq!(facts.origin, "https://shop.example");
        assert_eq!(facts.id, "shop");
        assert_eq!(facts.contact, "privacy@shop.example");
        assert_eq!(facts.languages.len(), 2);
        assert_eq!(
            facts.authority,
            Some(("ICO".into(), "https://ico.org.uk/".into()))
        );
        assert_eq!(services.len(), 2, "{said}");
        assert_eq!(services[0].id, "youtube");
        for words in [
            "write it like https://",
            "no texts in \"xx\"",
            "\"England\" is no country",
            "Nothing found",
            "1 Google",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }

    #[test]
    fn answers_that_end_early_write_nothing() {
        let error = asked(&["The shop"]).0.unwrap_err();
        assert!(error.to_string().contains("nothing was written"), "{error}");
    }
}
