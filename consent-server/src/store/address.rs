//! Where a store is.

use super::sqlite::SqliteInspection;
use super::{Inspection, SqliteStore, Store, StoreError};
use crate::data::DataFolder;
use std::sync::Arc;

/// Where a store is: what servers and commands open.
#[derive(Clone, Debug)]
pub enum StoreAddress {
    /// A database file in a data folder.
    Sqlite(DataFolder),
}

impl StoreAddress {
    /// The store of a server with this data folder.
    #[must_use]
    pub fn of(data: &DataFolder) -> Self {
        Self::Sqlite(data.clone())
    }

    /// Opens it for the one server that writes to it; makes or upgrades it as needed.
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open(data)?)),
        }
    }

    /// Opens it beside a server that may run on it; makes it if there is none. The server of an earlier version would not
    /// know what it has under its hands: nothing is upgraded under it.
    pub fn open_beside(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open_beside(data)?)),
        }
    }

    /// The same, and makes none.
    pub fn open_existing(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Arc::new(SqliteStore::open_existing(data)?)),
        }
    }

    /// Opens it for a look at everything, as it is now; changes nothing, and makes none.
    pub fn inspect(&self) -> Result<Box<dyn Inspection>, StoreError> {
        match self {
            Self::Sqlite(data) => Ok(Box::new(SqliteInspection::open(data)?)),
        }
    }
}
