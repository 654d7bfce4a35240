//! `consent log`

use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_server::clock::Clock;
use consent_server::keys::log_key;
use consent_server::log::renew;
use consent_server::store::SqliteStore;
use consent_server::url::BaseUrl;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Begin a log with a new name, when the database is older than what was signed, or the last checkpoint is lost.
    /// Proofs of the old log stay valid; what the database has lost stays lost. Prints the new name.
    Renew(Renew),
}

#[derive(Debug, clap::Args)]
pub(super) struct Renew {
    /// The server's data folder; the server must be stopped.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
    /// The URL of the server; needed only if neither the database nor the last checkpoint has the log's name.
    #[arg(long, env = "CONSENT_URL")]
    url: Option<BaseUrl>,
}

pub(super) fn run(command: &Command) -> Result<Answer> {
    let Command::Renew(args) = command;
    let store = SqliteStore::open_existing(&args.data)?;
    let key = log_key(&args.data, Clock::system().now()).context("the log's key")?;
    say(renew(&store, &args.data, key, args.url.as_ref())?)?;
    eprintln!("Tell whoever watches the log: witnesses and auditors know it by its old name.");
    Ok(Answer::Yes)
}
