//! The scripts and the style, made small.

use std::path::Path;
use std::process::Command;

use crate::command;

/// Every browser with `<dialog>` knows this much of the language.
const LANGUAGE: &str = "--target=es2021,safari15.4";

/// Makes one script or style small, by itself.
pub(crate) fn minify(node_modules: &Path, file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut esbuild = esbuild(node_modules);
    esbuild.arg(file);
    Ok(command::read(&mut esbuild)?.into_bytes())
}

/// Makes one module of the loader and the glue that it imports as `glue`.
pub(crate) fn bundle(node_modules: &Path, loader: &Path, glue: &Path) -> anyhow::Result<Vec<u8>> {
    let mut esbuild = esbuild(node_modules);
    esbuild
        .arg(loader)
        .args(["--bundle", "--format=esm"])
        .arg(format!("--alias:glue={}", glue.display()));
    Ok(command::read(&mut esbuild)?.into_bytes())
}

fn esbuild(node_modules: &Path) -> Command {
    let mut command = Command::new(node_modules.join(".bin/esbuild"));
    command.args([
        "--minify",
        "--legal-comments=none",
        "--charset=utf8",
        "--log-level=warning",
        LANGUAGE,
    ]);
    command
}
