//! Makes the bundle: what a server hands to browsers.
//!
//! The same tools make the same bytes from any folder: paths are mapped away, and nothing else of the machine goes in.

pub(crate) mod module;
mod scripts;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::install;
use crate::sources;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use scripts::Esbuild;

/// The token of the gate that becomes the site's manifest.
const MANIFEST: &str = "__MANIFEST__";

/// The token that becomes the parts that the site uses.
const PARTS: &str = "__PARTS__";

/// `build.json`: what the bundle was made from, and with what.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
pub(crate) struct Build {
    /// The digest of everything that was put in.
    pub(crate) sources: String,
    /// The digest of `files` as canonical JSON: it names this bundle in every notice.
    pub(crate) bundle: String,
    /// The versions of the tools.
    pub(crate) tools: BTreeMap<String, String>,
    /// The digest of each file.
    pub(crate) files: BTreeMap<String, String>,
}

/// The name of the file that [`Build`] is kept in.
pub(crate) const BUILD: &str = "build.json";

/// Builds the bundle into a folder.
pub(crate) fn build(workspace: &Workspace, folder: &Path) -> anyhow::Result<Build> {
    let toolchain = Toolchain::find()?;
    let node_modules = install::npm(workspace)?;
    eprintln!(
        "building consent-wasm with {}{}",
        toolchain.version,
        first_time(workspace)
    );

    let compiled = module::compile(workspace, &toolchain)?;
    let scratch = tempfile::tempdir()?;
    let glue = module::bind(&compiled, scratch.path())?;
    let package = workspace.wasm_package();
    let small = module::shrink(&node_modules, &glue, scratch.path())?;
    let plain = module::plain(&node_modules, &compiled, scratch.path())?;
    let esbuild = Esbuild::new(&node_modules, scratch.path())?;
    // The gate first: what it names, the others call the same.
    let gate = esbuild.minify(&package.join("gate/consent.js"))?;
    let loader = package.join("loader");
    let style = package.join("style");
    let cover = [("placeholder.css", &*style.join("placeholder.css"))];
    let glue = [("glue", &*glue.script)];
    let ahead = esbuild.joined_part(&loader.join("ahead.js"), &glue)?;
    let files = BTreeMap::from([
        (
            "banner.js",
            esbuild.bundle(&loader.join("loader.js"), &glue)?,
        ),
        ("banner.wasm", small),
        ("consent.d.ts", fs::read(package.join("gate/consent.d.ts"))?),
        (
            "declaration.js",
            esbuild.bundle(&loader.join("declaration.js"), &[])?,
        ),
        ("gate.js", gate),
        ("log.js", esbuild.bundle(&loader.join("log.js"), &[])?),
        (
            "parts.json",
            esbuild.parts(
                &package.join("gate/parts"),
                BTreeMap::from([("ahead".into(), ahead)]),
            )?,
        ),
        (
            "placeholder.js",
            esbuild.bundle(&loader.join("placeholder.js"), &cover)?,
        ),
        ("plain.js", esbuild.bundle(&plain, &[])?),
        (
            "preferences.js",
            esbuild.bundle(&loader.join("preferences.js"), &[])?,
        ),
        ("styles.json", esbuild.styles(&style)?),
        (
            "template.js",
            esbuild.bundle(&loader.join("template.js"), &[])?,
        ),
    ]);
    for token in [MANIFEST, PARTS] {
        let gate = String::from_utf8_lossy(&files["gate.js"]);
        let tokens = gate.matches(token).count();
        anyhow::ensure!(
            tokens == 1,
            "gate.js must hold {token} once, and holds it {tokens} times"
        );
    }

    let digests: BTreeMap<String, String> = files
        .iter()
        .map(|(name, bytes)| ((*name).into(), digest::of(bytes)))
        .collect();
    let build = Build {
        sources: sources::digest(workspace, &toolchain, &compiled)?,
        // Sorted, ASCII, strings only: this is the RFC 8785 form.
        bundle: digest::of(&serde_json::to_vec(&digests)?),
        tools: versions(&toolchain, &node_modules)?,
        files: digests,
    };
    fs::create_dir_all(folder)?;
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes)?;
    }
    fs::write(
        folder.join(BUILD),
        serde_json::to_string_pretty(&build)? + "\n",
    )?;
    Ok(build)
}

/// Reads the `build.json` of a bundle.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Build> {
    let file = folder.join(BUILD);
    let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("{} is not what cargo xtask wasm writes", file.display()))
}

fn versions(
    toolchain: &Toolchain,
    node_modules: &Path,
) -> anyhow::Result<BTreeMap<String, String>> {
    let npm = |name: &str| -> anyhow::Result<String> {
        #[derive(Deserialize)]
        struct Package {
            version: String,
        }
        let text = fs::read(node_modules.join(name).join("package.json"))?;
        Ok(serde_json::from_slice::<Package>(&text)?.version)
    };
    Ok(BTreeMap::from([
        ("rustc".into(), toolchain.version.clone()),
        ("wasm-bindgen".into(), wasm_bindgen_version().into()),
        ("binaryen".into(), npm("binaryen")?),
        ("esbuild".into(), npm("esbuild")?),
    ]))
}

/// The version is pinned in the root manifest, for the crate and for what writes its glue.
fn wasm_bindgen_version() -> &'static str {
    include_str!("../../Cargo.toml")
        .lines()
        .find_map(|line| line.strip_prefix("wasm-bindgen = \"=")?.strip_suffix('"'))
        .unwrap_or("unknown")
}

fn first_time(workspace: &Workspace) -> &'static str {
    let built_before = workspace.target().join(module::FOLDER).exists();
    if built_before {
        ""
    } else {
        " (the first time with its standard library: a minute or two)"
    }
}
