//! The command line. Data goes to stdout, everything said to people to stderr.

mod add;
mod answer;
mod backup;
mod build;
mod check;
mod config;
mod declaring;
mod demo;
mod diff;
mod evidence;
mod export;
mod fsck;
mod healthy;
mod hold;
mod import;
mod init;
mod keys;
mod known;
mod log;
mod logging;
#[cfg(feature = "postgres")]
mod moving;
mod output;
mod owner;
mod parts;
mod purge;
mod serve;
mod services;
mod starter;
mod store;
mod token;
mod trial;
mod verify;
mod witness;

use answer::Answer;
use anyhow::Result;
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use config::Settings;
use consent_server::data::DataFolder;
use output::say;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Asks before anything tracks, and keeps signed proof of the answer.
#[derive(Debug, Parser)]
#[command(
    name = "consent",
    version,
    after_help = "Exit codes: 0 fine, 1 the answer is no (failed check, invalid receipt), 2 the command could not run, 3 unproven (what is to be verified is consistent in itself, but was checked against no key that you trust)."
)]
struct Cli {
    /// A file with settings: the options of `consent serve`, as in `listen = "127.0.0.1:8080"`. The command line comes
    /// first, then the environment, then this file.
    #[arg(long, global = true, value_name = "FILE", env = config::VARIABLE)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: five sites with banners, the third parties they hold back, and the staff pages.
    Demo(demo::Args),
    /// Write a starter declaration of a site.
    Init(init::Args),
    /// Write a declaration from the configuration of another tool.
    Import(import::Args),
    /// List and search the services that are known, and show what to write for one.
    Services(services::Args),
    /// Add a known service to the declaration of a site.
    Add(add::Args),
    /// Check declarations of sites.
    Check(check::Args),
    /// Say what a changed declaration does, and whether everybody is asked again.
    Diff(diff::Args),
    /// Show a declaration's banner on a sample page, anew after each save.
    Try(trial::Args),
    /// Write a site's banner as files for a static host: choices are then kept in browsers alone, unsigned.
    Build(build::Args),
    /// Serve sites to browsers, take records, hand out receipts.
    Serve(serve::Args),
    /// Ask whether a server on this machine can take records: exit code 0 or 1.
    Healthy(healthy::Args),
    /// Write a site's receipts to stdout; works while the server runs.
    Export(export::Args),
    /// Put one receipt and all that proves it into one file, for a court or an authority.
    Evidence(evidence::Args),
    /// Copy the database and the keys into a new folder; works while the server runs.
    Backup(backup::Args),
    /// Move the receipts, the log and all else that is stored from a data folder into a new PostgreSQL database, and check it
    /// there. What is interrupted goes on where it was.
    #[cfg(feature = "postgres")]
    #[allow(clippy::doc_markdown, reason = "the help shows it as it is")]
    Move(moving::Args),
    /// Check that everything in the data folder is what was stored, and that nothing is missing: signatures, digests, the
    /// log, indexes, counts.
    Fsck(fsck::Args),
    /// Check a receipt, a cookie, an export or an evidence file, step by step; needs no server.
    Verify(verify::Args),
    /// End the proofs whose time is over, as each site says; a running server does it once a day.
    Purge(purge::Args),
    /// Keep everything of a site, whatever its time: a legal hold.
    Hold(hold::Args),
    /// The log that receipts are in.
    #[command(subcommand)]
    Log(log::Command),
    /// Watch the logs of others, and cosign what they show as long as it goes on from what they showed before.
    Witness(witness::Args),
    /// The signing keys.
    #[command(subcommand)]
    Keys(keys::Command),
    /// The tokens that staff log in with.
    #[command(subcommand)]
    Token(token::Command),
}

pub(crate) fn run() -> ExitCode {
    let answer = parse().and_then(|command| command.map_or(Ok(Answer::Yes), run_command));
    match answer {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Ok(Answer::Unproven) => ExitCode::from(3),
        // Whoever reads our output has seen enough, as in `consent export … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The command to run; none when its settings were only to be shown.
fn parse() -> Result<Option<Command>> {
    let mut cli = Cli::command();
    cli.build();
    let arguments: Vec<_> = std::env::args_os().collect();
    let settings = match (config::file(&arguments), cli.find_subcommand("serve")) {
        (Some(file), Some(serve)) => Settings::read(&file, serve)?,
        _ => Settings::default(),
    };
    let matches = settings
        .apply(Cli::command())
        .try_get_matches_from(arguments)
        .unwrap_or_else(|error| without_secret(error).exit());
    if let (Some(("serve", matches)), Some(serve)) =
        (matches.subcommand(), cli.find_subcommand("serve"))
        && matches.get_flag("show_config")
    {
        say(settings.shown(serve, matches))?;
        return Ok(None);
    }
    Ok(Some(Cli::from_arg_matches(&matches)?.command))
}

/// A wrong value is shown to whoever gave it, and to whoever reads the system's journal: not what may open a door in it.
fn without_secret(mut error: clap::Error) -> clap::Error {
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => value.split_once("://"),
        _ => None,
    };
    if let Some((before, after)) = value
        && after.contains(['@', '?', '#'])
    {
        let shown = ContextValue::String(format!("{before}://…"));
        error.insert(ContextKind::InvalidValue, shown);
    }
    error
}

impl Command {
    /// The data folder that it opens, if it opens one to do more than read its public keys.
    fn data(&self) -> Option<&DataFolder> {
        match self {
            Self::Serve(args) => Some(args.data()),
            Self::Export(args) => Some(args.data()),
            Self::Evidence(args) => Some(args.data()),
            Self::Backup(args) => Some(args.data()),
            Self::Fsck(args) => Some(args.data()),
            #[cfg(feature = "postgres")]
            Self::Move(args) => Some(args.data()),
            Self::Purge(args) => Some(args.data()),
            Self::Hold(args) => Some(args.data()),
            Self::Log(command) => Some(command.data()),
            Self::Witness(args) => Some(args.data()),
            Self::Keys(command) => Some(command.data()),
            Self::Token(command) => Some(command.data()),
            Self::Demo(args) => args.data(),
            Self::Diff(args) => args.data(),
            Self::Init(_)
            | Self::Import(_)
            | Self::Services(_)
            | Self::Try(_)
            | Self::Add(_)
            | Self::Check(_)
            | Self::Build(_)
            | Self::Healthy(_)
            | Self::Verify(_) => None,
        }
    }
}

fn run_command(command: Command) -> Result<Answer> {
    if let Some(data) = command.data() {
        owner::become_owner(data.path())?;
    }
    match command {
        Command::Demo(args) => demo::run(args),
        Command::Init(args) => init::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Services(args) => services::run(&args),
        Command::Add(args) => add::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Try(args) => trial::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Export(args) => export::run(&args),
        Command::Evidence(args) => evidence::run(args),
        Command::Healthy(args) => healthy::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Fsck(args) => fsck::run(&args),
        #[cfg(feature = "postgres")]
        Command::Move(args) => moving::run(&args),
        Command::Log(command) => log::run(&command),
        Command::Verify(args) => verify::run(&args),
        Command::Purge(args) => purge::run(&args),
        Command::Hold(args) => hold::run(args),
        Command::Witness(args) => witness::run(args),
        Command::Keys(command) => keys::run(&command),
        Command::Token(command) => token::run(command),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
