//! The statements of moments, of the names of sites, and of the database as a whole.

use super::session::{Session, Values, get};
use super::sql::statements;
use super::sums;
use crate::store::{Moment, StoreError};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;

statements! {
    MOMENT = "SELECT at FROM moments WHERE what = $1";
    SET_MOMENT = "INSERT INTO moments (what, at) VALUES ($1, $2) ON CONFLICT (what)
        DO UPDATE SET at = excluded.at, sum = CASE WHEN octet_length(moments.sum) = 0 THEN moments.sum END";
    KNOWN_SITES = "SELECT id FROM sites UNION SELECT site FROM holds UNION SELECT site FROM artefacts WHERE site <> ''";
    SIZE = "SELECT pg_database_size(current_database())";
    /// Changes nothing, and is written and waited for as every commit.
    TRY_OUT = "UPDATE meta SET format = format WHERE one = 1";
}

pub(super) async fn moment(
    session: &mut Session,
    which: Moment,
) -> Result<Option<UnixSeconds>, StoreError> {
    let row = session.row(MOMENT, &[&which.as_str()]).await?;
    let at: Option<i64> = row.map(|row| get(&row, 0)).transpose()?;
    at.map(UnixSeconds::new)
        .transpose()
        .map_err(|_| StoreError::Corrupt("time"))
}

pub(super) async fn set_moment(
    session: &mut Session,
    which: Moment,
    at: UnixSeconds,
) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    let which_one: &Values<'_> = &[&which.as_str()];
    sums::keep_wrong(session, &sums::OF_MOMENTS, sums::MOMENT, which_one).await?;
    session
        .execute(SET_MOMENT, &[&which.as_str(), &at.get()])
        .await?;
    sums::add(session, &sums::OF_MOMENTS).await?;
    session.commit().await
}

pub(super) async fn known_sites(session: &mut Session) -> Result<BTreeSet<SiteId>, StoreError> {
    let mut sites = BTreeSet::new();
    for row in session.rows(KNOWN_SITES, &[]).await? {
        let id: &str = get(&row, 0)?;
        sites.insert(id.parse().map_err(|_| StoreError::Corrupt("site"))?);
    }
    Ok(sites)
}

pub(super) async fn size(session: &mut Session) -> Result<u64, StoreError> {
    let bytes: i64 = get(&session.one(SIZE, &[]).await?, 0)?;
    Ok(bytes.unsigned_abs())
}

pub(super) async fn try_out(session: &mut Session) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    session.execute(TRY_OUT, &[]).await?;
    session.commit().await
}
