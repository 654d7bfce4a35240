//! What a server is put together from.

use crate::bundle::Bundle;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::data::DataFolder;
use crate::keys::KeySource;
use crate::limit::Rates;
use crate::log::Vouchers;
use crate::store::{Store, StoreAddress, StoreError};
use crate::url::BaseUrl;
use consent_core::site::Site;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a server is put together from; [`Config::new`] has what most need.
#[derive(Debug)]
pub struct Config {
    /// The folder of the database and the keys; made at the first start. One server at a time has it.
    pub data: DataFolder,
    /// Where receipts are kept.
    pub store: StoreSource,
    /// The sites that are served.
    pub sites: SiteSource,
    /// The URL under which browsers reach the server; receipts name it as their issuer.
    pub url: BaseUrl,
    /// Further origins of pages that count as the server's own.
    pub own_origins: Vec<String>,
    /// The URL under which staff reach their pages: of an origin where no other pages are.
    pub staff_url: BaseUrl,
    /// Further origins that lead to the pages for staff.
    pub staff_origins: Vec<String>,
    /// Where the key that signs comes from.
    pub keys: KeySource,
    /// The log of all that is given out; `None`: receipts can then not be proven to be unchanged.
    pub log: Option<LogSettings>,
    /// How much one client and one site may send; without limits if left as it is.
    pub rates: Rates,
    /// How many calls that block run at a time.
    pub calls: Calls,
    /// Tells the time.
    pub clock: Clock,
    /// Whether to go on from what the clock says now, although it says less than before, or far more: for one start.
    pub accepts_clock: bool,
    /// The browser's half; `None`: the one inside this program.
    pub bundle: Option<Bundle>,
}

/// Where a server keeps receipts.
#[derive(Debug)]
pub enum StoreSource {
    /// A store that it opens.
    Address(StoreAddress),
    /// One that is open, and that this server alone writes to.
    Opened(Arc<dyn Store>),
}

impl StoreSource {
    /// Where it is, for people.
    pub(super) fn place(&self, data: &DataFolder) -> String {
        match self {
            Self::Address(StoreAddress::Sqlite(_)) | Self::Opened(_) => {
                data.path().display().to_string()
            }
            #[cfg(feature = "postgres")]
            Self::Address(address) => address.to_string(),
        }
    }

    /// Refuses what cannot be opened for a reason that is known before anything is touched.
    pub(super) fn check_here(&self) -> Result<(), StoreError> {
        match self {
            Self::Address(address) => address.check_here(),
            Self::Opened(_) => Ok(()),
        }
    }

    pub(super) fn open(self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Address(address) => address.open(),
            Self::Opened(store) => Ok(store),
        }
    }
}

/// The sites that a server serves.
#[derive(Debug)]
pub enum SiteSource {
    /// A folder of declarations (`*.toml`), which can be read again while the server runs.
    Folder(PathBuf),
    /// These, for as long as the server runs.
    Given(Vec<Site>),
}

/// How the log is kept.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// The witnesses and the authority that are asked to vouch for the log, if any.
    pub vouchers: Option<Arc<Vouchers>>,
    /// How often they are asked.
    pub vouch_every: Duration,
    /// Whether tiles of entries whose receipts are all gone are given out no longer.
    pub is_pruned: bool,
}

impl Default for LogSettings {
    /// Nobody vouches, and everything is kept.
    fn default() -> Self {
        Self {
            vouchers: None,
            vouch_every: Duration::from_hours(1),
            is_pruned: false,
        }
    }
}

impl Config {
    /// A server with a log, keys in the data folder and the clock of the machine.
    #[must_use]
    pub fn new(data: DataFolder, sites: SiteSource, url: BaseUrl, staff_url: BaseUrl) -> Self {
        Self {
            keys: KeySource::Data(data.clone()),
            store: StoreSource::Address(StoreAddress::of(&data)),
            data,
            sites,
            url,
            own_origins: Vec::new(),
            staff_url,
            staff_origins: Vec::new(),
            log: Some(LogSettings::default()),
            rates: Rates::default(),
            calls: Calls::default(),
            clock: Clock::system(),
            accepts_clock: false,
            bundle: None,
        }
    }
}
