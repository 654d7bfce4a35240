//! `consent move`

use super::parts::data_folder;
use super::store::Url;
use super::{Answer, say};
use anyhow::{Context as _, Result, bail};
use consent_server::data::DataFolder;
use consent_server::keys::Keys;
use consent_server::moving::{Moved, move_all};
use consent_server::store::StoreAddress;
use std::time::{Duration, Instant};

/// How often people are told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
#[allow(
    clippy::doc_markdown,
    reason = "the help of a command shows it as it is"
)]
pub(super) struct Args {
    /// The server's data folder; the server must be stopped. Keys and the log's last checkpoint stay there.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    from: DataFolder,
    /// A new PostgreSQL database, like <postgres://consent@db.example/consent>. Better in the environment if it has a
    /// password.
    #[arg(
        long,
        value_name = "URL",
        env = "CONSENT_DATABASE_URL",
        hide_env_values = true
    )]
    to: Url,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.from
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let StoreAddress::Postgres(to) = args.to.address("--to")? else {
        bail!("--to must be the URL of a PostgreSQL database");
    };
    let keys = Keys::read(&args.from).context("the keys that receipts are checked with")?;
    let mut last = Instant::now();
    let Moved { receipts, entries } = move_all(
        &args.from,
        &to,
        &keys.published().unrevoked(),
        &mut |count| {
            if last.elapsed() >= TELL_EVERY {
                last = Instant::now();
                eprintln!("{count} receipts are there; if this is interrupted, run it again");
            }
        },
    )?;
    say(format_args!("{receipts}\t{entries}"))?;
    eprintln!(
        "{receipts} receipts and {entries} entries of the log are in {to}, and checked. Start the server with --store, or \
         CONSENT_DATABASE_URL; consent.db is called consent.db.moved now, and can be deleted."
    );
    Ok(Answer::Yes)
}
