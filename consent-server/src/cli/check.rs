//! `consent check`

use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_core::site::Site;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Declarations of sites (site.toml).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let mut problems = 0;
    for path in &args.files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{name}: cannot be read as a text file"))?;
        if let Err(diagnostics) = Site::parse(&name, &text) {
            problems += diagnostics.len();
            for diagnostic in diagnostics {
                say(diagnostic)?;
            }
        }
    }
    let files = args.files.len();
    if problems == 0 {
        eprintln!("{files} checked, nothing wrong.");
        Ok(Answer::Yes)
    } else {
        eprintln!("{files} checked, {problems} to mend.");
        Ok(Answer::No)
    }
}
