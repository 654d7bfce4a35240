//! The statements that find and delete what is to go.

use super::{log, place, read, statistics, subjects, trail};
use crate::store::{
    Counted, Counting, Direction, Doomed, Filter, Hold, Row, StoreError, Stretch, Tally,
};
use consent_core::id::{RecordId, SiteId};
use consent_core::time::UnixSeconds;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::collections::BTreeMap;

/// How many receipts are looked at in one go: a fraction of a second, so that nobody waits.
const STRETCH: u32 = 10_000;

pub(super) fn doomed(
    connection: &Connection,
    site: &SiteId,
    which: &Doomed,
    after: i64,
) -> Result<Stretch, StoreError> {
    match which {
        Doomed::EndedBy(moment) => ended_by(connection, site, *moment, after),
        Doomed::Subject(subject) => {
            let all = Filter {
                subject: Some(*subject),
                ..Filter::all(site.clone())
            };
            read::page(connection, &all, after, STRETCH)
        }
    }
}

fn ended_by(
    connection: &Connection,
    site: &SiteId,
    moment: UnixSeconds,
    after: i64,
) -> Result<Stretch, StoreError> {
    let Some(shelf) = place::shelf(connection, site)? else {
        return Ok(Stretch::default());
    };
    let (start, last) = (shelf.key(after), *shelf.keys().end());
    // Where this stretch ends, and when its last receipt was accepted: places that were freed leave gaps.
    let mut end = connection.prepare_cached(
        "SELECT seq, received_at FROM records WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1 OFFSET ?3",
    )?;
    let end: Option<(i64, i64)> = end
        .query_row([start, last, i64::from(STRETCH) - 1], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let until = end.map_or(last, |(key, _)| key);
    let rows = select(
        connection,
        "SELECT seq, receipt FROM records WHERE seq > ?1 AND seq <= ?2 AND expires_at <= ?3",
        params![start, until, moment.get()],
    )?;
    // What follows was accepted later still, and no choice ends before it was accepted.
    let next = end.filter(|(_, received_at)| *received_at <= moment.get());
    Ok(Stretch {
        rows,
        next: next.map(|(key, _)| place::place(key)),
    })
}

fn select(
    connection: &Connection,
    statement: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map(values, |row| {
        Ok(Row {
            seq: place::place(row.get(0)?),
            receipt: row.get(1)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn remove(
    connection: &mut Connection,
    site: &SiteId,
    places: &[i64],
    tallies: &BTreeMap<Tally, u64>,
) -> Result<u64, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Within the transaction: a hold that is there when this ends has kept everything.
    if held(&transaction, site)?.is_some() {
        return Err(StoreError::Held(site.clone()));
    }
    let (mut removed, mut leaves) = (0, 0);
    if let Some(shelf) = place::shelf(&transaction, site)? {
        let mut delete = transaction.prepare_cached(
            "DELETE FROM records WHERE seq = ?1 RETURNING leaf, record_id, subject, receipt, received_at, day_shift, continues",
        )?;
        let (mut gone_subjects, mut daily) = (Vec::new(), Vec::new());
        let mut continued = 0;
        for place in places {
            let gone = delete.query_row([shelf.key(*place)], |row| {
                gone_subjects.push((*place, row.get(2)?));
                let receipt: String = row.get(3)?;
                daily.extend(Counted::of_stored(&receipt, row.get(4)?, row.get(5)?));
                if row.get::<_, Option<i64>>(6)?.is_some() {
                    continued += *place;
                }
                Ok((row.get(0)?, row.get(1)?))
            });
            let gone: Option<(Option<i64>, [u8; 16])> = gone.optional()?;
            let Some((leaf, id)) = gone else { continue };
            removed += 1;
            if let Some(leaf) = leaf {
                log::note_orphan(&transaction, leaf)?;
                leaves += 1;
            }
            let id = RecordId::from_bytes(id).map_err(|_| StoreError::Corrupt("record id"))?;
            trail::unname(&transaction, id)?;
        }
        let counting: Counting<'_> = daily.iter().map(|one| (shelf.number(), one)).collect();
        statistics::add(&transaction, &counting.counts(), Direction::Out)?;
        subjects::forget(&transaction, shelf, &gone_subjects)?;
        place::empty(&transaction, shelf, places)?;
        place::no_longer_continued(&transaction, shelf, continued)?;
        log::count_gone(&transaction, leaves)?;
        let mut add = transaction.prepare_cached(
            "INSERT INTO tallies (site, month, act, granted, count) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET count = count + excluded.count",
        )?;
        let mut counted = 0;
        for (tally, count) in tallies {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            counted += count;
            add.execute(params![
                site.as_str(),
                tally.month,
                tally.act,
                tally.granted,
                count
            ])?;
        }
        if counted > 0 {
            place::tallied(&transaction, shelf, counted)?;
        }
    }
    // Somebody else has counted or archived those that are gone.
    if removed != places.len() as u64 {
        return Err(StoreError::Fewer);
    }
    transaction.commit()?;
    Ok(removed)
}

pub(super) fn tallies(
    connection: &Connection,
    site: &SiteId,
) -> Result<BTreeMap<Tally, u64>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT month, act, granted, count FROM tallies WHERE site = ?1")?;
    let rows = statement.query_map([site.as_str()], |row| {
        let tally = Tally {
            month: row.get(0)?,
            act: row.get(1)?,
            granted: row.get(2)?,
        };
        Ok((tally, row.get::<_, i64>(3)?.unsigned_abs()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn hold(connection: &Connection, hold: &Hold) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO holds (site, reason, since) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET reason = excluded.reason",
        params![hold.site.as_str(), hold.reason, hold.since.get()],
    )?;
    Ok(())
}

pub(super) fn lift(connection: &Connection, site: &SiteId) -> Result<bool, StoreError> {
    let lifted = connection.execute("DELETE FROM holds WHERE site = ?1", [site.as_str()])?;
    Ok(lifted > 0)
}

pub(super) fn held(connection: &Connection, site: &SiteId) -> Result<Option<Hold>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT reason, since FROM holds WHERE site = ?1")?;
    let found: Option<(String, i64)> = statement
        .query_row([site.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((reason, since)) = found else {
        return Ok(None);
    };
    Ok(Some(Hold {
        site: site.clone(),
        reason,
        since: UnixSeconds::new(since).map_err(|_| StoreError::Corrupt("time"))?,
    }))
}
