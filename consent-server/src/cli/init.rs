//! `consent init`

use super::{Answer, declaring, say};
use anyhow::{Context as _, Result};
use consent_core::site::schema;
use consent_server::data::Unfinished;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The starter's first line names it.
const SCHEMA: &str = "site.schema.json";
const STARTER: &str = include_str!("starter.toml");

/// Write a starter declaration of a site, and beside it the JSON Schema of its format, site.schema.json.
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
}

/// What the starter shows where nobody says what the site uses.
const EXAMPLE: &str = "google-analytics";

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.file.display();
    let text = starter(&args.with)?;
    let mut file = Unfinished::begin_for_all(&args.file)?;
    file.write_all(text.as_bytes())
        .with_context(|| name.to_string())?;
    file.finish()?;
    say(&name)?;
    write_schema(&args.file.with_file_name(SCHEMA))?;
    eprintln!("Now put your site's facts into it, and run: consent check {name}");
    Ok(Answer::Yes)
}

/// The starter with these services.
fn starter(with: &[String]) -> Result<String> {
    let example = [EXAMPLE.to_owned()];
    let with = if with.is_empty() { &example } else { with };
    let mut text = STARTER.to_owned();
    for id in with {
        text = declaring::with_service("site.toml", &text, None, declaring::find(id.trim())?)?;
    }
    Ok(text)
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
        assert!(STARTER.starts_with(&format!("#:schema ./{SCHEMA}\n")));
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
