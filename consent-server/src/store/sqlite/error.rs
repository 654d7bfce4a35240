//! What can be wrong with the database file.

use crate::data::FileError;
use crate::store::StoreError;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// What is wrong with a database file, in words for whoever runs the server.
#[derive(Debug, thiserror::Error)]
pub(super) enum SqliteError {
    /// The database refused.
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The database file.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no database.
    #[error("{0} is not there: is this the data folder of a server that has run?")]
    Missing(String),
    /// The receipts are elsewhere.
    #[error(
        "the receipts of {} have moved to {to}: name that database with --store, or CONSENT_DATABASE_URL. Only if nothing was \
         stored there since: rename {} to consent.db, and the server goes on with it",
        .folder.display(), .file.display()
    )]
    Moved {
        /// The data folder.
        folder: PathBuf,
        /// The database file of before.
        file: PathBuf,
        /// Where they are.
        to: String,
    },
    /// The database was written by an earlier version of this program.
    #[error(
        "{path} has format {found}, and this program needs {known}: start the server on it once, which upgrades it"
    )]
    Older {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The format needed.
        known: usize,
    },
    /// The database was written by an earlier version of this program, which is serving it.
    #[error(
        "{path} has format {found}, this program needs {known}, and a server of the earlier version runs on it: restart the server with this program, or use that version"
    )]
    Served {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The format needed.
        known: usize,
    },
    /// The database was written by a later version of this program.
    #[error(
        "{path} has format {found}, and this program knows formats up to {known}: run the newer version that wrote it"
    )]
    Newer {
        /// The database file.
        path: String,
        /// Its format.
        found: usize,
        /// The newest format known here.
        known: usize,
    },
    /// The file is not a database, or parts of it are overwritten.
    #[error("{0} is damaged: stop the server and restore the file from a backup")]
    Damaged(String),
    /// The file or its folder cannot be written.
    #[error("{0} cannot be written: give it and its folder to the user that runs the server")]
    ReadOnly(String),
}

impl SqliteError {
    /// The reason of this kind behind an error of the contract.
    pub(super) fn of(error: &StoreError) -> Option<&Self> {
        match error {
            StoreError::Backend(reason) => reason.downcast_ref(),
            _ => None,
        }
    }
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        Self::Backend(Box::new(error))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        SqliteError::from(error).into()
    }
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        SqliteError::from(error).into()
    }
}

/// Says in plain words what is wrong with the file, where the database's own words are for its developers.
pub(super) fn at(error: StoreError, path: &Path) -> StoreError {
    let Some(SqliteError::Database(database)) = SqliteError::of(&error) else {
        return error;
    };
    match database.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            SqliteError::Damaged(path.display().to_string()).into()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            SqliteError::ReadOnly(path.display().to_string()).into()
        }
        _ => error,
    }
}
