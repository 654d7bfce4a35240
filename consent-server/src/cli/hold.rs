//! `consent hold`

use super::Answer;
use anyhow::{Context as _, Result};
use consent_core::id::SiteId;
use consent_server::clock::Clock;
use consent_server::store::{Actor, Hold, SqliteStore, Store as _};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The site.
    #[arg(long)]
    site: SiteId,
    /// Why nothing of it may be deleted.
    #[arg(long, required_unless_present = "lift", conflicts_with = "lift")]
    reason: Option<String>,
    /// End the hold.
    #[arg(long)]
    lift: bool,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
}

impl Args {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    let store = SqliteStore::open_existing(&args.data).context("the database")?;
    let now = Clock::system().now();
    let reason = args.reason.unwrap_or_default();
    let action = if args.lift { "lift_hold" } else { "hold" };
    let operator = Actor::operator("command line", now);
    store.note(&operator.access(action, Some(&args.site), reason.clone(), Some(0)))?;
    if !args.lift {
        store.hold(&Hold {
            site: args.site,
            reason,
            since: now,
        })?;
        eprintln!("Nothing of this site is deleted until the hold is lifted.");
        return Ok(Answer::Yes);
    }
    if store.lift(&args.site)? {
        eprintln!("The hold is lifted.");
        Ok(Answer::Yes)
    } else {
        eprintln!("There was no hold.");
        Ok(Answer::No)
    }
}
