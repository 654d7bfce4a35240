//! `consent keys`

use super::{Answer, say};
use anyhow::Result;
use consent_server::clock::Clock;
use consent_server::keys::Keys;
use std::path::PathBuf;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the public keys: id, when made, and whether it signs.
    List {
        /// The server's data folder.
        #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
        data: PathBuf,
        /// Write the JWK set that verifiers need instead.
        #[arg(long)]
        jwks: bool,
    },
    /// Make a new key and write its id. A running server signs with it once it is told to reload (SIGHUP); older keys
    /// stay published.
    Rotate {
        /// The server's data folder.
        #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
        data: PathBuf,
    },
}

pub(super) fn run(command: &Command) -> Result<Answer> {
    let (data, jwks) = match command {
        Command::List { data, jwks } => (data, jwks),
        Command::Rotate { data } => {
            say(Keys::rotate(data, Clock::system().now())?)?;
            eprintln!("A running server signs with it after: kill -HUP its process id.");
            return Ok(Answer::Yes);
        }
    };
    let keys = Keys::read(data)?;
    if *jwks {
        say(keys.public().to_jwks())?;
        return Ok(Answer::Yes);
    }
    for (place, stored) in keys.iter().enumerate() {
        let state = if place == 0 { "signs" } else { "retired" };
        say(format_args!(
            "{}\t{}\t{state}",
            stored.public.id(),
            stored.created.to_rfc3339()
        ))?;
    }
    Ok(Answer::Yes)
}
