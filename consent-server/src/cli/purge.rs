//! `consent purge`

use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_server::clock::Clock;
use consent_server::declarations::Written;
use consent_server::publish::read_folder;
use consent_server::retention::{RetentionError, name, purge};
use consent_server::store::{Actor, SqliteStore, Store as _, StoreError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and how long apart, it is tried to empty the write-ahead log.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the sites' declarations, which say how long proofs are kept.
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: PathBuf,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
    /// Change nothing; only tell how many receipts would go.
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let sites = read_folder(&args.sites).context("the declarations of the sites")?;
    let store = SqliteStore::open_existing(&args.data).context("no receipts to purge")?;
    let operator = Actor::operator("command line", Clock::system().now());
    for Written { site, .. } in sites {
        let purged = purge(
            &store,
            &args.data,
            &site.id,
            site.proof,
            &operator,
            args.dry_run,
        );
        let purged = match purged {
            // One site's hold is no reason to keep what others must delete.
            Err(RetentionError::Store(held @ StoreError::Held(_))) => {
                say(format_args!("{}\theld\t0", site.id))?;
                eprintln!("{held}. Its receipts stay.");
                continue;
            }
            purged => purged.with_context(|| format!("site \"{}\"", site.id))?,
        };
        say(format_args!(
            "{}\t{}\t{}",
            site.id,
            name(purged.at_end),
            purged.receipts
        ))?;
    }
    if args.dry_run {
        eprintln!("Nothing was changed.");
    } else {
        forget(&store)?;
    }
    Ok(Answer::Yes)
}

/// Takes what was deleted out of the database's files, beside a server that reads and writes.
fn forget(store: &SqliteStore) -> Result<()> {
    for _ in 0..ATTEMPTS {
        if store.forget()? {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    eprintln!(
        "What was deleted is still in consent.db-wal, because others are reading: run this again later, or restart the server."
    );
    Ok(())
}
