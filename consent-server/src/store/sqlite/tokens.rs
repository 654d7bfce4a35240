//! The statements of staff tokens.

use crate::staff::SiteSet;
use crate::store::{StoreError, StoredToken};
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use rusqlite::{Connection, params};

pub(super) fn add(connection: &Connection, token: &StoredToken) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO tokens (hash, role, sites, label, created_at, expires_at, used_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            token.hash.as_bytes(),
            token.role.as_str(),
            token.sites.to_column(),
            token.label,
            token.created_at.get(),
            token.expires_at.map(UnixSeconds::get),
            token.used_on.map(UnixSeconds::get),
        ],
    )?;
    Ok(())
}

pub(super) fn all(connection: &Connection) -> Result<Vec<StoredToken>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT hash, role, sites, label, created_at, expires_at, used_on FROM tokens",
    )?;
    let mut rows = statement.query([])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        let role: String = row.get(1)?;
        let sites: Option<String> = row.get(2)?;
        let expires_at: Option<i64> = row.get(5)?;
        let used_on: Option<i64> = row.get(6)?;
        tokens.push(StoredToken {
            hash: Digest::from_bytes(row.get(0)?),
            role: role.parse().map_err(|_| StoreError::Corrupt("role"))?,
            sites: SiteSet::from_column(sites.as_deref())
                .map_err(|_| StoreError::Corrupt("list of sites"))?,
            label: row.get(3)?,
            created_at: moment(row.get(4)?)?,
            expires_at: expires_at.map(moment).transpose()?,
            used_on: used_on.map(moment).transpose()?,
        });
    }
    Ok(tokens)
}

pub(super) fn used(
    connection: &Connection,
    hash: &Digest,
    day: UnixSeconds,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE tokens SET used_on = ?2 WHERE hash = ?1 AND used_on IS NOT ?2",
        params![hash.as_bytes(), day.get()],
    )?;
    Ok(())
}

pub(super) fn revoke(connection: &Connection, hash: &Digest) -> Result<bool, StoreError> {
    let revoked = connection.execute("DELETE FROM tokens WHERE hash = ?1", [hash.as_bytes()])?;
    Ok(revoked > 0)
}

fn moment(seconds: i64) -> Result<UnixSeconds, StoreError> {
    UnixSeconds::new(seconds).map_err(|_| StoreError::Corrupt("time"))
}
