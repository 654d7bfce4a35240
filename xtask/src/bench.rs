//! `cargo xtask bench`: figures, each measured here and now; read them with the machine in mind.

mod banner;
mod export;

use crate::command;
use crate::weights;
use crate::workspace::Workspace;

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
        Subject::Server => in_release(workspace, "consent-server", "server", options),
        Subject::Export => export::bench(workspace, options),
        Subject::Log => in_release(workspace, "consent-server", "log", options),
        Subject::Banner => banner::bench(workspace, options),
    }
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
