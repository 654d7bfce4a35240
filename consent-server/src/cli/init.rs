//! `consent init`

use super::{Answer, say};
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
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.file.display();
    let mut file = Unfinished::begin_for_all(&args.file)?;
    file.write_all(STARTER.as_bytes())
        .with_context(|| name.to_string())?;
    file.finish()?;
    say(&name)?;
    write_schema(&args.file.with_file_name(SCHEMA))?;
    eprintln!("Now put your site's facts into it, and run: consent check {name}");
    Ok(Answer::Yes)
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
        let parsed = Site::parse("site.toml", STARTER);
        assert!(parsed.is_ok(), "{parsed:?}");
    }
}
