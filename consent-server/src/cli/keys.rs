//! `consent keys`

use super::{Answer, say};
use anyhow::Result;
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
}

pub(super) fn run(command: &Command) -> Result<Answer> {
    let Command::List { data, jwks } = command;
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
