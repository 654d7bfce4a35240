//! `cargo xtask bench`: measurements that people run, and read with the machine in mind.

use clap::ValueEnum;

use crate::command;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// Durable receipts a second, end to end
    Server,
}

/// Builds for release, and measures.
pub(crate) fn run(workspace: &Workspace, what: What, options: &[String]) -> anyhow::Result<()> {
    let package = match what {
        What::Server => "consent-server",
    };
    let mut cargo = command::cargo(workspace.root());
    cargo.args([
        "bench",
        "--quiet",
        "--package",
        package,
        "--bench",
        "server",
        "--",
    ]);
    command::run(cargo.args(options))
}
