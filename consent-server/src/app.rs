//! The state that requests share.

use crate::calls::Calls;
use crate::clock::Clock;
use crate::data::DataFolder;
use crate::intake::{Intake, unavailable};
use crate::keys::Keys;
use crate::limit::Rates;
use crate::live::Live;
use crate::log::{Ledger, Log};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::publish::Sites;
use crate::readiness::Readiness;
use crate::reload::{DeclarationSource, ReloadError, Reloaded};
use crate::repeats;
use crate::rotation::{RetireError, retire_replaced};
use crate::serving::Serving;
use crate::session::Sessions;
use crate::store::{Actor, Moment, Store, StoreError};
use crate::timeline::{Timeline, WrongClock};
use crate::url::BaseUrl;
use consent_core::time::UnixSeconds;
use std::ops::Deref;
use std::sync::Arc;

/// What a running server is made of. [`Server::open`](crate::server::Server::open) puts it together.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts that handlers use.
pub struct Parts {
    /// Where receipts are kept.
    pub store: Arc<dyn Store>,
    /// Takes records in.
    pub intake: Intake,
    /// Tells the time.
    pub clock: Clock,
    /// Whether that can be believed.
    pub timeline: Timeline,
    /// Where the server is reached.
    pub url: BaseUrl,
    /// The origins of pages that count as the server's own.
    pub own_origins: Vec<String>,
    /// Where the pages and routes for staff are reached.
    pub staff_url: BaseUrl,
    /// The origins of pages that may change something for staff.
    pub staff_origins: Vec<String>,
    /// Staff who are logged in.
    pub sessions: Sessions,
    /// How much one client or one site may send.
    pub rates: Rates,
    /// How many calls that block run at a time.
    pub calls: Calls,
    /// Whether records can be taken, as of a moment ago.
    pub readiness: Readiness,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
    /// The log of what is given out, or that none is kept.
    pub ledger: Ledger,
    /// The data folder, where the operator's metrics look.
    pub data: DataFolder,
    /// Where sites and keys are read from again; `None` if the sites were given.
    pub(crate) source: Option<DeclarationSource>,
    pub(crate) serving: Live<Serving>,
}

impl App {
    pub(crate) fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The log; `None` if the server keeps none.
    #[must_use]
    pub fn log(&self) -> Option<&Arc<Log>> {
        self.ledger.log()
    }

    /// What is served now.
    #[must_use]
    pub fn serving(&self) -> Arc<Serving> {
        self.serving.get()
    }

    /// Serves these sites and trusts these keys from the next request on, signs with the one that is to sign, and retires the
    /// others once nothing more is signed with them. Blocks.
    pub fn replace(&self, sites: Sites, mut keys: Keys) -> Result<(), RetireError> {
        self.metrics.refused_sites(sites.refused().len());
        self.metrics
            .serve(sites.iter().map(|site| site.id.as_str()));
        // Published before it signs: whoever holds a receipt finds its key.
        self.publish(sites.clone(), &keys);
        let last = self.intake.sign_with(keys.signer(self.url.as_str()));
        let retired = retire_replaced(&mut keys, &*self.store, self.clock.now().max(last));
        self.publish(sites, &keys);
        retired
    }

    fn publish(&self, sites: Sites, keys: &Keys) {
        let serving = Serving::new(sites, keys.public(), &self.url);
        self.serving.set(serving);
    }

    /// Reads the folder of sites and the keys again, and serves them from the next request on. Blocks.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let source = self.source.as_ref().ok_or(ReloadError::NoFolder)?;
        let _alone = source.alone();
        let (before, now) = (self.serving(), self.clock.now());
        let read = source.read_again(&before.sites, &self.staff_url, &*self.store, now)?;
        let retired = self.replace(read.sites, read.keys);
        retired.map_err(|source| ReloadError::Retirement {
            key: read.reloaded.key.clone(),
            source,
        })?;
        Ok(read.reloaded)
    }

    /// Whether records can be taken, and why not: found to be so less than a second ago.
    pub async fn check_ready(&self) -> Result<(), Problem> {
        if let Some(problem) = self.intake.failing() {
            return Err(problem);
        }
        let app = self.clone();
        self.readiness.check(move || app.try_out()).await
    }

    /// Writes and syncs, signs, and looks whether the log holds what was signed. Blocks.
    fn try_out(&self) -> Result<(), Problem> {
        if !self
            .intake
            .signs_for(&self.serving().keys, self.clock.now())
        {
            repeats::tell(
                "what is signed is worth nothing",
                &"it does not verify with the published keys",
            );
            return Err(Problem::StorageUnavailable);
        }
        let stores = self.store.ready();
        if let Err(error) = &stores {
            repeats::tell("the storage did not answer", error);
        }
        let log = self.log().map_or(Ok(()), |log| log.check());
        if let Err(error) = &log {
            repeats::tell("the log does not hold", error);
        }
        stores.map_err(|error| unavailable(&error))?;
        log.map_err(|_| Problem::StorageUnavailable)
    }

    /// The time to sign a receipt at, unless the clock cannot be believed.
    pub fn signing_time(&self) -> Result<UnixSeconds, WrongClock> {
        self.timeline.believe(self.clock.now())
    }

    /// Goes on from what the clock says now, although it cannot be believed, and writes that into the trail. Answers what
    /// was wrong; nothing is done if nothing is. Blocks.
    pub fn accept_clock(&self) -> Result<Option<WrongClock>, StoreError> {
        let now = self.clock.now();
        let Err(wrong) = self.timeline.check(now) else {
            return Ok(None);
        };
        let before = format!("before={}", self.timeline.newest().to_rfc3339());
        let operator = Actor::operator("command line", now);
        self.store
            .note(&operator.access("accept_clock", None, before, Some(0)))?;
        self.timeline.accept(now);
        self.write_time()?;
        Ok(Some(wrong))
    }

    /// Writes down the newest time that was believed: the next start goes on from there. Blocks.
    pub fn write_time(&self) -> Result<(), StoreError> {
        self.store
            .set_moment(Moment::Signed, self.timeline.newest())
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
