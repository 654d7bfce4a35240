//! `consent backup`

use super::{Answer, say};
use anyhow::{Context as _, Result, ensure};
use consent_server::keys::{self, make_private_folder};
use consent_server::log::Vouched;
use consent_server::store::SqliteStore;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
    /// The folder to make: a data folder, all but the log's last checkpoint.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Args {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.to.display();
    ensure!(
        !args.to.exists(),
        "{name} is there already: give the name of a folder to be made"
    );
    let store = SqliteStore::open_existing(&args.data).context("nothing to back up")?;
    make_private_folder(&args.to)?;
    // Half a backup is found out when it is needed.
    copy(&store, args).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&args.to);
    })?;
    say(&name)?;
    eprintln!(
        "It holds the signing keys: keep it as secret as the data folder. Archives are not in it.\n\
         Nor is log/checkpoint, which says how far the log was signed: to start a server on this copy, take that file\n\
         from the data folder that was in use last, or run `consent log renew` if it is lost."
    );
    Ok(Answer::Yes)
}

fn copy(store: &SqliteStore, args: &Args) -> Result<()> {
    Vouched::of(&args.data)
        .copy_to(&args.to)
        .context("what witnesses and authorities said of the log")?;
    store
        .copy_to(&args.to.join("consent.db"))
        .with_context(|| format!("the database, into {}", args.to.display()))?;
    // After the database: no receipt of the copy is without its key, even when one was made meanwhile.
    keys::copy(&args.data, &args.to).context("the keys")
}
