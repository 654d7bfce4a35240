//! The statements that write.

use super::log::{self, Places};
use super::place::{self, SiteRows};
use super::{statistics, subjects};
use crate::store::{Appended, Artefact, Counting, Direction, NewRow, StoreError, shift_of};
use consent_core::id::SiteId;
use rusqlite::{CachedStatement, Connection, TransactionBehavior, params};

const INSERT: &str = "INSERT INTO records (seq, record_id, subject, act, decided_at, received_at, expires_at, receipt, leaf, salt, continues, day_shift)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (record_id) DO NOTHING";

const FIRST_RECEIPT: &str = "SELECT receipt FROM records WHERE record_id = ?1";

/// A site that a batch has receipts of.
struct Open<'a> {
    site: &'a SiteId,
    shelf: SiteRows,
    /// Its next free place before the batch, and now.
    first: i64,
    next: i64,
    /// The sum of the places of those that continue a consent id.
    continued: i64,
}

pub(super) fn append(
    connection: &mut Connection,
    batch: &[NewRow],
) -> Result<Vec<Appended>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut answers = Vec::with_capacity(batch.len());
    {
        let mut insert = transaction.prepare_cached(INSERT)?;
        let mut places = Places::open(&transaction)?;
        let mut is_unlogged = false;
        // Few sites share a batch, and mostly it is one: a list is found through faster than a map.
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut daily = Counting::default();
        for row in batch {
            let known = open.iter().position(|open| *open.site == row.site);
            let known = if let Some(known) = known {
                known
            } else {
                let (shelf, first) = place::open(&transaction, &row.site)?;
                open.push(Open {
                    site: &row.site,
                    shelf,
                    first,
                    next: first,
                    continued: 0,
                });
                open.len() - 1
            };
            let Open {
                shelf,
                next,
                continued,
                ..
            } = &mut open[known];
            answers.push(
                if insert_row(&mut insert, shelf.key(*next), places.next(), row)? {
                    if row.continues {
                        *continued += *next;
                    }
                    *next += 1;
                    daily.count(shelf.number(), &row.counted);
                    match &row.commitment {
                        Some(commitment) => places.give(&commitment.leaf),
                        None => is_unlogged = true,
                    }
                    Appended::Stored
                } else {
                    let mut first = transaction.prepare_cached(FIRST_RECEIPT)?;
                    Appended::Exists(first.query_row([row.id.as_bytes()], |found| found.get(0))?)
                },
            );
        }
        for site in open {
            place::close(&transaction, site.shelf, site.next, site.continued)?;
            subjects::index(&transaction, site.shelf, site.first, site.next)?;
        }
        statistics::add(&transaction, &daily.counts(), Direction::In)?;
        places.close(&transaction)?;
        if is_unlogged {
            log::note_unlogged(&transaction)?;
        }
    }
    crate::fault::point("records-written");
    transaction.commit()?;
    crate::fault::point("records-committed");
    Ok(answers)
}

fn insert_row(
    insert: &mut CachedStatement<'_>,
    key: i64,
    leaf: i64,
    row: &NewRow,
) -> Result<bool, StoreError> {
    let inserted = insert.execute(params![
        key,
        row.id.as_bytes(),
        row.subject.as_bytes(),
        row.counted.act.as_str(),
        row.decided_at.get(),
        row.received_at.get(),
        row.expires_at.get(),
        row.receipt,
        row.commitment.as_ref().map(|_| leaf),
        row.commitment.as_ref().map(|commitment| commitment.salt),
        row.continues.then_some(1),
        shift_of(row.received_at.get(), row.counted.day),
    ])?;
    Ok(inserted == 1)
}

pub(super) fn keep(connection: &mut Connection, artefacts: &[Artefact]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for artefact in artefacts {
        transaction.execute(
            "INSERT INTO artefacts (digest, kind, site, content, kept_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (digest, kind, site) DO NOTHING",
            params![
                artefact.digest.as_bytes(),
                artefact.kind.as_str(),
                artefact.site.as_ref().map_or("", |site| site.as_str()),
                artefact.content,
                artefact.kept_at.get(),
            ],
        )?;
    }
    log::place_artefacts(&transaction)?;
    transaction.commit()?;
    Ok(())
}
