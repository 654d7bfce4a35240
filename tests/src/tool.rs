//! Where the programs that the scenarios need are. `cargo xtask test` installs them and sets the variables.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};

/// The `consent` binary: `CONSENT_BIN`, or what cargo builds now.
pub fn consent() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = BUILT.get() {
        return Ok(path.clone());
    }
    let path = match std::env::var_os("CONSENT_BIN") {
        Some(path) => path.into(),
        None => build("consent-server", "consent")?,
    };
    Ok(BUILT.get_or_init(|| path).clone())
}

/// `ChromeDriver`: `CONSENT_CHROMEDRIVER`, or the one on the path.
#[must_use]
pub fn chromedriver() -> PathBuf {
    from_environment("CONSENT_CHROMEDRIVER", "chromedriver")
}

/// Chromium: `CONSENT_CHROMIUM`, or the one that `ChromeDriver` finds.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    std::env::var_os("CONSENT_CHROMIUM").map(Into::into)
}

/// Firefox's driver: `CONSENT_GECKODRIVER`, or the one on the path.
#[must_use]
pub fn geckodriver() -> PathBuf {
    from_environment("CONSENT_GECKODRIVER", "geckodriver")
}

/// Firefox: `CONSENT_FIREFOX`, or the one that its driver finds.
#[must_use]
pub fn firefox() -> Option<PathBuf> {
    std::env::var_os("CONSENT_FIREFOX").map(Into::into)
}

/// `WebKit`'s driver: `CONSENT_WEBKITDRIVER`, or the one on the path.
#[must_use]
pub fn webkit_driver() -> PathBuf {
    from_environment("CONSENT_WEBKITDRIVER", "WebKitWebDriver")
}

/// `WebKit`'s own small browser: `CONSENT_WEBKIT`, or where Debian keeps it.
#[must_use]
pub fn webkit() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("CONSENT_WEBKIT") {
        return Some(given.into());
    }
    let libraries = std::fs::read_dir("/usr/lib").ok()?;
    let folders = libraries.filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"))
        .find(|browser| browser.exists())
}

/// A Python with `PyJWT`, `cryptography` and `python-dateutil`: `CONSENT_PYTHON`, or the one on the path.
#[must_use]
pub fn python() -> PathBuf {
    from_environment("CONSENT_PYTHON", "python3")
}

/// nginx: `CONSENT_NGINX`, or the one on the path.
#[must_use]
pub fn nginx() -> PathBuf {
    from_environment("CONSENT_NGINX", "nginx")
}

/// Caddy: `CONSENT_CADDY`, or the one on the path.
#[must_use]
pub fn caddy() -> PathBuf {
    from_environment("CONSENT_CADDY", "caddy")
}

/// The folder with npm's `axe-core` and `autoconsent` in it: `CONSENT_NODE_MODULES`.
pub fn node_modules() -> Result<PathBuf> {
    let path = std::env::var_os("CONSENT_NODE_MODULES");
    path.map(Into::into)
        .context("CONSENT_NODE_MODULES is not set: run `cargo xtask test`")
}

/// The folder with what pages are built with, such as Turbo and React: `CONSENT_PAGE_MODULES`, or where npm puts it.
#[must_use]
pub fn page_modules() -> PathBuf {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/libraries/node_modules");
    from_environment("CONSENT_PAGE_MODULES", usual)
}

fn from_environment(variable: &str, fallback: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| fallback.into(), Into::into)
}

/// The program of a package in `examples/`, as cargo builds it now.
pub fn example(package: &str) -> Result<PathBuf> {
    build(package, package)
}

fn build(package: &str, program: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", package, "--bin", program])
        .args(["--message-format", "json"])
        .output()?;
    let messages = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "cargo build failed:\n{messages}");
    let executable = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    executable.context("cargo build named no executable")
}
