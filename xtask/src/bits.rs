//! `cargo xtask bits`: the test of flipped bits, with every bit of a database.

use crate::command;
use crate::workspace::Workspace;

/// Flips them. A release build: there are hundreds of thousands.
pub(crate) fn flip(workspace: &Workspace, every: u32, within: &str) -> anyhow::Result<()> {
    let mut cargo = command::cargo(workspace.root());
    cargo.args(["test", "--release", "--package", "consent-server"]);
    cargo.args(["--test", "all", "--", "--nocapture", "bits::"]);
    cargo.env("CONSENT_BITS_EVERY", every.to_string());
    cargo.env("CONSENT_BITS_WITHIN", within);
    command::run(&mut cargo)
}
