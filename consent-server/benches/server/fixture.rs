//! One site, and as many records of it as are wanted, each with ids of its own.
#![allow(
    clippy::disallowed_methods,
    reason = "a measurement makes its own files"
)]

use anyhow::{Context as _, Result, anyhow};
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::{Months, UnixSeconds};
use consent_server::bundle::Bundle;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::data::private;
use consent_server::publish::Sites;
use consent_server::store::StoreAddress;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

const DECLARATION: &str = include_str!("../../../examples/sites/lacassagne.toml");

/// The address that receipts name.
pub(crate) const URL: &str = "https://consent.example";

/// What all measurements share.
pub(crate) struct Fixture {
    /// The folder of the site's declaration.
    pub(crate) sites: PathBuf,
    /// The site.
    pub(crate) site: SiteId,
    scope: Digest,
    notice: Digest,
    next: AtomicU64,
    now: UnixSeconds,
}

impl Fixture {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let sites = folder.join("sites");
        std::fs::create_dir(&sites)?;
        std::fs::write(sites.join("site.toml"), DECLARATION)?;
        let site =
            Site::parse("site.toml", DECLARATION).map_err(|wrong| anyhow!("{}", wrong[0]))?;
        let id = site.id.clone();
        let data = folder.join("fixture");
        private::make_folder(&data)?;
        let store = StoreAddress::of(&DataFolder::at(&data)).open()?;
        let now = Clock::system().now();
        let sites_published = Sites::publish(vec![site], &Bundle::embedded()?, &*store, now)?;
        let published = sites_published.get(id.as_str()).context("the site")?;
        Ok(Self {
            scope: published.scope_digest,
            notice: published.notices[&"fr".parse()?],
            sites,
            site: id,
            next: AtomicU64::new(0),
            now,
        })
    }

    /// A record that no other call gives: by a browser of its own, in the order of time.
    pub(crate) fn record(&self) -> Record {
        self.record_of(self.notice)
    }

    /// The same after another notice.
    pub(crate) fn record_of(&self, notice: Digest) -> Record {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 16];
        random[..8].copy_from_slice(&number.to_le_bytes());
        random[8..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[6..]);
        let millis = self.now.get().unsigned_abs() * 1000 + number / 20;
        Record {
            id: RecordId::v7(millis, tail),
            site: self.site.clone(),
            subject: ConsentId::from_random(random),
            decision: Decision {
                act: Act::Custom,
                source: Source::Banner,
                choices: Choices::from_iter([
                    (
                        "analytics".parse().expect("an id"),
                        number.is_multiple_of(2),
                    ),
                    ("social".parse().expect("an id"), !number.is_multiple_of(2)),
                ]),
                services: Choices::default(),
            },
            decided_at: self.now,
            expires_at: self.now.plus_months(Months::THIRTEEN),
            scope: self.scope,
            notice,
            language: "fr".parse().expect("a language"),
            previous: None,
            gpc: false,
        }
    }

    /// How many receipts a data folder holds.
    pub(crate) fn count(&self, data: &Path) -> Result<u64> {
        if !data.join("consent.db").exists() {
            return Ok(0);
        }
        let counts = StoreAddress::of(&DataFolder::at(data))
            .open()?
            .counts(&self.site)?;
        Ok(counts.iter().map(|(_, count)| count).sum())
    }
}
