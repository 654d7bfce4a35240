//! The statements of pruning: where the living receipts begin, and the minimum index.

use super::log::{count, key, state};
use crate::store::StoreError;
use consent_core::merkle::TILE_WIDTH;
use rusqlite::Connection;

/// How many receipts are looked at in one go.
const STRETCH: i64 = 10_000;

pub(super) fn first_living(connection: &Connection) -> Result<Option<u64>, StoreError> {
    let log = state(connection)?;
    let enough = log.minimum + u64::from(TILE_WIDTH);
    // Mostly one of these: places grow with the order of a site's receipts, unless some were stored without a log.
    let mut oldest = connection.prepare_cached(
        "SELECT leaf FROM sites, records WHERE seq =
            (SELECT min(seq) FROM records WHERE seq BETWEEN number << 40 AND ((number + 1) << 40) - 1)",
    )?;
    let oldest = oldest.query_map([], |row| row.get::<_, Option<i64>>(0))?;
    let mut first = None;
    for leaf in oldest {
        // One without a place gets one after all that there are.
        first = smaller(first, leaf?)?;
    }
    if first.is_none_or(|first| first < enough) {
        return Ok(None);
    }
    let mut stretch = connection.prepare_cached(
        "SELECT max(seq), min(leaf) FROM
            (SELECT seq, leaf FROM records WHERE seq > ?1 ORDER BY seq LIMIT ?2)",
    )?;
    let mut after = -1;
    loop {
        let (last, leaf): (Option<i64>, Option<i64>) =
            stretch.query_row([after, STRETCH], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let Some(last) = last else {
            return Ok(first.filter(|first| *first >= enough));
        };
        first = smaller(first, leaf)?;
        after = last;
    }
}

fn smaller(first: Option<u64>, leaf: Option<i64>) -> Result<Option<u64>, StoreError> {
    let leaf = leaf.map(count).transpose()?;
    Ok(first.into_iter().chain(leaf).min())
}

pub(super) fn raise(connection: &Connection, minimum: u64) -> Result<bool, StoreError> {
    let minimum = key(minimum)?;
    // The log's size bounds it, and a receipt that came before meanwhile has a later place.
    let mut update = connection
        .prepare_cached("UPDATE log SET minimum = ?1 WHERE minimum < ?1 AND size >= ?1")?;
    Ok(update.execute([minimum])? == 1)
}
