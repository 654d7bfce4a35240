//! The statements that find and delete what is to go, and of what keeps it.

use super::append::record_id;
use super::read::{END_OF_STRETCH, STRETCH, to_row};
use super::session::{Session, Values, get};
use super::sql::statements;
use super::uuid::Uuid;
use super::{place, statistics, sums, trail};
use crate::store::{Counting, Direction, Doomed, Hold, StoreError, Stretch, Tally};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;
use tokio_postgres::Row;

statements! {
    /// Both who holds and who removes begin here: read committed lets a hold else slip in between a look and a deletion.
    LOCK_SITE = "SELECT number FROM sites WHERE id = $1 FOR UPDATE";
    ENDED = "SELECT seq, receipt FROM receipts WHERE site = $1 AND seq > $2 AND seq <= $3 AND expires_at <= $4 ORDER BY seq";
    OF_SUBJECT = "SELECT seq, receipt FROM receipts WHERE site = $1 AND seq > $2 AND seq <= $3 AND subject = $4 ORDER BY seq";
    /// By its places first, and then by the key, of which the bounds spare it the other months.
    IDS = "SELECT record_id, receipt, received_at, day_shift, seq, continues FROM receipts WHERE site = $1 AND seq = ANY($2) AND seq BETWEEN $3 AND $4 ORDER BY record_id";
    DELETE = "DELETE FROM receipts WHERE record_id = ANY($1) AND record_id BETWEEN $2 AND $3";
    ADD_TALLY = "INSERT INTO tallies (site, month, act, granted, count) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (site, month, act, granted) DO UPDATE SET count = tallies.count + excluded.count, sum = CASE WHEN octet_length(tallies.sum) = 0 THEN tallies.sum END";
    TALLIES = "SELECT month, act, granted, count FROM tallies WHERE site = $1";
    HOLD = "INSERT INTO holds (site, reason, since) VALUES ($1, $2, $3) ON CONFLICT (site)
        DO UPDATE SET reason = excluded.reason, sum = CASE WHEN octet_length(holds.sum) = 0 THEN holds.sum END";
    LIFT = "DELETE FROM holds WHERE site = $1";
    HELD = "SELECT reason, since FROM holds WHERE site = $1";
    HOLDS = "SELECT site, reason, since FROM holds";
}

pub(super) async fn doomed(
    session: &mut Session,
    site: &SiteId,
    which: &Doomed,
    after: i64,
) -> Result<Stretch, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(Stretch::default());
    };
    // Where this stretch ends, and when its last receipt was accepted: places that were freed leave gaps.
    let end = session
        .row(END_OF_STRETCH, &[&number, &after, &(STRETCH - 1)])
        .await?;
    let end = end
        .map(|row| Ok::<(i64, i64), StoreError>((get(&row, 0)?, get(&row, 1)?)))
        .transpose()?;
    let until = end.map_or(i64::MAX, |(seq, _)| seq);
    let rows = match which {
        Doomed::EndedBy(moment) => {
            session
                .rows(ENDED, &[&number, &after, &until, &moment.get()])
                .await?
        }
        Doomed::Subject(subject) => {
            let subject = Uuid(*subject.as_bytes());
            session
                .rows(OF_SUBJECT, &[&number, &after, &until, &subject])
                .await?
        }
    };
    let next = end.filter(|(_, received_at)| match which {
        // What follows was accepted later still, and no choice ends before it was accepted.
        Doomed::EndedBy(moment) => *received_at <= moment.get(),
        Doomed::Subject(_) => true,
    });
    Ok(Stretch {
        rows: rows.iter().map(to_row).collect::<Result<_, _>>()?,
        next: next.map(|(seq, _)| seq),
    })
}

pub(super) async fn remove(
    session: &mut Session,
    site: &SiteId,
    places: &[i64],
    tallies: &BTreeMap<Tally, u64>,
) -> Result<u64, StoreError> {
    session.begin_transaction().await?;
    let number = session.row(LOCK_SITE, &[&site.as_str()]).await?;
    // In the next statement: a hold that came while this waited for the lock is seen.
    if held(session, site).await?.is_some() {
        return Err(StoreError::Held(site.clone()));
    }
    let (Some(number), Some(first), Some(last)) =
        (number, places.iter().min(), places.iter().max())
    else {
        return if places.is_empty() {
            session.commit().await?;
            Ok(0)
        } else {
            Err(StoreError::Fewer)
        };
    };
    let number: i32 = get(&number, 0)?;
    let rows = session.rows(IDS, &[&number, &places, first, last]).await?;
    let ids = rows.iter().map(|row| get(row, 0));
    let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
    let removed = match (ids.first(), ids.last()) {
        (Some(smallest), Some(largest)) => {
            session.execute(DELETE, &[&ids, smallest, largest]).await?
        }
        _ => 0,
    };
    // Somebody else has counted or archived those that are gone.
    if removed != places.len() as u64 {
        return Err(StoreError::Fewer);
    }
    let (mut daily, mut continued) = (Vec::new(), 0);
    for row in &rows {
        if get(row, 5)? {
            continued += get::<i64>(row, 4)?;
        }
        daily.extend(statistics::counted(row, 1)?);
    }
    let counting: Counting<'_> = daily.iter().map(|one| (number.into(), one)).collect();
    statistics::add(session, &counting.counts(), Direction::Out).await?;
    place::empty(session, number, places).await?;
    let counted = add_tallies(session, site, tallies).await?;
    let gone = i64::try_from(removed).unwrap_or(i64::MAX);
    place::count_removed(session, number, gone, counted, continued).await?;
    let records: Vec<_> = ids.into_iter().map(record_id).collect::<Result<_, _>>()?;
    trail::unname(session, &records).await?;
    session.commit().await?;
    Ok(removed)
}

/// Answers how many were added.
async fn add_tallies(
    session: &mut Session,
    site: &SiteId,
    tallies: &BTreeMap<Tally, u64>,
) -> Result<i64, StoreError> {
    let mut added = 0;
    for (
        Tally {
            month,
            act,
            granted,
        },
        count,
    ) in tallies
    {
        let count = i64::try_from(*count).unwrap_or(i64::MAX);
        added += count;
        let key: &Values<'_> = &[&site.as_str(), month, act, granted];
        sums::keep_wrong(session, &sums::OF_TALLIES, sums::TALLY, key).await?;
        session
            .execute(ADD_TALLY, &[&site.as_str(), month, act, granted, &count])
            .await?;
    }
    sums::add(session, &sums::OF_TALLIES).await?;
    Ok(added)
}

pub(super) async fn tallies(
    session: &mut Session,
    site: &SiteId,
) -> Result<BTreeMap<Tally, u64>, StoreError> {
    let rows = session.rows(TALLIES, &[&site.as_str()]).await?;
    let tally = |row: &Row| {
        let tally = Tally {
            month: get(row, 0)?,
            act: get(row, 1)?,
            granted: get(row, 2)?,
        };
        Ok((tally, get::<i64>(row, 3)?.unsigned_abs()))
    };
    rows.iter().map(tally).collect()
}

pub(super) async fn hold(session: &mut Session, hold: &Hold) -> Result<(), StoreError> {
    let site = hold.site.as_str();
    session.begin_transaction().await?;
    session.row(LOCK_SITE, &[&site]).await?;
    sums::keep_wrong(session, &sums::OF_HOLDS, sums::HOLD, &[&site]).await?;
    session
        .execute(HOLD, &[&site, &hold.reason, &hold.since.get()])
        .await?;
    sums::add(session, &sums::OF_HOLDS).await?;
    session.commit().await
}

pub(super) async fn lift(session: &mut Session, site: &SiteId) -> Result<bool, StoreError> {
    session.begin_transaction().await?;
    let lifted = session.execute(LIFT, &[&site.as_str()]).await?;
    session.commit().await?;
    Ok(lifted > 0)
}

pub(super) async fn held(session: &mut Session, site: &SiteId) -> Result<Option<Hold>, StoreError> {
    let row = session.row(HELD, &[&site.as_str()]).await?;
    let hold = row.map(|row| {
        Ok(Hold {
            site: site.clone(),
            reason: get(&row, 0)?,
            since: since(get(&row, 1)?)?,
        })
    });
    hold.transpose()
}

pub(super) async fn holds(session: &mut Session) -> Result<Vec<Hold>, StoreError> {
    let mut holds = BTreeMap::new();
    for row in session.rows(HOLDS, &[]).await? {
        let site: &str = get(&row, 0)?;
        let site: SiteId = site.parse().map_err(|_| StoreError::Corrupt("site"))?;
        let hold = Hold {
            site: site.clone(),
            reason: get(&row, 1)?,
            since: since(get(&row, 2)?)?,
        };
        holds.insert(site, hold);
    }
    Ok(holds.into_values().collect())
}

fn since(seconds: i64) -> Result<UnixSeconds, StoreError> {
    UnixSeconds::new(seconds).map_err(|_| StoreError::Corrupt("time"))
}
