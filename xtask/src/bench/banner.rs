//! `cargo xtask bench banner`: our banner beside others from npm. The scripts in xtask/bench-banner measure.

use std::process::Command;

use anyhow::Context as _;

use crate::workspace::Workspace;
use crate::{command, install};

/// The site whose banner is measured; the peers say the same.
const SITE: &str = "examples/sites/lacassagne.toml";

pub(crate) fn bench(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    let scripts = workspace.own().join("bench-banner");
    let node = command::find(&["node"]).context("node is missing: install Node.js 20 or newer")?;
    let chromium = install::chromium()?;
    let packages = install::npm_packages(&scripts, "three other banners, to measure ours beside")?;

    let mut bench = Command::new(node);
    bench.arg(scripts.join("main.mjs"));
    bench.arg("--chromium").arg(chromium.browser);
    bench.arg("--program").arg(super::delivered(workspace)?);
    bench.arg("--declaration").arg(workspace.root().join(SITE));
    bench.arg("--packages").arg(packages);
    command::run(bench.args(options))
}
