//! The statements of moments, and of the names of sites.

use crate::store::{Hold, Moment, StoreError};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

pub(super) fn moment(
    connection: &Connection,
    which: Moment,
) -> Result<Option<UnixSeconds>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT at FROM moments WHERE what = ?1")?;
    let at: Option<i64> = statement
        .query_row([which.as_str()], |row| row.get(0))
        .optional()?;
    at.map(UnixSeconds::new)
        .transpose()
        .map_err(|_| StoreError::Corrupt("time"))
}

pub(super) fn set_moment(
    connection: &Connection,
    which: Moment,
    at: UnixSeconds,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO moments (what, at) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET at = excluded.at",
        params![which.as_str(), at.get()],
    )?;
    Ok(())
}

pub(super) fn known_sites(connection: &Connection) -> Result<BTreeSet<SiteId>, StoreError> {
    names(
        connection,
        "SELECT id FROM sites UNION SELECT site FROM holds
         UNION SELECT site FROM artefacts WHERE site <> ''",
    )
}

fn names(connection: &Connection, statement: &str) -> Result<BTreeSet<SiteId>, StoreError> {
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let names = rows.map(|id| id?.parse().map_err(|_| StoreError::Corrupt("site")));
    names.collect()
}

pub(super) fn holds(connection: &Connection) -> Result<Vec<Hold>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT site, reason, since FROM holds ORDER BY site")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut holds = Vec::new();
    for row in rows {
        let (site, reason, since): (String, String, i64) = row?;
        holds.push(Hold {
            site: site.parse().map_err(|_| StoreError::Corrupt("site"))?,
            reason,
            since: UnixSeconds::new(since).map_err(|_| StoreError::Corrupt("time"))?,
        });
    }
    Ok(holds)
}
