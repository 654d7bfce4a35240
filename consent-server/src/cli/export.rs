//! `consent export`

use super::Answer;
use anyhow::{Context as _, Result, anyhow};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use consent_server::clock::Clock;
use consent_server::export::{self, Format};
use consent_server::store::{Actor, Filter, SqliteStore, Store as _};
use std::io;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The site.
    #[arg(long)]
    site: SiteId,
    /// csv for spreadsheets, jsonl (JSON Lines) for programs.
    #[arg(long)]
    format: Format,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
    /// Only what was received from this moment on: 2026-01-31 or 2026-01-31T10:00:00Z.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    from: Option<UnixSeconds>,
    /// Only what was received before this moment.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    to: Option<UnixSeconds>,
}

pub(super) fn moment(text: &str) -> Result<UnixSeconds> {
    UnixSeconds::from_rfc3339(text)
        .map_err(|_| anyhow!("must be a date like 2026-01-31 or a time like 2026-01-31T10:00:00Z"))
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let store = SqliteStore::open_existing(&args.data).context("no receipts to export")?;
    let filter = Filter {
        site: args.site.clone(),
        from: args.from,
        to: args.to,
    };
    let operator = Actor::operator("command line", Clock::system().now());
    let asked = export::describe(&filter, args.format);
    let line = store.note(&operator.access("export", Some(&args.site), asked, None))?;
    let mut count = 0;
    let written = export::write(
        &store,
        &filter,
        args.format,
        io::stdout().lock(),
        &mut count,
    );
    store.settle(line, count)?;
    written?;
    if count == 0 {
        eprintln!(
            "Site \"{}\" has no receipt in this time. Is the name right?",
            args.site
        );
    } else {
        eprintln!("{count} exported.");
    }
    Ok(Answer::Yes)
}
