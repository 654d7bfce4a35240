//! `consent purge`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_core::id::SiteId;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::declarations::Written;
use consent_server::folder::{Folder, said_once};
use consent_server::retention::{RetentionError, name, purge};
use consent_server::retired::Retired;
use consent_server::store::{Actor, Moment, Store, StoreError};
use consent_server::timeline::{Timeline, WrongClock};
use std::path::PathBuf;
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
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// Change nothing; only tell how many receipts would go.
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let now = Clock::system().now();
    let folder = Folder::read(&args.sites, now).context("the declarations of the sites")?;
    let Folder { sites, refused } = folder;
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("no receipts to purge")?;
    // By a clock that is ahead, proofs would end years too early, and for good.
    if let Some(newest) = store.moment(Moment::Signed)? {
        Timeline::from(newest).check(now).or_else(allow_set_back)?;
    }
    let operator = Actor::operator("command line", now);
    // One whose file is broken goes on as it was published last, its terms too.
    let is_declared = |id: &SiteId| sites.iter().any(|written| written.site.id == *id);
    let retired = Retired::all(&*store, is_declared).context("the sites that are retired")?;
    let declared = sites
        .iter()
        .map(|Written { site, .. }| (&site.id, Some(site.proof)));
    let retired = retired.iter().map(|site| (&site.id, site.proof()));
    for (site, proof) in declared.chain(retired) {
        let Some(proof) = proof else {
            say(format_args!("{site}\tunknown\t0"))?;
            eprintln!(
                "Nobody declares site \"{site}\" any more, and what it declared last is not kept: its receipts stay. Declare it once more, or erase them."
            );
            continue;
        };
        let purged = purge(&*store, &args.data, site, proof, &operator, args.dry_run);
        let purged = match purged {
            // One site's hold is no reason to keep what others must delete.
            Err(RetentionError::Store(held @ StoreError::Held(_))) => {
                say(format_args!("{site}\theld\t0"))?;
                eprintln!("{held}. Its receipts stay.");
                continue;
            }
            purged => purged.with_context(|| format!("site \"{site}\""))?,
        };
        say(format_args!(
            "{site}\t{}\t{}",
            name(purged.at_end),
            purged.receipts
        ))?;
    }
    if args.dry_run {
        eprintln!("Nothing was changed.");
    } else {
        store.set_moment(Moment::Purged, now)?;
        forget(&*store)?;
    }
    if refused.is_empty() {
        return Ok(Answer::Yes);
    }
    // No reason to keep what the others must delete; but not done either.
    for wrong in said_once(&refused) {
        eprintln!("{wrong}");
    }
    eprintln!("Nothing of these files' sites was deleted.");
    Ok(Answer::No)
}

/// By a clock that is behind, proofs only stay longer.
fn allow_set_back(wrong: WrongClock) -> Result<(), WrongClock> {
    match wrong {
        WrongClock::SetBack { .. } => Ok(()),
        WrongClock::Ahead { .. } => Err(wrong),
    }
}

/// Takes what was deleted out of the database's files, beside a server that reads and writes.
fn forget(store: &dyn Store) -> Result<()> {
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
