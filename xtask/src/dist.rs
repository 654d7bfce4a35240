//! The committed bundle: making it, and proving that it was made from this source.

use std::fs;
use std::path::PathBuf;

use anyhow::bail;

use crate::bundle::{self, BUILD, Build};
use crate::digest;
use crate::workspace::Workspace;

/// Builds `consent-wasm/dist`.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<()> {
    let dist = workspace.dist();
    let build = bundle::build(workspace, &dist)?;
    for name in build.files.keys() {
        eprintln!("{:>8} {name}", fs::metadata(dist.join(name))?.len());
    }
    eprintln!("bundle {}", build.bundle);
    Ok(())
}

/// A bundle rebuilt from source.
pub(crate) struct Rebuilt {
    /// Where it lies.
    pub(crate) folder: PathBuf,
    /// Whether it is byte for byte the committed one.
    pub(crate) is_committed: bool,
}

/// Rebuilds the bundle, and fails when the committed one was not made from this source.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Rebuilt> {
    let dist = workspace.dist();
    let committed = bundle::read(&dist)?;
    unchanged(workspace, &committed)?;
    let folder = workspace.target().join("dist");
    let rebuilt = bundle::build(workspace, &folder)?;
    if committed.sources != rebuilt.sources {
        bail!(
            "consent-wasm/dist was not made from this source\n  dist/{BUILD} names sources {}\n  these sources are    {}\nRun: cargo xtask wasm, and commit consent-wasm/dist",
            committed.sources,
            rebuilt.sources
        );
    }
    if committed.tools == rebuilt.tools {
        let other: Vec<&str> = differing(&committed, &rebuilt).collect();
        if !other.is_empty() {
            bail!(
                "the same source and the same tools made other bytes than those in consent-wasm/dist: {}\nThe rebuilt bundle is in {}. If dist was edited by hand, run: cargo xtask wasm",
                other.join(", "),
                folder.display()
            );
        }
        eprintln!("consent-wasm/dist is this source, byte for byte");
        return Ok(Rebuilt {
            folder,
            is_committed: true,
        });
    }
    eprintln!(
        "consent-wasm/dist was made from this source, with other tools, so its bytes cannot be compared here:"
    );
    for (tool, version) in &committed.tools {
        let here = rebuilt.tools.get(tool).map_or("none", String::as_str);
        if here != version {
            eprintln!("  {tool}: made with {version}, here is {here}");
        }
    }
    let is_committed = differing(&committed, &rebuilt).next().is_none();
    Ok(Rebuilt {
        folder,
        is_committed,
    })
}

/// The committed files must be those that their own `build.json` names, whatever tools are here.
fn unchanged(workspace: &Workspace, committed: &Build) -> anyhow::Result<()> {
    for (name, digest) in &committed.files {
        let file = workspace.dist().join(name);
        if fs::read(&file)
            .map(|bytes| digest::of(&bytes))
            .ok()
            .as_ref()
            != Some(digest)
        {
            bail!(
                "consent-wasm/dist/{name} is not the file that dist/{BUILD} names\nRun: cargo xtask wasm"
            );
        }
    }
    Ok(())
}

fn differing<'a>(committed: &'a Build, rebuilt: &'a Build) -> impl Iterator<Item = &'a str> {
    let names = committed.files.keys().chain(
        rebuilt
            .files
            .keys()
            .filter(|name| !committed.files.contains_key(*name)),
    );
    names
        .filter(|name| committed.files.get(*name) != rebuilt.files.get(*name))
        .map(String::as_str)
}
