//! The statements that read.

use super::place::{self, SiteRows};
use super::subjects;
use crate::store::{Artefact, ArtefactKind, Filter, Row, StoreError, Stretch};
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// How many rows are looked at in one go: a fraction of a second, so that nobody waits.
const STRETCH: u32 = 10_000;

pub(super) fn row(
    connection: &Connection,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<Row>, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(
        "SELECT seq, receipt FROM records WHERE record_id = ?1 AND seq BETWEEN ?2 AND ?3",
    )?;
    let keys = shelf.keys();
    Ok(statement
        .query_row(params![id.as_bytes(), keys.start(), keys.end()], to_row)
        .optional()?)
}

/// A receipt by its id alone.
pub(super) fn find(connection: &Connection, id: RecordId) -> Result<Option<String>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT receipt FROM records WHERE record_id = ?1")?;
    Ok(statement
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?)
}

pub(super) fn continued(
    connection: &Connection,
    site: &SiteId,
    subject: ConsentId,
) -> Result<Vec<Row>, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(
        "SELECT seq, receipt FROM records
         WHERE subject = ?1 AND continues = 1 AND seq BETWEEN ?2 AND ?3 ORDER BY record_id",
    )?;
    let keys = shelf.keys();
    let rows = statement.query_map(
        params![subject.as_bytes(), keys.start(), keys.end()],
        to_row,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn has_later(
    connection: &Connection,
    site: &SiteId,
    subject: ConsentId,
    id: RecordId,
) -> Result<bool, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(false);
    };
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM records
         WHERE subject = ?1 AND continues = 1 AND record_id > ?2 AND seq BETWEEN ?3 AND ?4 LIMIT 1",
    )?;
    let keys = shelf.keys();
    Ok(statement.exists(params![
        subject.as_bytes(),
        id.as_bytes(),
        keys.start(),
        keys.end()
    ])?)
}

/// The latest moment of all: not that of the last row, for a clock can be set back.
pub(super) fn last_received(connection: &Connection) -> Result<Option<UnixSeconds>, StoreError> {
    let seconds: Option<i64> =
        connection.query_row("SELECT max(received_at) FROM records", [], |row| row.get(0))?;
    Ok(seconds.and_then(|seconds| UnixSeconds::new(seconds).ok()))
}

pub(super) fn page(
    connection: &Connection,
    filter: &Filter,
    after: i64,
    limit: u32,
) -> Result<Stretch, StoreError> {
    let Some(shelf) = place::shelf(connection, &filter.site)? else {
        return Ok(Stretch::default());
    };
    if let Some(subject) = filter.subject {
        return page_of(connection, shelf, subject, filter, after, limit);
    }
    // Every row of the stretch is stepped over, and only those that fit are copied out.
    let mut statement = connection.prepare_cached(
        "SELECT seq, CASE WHEN received_at >= ?3 AND received_at < ?4 AND (?5 IS NULL OR act = ?5)
                           THEN receipt END
         FROM records WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?6",
    )?;
    let mut found = statement.query(params![
        shelf.key(after),
        shelf.keys().end(),
        filter.from.map_or(i64::MIN, UnixSeconds::get),
        filter.to.map_or(i64::MAX, UnixSeconds::get),
        filter.act.map(Act::as_str),
        STRETCH
    ])?;
    let mut stretch = Stretch::default();
    let mut left = STRETCH;
    while let Some(row) = found.next()? {
        let seq = place::place(row.get(0)?);
        left -= 1;
        if let Some(receipt) = row.get(1)? {
            stretch.rows.push(Row { seq, receipt });
        }
        if left == 0 || stretch.rows.len() >= limit as usize {
            stretch.next = Some(seq);
            break;
        }
    }
    Ok(stretch)
}

/// The same of one consent id, whose places are known.
fn page_of(
    connection: &Connection,
    shelf: SiteRows,
    subject: ConsentId,
    filter: &Filter,
    after: i64,
    limit: u32,
) -> Result<Stretch, StoreError> {
    let mut fitting = connection.prepare_cached(
        "SELECT seq, receipt FROM records WHERE seq = ?1 AND subject = ?2
         AND received_at >= ?3 AND received_at < ?4 AND (?5 IS NULL OR act = ?5)",
    )?;
    let mut stretch = Stretch::default();
    for key in subjects::find(connection, shelf, subject, after)? {
        let row = fitting.query_row(
            params![
                key,
                subject.as_bytes(),
                filter.from.map_or(i64::MIN, UnixSeconds::get),
                filter.to.map_or(i64::MAX, UnixSeconds::get),
                filter.act.map(Act::as_str),
            ],
            to_row,
        );
        stretch.rows.extend(row.optional()?);
        if stretch.rows.len() >= limit as usize {
            stretch.next = Some(place::place(key));
            break;
        }
    }
    Ok(stretch)
}

pub(super) fn latest(
    connection: &Connection,
    site: &SiteId,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(
        "SELECT seq, receipt FROM records WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq DESC LIMIT ?3",
    )?;
    let keys = shelf.keys();
    let rows = statement.query_map(params![keys.start(), keys.end(), limit], to_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn artefact(
    connection: &Connection,
    site: Option<&SiteId>,
    kind: ArtefactKind,
    digest: &Digest,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT content FROM artefacts WHERE digest = ?1 AND kind = ?2 AND site = ?3",
    )?;
    let site = site.map_or("", SiteId::as_str);
    Ok(statement
        .query_row(params![digest.as_bytes(), kind.as_str(), site], |row| {
            row.get(0)
        })
        .optional()?)
}

pub(super) fn missing(
    connection: &Connection,
    artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
) -> Result<BTreeSet<Digest>, StoreError> {
    // At one moment, and without a lock for each.
    let _moment = connection.unchecked_transaction()?;
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM artefacts WHERE digest = ?1 AND kind = ?2 AND site = ?3")?;
    let mut missing = BTreeSet::new();
    for (site, kind, digest) in artefacts {
        let site = site.map_or("", SiteId::as_str);
        if !statement.exists(params![digest.as_bytes(), kind.as_str(), site])? {
            missing.insert(*digest);
        }
    }
    Ok(missing)
}

/// By the digest, which the table's key begins with.
pub(super) fn artefact_between(
    connection: &Connection,
    site: &SiteId,
    kind: ArtefactKind,
    (least, greatest): &(Digest, Digest),
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT content FROM artefacts WHERE digest BETWEEN ?1 AND ?2 AND kind = ?3 AND site = ?4 LIMIT 1",
    )?;
    let bounds = params![
        least.as_bytes(),
        greatest.as_bytes(),
        kind.as_str(),
        site.as_str()
    ];
    Ok(statement.query_row(bounds, |row| row.get(0)).optional()?)
}

pub(super) fn artefacts(
    connection: &Connection,
    site: &SiteId,
    kind: ArtefactKind,
) -> Result<Vec<Artefact>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT digest, content, kept_at FROM artefacts WHERE kind = ?1 AND site = ?2",
    )?;
    let mut rows = statement.query(params![kind.as_str(), site.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Artefact {
            digest: Digest::from_bytes(row.get(0)?),
            kind,
            site: Some(site.clone()),
            content: row.get(1)?,
            kept_at: UnixSeconds::new(row.get(2)?)
                .map_err(|_| StoreError::Corrupt("time of an artefact"))?,
        });
    }
    Ok(found)
}

fn to_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: place::place(row.get(0)?),
        receipt: row.get(1)?,
    })
}
