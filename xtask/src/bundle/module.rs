//! The WebAssembly module: compiled, bound to JavaScript, made small.

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

/// Writes the glue between the module and JavaScript.
pub(crate) fn bind(module: &Path, folder: &Path) -> anyhow::Result<Glue> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("glue")
        .typescript(false);
    bindgen
        .web(true)?
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen
        .generate(folder)
        .context("wasm-bindgen could not bind the module")?;
    Ok(Glue {
        script: folder.join("glue.js"),
        module: folder.join("glue_bg.wasm"),
    })
}

/// Makes the module small, and shortens the names that it shares with the glue, in both.
pub(crate) fn shrink(node_modules: &Path, glue: &Glue, folder: &Path) -> anyhow::Result<Vec<u8>> {
    let (small, smaller) = (folder.join("small.wasm"), folder.join("smaller.wasm"));
    let wasm_opt = |from: &Path, to: &Path, passes: &[&str]| {
        let mut command = Command::new("node");
        // Nothing that asks for more features: what a browser cannot read it does not run.
        command
            .arg(node_modules.join("binaryen/bin/wasm-opt"))
            .arg(from)
            .arg("-o")
            .arg(to)
            .args(passes);
        command::read(&mut command)
    };
    wasm_opt(
        &glue.module,
        &small,
        &[
            "-Oz",
            "--converge",
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ],
    )?;
    // By itself, because it tells its names each time it runs.
    let names = wasm_opt(
        &small,
        &smaller,
        &[
            "--enable-bulk-memory",
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
    /// Puts the new names into the glue: it names imports as members of an object, and exports behind `wasm.`.
    fn shorten(&self, script: &str) -> anyhow::Result<String> {
        let mut script = script.to_owned();
        for (module, old, new) in &self.imports {
            let member = format!("{old}:");
            anyhow::ensure!(script.contains(&member), "the glue does not define {old}");
            script = script
                .replace(&member, &format!("{new}:"))
                .replace(&format!("\"{module}\":"), &format!("{MODULE}:"));
        }
        // Longest first: one name may begin with another.
        let mut exports: Vec<_> = self.exports.iter().collect();
        exports.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        for (old, new) in exports {
            script = script.replace(&format!("wasm.{old}"), &format!("wasm.{new}"));
        }
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
