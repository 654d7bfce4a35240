//! How a server is put together: what is refused is refused before anything is changed.

use super::config::{Config, LogSettings, SiteSource};
use crate::apart::{SharedOrigin, keep_apart};
use crate::app::{App, Parts};
use crate::bundle::{Bundle, BundleError};
use crate::cache::Cache;
use crate::data::{DataFolder, FileError, Lock, LockError};
use crate::declarations::Written;
use crate::folder::Folder;
use crate::intake::Intake;
use crate::keys::KeysError;
use crate::last::Last;
use crate::live::Live;
use crate::log::{CheckedLog, Ledger, LogError, log_key};
use crate::metrics::Metrics;
use crate::publish::{PublishError, Publisher, Sites};
use crate::readiness::Readiness;
use crate::reload::DeclarationSource;
use crate::rotation::{RetireError, retire_replaced};
use crate::serving::Serving;
use crate::session::Sessions;
use crate::store::{Moment, Store, StoreError};
use crate::timeline::Timeline;
use crate::url::BaseUrl;
use consent_core::time::UnixSeconds;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the sites.
    #[error("the declarations of the sites")]
    Declarations(#[source] PublishError),
    /// Others have pages on the origin of staff.
    #[error(transparent)]
    Shared(#[from] SharedOrigin),
    /// The browser's half.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The data folder cannot be made.
    #[error(transparent)]
    Data(#[from] FileError),
    /// The data folder is somebody else's.
    #[error("{0}: give the data folder and all in it to the user that the server runs as")]
    Denied(FileError),
    /// The data folder is in use.
    #[error(transparent)]
    Lock(LockError),
    /// The keys that sign receipts.
    #[error("the signing keys")]
    Keys(#[source] KeysError),
    /// The database cannot be opened.
    #[error("the database in {at}")]
    Database {
        /// The data folder, or the URL without its password.
        at: String,
        /// What is wrong.
        source: StoreError,
    },
    /// Keys that sign no more are not retired.
    #[error("when the keys before this one were retired")]
    Retire(#[source] RetireError),
    /// The key that signs the log.
    #[error("the log's key")]
    LogKey(#[source] KeysError),
    /// The log does not go on from what was signed.
    #[error("the log")]
    Log(#[source] LogError),
    /// The sites are not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// That the clock is accepted cannot be written down.
    #[error("the trail")]
    Trail(#[source] StoreError),
    /// No thread.
    #[error("no thread for writing: {0}")]
    Threads(#[source] std::io::Error),
}

impl From<LockError> for OpenError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::File(file) if file.is_denied() => Self::Denied(file),
            error => Self::Lock(error),
        }
    }
}

pub(super) fn open(config: Config) -> Result<(App, Option<LogSettings>), OpenError> {
    let clock = config.clock;
    let declared = Declared::read(config.sites, &config.data, clock.now())?;
    keep_apart(&config.staff_url, &config.url, declared.sites())?;
    let bundle = config.bundle.map_or_else(Bundle::embedded, Ok)?;
    let publisher = Publisher::new(bundle, Cache::open(&config.data));

    let at = config.store.place(&config.data);
    let here = config.store.check_here();
    here.map_err(|source| OpenError::Database {
        at: at.clone(),
        source,
    })?;
    config.data.make()?;
    // First of all: a start that is refused changes nothing.
    let lock = config.data.lock()?;
    let mut keys = config.keys.open(clock.now()).map_err(OpenError::Keys)?;
    let opened = config.store.open();
    let store = opened.map_err(|source| OpenError::Database { at, source })?;
    // No other server signs with them: the lock is ours.
    retire_replaced(&mut keys, &*store, clock.now()).map_err(OpenError::Retire)?;
    let ready = ReadyLog::check(
        config.log.is_some(),
        lock,
        &store,
        &config.data,
        &config.url,
        clock.now(),
    )?;
    let (sites, source) = match declared {
        Declared::Folder(path, folder) => {
            let source = DeclarationSource::new(path, config.data.clone(), publisher, config.keys);
            let sites = source.publish(folder, &*store, clock.now())?;
            (sites, Some(source))
        }
        Declared::Given(sites) => {
            let before = Sites::default();
            let sites = publisher.publish(sites, Vec::new(), &before, &*store, clock.now())?;
            (sites, None)
        }
    };
    let ledger = ready.start()?;

    let metrics = Arc::new(Metrics::default());
    metrics.refused_sites(sites.refused().len());
    metrics.serve(sites.iter().map(|site| site.id.as_str()));
    let newest = store.moment(Moment::Signed)?;
    let url = config.url;
    let origins = |first: &BaseUrl, further: Vec<String>| {
        let first = std::iter::once(first.origin().to_owned());
        first.chain(further).collect()
    };
    let app = App::of(Parts {
        serving: Live::new(Serving::new(sites, keys.public(), &url)),
        intake: Intake::start(
            keys.into_signer(url.as_str()),
            Arc::clone(&store),
            Arc::clone(&metrics),
            ledger.log().is_some(),
        )
        .map_err(OpenError::Threads)?,
        metrics,
        own_origins: origins(&url, config.own_origins),
        staff_origins: origins(&config.staff_url, config.staff_origins),
        staff_url: config.staff_url,
        sessions: Sessions::default(),
        rates: config.rates,
        calls: config.calls,
        readiness: Readiness::default(),
        ledger,
        source,
        data: config.data,
        timeline: Timeline::from(newest.unwrap_or_else(|| clock.now())),
        store,
        clock,
        url,
    });
    if config.accepts_clock
        && let Some(wrong) = app.accept_clock().map_err(OpenError::Trail)?
    {
        tracing::warn!(%wrong, "accepted: receipts are signed by this clock from now on");
    }
    Ok((app, config.log))
}

/// What is declared, read before anything is touched.
enum Declared {
    Folder(PathBuf, Folder),
    Given(Vec<Written>),
}

impl Declared {
    /// Refuses a folder of which nothing can be published, nor could be earlier.
    fn read(from: SiteSource, data: &DataFolder, today: UnixSeconds) -> Result<Self, OpenError> {
        match from {
            SiteSource::Folder(path) => {
                let folder = read_folder(&path, data, today).map_err(OpenError::Declarations)?;
                Ok(Self::Folder(path, folder))
            }
            SiteSource::Given(sites) => {
                Ok(Self::Given(sites.into_iter().map(Into::into).collect()))
            }
        }
    }

    fn sites(&self) -> &[Written] {
        match self {
            Self::Folder(_, folder) => &folder.sites,
            Self::Given(sites) => sites,
        }
    }
}

fn read_folder(path: &Path, data: &DataFolder, today: UnixSeconds) -> Result<Folder, PublishError> {
    let folder = Folder::read(path, today)?.judged();
    if folder.sites.is_empty() && Last::read(data).is_empty() {
        return Err(PublishError::AllRefused(folder.refused));
    }
    Ok(folder)
}

/// A log that is in order, and is not begun before the sites are published; or none.
enum ReadyLog {
    Kept(Box<CheckedLog>),
    None(Lock),
}

impl ReadyLog {
    fn check(
        is_kept: bool,
        lock: Lock,
        store: &Arc<dyn Store>,
        data: &DataFolder,
        url: &BaseUrl,
        now: UnixSeconds,
    ) -> Result<Self, OpenError> {
        if !is_kept {
            return Ok(Self::None(lock));
        }
        let key = log_key(data, now).map_err(OpenError::LogKey)?;
        let checked = CheckedLog::new(lock, Arc::clone(store) as _, data, key, url);
        Ok(Self::Kept(Box::new(checked.map_err(OpenError::Log)?)))
    }

    fn start(self) -> Result<Ledger, OpenError> {
        match self {
            Self::Kept(checked) => {
                let log = checked.start().map_err(OpenError::Log)?;
                Ok(Ledger::Kept(Arc::new(log)))
            }
            Self::None(lock) => Ok(Ledger::None(lock)),
        }
    }
}
