//! The statements of the log.

use super::fence::LOG;
use super::place;
use super::session::{Session, get};
use super::sql::statements;
use super::uuid::Uuid;
use crate::store::{LogState, Logged, Placed, StoreError};
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::{HASH_BYTES, Tile};
use std::collections::HashMap;

/// How many commits' leaves are read in one go.
const COMMITS: usize = 256;

statements! {
    /// Serialises all that stores entries of the log, until their commits.
    LOCK_NEXT = "SELECT next FROM log_next WHERE log = $1 FOR UPDATE";
    SET_NEXT = "UPDATE log_next SET next = $2 WHERE log = $1";
    ADD_WAITING = "INSERT INTO log_waiting (log, first, hashes) VALUES ($1, $2, $3)";
    NEXT = "SELECT next FROM log_next WHERE log = $1";
    TREE = "SELECT origin, size, minimum FROM log_tree WHERE log = $1";
    NAME = "UPDATE log_tree SET origin = $2 WHERE log = $1";
    WAITING = "SELECT first, hashes FROM log_waiting WHERE log = $1 AND first >= $2 ORDER BY first LIMIT $3";
    MOVE_END = "UPDATE log_tree SET size = $3 WHERE log = $1 AND size = $2";
    PUT_TILES = "INSERT INTO log_tiles (log, level, index, hashes) SELECT $1, * FROM unnest($2::int2[], $3::int8[], $4::bytea[])
        ON CONFLICT (log, level, index) DO UPDATE SET hashes = excluded.hashes";
    FORGET_WAITING = "DELETE FROM log_waiting WHERE log = $1 AND first < $2";
    TILE = "SELECT hashes FROM log_tiles WHERE log = $1 AND level = $2 AND index = $3";
    LOGGED = "SELECT receipt, salt, place FROM receipts WHERE record_id = $1 AND site = $2";
    COMMITMENTS = "SELECT seq, place, salt FROM receipts WHERE site = $1 AND seq = ANY($2) AND seq BETWEEN $3 AND $4";
    RAISE_MINIMUM = "UPDATE log_tree SET minimum = $2 WHERE log = $1 AND minimum < $2 AND size >= $2";
    SITE_NUMBERS = "SELECT number FROM sites";
    OLDEST_OF_SITE = "SELECT place FROM receipts WHERE site = $1 ORDER BY seq LIMIT 1";
}

pub(super) async fn state(session: &mut Session) -> Result<LogState, StoreError> {
    // The tree first: what is counted meanwhile is only more.
    let tree = session.one(TREE, &[&LOG]).await?;
    let next = session.one(NEXT, &[&LOG]).await?;
    Ok(LogState {
        origin: get(&tree, 0)?,
        next: count(get(&next, 0)?)?,
        size: count(get(&tree, 1)?)?,
        minimum: count(get(&tree, 2)?)?,
    })
}

pub(super) async fn name(session: &mut Session, origin: &str) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    session.execute(NAME, &[&LOG, &origin]).await?;
    session.commit().await
}

/// Locks the counter, within a transaction; answers the next place.
pub(super) async fn lock_next(session: &mut Session) -> Result<i64, StoreError> {
    get(&session.one(LOCK_NEXT, &[&LOG]).await?, 0)
}

/// Stores leaves from the next place on, which is locked.
pub(super) async fn add(
    session: &mut Session,
    next: i64,
    leaves: &[Digest],
) -> Result<(), StoreError> {
    if leaves.is_empty() {
        return Ok(());
    }
    let hashes: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    session
        .execute(ADD_WAITING, &[&LOG, &next, &hashes])
        .await?;
    let next = next + i64::try_from(leaves.len()).unwrap_or(i64::MAX);
    session.execute(SET_NEXT, &[&LOG, &next]).await?;
    Ok(())
}

pub(super) async fn add_leaves(
    session: &mut Session,
    leaves: &[Digest],
) -> Result<u64, StoreError> {
    session.begin_transaction().await?;
    let first = lock_next(session).await?;
    add(session, first, leaves).await?;
    session.commit().await?;
    count(first)
}

pub(super) async fn waiting(
    session: &mut Session,
    from: u64,
    limit: usize,
) -> Result<Vec<Digest>, StoreError> {
    let commits = i64::try_from(limit.min(COMMITS)).unwrap_or(i64::MAX);
    let rows = session
        .rows(WAITING, &[&LOG, &key(from)?, &commits])
        .await?;
    let mut leaves = Vec::new();
    for row in rows {
        let first: i64 = get(&row, 0)?;
        let hashes: &[u8] = get(&row, 1)?;
        let (hashes, rest) = hashes.as_chunks::<HASH_BYTES>();
        if count(first)? != from + leaves.len() as u64 || !rest.is_empty() {
            return Err(StoreError::Corrupt("list of waiting log entries"));
        }
        leaves.extend(hashes.iter().copied().map(Digest::from_bytes));
        if leaves.len() >= limit {
            break;
        }
    }
    Ok(leaves)
}

pub(super) async fn integrate(
    session: &mut Session,
    (from, to): (u64, u64),
    tiles: &[(Tile, Vec<u8>)],
) -> Result<(), StoreError> {
    let (from, to) = (key(from)?, key(to)?);
    session.begin_transaction().await?;
    let next: i64 = get(&session.one(NEXT, &[&LOG]).await?, 0)?;
    if next < to || session.execute(MOVE_END, &[&LOG, &from, &to]).await? != 1 {
        return Err(StoreError::Moved);
    }
    let mut levels = Vec::new();
    let mut indexes = Vec::new();
    let mut hashes: Vec<&[u8]> = Vec::new();
    for (tile, bytes) in tiles {
        levels.push(i16::from(tile.level()));
        indexes.push(key(tile.index())?);
        hashes.push(bytes);
    }
    session
        .execute(PUT_TILES, &[&LOG, &levels, &indexes, &hashes])
        .await?;
    session.execute(FORGET_WAITING, &[&LOG, &to]).await?;
    crate::fault::point("tiles-written");
    session.commit().await?;
    crate::fault::point("tiles-committed");
    Ok(())
}

pub(super) async fn tile(session: &mut Session, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
    let (level, index) = (i16::from(tile.level()), key(tile.index())?);
    let row = session.row(TILE, &[&LOG, &level, &index]).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let hashes: &[u8] = get(&row, 0)?;
    let length = usize::from(tile.width()) * HASH_BYTES;
    Ok(hashes.get(..length).map(<[u8]>::to_vec))
}

pub(super) async fn logged(
    session: &mut Session,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<Logged>, StoreError> {
    let Some(number) = place::number(session, site).await? else {
        return Ok(None);
    };
    let row = session
        .row(LOGGED, &[&Uuid(*id.as_bytes()), &number])
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Logged {
        receipt: get(&row, 0)?,
        salt: salt(get(&row, 1)?)?,
        place: count(get(&row, 2)?)?,
    }))
}

pub(super) async fn commitments(
    session: &mut Session,
    site: &SiteId,
    places: &[i64],
) -> Result<Vec<Option<Placed>>, StoreError> {
    let bounds = (places.iter().min(), places.iter().max());
    let (Some(number), (Some(first), Some(last))) = (place::number(session, site).await?, bounds)
    else {
        return Ok(vec![None; places.len()]);
    };
    let rows = session
        .rows(COMMITMENTS, &[&number, &places, first, last])
        .await?;
    let mut found = HashMap::new();
    for row in rows {
        let entry = Placed {
            place: count(get(&row, 1)?)?,
            salt: salt(get(&row, 2)?)?,
        };
        found.insert(get::<i64>(&row, 0)?, entry);
    }
    Ok(places.iter().map(|seq| found.get(seq).copied()).collect())
}

pub(super) async fn raise_minimum(session: &mut Session, minimum: u64) -> Result<bool, StoreError> {
    session.begin_transaction().await?;
    let raised = session
        .execute(RAISE_MINIMUM, &[&LOG, &key(minimum)?])
        .await?;
    session.commit().await?;
    Ok(raised == 1)
}

/// The smallest place of a receipt: places grow with the order of a site's receipts.
pub(super) async fn oldest(session: &mut Session) -> Result<Option<u64>, StoreError> {
    let mut oldest: Option<u64> = None;
    for site in session.rows(SITE_NUMBERS, &[]).await? {
        let site: i32 = get(&site, 0)?;
        if let Some(row) = session.row(OLDEST_OF_SITE, &[&site]).await? {
            let place = count(get(&row, 0)?)?;
            oldest = Some(oldest.map_or(place, |oldest| oldest.min(place)));
        }
    }
    Ok(oldest)
}

fn salt(stored: &[u8]) -> Result<[u8; 32], StoreError> {
    stored.try_into().map_err(|_| StoreError::Corrupt("salt"))
}

pub(super) fn count(stored: i64) -> Result<u64, StoreError> {
    u64::try_from(stored).map_err(|_| StoreError::Corrupt("place in the log"))
}

pub(super) fn key(place: u64) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|_| StoreError::Corrupt("place in the log"))
}
