//! The WebAssembly module: compiled, bound to JavaScript, made small.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;
use wasm_bindgen_cli_support::Bindgen;

use crate::command;
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// The compiler for the browser keeps its files apart, below `target/`: it is another one than the host's.
pub(crate) const FOLDER: &str = "wasm";

/// For size; `opt-level = "z"` comes out larger after wasm-opt and brotli.
const PROFILE: &[&str] = &[
    "opt-level=\"s\"",
    "lto=true",
    "codegen-units=1",
    "strip=\"debuginfo\"",
    "debug=false",
    "incremental=false",
];

/// The glue, and the module it belongs to.
pub(crate) struct Glue {
    pub(crate) script: PathBuf,
    pub(crate) module: PathBuf,
}

/// Compiles consent-wasm; answers with the module.
pub(crate) fn compile(workspace: &Workspace, toolchain: &Toolchain) -> anyhow::Result<PathBuf> {
    let folder = workspace.target().join(FOLDER);
    let mut cargo = toolchain.cargo(workspace.root());
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "consent-wasm",
        "--lib",
        "--target",
        TARGET,
        "--target-dir",
    ]);
    cargo.arg(&folder);
    for setting in PROFILE {
        cargo.args(["--config", &format!("profile.release.{setting}")]);
    }
    let mut flags = remapped(workspace, toolchain);
    if toolchain.builds_std() {
        cargo.args([
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=optimize_for_size",
            "-Zpanic-immediate-abort",
        ]);
        cargo.args(["--config", "profile.release.panic=\"immediate-abort\""]);
        // The first feature set of WebAssembly: one module for every browser, and for a translation to JavaScript. Copying memory
        // came later, in every browser before <dialog> did; it saves the module the loops that do it.
        let features = ["-Ctarget-cpu=mvp", "-Ctarget-feature=+bulk-memory"];
        flags.extend(
            [
                "-Zlocation-detail=none",
                "-Zfmt-debug=none",
                "-Zunstable-options",
            ]
            .iter()
            .chain(&features)
            .map(|flag| (*flag).into()),
        );
    } else {
        cargo.args(["--config", "profile.release.panic=\"abort\""]);
    }
    cargo
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env_remove("RUSTFLAGS");
    command::run(&mut cargo).context("consent-wasm does not build for the browser")?;
    Ok(folder
        .join(TARGET)
        .join("release")
        .join("consent_wasm.wasm"))
}

/// Writes the glue between the module and JavaScript. The loader starts the module by itself.
pub(crate) fn bind(module: &Path, folder: &Path) -> anyhow::Result<Glue> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("glue")
        .typescript(false);
    bindgen
        .bundler(true)?
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(folder)
        .context("wasm-bindgen could not bind the module")?;
    Ok(Glue {
        script: folder.join("glue_bg.js"),
        module: folder.join("glue_bg.wasm"),
    })
}

/// The module as plain JavaScript, for where WebAssembly may not run; answers with the script to bundle.
pub(crate) fn plain(node_modules: &Path, module: &Path, scratch: &Path) -> anyhow::Result<PathBuf> {
    let folder = scratch.join("plain");
    let glue = bind(module, &folder)?;
    let small = folder.join("small.wasm");
    wasm_opt(node_modules, &glue.module, &small, SMALL)?;
    let mut translate = Command::new("node");
    translate
        .arg(node_modules.join("binaryen/bin/wasm2js"))
        .arg(&small)
        .arg("-Oz")
        .arg("-o")
        .arg(folder.join("glue_bg.wasm.js"));
    command::run(&mut translate)?;
    keep_views_fresh(&glue.script)?;
    let entry = folder.join("glue.js");
    let script = fs::read_to_string(&entry)?;
    fs::write(
        &entry,
        script.replace("./glue_bg.wasm\"", "./glue_bg.wasm.js\""),
    )?;
    Ok(entry)
}

/// The glue keeps views of the module's memory until growth takes its buffer away. In plain JavaScript growth makes a copy, and
/// the old buffer stays: only a comparison tells.
fn keep_views_fresh(script: &Path) -> anyhow::Result<()> {
    let mut text = fs::read_to_string(script)?;
    let view = |name: &str| format!("cached{name}Memory0");
    let (data, bytes) = (view("DataView"), view("Uint8Array"));
    for (by_detaching, by_comparing) in [
        (
            format!("{data}.buffer.detached === true || (cached"),
            format!("{data}.buffer !== wasm.memory.buffer || (cached"),
        ),
        (
            format!("{bytes}.byteLength === 0"),
            format!("{bytes}.buffer !== wasm.memory.buffer"),
        ),
    ] {
        anyhow::ensure!(
            text.contains(&by_detaching),
            "the glue looks after its views in a new way: {by_detaching} is not in it"
        );
        text = text.replace(&by_detaching, &by_comparing);
    }
    fs::write(script, text)?;
    Ok(())
}

/// What wasm-opt does to make a module small. Nothing that asks for more features: what a browser cannot read it does not run.
const SMALL: &[&str] = &["-Oz", "--converge", "--strip-debug", "--strip-producers"];

fn wasm_opt(
    node_modules: &Path,
    from: &Path,
    to: &Path,
    passes: &[&str],
) -> anyhow::Result<String> {
    let mut command = Command::new("node");
    command
        .arg(node_modules.join("binaryen/bin/wasm-opt"))
        .arg(from)
        .arg("-o")
        .arg(to)
        .args(passes);
    command::read(&mut command)
}

/// Makes the module small, and shortens the names that it shares with the glue, in both.
pub(crate) fn shrink(node_modules: &Path, glue: &Glue, folder: &Path) -> anyhow::Result<Vec<u8>> {
    let (small, smaller) = (folder.join("small.wasm"), folder.join("smaller.wasm"));
    wasm_opt(node_modules, &glue.module, &small, SMALL)?;
    // By itself, because it tells its names each time it runs.
    let names = wasm_opt(
        node_modules,
        &small,
        &smaller,
        &[
            "--strip-target-features",
            "--minify-imports-and-exports-and-modules",
        ],
    )?;
    let names: Names =
        serde_json::from_str(&names).context("wasm-opt tells its names in a new way")?;
    let script = fs::read_to_string(&glue.script)?;
    fs::write(&glue.script, names.shorten(&script)?)?;
    Ok(fs::read(smaller)?)
}

/// What wasm-opt calls the module that all imports come from.
const MODULE: &str = "a";

/// The names that wasm-opt gave: the module, the old name, the new one; and for what is exported, the old and the new.
#[derive(Deserialize)]
struct Names {
    imports: Vec<(String, String, String)>,
    exports: Vec<(String, String)>,
}

impl Names {
    /// Puts the new names into the glue: it names exports behind `wasm.`. What the module imports, it exports; `imports` gathers
    /// that under the new names.
    fn shorten(&self, script: &str) -> anyhow::Result<String> {
        let mut script = script.to_owned();
        // Longest first: one name may begin with another.
        let mut exports: Vec<_> = self.exports.iter().collect();
        exports.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        for (old, new) in exports {
            script = script.replace(&format!("wasm.{old}"), &format!("wasm.{new}"));
        }
        let mut imports = Vec::new();
        for (_, old, new) in &self.imports {
            anyhow::ensure!(
                script.contains(&format!("export function {old}(")),
                "the glue does not define {old}"
            );
            imports.push(format!("{new}: {old}"));
        }
        let imports = imports.join(", ");
        writeln!(
            script,
            "\nexport const imports = {{ {MODULE}: {{ {imports} }} }};"
        )?;
        Ok(script)
    }
}

/// Where the checkout, the registry and the compiler lie must not show in the module.
fn remapped(workspace: &Workspace, toolchain: &Toolchain) -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let places = [
        (home, "/cargo"),
        (Some(toolchain.sysroot.clone()), "/rust"),
        (Some(workspace.root().into()), "/consent"),
    ];
    places
        .into_iter()
        .filter_map(|(place, name)| {
            Some(format!("--remap-path-prefix={}={name}", place?.display()))
        })
        .collect()
}
