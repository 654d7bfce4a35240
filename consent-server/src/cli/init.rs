//! `consent init`

use super::{Answer, say};
use anyhow::{Context as _, Result};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

const STARTER: &str = include_str!("starter.toml");

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file to write.
    #[arg(default_value = "site.toml")]
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.file.display();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.file)
        .with_context(|| {
            format!("{name} was not written: give another name if it is there already")
        })?;
    file.write_all(STARTER.as_bytes())
        .with_context(|| name.to_string())?;
    say(&name)?;
    eprintln!("Now put your site's facts into it, and run: consent check {name}");
    Ok(Answer::Yes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::site::Site;

    #[test]
    fn the_starter_is_a_valid_declaration() {
        let parsed = Site::parse("site.toml", STARTER);
        assert!(parsed.is_ok(), "{parsed:?}");
    }
}
