//! Connections to the database file.

use super::error::{SqliteError, at};
use super::{migrate, sum};
use crate::data::DataFolder;
use crate::input;
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Its file is its owner's alone, and `SQLite` gives its other files the same mode.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    sum::register(&connection)?;
    Ok(connection)
}

/// Refuses a folder whose receipts have moved to a server: an empty database in it would pass for theirs.
pub(super) fn check_here(data: &DataFolder) -> Result<(), StoreError> {
    if !data.has_moved() {
        return Ok(());
    }
    let to = input::read(&data.moved_to(), input::TEXT);
    let to = to.map(|to| String::from_utf8_lossy(&to).trim().to_owned());
    Err(SqliteError::Moved {
        folder: data.path().to_owned(),
        file: data.moved_database(),
        // Those of before wrote no address down.
        to: to.unwrap_or_else(|_| "PostgreSQL".to_owned()),
    }
    .into())
}

/// A connection for looking at the database of a data folder, which it does not change; of the newest format only.
pub(super) fn inspect(data: &DataFolder) -> Result<Connection, StoreError> {
    check_here(data)?;
    let path = data.database();
    if !path.exists() {
        return Err(SqliteError::Missing(path.display().to_string()).into());
    }
    let opened = connect(&path).and_then(|connection| {
        connection.pragma_update(None, "query_only", true)?;
        migrate::check_newest(&connection, &path)?;
        Ok(connection)
    });
    opened.map_err(|error| at(error, &path))
}
