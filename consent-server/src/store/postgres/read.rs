//! The statements that read receipts.

use super::session::{Session, get};
use super::sql::statements;
use super::uuid::Uuid;
use super::{place, statistics};
use crate::store::{Filter, Row, StoreError, Stretch, numbers};
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;

/// How many rows are looked at in one go: a fraction of a second, so that nobody waits.
pub(super) const STRETCH: i64 = 10_000;

statements! {
    ROW = "SELECT seq, receipt FROM receipts WHERE record_id = $1 AND site = $2";
    FIND = "SELECT receipt FROM receipts WHERE record_id = $1";
    CONTINUED = "SELECT seq, receipt FROM receipts WHERE subject = $1 AND continues AND site = $2 ORDER BY record_id";
    HAS_LATER = "SELECT 1 FROM receipts WHERE subject = $1 AND continues AND record_id > $2 AND site = $3 LIMIT 1";
    LAST_RECEIVED = "SELECT max(received_at) FROM receipts";
    /// Where a stretch ends, and when its last receipt was accepted.
    END_OF_STRETCH = "SELECT seq, received_at FROM receipts WHERE site = $1 AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $3";
    PAGE = "SELECT seq, receipt FROM receipts WHERE site = $1 AND seq > $2 AND seq <= $3 AND received_at >= $4 AND received_at < $5
        AND ($6::int2 IS NULL OR act = $6) AND ($7::uuid IS NULL OR subject = $7) ORDER BY seq LIMIT $8";
    LATEST = "SELECT seq, receipt FROM receipts WHERE site = $1 ORDER BY seq DESC LIMIT $2";
}

pub(super) async fn row(
    session: &mut Session,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<Row>, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(None);
    };
    let row = session.row(ROW, &[&Uuid(*id.as_bytes()), &number]).await?;
    row.as_ref().map(to_row).transpose()
}

/// A receipt by its id alone.
pub(super) async fn find(
    session: &mut Session,
    id: RecordId,
) -> Result<Option<String>, StoreError> {
    let row = session.row(FIND, &[&Uuid(*id.as_bytes())]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn continued(
    session: &mut Session,
    site: &SiteId,
    subject: ConsentId,
) -> Result<Vec<Row>, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(Vec::new());
    };
    let subject = Uuid(*subject.as_bytes());
    let rows = session.rows(CONTINUED, &[&subject, &number]).await?;
    rows.iter().map(to_row).collect()
}

pub(super) async fn has_later(
    session: &mut Session,
    site: &SiteId,
    subject: ConsentId,
    id: RecordId,
) -> Result<bool, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(false);
    };
    let (subject, id) = (Uuid(*subject.as_bytes()), Uuid(*id.as_bytes()));
    let later = session.row(HAS_LATER, &[&subject, &id, &number]).await?;
    Ok(later.is_some())
}

/// The latest moment of all: not that of the last row, for a clock can be set back.
pub(super) async fn last_received(
    session: &mut Session,
) -> Result<Option<UnixSeconds>, StoreError> {
    let seconds: Option<i64> = get(&session.one(LAST_RECEIVED, &[]).await?, 0)?;
    Ok(seconds.and_then(|seconds| UnixSeconds::new(seconds).ok()))
}

pub(super) async fn page(
    session: &mut Session,
    filter: &Filter,
    after: i64,
    limit: u32,
) -> Result<Stretch, StoreError> {
    let Some(number) = place::number(session, &filter.site).await? else {
        return Ok(Stretch::default());
    };
    let end = session
        .row(END_OF_STRETCH, &[&number, &after, &(STRETCH - 1)])
        .await?;
    let end: Option<i64> = end.map(|row| get(&row, 0)).transpose()?;
    let limit = limit.max(1);
    let rows = session
        .rows(
            PAGE,
            &[
                &number,
                &after,
                &end.unwrap_or(i64::MAX),
                &filter.from.map_or(i64::MIN, UnixSeconds::get),
                &filter.to.map_or(i64::MAX, UnixSeconds::get),
                &filter.act.map(numbers::of_act),
                &filter.subject.map(|subject| Uuid(*subject.as_bytes())),
                &i64::from(limit),
            ],
        )
        .await?;
    let rows: Vec<Row> = rows.iter().map(to_row).collect::<Result<_, _>>()?;
    let is_full = rows.len() >= limit as usize;
    let next = if is_full {
        rows.last().map(|row| row.seq)
    } else {
        end
    };
    Ok(Stretch { rows, next })
}

pub(super) async fn latest(
    session: &mut Session,
    site: &SiteId,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(Vec::new());
    };
    let rows = session.rows(LATEST, &[&number, &i64::from(limit)]).await?;
    rows.iter().map(to_row).collect()
}

pub(super) async fn counts(
    session: &mut Session,
    site: &SiteId,
) -> Result<Vec<(String, u64)>, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(Vec::new());
    };
    statistics::acts(session, number).await
}

pub(super) fn to_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    Ok(Row {
        seq: get(row, 0)?,
        receipt: get(row, 1)?,
    })
}
