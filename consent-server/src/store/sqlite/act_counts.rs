//! How many receipts of each act a site has: counted as they come and go.

use super::place;
use crate::store::StoreError;
use consent_core::id::SiteId;
use rusqlite::{Connection, params};

/// Counts so many more, or fewer, in the site of this number.
pub(super) fn add(
    connection: &Connection,
    site: i64,
    act: &str,
    count: i64,
) -> Result<(), StoreError> {
    let mut add = connection.prepare_cached(
        "INSERT INTO act_counts (site, act, count) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?;
    add.execute(params![site, act, count])?;
    Ok(())
}

pub(super) fn of_site(
    connection: &Connection,
    site: &SiteId,
) -> Result<Vec<(String, u64)>, StoreError> {
    let Some(rows) = place::shelf(connection, site)? else {
        return Ok(Vec::new());
    };
    let mut counts = connection.prepare_cached(
        "SELECT act, count FROM act_counts WHERE site = ?1 AND count <> 0 ORDER BY act",
    )?;
    let counts = counts.query_map([rows.number()], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    Ok(counts.collect::<Result<_, _>>()?)
}
