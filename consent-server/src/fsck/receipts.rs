//! The receipts: each is signed, its row says what it says, it names things that are kept, and it is in the log. And none is
//! missing.

use super::gaps::Gaps;
use super::{Check, FsckError, Place, Stage};
use crate::store::leaf_of;
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt};
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// How many receipts are read in one go.
const CHUNK: usize = 4096;

/// The bits of a place in its site's order.
pub(super) const PLACE_BITS: u32 = 40;

struct Stored {
    seq: i64,
    record_id: Vec<u8>,
    subject: Vec<u8>,
    act: String,
    decided_at: i64,
    received_at: i64,
    expires_at: i64,
    receipt: String,
    leaf: Option<i64>,
    salt: Option<Vec<u8>>,
    continues: Option<i64>,
}

/// What the receipt of a row says, as far as others are asked about it.
struct Said {
    notice: Digest,
    scope: Digest,
    leaf: Option<Digest>,
}

pub(super) fn check(check: &mut Check<'_>, after: u64) -> Result<(), FsckError> {
    let connection = check.connection;
    let sites = sites(connection)?;
    let published = published(connection)?;
    let (looked, minimum): (Option<i64>, i64) =
        connection.query_row("SELECT looked, minimum FROM log", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut select = connection.prepare(
        "SELECT seq, record_id, subject, act, decided_at, received_at, expires_at, receipt, leaf, salt, continues
         FROM records WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let began = Instant::now();
    let mut done = 0;
    let mut after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut gaps = Gaps::after(after, &sites);
    loop {
        let rows = select.query_map([after, i64::try_from(CHUNK).unwrap_or(1)], read)?;
        let rows: Vec<Stored> = rows.collect::<Result<_, _>>()?;
        let Some(last) = rows.last() else {
            return gaps.end(check);
        };
        after = last.seq;
        done += rows.len() as u64;
        check.counted(Stage::Receipts, rows.len() as u64);
        for (row, judged) in rows.iter().zip(judge_all(&rows, check.keys, &sites)) {
            gaps.pass(check, row.seq, row.leaf.is_some())?;
            let name = name_of(row, &sites);
            let said = match judged {
                Ok(said) => said,
                Err(wrong) => {
                    check.found(&name, wrong)?;
                    continue;
                }
            };
            let site = sites.get(&(row.seq >> PLACE_BITS)).map_or("", |(id, _)| id);
            for (kind, digest) in [("notice", said.notice), ("scope", said.scope)] {
                if !published.contains(&(kind.to_owned(), site.to_owned(), *digest.as_bytes())) {
                    check.found(&name, format!("its {kind} {digest} is not kept"))?;
                }
            }
            if row.leaf.is_some_and(|place| place < minimum) {
                check.found(
                    &name,
                    format!("its place in the log is before the minimum index {minimum}"),
                )?;
            }
            match (row.leaf, said.leaf) {
                (Some(place), Some(leaf)) => check.check_leaf(&name, place, &leaf)?,
                (None, None) if looked.is_some_and(|looked| row.seq > looked) => {}
                _ => check.found(&name, "has no place in the log, or no salt")?,
            }
        }
        let place = Place {
            stage: Stage::Receipts,
            after: after.unsigned_abs(),
        };
        check.watcher.reached(place, done, began.elapsed())?;
    }
}

/// The sites by their numbers, each with its next free place.
fn sites(connection: &Connection) -> Result<BTreeMap<i64, (String, i64)>, FsckError> {
    let mut statement = connection.prepare("SELECT number, id, next FROM sites")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn published(connection: &Connection) -> Result<BTreeSet<(String, String, [u8; 32])>, FsckError> {
    let mut statement = connection
        .prepare("SELECT kind, site, digest FROM artefacts WHERE kind IN ('notice', 'scope')")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get(0)?,
        record_id: row.get(1)?,
        subject: row.get(2)?,
        act: row.get(3)?,
        decided_at: row.get(4)?,
        received_at: row.get(5)?,
        expires_at: row.get(6)?,
        receipt: row.get(7)?,
        leaf: row.get(8)?,
        salt: row.get(9)?,
        continues: row.get(10)?,
    })
}

fn name_of(row: &Stored, sites: &BTreeMap<i64, (String, i64)>) -> String {
    let place = row.seq & ((1 << PLACE_BITS) - 1);
    let site = sites
        .get(&(row.seq >> PLACE_BITS))
        .map_or("?", |(id, _)| id);
    let id = <[u8; 16]>::try_from(&row.record_id[..]).ok();
    let id = id.and_then(|id| consent_core::id::RecordId::from_bytes(id).ok());
    match id {
        Some(id) => format!("receipt {place} of site {site} (record {})", id.to_text()),
        None => format!("receipt {place} of site {site}"),
    }
}

/// Signatures take their time: all processors help.
fn judge_all(
    rows: &[Stored],
    keys: &KeySet,
    sites: &BTreeMap<i64, (String, i64)>,
) -> Vec<Result<Said, String>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = rows.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let judged = part.iter().map(|row| judge(row, keys, sites));
                    judged.collect::<Vec<_>>()
                })
            })
            .collect();
        let judged = parts.into_iter().zip(rows.chunks(share));
        judged
            .flat_map(|(thread, part)| {
                thread.join().unwrap_or_else(|_| {
                    part.iter()
                        .map(|_| Err("cannot be checked".into()))
                        .collect()
                })
            })
            .collect()
    })
}

fn judge(
    row: &Stored,
    keys: &KeySet,
    sites: &BTreeMap<i64, (String, i64)>,
) -> Result<Said, String> {
    let (site, next) = sites
        .get(&(row.seq >> PLACE_BITS))
        .ok_or("is of a site that is not in the list of sites")?;
    if row.seq & ((1 << PLACE_BITS) - 1) >= *next {
        return Err(format!(
            "comes after the last place of its site, {}",
            next - 1
        ));
    }
    let unverified = UnverifiedReceipt::parse(&row.receipt).map_err(|error| error.to_string())?;
    let expect = Expectations::at(unverified.issued_at());
    let receipt =
        Receipt::verify(&row.receipt, keys, &expect).map_err(|error| error.to_string())?;
    let record = receipt.record();
    let columns = [
        ("site", record.site.as_str() == site),
        ("record_id", row.record_id == record.id.as_bytes()),
        ("subject", row.subject == record.subject.as_bytes()),
        ("act", row.act == record.decision.act.as_str()),
        ("decided_at", row.decided_at == record.decided_at.get()),
        (
            "received_at",
            row.received_at == unverified.issued_at().get(),
        ),
        ("expires_at", row.expires_at == record.expires_at.get()),
        // Without it, what was taken back would stand at the proxy.
        (
            "continues",
            row.continues == Some(1) || record.decision.act != Act::Withdraw,
        ),
    ];
    if let Some((column, _)) = columns.iter().find(|(_, is_same)| !is_same) {
        return Err(format!(
            "its row says something else in column {column} than the signed receipt"
        ));
    }
    let salt = row.salt.as_deref().map(<[u8; 32]>::try_from).transpose();
    let salt = salt.map_err(|_| "its salt has not 32 bytes")?;
    Ok(Said {
        notice: record.notice,
        scope: record.scope,
        leaf: salt.map(|salt| leaf_of(&salt, &row.receipt)),
    })
}
