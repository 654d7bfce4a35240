//! The statements of staff tokens.

use super::session::{Session, get};
use super::sql::{Sql, statements};
use super::sums;
use crate::staff::SiteSet;
use crate::store::{StoreError, StoredToken};
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;

statements! {
    ADD = "INSERT INTO tokens (hash, role, sites, label, created_at, expires_at, used_on) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ALL = "SELECT hash, role, sites, label, created_at, expires_at, used_on FROM tokens ORDER BY hash";
    USE = "UPDATE tokens SET used_on = $2, sum = CASE WHEN octet_length(sum) = 0 THEN sum END WHERE hash = $1 AND used_on IS DISTINCT FROM $2";
    REVOKE = "DELETE FROM tokens WHERE hash = $1";
}

pub(super) async fn add(session: &mut Session, token: &StoredToken) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    put(session, ADD, token).await?;
    sums::add(session, &sums::OF_TOKENS).await?;
    session.commit().await
}

/// Runs a statement that takes all columns of a token.
pub(super) async fn put(
    session: &mut Session,
    statement: Sql,
    token: &StoredToken,
) -> Result<(), StoreError> {
    session
        .execute(
            statement,
            &[
                &&token.hash.as_bytes()[..],
                &token.role.as_str(),
                &token.sites.to_column(),
                &token.label,
                &token.created_at.get(),
                &token.expires_at.map(UnixSeconds::get),
                &token.used_on.map(UnixSeconds::get),
            ],
        )
        .await?;
    Ok(())
}

pub(super) async fn all(session: &mut Session) -> Result<Vec<StoredToken>, StoreError> {
    let mut tokens = Vec::new();
    for row in session.rows(ALL, &[]).await? {
        let hash: &[u8] = get(&row, 0)?;
        let hash = hash.try_into();
        let (role, sites): (&str, Option<&str>) = (get(&row, 1)?, get(&row, 2)?);
        let (expires_at, used_on): (Option<i64>, Option<i64>) = (get(&row, 5)?, get(&row, 6)?);
        tokens.push(StoredToken {
            hash: hash
                .map(Digest::from_bytes)
                .map_err(|_| StoreError::Corrupt("hash of a token"))?,
            role: role.parse().map_err(|_| StoreError::Corrupt("role"))?,
            sites: SiteSet::from_column(sites).map_err(|_| StoreError::Corrupt("list of sites"))?,
            label: get(&row, 3)?,
            created_at: moment(get(&row, 4)?)?,
            expires_at: expires_at.map(moment).transpose()?,
            used_on: used_on.map(moment).transpose()?,
        });
    }
    Ok(tokens)
}

pub(super) async fn used(
    session: &mut Session,
    hash: &Digest,
    day: UnixSeconds,
) -> Result<(), StoreError> {
    let hash = &hash.as_bytes()[..];
    session.begin_transaction().await?;
    sums::keep_wrong(session, &sums::OF_TOKENS, sums::TOKEN, &[&hash]).await?;
    session.execute(USE, &[&hash, &day.get()]).await?;
    sums::add(session, &sums::OF_TOKENS).await?;
    session.commit().await
}

pub(super) async fn revoke(session: &mut Session, hash: &Digest) -> Result<bool, StoreError> {
    let hash = &hash.as_bytes()[..];
    session.begin_transaction().await?;
    let revoked = session.execute(REVOKE, &[&hash]).await?;
    session.commit().await?;
    Ok(revoked > 0)
}

fn moment(seconds: i64) -> Result<UnixSeconds, StoreError> {
    UnixSeconds::new(seconds).map_err(|_| StoreError::Corrupt("time"))
}
