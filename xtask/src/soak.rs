//! `cargo xtask soak`: a server killed again and again under load, and everything acknowledged still there once.

use crate::command;
use crate::workspace::Workspace;

pub(crate) fn soak(workspace: &Workspace, kills: u32) -> anyhow::Result<()> {
    let mut cargo = command::cargo(workspace.root());
    cargo.args([
        "test",
        "--quiet",
        "--package",
        "consent-server",
        "--test",
        "all",
    ]);
    cargo.args(["--", "--nocapture", "crash::a_killed_server"]);
    command::run(cargo.env("CONSENT_KILLS", kills.to_string()))
}
