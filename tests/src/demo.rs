//! The demo, as a person starts it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tempfile::TempDir;

use crate::compressed::Compressed;
use crate::http;
use crate::tool;

/// A running demo with a fresh data folder. It ends with this value.
pub struct Demo {
    process: Child,
    data: TempDir,
    /// What `demo.json` says.
    pub facts: Facts,
}

/// The contents of `demo.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The consent server.
    pub url: String,
    /// Where it listens for staff.
    pub staff_url: String,
    /// A staff token.
    pub token: String,
    /// The third parties.
    pub third_party_url: String,
    /// The demo pages.
    pub sites: Vec<Page>,
}

/// One demo page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The site.
    pub id: String,
    /// Its page.
    pub page: String,
}

/// One request that the third parties saw.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Sighting {
    /// `GET`, `POST`.
    pub method: String,
    /// The path, without the query.
    pub path: String,
}

/// One line of a JSON Lines export.
pub type Row = serde_json::Value;

impl Demo {
    /// Starts the demo on free ports.
    pub fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let compressed = Compressed::lend(&tool::consent()?, data.path());
        let process = Command::new(tool::consent()?)
            .args(["demo", "--port", "0", "--data"])
            .arg(data.path())
            .stdout(Stdio::null())
            .spawn()
            .context("the demo does not start")?;
        let mut demo = Self {
            process,
            facts: Facts {
                url: String::new(),
                staff_url: String::new(),
                token: String::new(),
                third_party_url: String::new(),
                sites: vec![],
            },
            data,
        };
        demo.facts = demo.wait_for_facts()?;
        compressed.keep();
        Ok(demo)
    }

    /// The address of a site's demo page.
    pub fn page(&self, site: &str) -> Result<&str> {
        let page = self.facts.sites.iter().find(|page| page.id == site);
        Ok(&page
            .with_context(|| format!("no demo page for {site}"))?
            .page)
    }

    /// The demo's data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// What the third parties saw since it was last cleared.
    pub fn third_party_log(&self) -> Result<Vec<Sighting>> {
        #[derive(Deserialize)]
        struct Entry {
            method: String,
            path: String,
        }
        let log = http::get(&format!("{}/log", self.facts.third_party_url), None)?;
        let entries: Vec<Entry> = serde_json::from_str(&log)?;
        let without_query = |path: String| path.split('?').next().unwrap_or_default().to_owned();
        Ok(entries
            .into_iter()
            .map(|entry| Sighting {
                method: entry.method,
                path: without_query(entry.path),
            })
            .collect())
    }

    /// The export that staff download, as JSON Lines.
    pub fn export(&self, site: &str) -> Result<Vec<Row>> {
        let url = format!(
            "{}/v1/sites/{site}/export?format=jsonl",
            self.facts.staff_url
        );
        let lines = http::get(&url, Some(&self.facts.token))?;
        lines
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    fn wait_for_facts(&mut self) -> Result<Facts> {
        let file = self.data.path().join("demo.json");
        let start = Instant::now();
        while start.elapsed() < Duration::from_mins(2) {
            if let Some(status) = self.process.try_wait()? {
                bail!("the demo ended with {status}");
            }
            if let Ok(text) = std::fs::read_to_string(&file)
                && let Ok(facts) = serde_json::from_str::<Facts>(&text)
                && http::get(&format!("{}/healthz", facts.url), None).is_ok()
            {
                return Ok(facts);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the demo wrote no {} in two minutes", file.display())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
