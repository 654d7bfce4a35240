//! `consent init`

mod authorities;
mod questions;

use super::starter::{SCHEMA, SiteFacts, beginning, categories, like};
use super::{Answer, declaring, say};
use anyhow::{Context as _, Result};
use consent_core::site::schema;
use consent_server::data::Unfinished;
use questions::{Answers, ask};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// What the example has besides: a service that is written whole.
const SESSION: &str = "
[services.session]
category = \"operation\"
name = { en = \"Site session\", fr = \"Session du site\" }
provider = \"My organisation\"
country = \"FR\"
purpose = { en = \"Keeps you logged in during your visit.\", fr = \"Vous garde connecté pendant votre visite.\" }
policy = \"https://www.example.org/cookies\"
exempt = { en = \"The pages you ask for need it.\", fr = \"Les pages demandées en ont besoin.\" }

[[services.session.cookies]]
name = \"session\"
lifetime = \"session\"
purpose = { en = \"Identifies the visit.\", fr = \"Identifie la visite.\" }
";

/// Write a starter declaration of a site, and beside it the JSON Schema of its format, site.schema.json.
///
/// In a terminal it asks for the site's facts. With --with or --example, and where nobody can answer, it writes an example to
/// be changed.
///
/// Editors with a TOML language server (Taplo, Even Better TOML) take the schema from the declaration's first line:
/// they then complete keys, explain them, and underline what is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write.
    #[arg(default_value = "site.toml")]
    file: PathBuf,
    /// The services of the catalogue that the site uses, like `google-analytics,youtube`: `consent services` lists them.
    #[arg(long, value_name = "SERVICES", value_delimiter = ',')]
    with: Vec<String>,
    /// Ask nothing, and write an example.
    #[arg(long)]
    example: bool,
}

/// What the starter shows where nobody says what the site uses.
const EXAMPLE: &str = "google-analytics";

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.file.display();
    let is_asked = args.with.is_empty()
        && !args.example
        && io::stdin().is_terminal()
        && io::stderr().is_terminal();
    let text = if is_asked {
        // Before questions are answered for nothing.
        anyhow::ensure!(
            args.file.symlink_metadata().is_err(),
            "{name} is there already, and is left as it is: name another file"
        );
        answered(&ask(&mut io::stdin().lock(), &mut io::stderr())?)
    } else {
        starter(&args.with)?
    };
    let mut file = Unfinished::begin_for_all(&args.file)?;
    file.write_all(text.as_bytes())
        .with_context(|| name.to_string())?;
    file.finish()?;
    say(&name)?;
    write_schema(&args.file.with_file_name(SCHEMA))?;
    let next = if is_asked {
        "Now read it through"
    } else {
        "Now put your site's facts into it"
    };
    eprintln!("{next}, and run: consent check {name}");
    Ok(Answer::Yes)
}

/// The starter with these services.
fn starter(with: &[String]) -> Result<String> {
    let example = [EXAMPLE.to_owned()];
    let with = if with.is_empty() { &example } else { with };
    let mut text = beginning(&SiteFacts::example()) + SESSION;
    for id in with {
        text = declaring::with_service("site.toml", &text, None, declaring::find(id.trim())?)?;
    }
    Ok(text)
}

/// The declaration of what was answered.
fn answered(answers: &Answers) -> String {
    let Answers { facts, services } = answers;
    let mut text = beginning(facts);
    let used = services.iter();
    text += &categories(facts, used.map(|entry| &*entry.service.category));
    for entry in services {
        text.push('\n');
        text += &like(facts, entry.id, entry, &BTreeMap::new());
    }
    text
}

/// Puts the format beside the declaration, for editors; leaves one that is there as it is.
fn write_schema(path: &Path) -> Result<()> {
    match Unfinished::begin_for_all(path) {
        Ok(mut file) => {
            file.write_all(schema().as_bytes())
                .with_context(|| path.display().to_string())?;
            file.finish()?;
            say(path.display())?;
        }
        Err(error) if error.source.kind() == ErrorKind::AlreadyExists => {
            eprintln!(
                "{} is there already, and was left as it is.",
                path.display()
            );
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::site::Site;

    #[test]
    fn the_starter_names_the_schema_that_is_written_beside_it() {
        let text = starter(&[]).unwrap();
        assert!(text.starts_with(&format!("#:schema ./{SCHEMA}\n")));
    }

    #[test]
    fn whatever_is_answered_is_a_declaration_in_any_language_with_any_service() {
        let catalogue = consent_core::catalogue::Catalogue::built_in();
        for languages in [&["en"][..], &["fr-CA", "en"], &["de"], &["ja", "fr"]] {
            let languages = languages.iter().map(|tag| tag.parse().unwrap()).collect();
            let services = catalogue
                .iter()
                .filter(|entry| entry.id != "consent-choice");
            let answers = Answers {
                facts: SiteFacts {
                    languages,
                    name: "\"Us\" \\ co".into(),
                    ..SiteFacts::example()
                },
                services: services.take(12).collect(),
            };
            let text = answered(&answers);
            let site = Site::parse("site.toml", &text);
            let site = site.unwrap_or_else(|wrong| panic!("{text}\n{wrong:?}"));
            let count = |site: &Site| site.categories.iter().flat_map(|c| &c.services).count();
            assert_eq!(count(&site), 13);
        }
    }

    #[test]
    fn the_starter_is_a_valid_declaration() {
        let parsed = Site::parse("site.toml", &starter(&[]).unwrap());
        assert!(parsed.is_ok(), "{parsed:?}");
    }

    #[test]
    fn the_starter_holds_the_services_that_are_asked_for_and_every_one_that_there_is() {
        let all = consent_core::catalogue::Catalogue::built_in().iter();
        // The starter has the cookies of the choice already.
        let all = all
            .map(|entry| entry.id.to_owned())
            .filter(|id| id != "consent-choice");
        for id in all {
            let text = starter(std::slice::from_ref(&id)).unwrap();
            assert!(
                text.contains(&format!("[services.{id}]\nlike = \"{id}\"\n")),
                "{id}"
            );
        }
        assert!(starter(&["youtube".into(), "youtube".into()]).is_err());
        assert!(starter(&["abacus".into()]).is_err());
    }
}
