//! `cargo xtask evidence`: the tests of evidence files with many more files, and with every bit of one.

use std::process::Command;

use crate::command;
use crate::install;
use crate::workspace::Workspace;

/// Runs the tests of evidence files at full length.
pub(crate) fn compare(workspace: &Workspace, files: u32) -> anyhow::Result<()> {
    let mut cargo: Command = command::cargo(workspace.root());
    cargo.args([
        "test",
        "--package",
        "consent-tests",
        "--test",
        "evidence",
        "--",
        "--nocapture",
    ]);
    cargo.env("CONSENT_EVIDENCE_FILES", files.to_string());
    cargo.env("CONSENT_EVIDENCE_BITS", "all");
    cargo.env("CONSENT_PYTHON", install::python(workspace)?);
    command::run(&mut cargo)
}
