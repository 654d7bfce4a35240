//! A real browser with an empty profile, driven over `WebDriver`: Chromium, Firefox, or `WebKit`.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};
use tokio::process::{Child, Command};

use crate::port::free_port;
use crate::tool;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chrome's, Edge's, Opera's.
    Chromium,
    /// Firefox's.
    Gecko,
    /// Safari's.
    WebKit,
}

/// A browser, its driver and its profile. They end with this value.
pub struct Browser {
    /// The session.
    pub driver: WebDriver,
    engine: Engine,
    // Dropped after the session, in this order.
    process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts a browser; `more` are command-line arguments for Chromium, and preferences (`name=json`) for Firefox.
    pub async fn start(engine: Engine, more: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = driver(engine, port);
        let process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| {
                format!("{command:?} does not start: `cargo xtask test` installs it")
            })?;
        let profile = tempfile::tempdir()?;
        let capabilities = match engine {
            Engine::Chromium => chromium(&profile, more)?,
            Engine::Gecko => gecko(more)?,
            Engine::WebKit => webkit()?,
        };
        let driver = session(&format!("http://127.0.0.1:{port}"), capabilities).await?;
        Ok(Self {
            driver,
            engine,
            process,
            _profile: profile,
        })
    }

    /// Whose it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What the console holds that was not read before, one line each. Only Chromium's driver tells; pages of a
    /// [`crate::stage::Stage`] tell for the others.
    pub async fn console(&self) -> Result<Vec<String>> {
        if self.engine != Engine::Chromium {
            return Ok(Vec::new());
        }
        let entries = self.driver.browser_log().await?;
        Ok(entries
            .into_iter()
            .map(|entry| format!("{}: {}", entry.level, entry.message))
            .collect())
    }

    /// Ends the session.
    pub async fn quit(self) -> Result<()> {
        Ok(self.driver.clone().quit().await?)
    }
}

impl Drop for Browser {
    /// Ends the driver and its browser together, also when a scenario has failed.
    fn drop(&mut self) {
        // The last handle to a session ends it, and waits two minutes for a driver that is gone.
        std::mem::forget(self.driver.clone());
        if let Some(driver) = self.process.id() {
            // It may have ended already, which is as good.
            let _ = std::process::Command::new("kill")
                .args(["-9", "--", &format!("-{driver}")])
                .status();
        }
    }
}

fn driver(engine: Engine, port: u16) -> Command {
    let mut command;
    match engine {
        Engine::Chromium => {
            command = Command::new(tool::chromedriver());
            command.arg(format!("--port={port}"));
        }
        Engine::Gecko => {
            command = Command::new(tool::geckodriver());
            // Each its own, or one would wait for the other's port.
            command.args(["--port", &port.to_string(), "--websocket-port", "0"]);
        }
        Engine::WebKit => {
            // It has no mode without a screen.
            command = Command::new("xvfb-run");
            command
                .arg("--auto-servernum")
                .arg(tool::webkit_driver())
                .arg(format!("--port={port}"))
                .arg("--host=127.0.0.1");
        }
    }
    command
}

fn chromium(profile: &TempDir, more: &[&str]) -> Result<Capabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    let always = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,900",
    ];
    for argument in always.iter().chain(more) {
        capabilities.add_arg(argument)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    if let Some(chromium) = tool::chromium() {
        capabilities.set_binary(&chromium.display().to_string())?;
    }
    capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    Ok(capabilities.into())
}

fn gecko(preferences: &[&str]) -> Result<Capabilities> {
    let mut options =
        json!({ "args": ["-headless", "-width", "1280", "-height", "900"], "prefs": {} });
    if let Some(firefox) = tool::firefox() {
        options["binary"] = json!(firefox);
    }
    for preference in preferences {
        let (name, value) = preference.split_once('=').context("not name=json")?;
        options["prefs"][name] = serde_json::from_str(value)?;
    }
    let mut capabilities = Capabilities::new();
    capabilities.set("browserName", json!("firefox"))?;
    capabilities.set("moz:firefoxOptions", options)?;
    Ok(capabilities)
}

fn webkit() -> Result<Capabilities> {
    let browser =
        tool::webkit().context("WebKit's MiniBrowser is missing: run `cargo xtask test`")?;
    let mut capabilities = Capabilities::new();
    capabilities.set(
        "webkitgtk:browserOptions",
        json!({ "binary": browser, "args": ["--automation"] }),
    )?;
    Ok(capabilities)
}

/// A session, as soon as the driver listens.
async fn session(url: &str, capabilities: Capabilities) -> Result<WebDriver> {
    for _ in 0..200 {
        match WebDriver::new(url, capabilities.clone()).await {
            Ok(driver) => return Ok(driver),
            Err(error) if error.to_string().contains("session not created") => bail!(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    bail!("the browser's driver did not listen within 20 seconds")
}
