//! `consent add`

use super::{Answer, declaring};
use anyhow::{Context as _, Result};
use consent_server::data::durable;
use consent_server::declarations::read_files;
use std::path::PathBuf;

/// Add a service of the catalogue to the declaration of a site, at its end; comments and order stay as they are.
///
/// What is added is `[services.NAME]` with `like = "NAME"`: all else comes from the catalogue, and any key that you write
/// beside it wins. If the declaration would not be right with it, nothing is written.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The service, as `consent services` lists it.
    service: String,
    /// The declaration.
    #[arg(default_value = "site.toml")]
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let entry = declaring::find(&args.service)?;
    let read = read_files(std::slice::from_ref(&args.file))?;
    let declared = read.into_iter().next().context("no declaration was read")?;
    let text = &declared.text;
    let with = declaring::with_service(&declared.file, &text.own, text.base.as_deref(), entry)?;
    durable::replace(&args.file, with.as_bytes())?;
    eprintln!(
        "services.{id} is in {file} now. How to mark it up: consent services {id}",
        id = entry.id,
        file = declared.file
    );
    Ok(Answer::Yes)
}
