//! The statements of the audit trail.

use crate::store::in_trail;
use crate::store::{Access, AccessFilter, StoreError, StoredAccess};
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, params};

pub(super) fn note(connection: &Connection, access: &Access) -> Result<i64, StoreError> {
    connection.execute(
        "INSERT INTO audit (at, who, token, role, action, site, filter, rows) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            access.at.get(),
            access.who,
            access.token,
            access.role,
            access.action,
            access.site.as_ref().map(SiteId::as_str),
            access.filter,
            access.rows.and_then(|rows| i64::try_from(rows).ok()),
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// In one statement, so that a record that goes meanwhile is named by no line that is written after it went.
pub(super) fn note_record(
    connection: &Connection,
    access: &Access,
    record: RecordId,
) -> Result<i64, StoreError> {
    connection.execute(
        "INSERT INTO audit (at, who, token, role, action, site, filter, rows)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, iif(there, ?7, 'record=unknown'), iif(there, ?8, 0)
         FROM (SELECT EXISTS (SELECT 1 FROM records WHERE record_id = ?9) AS there)",
        params![
            access.at.get(),
            access.who,
            access.token,
            access.role,
            access.action,
            access.site.as_ref().map(SiteId::as_str),
            named(record),
            access.rows.and_then(|rows| i64::try_from(rows).ok()),
            record.as_bytes(),
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Takes a record that goes out of the lines that name it. What stays is who looked at a record, when and how.
pub(super) fn unname(connection: &Connection, record: RecordId) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE audit SET filter = 'record=erased' WHERE filter = ?1 AND filter GLOB 'record=*'",
    )?;
    statement.execute([named(record)])?;
    Ok(())
}

fn named(record: RecordId) -> String {
    format!("record={}", record.to_text())
}

/// Takes a consent id out of the lines, and the manifests, of exports that asked for it.
pub(super) fn unname_subject(
    connection: &Connection,
    site: &SiteId,
    subject: ConsentId,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE audit SET filter = replace(filter, ?2, 'erased'), manifest = replace(manifest, ?2, 'erased')
         WHERE filter GLOB '*subject=sha256:*' AND site = ?1 AND instr(filter, ?2) > 0",
        params![site.as_str(), in_trail(subject)],
    )?;
    Ok(())
}

pub(super) fn settle(
    connection: &Connection,
    seq: i64,
    rows: u64,
    manifest: Option<&str>,
) -> Result<(), StoreError> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    // Once: a count that was written is never changed. And what it was asked for may have been erased meanwhile.
    connection.execute(
        "UPDATE audit SET rows = ?2, manifest = iif(instr(filter, 'subject=erased') > 0, NULL, ?3)
         WHERE seq = ?1 AND rows IS NULL",
        params![seq, rows, manifest],
    )?;
    Ok(())
}

pub(super) fn manifest(
    connection: &Connection,
    site: &SiteId,
    seq: i64,
) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT manifest FROM audit WHERE seq = ?1 AND site = ?2")?;
    let found = statement.query_row(params![seq, site.as_str()], |row| row.get(0));
    Ok(found.optional()?.flatten())
}

pub(super) fn page(
    connection: &Connection,
    filter: &AccessFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<StoredAccess>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, who, token, role, action, site, filter, rows FROM audit
         WHERE seq > ?1 AND at >= ?2 AND at < ?3
           AND (?4 IS NULL OR instr(' ' || ?4 || ' ', ' ' || site || ' ') > 0)
         ORDER BY seq LIMIT ?5",
    )?;
    let mut rows = statement.query(params![
        after,
        filter.from.map_or(i64::MIN, UnixSeconds::get),
        filter.to.map_or(i64::MAX, UnixSeconds::get),
        filter.sites.to_column(),
        limit,
    ])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let site: Option<String> = row.get(6)?;
        let site = site.map(|site| site.parse()).transpose();
        let count: Option<i64> = row.get(8)?;
        lines.push(StoredAccess {
            seq: row.get(0)?,
            access: Access {
                at: UnixSeconds::new(row.get(1)?).map_err(|_| StoreError::Corrupt("time"))?,
                who: row.get(2)?,
                token: row.get(3)?,
                role: row.get(4)?,
                action: row.get(5)?,
                site: site.map_err(|_| StoreError::Corrupt("site"))?,
                filter: row.get(7)?,
                rows: count.map(i64::unsigned_abs),
            },
        });
    }
    Ok(lines)
}
