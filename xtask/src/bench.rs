//! `cargo xtask bench`: figures, each measured here and now; read them with the machine in mind.

mod banner;
mod export;
mod start;

use crate::command;
use crate::steps;
use crate::weights;
use crate::workspace::Workspace;
use std::path::PathBuf;

/// What can be measured.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Subject {
    /// How fast consent-core signs, verifies and reads, and what its parts weigh in the WASM
    Core,
    /// Durable receipts a second, end to end
    Server,
    /// Exports of a million receipts, read back by `pandas`, `LibreOffice` and `PyJWT`
    Export,
    /// The log with ten million entries: how fast it grows, proves, and is checked
    Log,
    /// Each page of the desk, in a site with a million receipts of two years: --rows N
    Desk,
    /// A server with 500 sites: how long until it serves, and until it has read one changed site again: --sites N
    Start,
    /// The banner beside others from npm, in Chromium: --rounds N
    Banner,
}

/// Builds for release, and measures.
pub(crate) fn bench(
    workspace: &Workspace,
    subject: Subject,
    options: &[String],
) -> anyhow::Result<()> {
    match subject {
        Subject::Core => {
            in_release(workspace, "consent-core", "core", options)?;
            println!();
            weights::print(workspace)
        }
        Subject::Server => server(workspace, options),
        Subject::Export => export::bench(workspace, options),
        Subject::Desk => in_release(workspace, "consent-server", "desk", options),
        Subject::Log => in_release(workspace, "consent-server", "log", options),
        Subject::Start => start::bench(workspace, &delivered(workspace)?, options),
        Subject::Banner => banner::bench(workspace, options),
    }
}

fn server(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    let program = delivered(workspace)?;
    let mut all = vec!["--program".to_owned(), program.display().to_string()];
    all.extend_from_slice(options);
    in_release(workspace, "consent-server", "server", &all)
}

/// The `consent` program: the one that `CONSENT_BIN` names, else one built now, as operators build it.
fn delivered(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if let Some(given) = std::env::var_os("CONSENT_BIN") {
        return Ok(given.into());
    }
    let root = workspace.root();
    let mut build = command::cargo(root);
    build.args(["build", "--quiet", "--locked", "--profile", "dist"]);
    command::run(build.args(["--package", "consent-server"]))?;
    steps::program_in(root, "dist")
}

fn in_release(
    workspace: &Workspace,
    package: &str,
    bench: &str,
    options: &[String],
) -> anyhow::Result<()> {
    let mut cargo = command::cargo(workspace.root());
    cargo.args([
        "bench",
        "--quiet",
        "--package",
        package,
        "--bench",
        bench,
        "--",
    ]);
    command::run(cargo.args(options))
}
