//! The statements of counts by day.

use super::place;
use crate::day::Day;
use crate::store::numbers;
use crate::store::statistics::{
    ChoiceKey, ChoiceOf, Counted, Counting, Counts, DecisionKey, NoticeKey, SiteDay, by_act,
};
use crate::store::{Direction, StoreError};
use consent_core::id::SiteId;
use rusqlite::{Connection, Row, params};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// How many receipts are counted in one go.
const CHUNK: i64 = 4096;

/// Adds to what came, or to what went.
pub(super) fn add(
    connection: &Connection,
    counts: &Counts,
    direction: Direction,
) -> Result<(), StoreError> {
    let removed = direction.is_removal();
    let mut decision = connection.prepare_cached(
        "INSERT INTO decision_counts (site, day, notice, language, act, source, gpc, granted, removed, count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?;
    for ((site, key), count) in &counts.decisions {
        decision.execute(params![
            site,
            key.day.number(),
            key.notice.to_column(),
            key.language,
            numbers::of_act(key.act),
            numbers::of_source(key.source),
            key.gpc,
            key.granted,
            removed,
            count,
        ])?;
    }
    let mut choice = connection.prepare_cached(
        "INSERT INTO choice_counts (site, day, notice, kind, id, granted, removed, count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET count = count + excluded.count",
    )?;
    for ((site, key), count) in &counts.choices {
        choice.execute(params![
            site,
            key.day.number(),
            key.notice.to_column(),
            key.of.to_column(),
            key.id,
            key.granted,
            removed,
            count,
        ])?;
    }
    Ok(())
}

/// Counts all receipts: of a database in which nobody has.
pub(super) fn count_all(connection: &Connection) -> Result<(), StoreError> {
    let mut select = connection.prepare(
        "SELECT seq, receipt, received_at, day_shift FROM records WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let (mut counts, mut after) = (Counts::default(), i64::MIN);
    loop {
        let mut some: Vec<(i64, Counted)> = Vec::new();
        let before = after;
        let mut rows = select.query([after, CHUNK])?;
        while let Some(row) = rows.next()? {
            after = row.get(0)?;
            let receipt: String = row.get(1)?;
            let counted = Counted::of_stored(&receipt, row.get(2)?, row.get(3)?);
            some.extend(counted.map(|counted| (place::site(after), counted)));
        }
        if after == before {
            return add(connection, &counts, Direction::In);
        }
        let counting: Counting<'_> = some.iter().map(|(site, one)| (*site, one)).collect();
        counting.add_to(&mut counts);
    }
}

pub(super) fn decisions(
    connection: &Connection,
    site: &SiteId,
    days: &RangeInclusive<Day>,
) -> Result<BTreeMap<DecisionKey, u64>, StoreError> {
    let Some(rows) = place::shelf(connection, site)? else {
        return Ok(BTreeMap::new());
    };
    let mut select = connection.prepare_cached(
        "SELECT day, notice, language, act, source, gpc, granted, count FROM decision_counts
         WHERE site = ?1 AND day BETWEEN ?2 AND ?3 AND removed = 0",
    )?;
    let (first, last) = (days.start().number(), days.end().number());
    let mut rows = select.query(params![rows.number(), first, last])?;
    // In the order of the table's key, which is nearly that of the map: it is built at once.
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push((decision(row, 0)?, row.get::<_, i64>(7)?.unsigned_abs()));
    }
    Ok(counts.into_iter().collect())
}

pub(super) fn choices(
    connection: &Connection,
    site: &SiteId,
    days: &RangeInclusive<Day>,
) -> Result<BTreeMap<ChoiceKey, u64>, StoreError> {
    let Some(rows) = place::shelf(connection, site)? else {
        return Ok(BTreeMap::new());
    };
    let mut select = connection.prepare_cached(
        "SELECT day, notice, kind, id, granted, count FROM choice_counts
         WHERE site = ?1 AND day BETWEEN ?2 AND ?3 AND removed = 0",
    )?;
    let (first, last) = (days.start().number(), days.end().number());
    let mut rows = select.query(params![rows.number(), first, last])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        counts.push((choice(row, 0)?, row.get::<_, i64>(5)?.unsigned_abs()));
    }
    Ok(counts.into_iter().collect())
}

pub(super) fn of_all_sites(
    connection: &Connection,
    days: &RangeInclusive<Day>,
) -> Result<Vec<SiteDay>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT sites.id, day, act, granted, sum(count) FROM sites CROSS JOIN decision_counts ON site = number
         WHERE day BETWEEN ?1 AND ?2 AND removed = 0 GROUP BY number, day, act, granted",
    )?;
    let mut rows = select.query([days.start().number(), days.end().number()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let site: String = row.get(0)?;
        all.push(SiteDay {
            site: site.parse().map_err(|_| StoreError::Corrupt("site"))?,
            day: Day::from_number(row.get(1)?),
            act: numbers::act(row.get(2)?)?,
            granted: row.get(3)?,
            count: row.get::<_, i64>(4)?.unsigned_abs(),
        });
    }
    Ok(all)
}

/// How many receipts of each act a site has: those that came, less those that went.
pub(super) fn acts(
    connection: &Connection,
    site: &SiteId,
) -> Result<Vec<(String, u64)>, StoreError> {
    let Some(rows) = place::shelf(connection, site)? else {
        return Ok(Vec::new());
    };
    // Added up here: to group them, the database would sort all rows.
    let mut select = connection
        .prepare_cached("SELECT act, removed, count FROM decision_counts WHERE site = ?1")?;
    let mut rows = select.query([rows.number()])?;
    let mut left: BTreeMap<i16, i64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (is_gone, count): (bool, i64) = (row.get(1)?, row.get(2)?);
        *left.entry(row.get(0)?).or_default() += if is_gone { -count } else { count };
    }
    let left = left.into_iter();
    let left = left.map(|(act, count)| Ok((numbers::act(act)?, count)));
    Ok(by_act(left.collect::<Result<_, StoreError>>()?))
}

/// All that came, or all that went.
pub(super) fn all(connection: &Connection, direction: Direction) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    let mut select = connection.prepare(
        "SELECT site, day, notice, language, act, source, gpc, granted, count FROM decision_counts WHERE removed = ?1",
    )?;
    let mut rows = select.query([direction.is_removal()])?;
    while let Some(row) = rows.next()? {
        let key = (row.get(0)?, decision(row, 1)?);
        counts.decisions.insert(key, row.get(8)?);
    }
    let mut select = connection.prepare(
        "SELECT site, day, notice, kind, id, granted, count FROM choice_counts WHERE removed = ?1",
    )?;
    let mut rows = select.query([direction.is_removal()])?;
    while let Some(row) = rows.next()? {
        let key = (row.get(0)?, choice(row, 1)?);
        counts.choices.insert(key, row.get(6)?);
    }
    Ok(counts)
}

fn decision(row: &Row<'_>, from: usize) -> Result<DecisionKey, StoreError> {
    Ok(DecisionKey {
        day: Day::from_number(row.get(from)?),
        notice: NoticeKey::from_column(row.get(from + 1)?),
        language: row.get(from + 2)?,
        act: numbers::act(row.get(from + 3)?)?,
        source: numbers::source(row.get(from + 4)?)?,
        gpc: row.get(from + 5)?,
        granted: row.get(from + 6)?,
    })
}

fn choice(row: &Row<'_>, from: usize) -> Result<ChoiceKey, StoreError> {
    Ok(ChoiceKey {
        day: Day::from_number(row.get(from)?),
        notice: NoticeKey::from_column(row.get(from + 1)?),
        of: ChoiceOf::from_column(row.get(from + 2)?)?,
        id: row.get(from + 3)?,
        granted: row.get(from + 4)?,
    })
}
