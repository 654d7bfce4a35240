//! What tables and indexes there are.

use super::{migrate, sum};
use crate::store::StoreError;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

/// The names and definitions of everything in a database.
pub(super) fn schema(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    // Bytes in the place of a text read the same, and triggers have no pages.
    let mut statement = connection.prepare(
        "SELECT name, type || ' on ' || tbl_name || ': ' || coalesce(sql, '') ||
            CASE WHEN typeof(type) || typeof(tbl_name) || typeof(sql) IN ('texttexttext', 'texttextnull')
                THEN '' ELSE ' (as bytes)' END ||
            CASE WHEN type = 'trigger' AND rootpage IS NOT 0 THEN ' (with pages)' ELSE '' END
         FROM sqlite_schema",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The names and definitions of everything in a new database.
pub(super) fn newest() -> Result<BTreeSet<(String, String)>, StoreError> {
    static NEWEST: OnceLock<BTreeSet<(String, String)>> = OnceLock::new();
    if let Some(newest) = NEWEST.get() {
        return Ok(newest.clone());
    }
    let mut empty = Connection::open_in_memory()?;
    sum::register(&empty)?;
    migrate::to_newest(&mut empty, Path::new(":memory:"))?;
    let newest = schema(&empty)?;
    Ok(NEWEST.get_or_init(|| newest).clone())
}
