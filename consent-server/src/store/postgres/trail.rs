//! The statements of the audit trail.

use super::session::{Session, Values, get};
use super::sql::statements;
use super::sums;
use super::uuid::Uuid;
use crate::store::{Access, AccessFilter, StoreError, StoredAccess, in_trail};
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;

statements! {
    /// Serialises all that writes lines, and all that takes names out of them.
    LOCK_LINES = "SELECT next FROM audit_next WHERE one = 1 FOR UPDATE";
    SET_NEXT = "UPDATE audit_next SET next = $1 WHERE one = 1";
    INSERT = "INSERT INTO audit (seq, at, who, token, role, action, site, filter, rows) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    IS_THERE = "SELECT 1 FROM receipts WHERE record_id = $1";
    UNNAME_RECORDS = "UPDATE audit SET filter = 'record=erased', sum = CASE WHEN octet_length(sum) = 0 THEN sum END
        WHERE filter = ANY($1) AND filter LIKE 'record=%'";
    UNNAME_SUBJECT = "UPDATE audit SET filter = replace(filter, $2, 'erased'), manifest = replace(manifest, $2, 'erased'), sum = CASE WHEN octet_length(sum) = 0 THEN sum END
        WHERE site = $1 AND filter LIKE '%subject=sha256:%' AND strpos(filter, $2) > 0";
    /// Once: a count that was written is never changed. And what it was asked for may have been erased meanwhile.
    SETTLE = "UPDATE audit SET rows = $2, manifest = CASE WHEN strpos(filter, 'subject=erased') > 0 THEN NULL ELSE $3 END, sum = CASE WHEN octet_length(sum) = 0 THEN sum END
        WHERE seq = $1 AND rows IS NULL";
    MANIFEST = "SELECT manifest FROM audit WHERE seq = $1 AND site = $2";
    PAGE = "SELECT seq, at, who, token, role, action, site, filter, rows FROM audit
        WHERE seq > $1 AND at >= $2 AND at < $3 AND ($4::text[] IS NULL OR site = ANY($4)) ORDER BY seq LIMIT $5";
}

pub(super) async fn note(session: &mut Session, access: &Access) -> Result<i64, StoreError> {
    session.begin_transaction().await?;
    let seq = lock(session).await?;
    insert(session, seq, access, &access.filter, access.rows).await?;
    session.commit().await?;
    Ok(seq)
}

/// Looks for the record under the lock that its removal takes, too: one that goes meanwhile is named by no line that is written
/// after it went.
pub(super) async fn note_record(
    session: &mut Session,
    access: &Access,
    record: RecordId,
) -> Result<i64, StoreError> {
    session.begin_transaction().await?;
    let seq = lock(session).await?;
    let found = session.row(IS_THERE, &[&Uuid(*record.as_bytes())]).await?;
    let (filter, rows) = match found {
        Some(_) => (named(record), access.rows),
        None => ("record=unknown".to_owned(), Some(0)),
    };
    insert(session, seq, access, &filter, rows).await?;
    session.commit().await?;
    Ok(seq)
}

async fn lock(session: &mut Session) -> Result<i64, StoreError> {
    get(&session.one(LOCK_LINES, &[]).await?, 0)
}

async fn insert(
    session: &mut Session,
    seq: i64,
    access: &Access,
    filter: &str,
    rows: Option<u64>,
) -> Result<(), StoreError> {
    let rows = rows.and_then(|rows| i64::try_from(rows).ok());
    session
        .execute(
            INSERT,
            &[
                &seq,
                &access.at.get(),
                &access.who,
                &access.token,
                &access.role,
                &access.action,
                &access.site.as_ref().map(SiteId::as_str),
                &filter,
                &rows,
            ],
        )
        .await?;
    session.execute(SET_NEXT, &[&(seq + 1)]).await?;
    sums::add(session, &sums::OF_TRAIL).await
}

/// Takes records that go out of the lines that name them, within the transaction in which they go. What stays is who looked at
/// a record, when and how.
pub(super) async fn unname(session: &mut Session, records: &[RecordId]) -> Result<(), StoreError> {
    lock(session).await?;
    let names: Vec<String> = records.iter().copied().map(named).collect();
    sums::keep_wrong(session, &sums::OF_TRAIL, sums::LINES_OF_RECORDS, &[&names]).await?;
    session.execute(UNNAME_RECORDS, &[&names]).await?;
    sums::add(session, &sums::OF_TRAIL).await
}

fn named(record: RecordId) -> String {
    format!("record={}", record.to_text())
}

/// Takes a consent id out of the lines, and the manifests, of exports that asked for it.
pub(super) async fn unname_subject(
    session: &mut Session,
    site: &SiteId,
    subject: ConsentId,
) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    lock(session).await?;
    let values: &Values<'_> = &[&site.as_str(), &in_trail(subject)];
    sums::keep_wrong(session, &sums::OF_TRAIL, sums::LINES_OF_SUBJECT, values).await?;
    session.execute(UNNAME_SUBJECT, values).await?;
    sums::add(session, &sums::OF_TRAIL).await?;
    session.commit().await
}

pub(super) async fn settle(
    session: &mut Session,
    seq: i64,
    rows: u64,
    manifest: Option<&str>,
) -> Result<(), StoreError> {
    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
    session.begin_transaction().await?;
    sums::keep_wrong(session, &sums::OF_TRAIL, sums::LINE, &[&seq]).await?;
    session.execute(SETTLE, &[&seq, &rows, &manifest]).await?;
    sums::add(session, &sums::OF_TRAIL).await?;
    session.commit().await
}

pub(super) async fn manifest(
    session: &mut Session,
    site: &SiteId,
    seq: i64,
) -> Result<Option<String>, StoreError> {
    let row = session.row(MANIFEST, &[&seq, &site.as_str()]).await?;
    row.map_or(Ok(None), |row| get(&row, 0))
}

pub(super) async fn page(
    session: &mut Session,
    filter: &AccessFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<StoredAccess>, StoreError> {
    let sites = filter.sites.to_column();
    let sites: Option<Vec<&str>> = sites.as_deref().map(|sites| sites.split(' ').collect());
    let rows = session
        .rows(
            PAGE,
            &[
                &after,
                &filter.from.map_or(i64::MIN, UnixSeconds::get),
                &filter.to.map_or(i64::MAX, UnixSeconds::get),
                &sites,
                &i64::from(limit),
            ],
        )
        .await?;
    let mut lines = Vec::new();
    for row in rows {
        let site: Option<&str> = get(&row, 6)?;
        let site = site.map(str::parse).transpose();
        let count: Option<i64> = get(&row, 8)?;
        lines.push(StoredAccess {
            seq: get(&row, 0)?,
            access: Access {
                at: UnixSeconds::new(get(&row, 1)?).map_err(|_| StoreError::Corrupt("time"))?,
                who: get(&row, 2)?,
                token: get(&row, 3)?,
                role: get(&row, 4)?,
                action: get(&row, 5)?,
                site: site.map_err(|_| StoreError::Corrupt("site"))?,
                filter: get(&row, 7)?,
                rows: count.map(i64::unsigned_abs),
            },
        });
    }
    Ok(lines)
}
