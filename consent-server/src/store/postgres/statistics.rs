//! The statements of counts by day.

use super::session::{Session, get};
use super::sql::statements;
use crate::day::Day;
use crate::store::statistics::{
    ChoiceKey, ChoiceOf, Counted, Counting, Counts, DecisionKey, NoticeKey, SiteDay, by_act,
};
use crate::store::{Direction, StoreError, numbers};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

statements! {
    ADD_DECISIONS = "INSERT INTO decision_counts (site, day, notice, language, act, source, gpc, granted, removed, count)
        SELECT * FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::text[], $5::int2[], $6::int2[], $7::bool[], $8::bool[], $9::bool[], $10::int8[])
        ON CONFLICT (site, day, notice, language, act, source, gpc, granted, removed) DO UPDATE SET count = decision_counts.count + excluded.count";
    ADD_CHOICES = "INSERT INTO choice_counts (site, day, notice, kind, id, granted, removed, count)
        SELECT * FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::int2[], $5::text[], $6::bool[], $7::bool[], $8::int8[])
        ON CONFLICT (site, day, notice, kind, id, granted, removed) DO UPDATE SET count = choice_counts.count + excluded.count";
    SET_DECISIONS = "INSERT INTO decision_counts (site, day, notice, language, act, source, gpc, granted, removed, count)
        SELECT * FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::text[], $5::int2[], $6::int2[], $7::bool[], $8::bool[], $9::bool[], $10::int8[])
        ON CONFLICT (site, day, notice, language, act, source, gpc, granted, removed) DO UPDATE SET count = excluded.count";
    SET_CHOICES = "INSERT INTO choice_counts (site, day, notice, kind, id, granted, removed, count)
        SELECT * FROM unnest($1::int4[], $2::int4[], $3::int8[], $4::int2[], $5::text[], $6::bool[], $7::bool[], $8::int8[])
        ON CONFLICT (site, day, notice, kind, id, granted, removed) DO UPDATE SET count = excluded.count";
    DECISIONS_OF = "SELECT day, notice, language, act, source, gpc, granted, count FROM decision_counts
        WHERE site = $1 AND day BETWEEN $2 AND $3 AND NOT removed";
    CHOICES_OF = "SELECT day, notice, kind, id, granted, count FROM choice_counts WHERE site = $1 AND day BETWEEN $2 AND $3 AND NOT removed";
    OF_ALL_SITES = "SELECT sites.id, day, act, granted, sum(count)::int8 FROM sites JOIN decision_counts ON decision_counts.site = sites.number
        WHERE day BETWEEN $1 AND $2 AND NOT removed GROUP BY sites.id, day, act, granted";
    ACTS_OF = "SELECT act, sum(CASE WHEN removed THEN -count ELSE count END)::int8 FROM decision_counts WHERE site = $1 GROUP BY act";
    DECISIONS = "SELECT day, notice, language, act, source, gpc, granted, count, site FROM decision_counts WHERE removed = $1";
    CHOICES = "SELECT day, notice, kind, id, granted, count, site FROM choice_counts WHERE removed = $1";
    RECEIPTS_AFTER = "SELECT site, seq, receipt, received_at, day_shift FROM receipts WHERE (site, seq) > ($1, $2) ORDER BY site, seq LIMIT 4096";
}

/// Counts column by column: the values of [`ADD_DECISIONS`] and [`ADD_CHOICES`].
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    decisions: DecisionColumns<'a>,
    choices: ChoiceColumns<'a>,
}

#[derive(Debug, Default)]
struct DecisionColumns<'a> {
    sites: Vec<i32>,
    days: Vec<i32>,
    notices: Vec<i64>,
    languages: Vec<&'a str>,
    acts: Vec<i16>,
    sources: Vec<i16>,
    gpc: Vec<bool>,
    granted: Vec<bool>,
    removed: Vec<bool>,
    counts: Vec<i64>,
}

#[derive(Debug, Default)]
struct ChoiceColumns<'a> {
    sites: Vec<i32>,
    days: Vec<i32>,
    notices: Vec<i64>,
    kinds: Vec<i16>,
    ids: Vec<&'a str>,
    granted: Vec<bool>,
    removed: Vec<bool>,
    counts: Vec<i64>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(counts: &'a Counts, direction: Direction) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        let decisions = &mut columns.decisions;
        for ((site, key), count) in &counts.decisions {
            decisions.sites.push(number(*site)?);
            decisions.days.push(key.day.number());
            decisions.notices.push(key.notice.to_column());
            decisions.languages.push(&key.language);
            decisions.acts.push(numbers::of_act(key.act));
            decisions.sources.push(numbers::of_source(key.source));
            decisions.gpc.push(key.gpc);
            decisions.granted.push(key.granted);
            decisions.removed.push(direction.is_removal());
            decisions.counts.push(*count);
        }
        let choices = &mut columns.choices;
        for ((site, key), count) in &counts.choices {
            choices.sites.push(number(*site)?);
            choices.days.push(key.day.number());
            choices.notices.push(key.notice.to_column());
            choices.kinds.push(key.of.to_column());
            choices.ids.push(&key.id);
            choices.granted.push(key.granted);
            choices.removed.push(direction.is_removal());
            choices.counts.push(*count);
        }
        Ok(columns)
    }

    pub(super) fn decisions(&self) -> [&(dyn ToSql + Sync); 10] {
        let of = &self.decisions;
        [
            &of.sites,
            &of.days,
            &of.notices,
            &of.languages,
            &of.acts,
            &of.sources,
            &of.gpc,
            &of.granted,
            &of.removed,
            &of.counts,
        ]
    }

    pub(super) fn choices(&self) -> [&(dyn ToSql + Sync); 8] {
        let of = &self.choices;
        [
            &of.sites,
            &of.days,
            &of.notices,
            &of.kinds,
            &of.ids,
            &of.granted,
            &of.removed,
            &of.counts,
        ]
    }
}

/// Adds to what came, or to what went.
pub(super) async fn add(
    session: &mut Session,
    counts: &Counts,
    direction: Direction,
) -> Result<(), StoreError> {
    let columns = Columns::of(counts, direction)?;
    session.execute(ADD_DECISIONS, &columns.decisions()).await?;
    session.execute(ADD_CHOICES, &columns.choices()).await?;
    Ok(())
}

/// Puts counts in the place of those that are there.
pub(super) async fn set(
    session: &mut Session,
    counts: &Counts,
    direction: Direction,
) -> Result<(), StoreError> {
    let columns = Columns::of(counts, direction)?;
    session.execute(SET_DECISIONS, &columns.decisions()).await?;
    session.execute(SET_CHOICES, &columns.choices()).await?;
    Ok(())
}

/// What is counted of a stored receipt, whose columns begin with this one; `None`: it cannot be read.
pub(super) fn counted(row: &Row, from: usize) -> Result<Option<Counted>, StoreError> {
    let (receipt, received_at) = (get(row, from)?, get(row, from + 1)?);
    let shift: i16 = get(row, from + 2)?;
    Ok(Counted::of_stored(receipt, received_at, shift.into()))
}

/// Counts all receipts: of a database in which nobody has.
pub(super) async fn count_all(session: &mut Session) -> Result<(), StoreError> {
    let (mut counts, mut after) = (Counts::default(), (0_i32, 0_i64));
    loop {
        let rows = session.rows(RECEIPTS_AFTER, &[&after.0, &after.1]).await?;
        let Some(last) = rows.last() else {
            return add(session, &counts, Direction::In).await;
        };
        after = (get(last, 0)?, get(last, 1)?);
        let mut some: Vec<(i32, Counted)> = Vec::new();
        for row in &rows {
            let site = get(row, 0)?;
            some.extend(counted(row, 2)?.map(|counted| (site, counted)));
        }
        let counting: Counting<'_> = some
            .iter()
            .map(|(site, one)| (i64::from(*site), one))
            .collect();
        counting.add_to(&mut counts);
    }
}

pub(super) async fn decisions(
    session: &mut Session,
    site: i32,
    days: &RangeInclusive<Day>,
) -> Result<BTreeMap<DecisionKey, u64>, StoreError> {
    let (first, last) = (days.start().number(), days.end().number());
    let rows = session.rows(DECISIONS_OF, &[&site, &first, &last]).await?;
    let counts = rows.iter();
    let counts = counts.map(|row| Ok((decision(row)?, get::<i64>(row, 7)?.unsigned_abs())));
    counts.collect()
}

pub(super) async fn choices(
    session: &mut Session,
    site: i32,
    days: &RangeInclusive<Day>,
) -> Result<BTreeMap<ChoiceKey, u64>, StoreError> {
    let (first, last) = (days.start().number(), days.end().number());
    let rows = session.rows(CHOICES_OF, &[&site, &first, &last]).await?;
    let counts = rows.iter();
    let counts = counts.map(|row| Ok((choice(row)?, get::<i64>(row, 5)?.unsigned_abs())));
    counts.collect()
}

pub(super) async fn of_all_sites(
    session: &mut Session,
    days: &RangeInclusive<Day>,
) -> Result<Vec<SiteDay>, StoreError> {
    let (first, last) = (days.start().number(), days.end().number());
    let rows = session.rows(OF_ALL_SITES, &[&first, &last]).await?;
    let all = rows.iter().map(|row| {
        let site: &str = get(row, 0)?;
        Ok(SiteDay {
            site: site.parse().map_err(|_| StoreError::Corrupt("site"))?,
            day: Day::from_number(get(row, 1)?),
            act: numbers::act(get(row, 2)?)?,
            granted: get(row, 3)?,
            count: get::<i64>(row, 4)?.unsigned_abs(),
        })
    });
    all.collect()
}

/// How many receipts of each act a site has: those that came, less those that went.
pub(super) async fn acts(
    session: &mut Session,
    site: i32,
) -> Result<Vec<(String, u64)>, StoreError> {
    let rows = session.rows(ACTS_OF, &[&site]).await?;
    let left = rows
        .iter()
        .map(|row| Ok((numbers::act(get(row, 0)?)?, get(row, 1)?)));
    Ok(by_act(left.collect::<Result<_, StoreError>>()?))
}

/// All that came, or all that went.
pub(super) async fn all(session: &mut Session, direction: Direction) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    for row in &session.rows(DECISIONS, &[&direction.is_removal()]).await? {
        let site = i64::from(get::<i32>(row, 8)?);
        counts
            .decisions
            .insert((site, decision(row)?), get(row, 7)?);
    }
    for row in &session.rows(CHOICES, &[&direction.is_removal()]).await? {
        let site = i64::from(get::<i32>(row, 6)?);
        counts.choices.insert((site, choice(row)?), get(row, 5)?);
    }
    Ok(counts)
}

fn decision(row: &Row) -> Result<DecisionKey, StoreError> {
    Ok(DecisionKey {
        day: Day::from_number(get(row, 0)?),
        notice: NoticeKey::from_column(get(row, 1)?),
        language: get(row, 2)?,
        act: numbers::act(get(row, 3)?)?,
        source: numbers::source(get(row, 4)?)?,
        gpc: get(row, 5)?,
        granted: get(row, 6)?,
    })
}

fn choice(row: &Row) -> Result<ChoiceKey, StoreError> {
    Ok(ChoiceKey {
        day: Day::from_number(get(row, 0)?),
        notice: NoticeKey::from_column(get(row, 1)?),
        of: ChoiceOf::from_column(get(row, 2)?)?,
        id: get(row, 3)?,
        granted: get(row, 4)?,
    })
}

fn number(site: i64) -> Result<i32, StoreError> {
    i32::try_from(site).map_err(|_| StoreError::Corrupt("number of a site"))
}
