//! A real browser with an empty profile, driven over `WebDriver`.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};
use tokio::process::{Child, Command};

use crate::tool;

/// Chromium, its driver and its profile. They end with this value.
pub struct Browser {
    /// The session.
    pub driver: WebDriver,
    // Dropped after the session, in this order.
    process: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium.
    pub async fn chromium() -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let program = tool::chromedriver();
        let process = Command::new(&program)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| {
                format!(
                    "{} does not start: `cargo xtask test` installs it",
                    program.display()
                )
            })?;
        let profile = tempfile::tempdir()?;
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
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
        ] {
            capabilities.add_arg(argument)?;
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        if let Some(chromium) = tool::chromium() {
            capabilities.set_binary(&chromium.display().to_string())?;
        }
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All)?;
        let driver = session(&format!("http://127.0.0.1:{port}"), capabilities.into()).await?;
        Ok(Self {
            driver,
            process,
            _profile: profile,
        })
    }

    /// What the console holds that was not read before, one line each.
    pub async fn console(&self) -> Result<Vec<String>> {
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

/// A session, as soon as the driver listens.
async fn session(url: &str, capabilities: Capabilities) -> Result<WebDriver> {
    for _ in 0..100 {
        match WebDriver::new(url, capabilities.clone()).await {
            Ok(driver) => return Ok(driver),
            Err(error) if error.to_string().contains("session not created") => bail!(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    bail!("ChromeDriver did not listen within 10 seconds")
}
