//! Where a store is.

#[cfg(feature = "postgres")]
use super::postgres::{PostgresInspection, PostgresStore, PostgresUrl};
use super::sqlite::SqliteInspection;
use super::{Inspection, SqliteStore, Store, StoreError};
use crate::data::DataFolder;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Where a store is: what servers and commands open.
#[derive(Clone, Debug)]
pub enum StoreAddress {
    /// A database file in a data folder.
    Sqlite(DataFolder),
    /// A `PostgreSQL` database.
    #[cfg(feature = "postgres")]
    Postgres(PostgresUrl),
}

/// A text names no store. Its words say nothing of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address of a store {0}")]
pub struct StoreAddressError(String);

impl StoreAddress {
    /// The store of a server with this data folder.
    #[must_use]
    pub fn of(data: &DataFolder) -> Self {
        Self::Sqlite(data.clone())
    }

    /// Refuses a data folder whose receipts have moved to a server, before anything is made in it.
    pub fn check_here(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(data) => SqliteStore::check_here(data),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Opens it for the one server that writes to it; makes or upgrades it as needed.
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open(data)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Arc::new(PostgresStore::open(url)?)),
        }
    }

    /// Opens it beside a server that may run on it; makes it if there is none. The server of an earlier version would not
    /// know what it has under its hands: nothing is upgraded under it.
    pub fn open_beside(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open_beside(data)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Arc::new(PostgresStore::open_beside(url)?)),
        }
    }

    /// The same, and makes none.
    pub fn open_existing(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open_existing(data)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Arc::new(PostgresStore::open_existing(url)?)),
        }
    }

    /// Opens it for a look at everything, as it is now; changes nothing, and makes none.
    pub fn inspect(&self) -> Result<Box<dyn Inspection>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Box::new(SqliteInspection::open(data)?)),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => Ok(Box::new(PostgresInspection::open(url)?)),
        }
    }

    /// Whether it is there without being made; a database on a server is taken to be.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match self {
            Self::Sqlite(data) => data.is_servers(),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => true,
        }
    }
}

/// The URL of a `PostgreSQL` database. A data folder is named by its path, not here.
impl FromStr for StoreAddress {
    type Err = StoreAddressError;

    #[cfg(feature = "postgres")]
    fn from_str(text: &str) -> Result<Self, StoreAddressError> {
        let url = text.parse();
        let url =
            url.map_err(|error: super::PostgresUrlError| StoreAddressError(error.to_string()));
        url.map(Self::Postgres)
    }

    #[cfg(not(feature = "postgres"))]
    fn from_str(_: &str) -> Result<Self, StoreAddressError> {
        let without = "is of no use here: this program was built without the feature `postgres`";
        Err(StoreAddressError(without.to_owned()))
    }
}

/// Without a password.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(data) => data.database().display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => url.fmt(f),
        }
    }
}
