//! The digest of everything that a bundle is made from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::command;
use crate::digest;
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// Files beside the Rust sources; a folder means all that is in it.
const INPUTS: &[&str] = &[
    "consent-wasm/gate",
    "consent-wasm/loader",
    "consent-wasm/style",
    "consent-wasm/Cargo.toml",
    "xtask/src/bundle",
];

/// The digest over the names and digests of all inputs: sources, the versions and features of the crates in use, and the recipe.
pub(crate) fn digest(
    workspace: &Workspace,
    toolchain: &Toolchain,
    module: &Path,
) -> anyhow::Result<String> {
    let root = workspace.root();
    let mut files = compiled(root, module)?;
    for input in INPUTS {
        collect(&root.join(input), &mut files)?;
    }
    let mut inputs = BTreeMap::from([(
        "crates".to_owned(),
        digest::of(crates(workspace, toolchain)?.as_bytes()),
    )]);
    for file in files {
        let name = file
            .strip_prefix(root)?
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {name}"))?;
        inputs.insert(name, digest::of(&bytes));
    }
    Ok(digest::of(&serde_json::to_vec(&inputs)?))
}

/// The files of this workspace that the compiler read: it leaves a list beside the module.
///
/// So a change to a part of consent-core that the banner does not carry asks for no new bundle.
fn compiled(root: &Path, module: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = fs::read_to_string(module.with_extension("d"))?;
    let (_, files) = list
        .split_once(": ")
        .context("the compiler's list of files reads differently than expected")?;
    // Spaces in names are escaped; the list is one line.
    let files = files.trim().replace("\\ ", "\0");
    let files = files
        .split(' ')
        .map(|file| PathBuf::from(file.replace('\0', " ")));
    Ok(files.filter(|file| file.starts_with(root)).collect())
}

/// The crates in the module, with versions and features.
fn crates(workspace: &Workspace, toolchain: &Toolchain) -> anyhow::Result<String> {
    let mut cargo = toolchain.cargo(workspace.root());
    cargo.args([
        "tree",
        "--quiet",
        "--package",
        "consent-wasm",
        "--target",
        TARGET,
        "--edges",
        "normal,build",
    ]);
    cargo.args(["--prefix", "none", "--no-dedupe", "--format", "{p} {f}"]);
    let tree = command::read(&mut cargo)?;
    let place = workspace.root().to_string_lossy().into_owned();
    let mut lines: Vec<String> = tree.lines().map(|line| line.replace(&place, "")).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(lines.join("\n"))
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if place.is_file() {
        files.push(place.into());
        return Ok(());
    }
    for entry in fs::read_dir(place).with_context(|| format!("cannot read {}", place.display()))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}
