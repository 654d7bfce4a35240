//! `cargo xtask fuzz`: searches for inputs that break a law of consent-core.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};

use crate::command;
use crate::workspace::Workspace;

/// Each target with its dictionary.
const TARGETS: [(&str, &str); 5] = [
    ("canonical", "json.dict"),
    ("cookie", "cookie.dict"),
    ("receipt", "json.dict"),
    ("record", "json.dict"),
    ("site", "site.dict"),
];

/// Runs one target, or all of them one after another, each for so many seconds.
pub(crate) fn fuzz(
    workspace: &Workspace,
    target: Option<&str>,
    seconds: u32,
) -> anyhow::Result<()> {
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|(name, _)| target.is_none_or(|target| target == *name))
        .collect();
    if chosen.is_empty() {
        let names = TARGETS.map(|(name, _)| name).join(", ");
        bail!("there is no such target; use one of {names}");
    }
    install()?;
    for (name, dictionary) in chosen {
        eprintln!("\n── {name}, for {seconds} s");
        run(workspace.root(), name, dictionary, seconds)?;
    }
    Ok(())
}

fn install() -> anyhow::Result<()> {
    let probe = command::read(Command::new("cargo").args(["fuzz", "--version"]));
    if probe.is_ok() {
        return Ok(());
    }
    eprintln!("installing cargo-fuzz, which drives libFuzzer: two minutes or so");
    command::run(Command::new("cargo").args(["install", "--quiet", "cargo-fuzz"]))
        .context("could not install cargo-fuzz; try it by hand:\n    cargo install cargo-fuzz")
}

fn run(root: &Path, name: &str, dictionary: &str, seconds: u32) -> anyhow::Result<()> {
    let fuzz = root.join("fuzz");
    let (found, seeds) = (
        fuzz.join("corpus").join(name),
        fuzz.join("seeds").join(name),
    );
    ensure!(seeds.is_dir(), "{} is missing", seeds.display());
    fs::create_dir_all(&found)?;
    let mut cargo = command::cargo(root);
    cargo
        // The core has no unsafe code: without a sanitizer the search is several times as fast.
        .args(["fuzz", "run", "--sanitizer", "none"])
        .args(["--fuzz-dir", "fuzz", "--target-dir"])
        .arg(root.join("target").join("fuzz"))
        .arg(name)
        // What is found worth keeping goes into the first folder.
        .args([&found, &seeds])
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-dict={}", fuzz.join(dictionary).display()))
        .args(["-max_len=8192", "-timeout=10", "-print_final_stats=1"])
        // Counting which branches an input takes is unstable; rustup's stable compiler does it this way too.
        .env("RUSTC_BOOTSTRAP", "1");
    command::run(&mut cargo).with_context(|| {
        format!(
            "{name} found an input that breaks a law: it is in fuzz/artifacts/{name}. \
             Copy it to fuzz/seeds/{name}, where the tests replay it, and mend what it breaks"
        )
    })
}
