//! Where a site's rows lie: the site's number above, and below it the row's place in the site's order of acceptance.

use crate::store::StoreError;
use consent_core::id::SiteId;
use rusqlite::{Connection, OptionalExtension as _};
use std::ops::RangeInclusive;

/// A trillion rows a site, and eight million sites.
const PLACE_BITS: u32 = 40;
const LAST_PLACE: i64 = (1 << PLACE_BITS) - 1;

/// The rows of one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SiteRows {
    number: i64,
}

/// The shelf of a site, if it has ever had a row.
pub(super) fn shelf(
    connection: &Connection,
    site: &SiteId,
) -> Result<Option<SiteRows>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT number FROM sites WHERE id = ?1")?;
    let number = statement.query_row([site.as_str()], |row| row.get(0));
    Ok(number.optional()?.map(|number| SiteRows { number }))
}

/// The shelf of a site, made if needed, and its next free place.
pub(super) fn open(connection: &Connection, site: &SiteId) -> Result<(SiteRows, i64), StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT number, next FROM sites WHERE id = ?1")?;
    let mut find = || {
        statement
            .query_row([site.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
    };
    let (number, next) = if let Some(found) = find()? {
        found
    } else {
        connection.execute(
            "INSERT INTO sites (id, next) VALUES (?1, 1)",
            [site.as_str()],
        )?;
        find()?.ok_or(StoreError::Corrupt("list of sites"))?
    };
    Ok((SiteRows { number }, next))
}

/// The next free place of a shelf.
pub(super) fn next(connection: &Connection, shelf: SiteRows) -> Result<i64, StoreError> {
    let mut next = connection.prepare_cached("SELECT next FROM sites WHERE number = ?1")?;
    Ok(next.query_row([shelf.number], |row| row.get(0))?)
}

/// All shelves, with their next free places.
pub(super) fn all(connection: &Connection) -> Result<Vec<(SiteRows, i64)>, StoreError> {
    let mut sites = connection.prepare("SELECT number, next FROM sites ORDER BY number")?;
    let sites = sites.query_map([], |row| {
        let number = row.get(0)?;
        Ok((SiteRows { number }, row.get(1)?))
    })?;
    Ok(sites.collect::<Result<_, _>>()?)
}

/// Remembers the next free place of a shelf, and the sum of the places of those new receipts that continue a consent id.
pub(super) fn close(
    connection: &Connection,
    shelf: SiteRows,
    next: i64,
    continued: i64,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE sites SET next = ?2, continued = continued + ?3 WHERE number = ?1",
    )?;
    statement.execute([shelf.number, next, continued])?;
    Ok(())
}

/// Takes off the sum of the places of receipts that have gone, of those that continued a consent id.
pub(super) fn no_longer_continued(
    connection: &Connection,
    shelf: SiteRows,
    places: i64,
) -> Result<(), StoreError> {
    let mut take = connection
        .prepare_cached("UPDATE sites SET continued = continued - ?2 WHERE number = ?1")?;
    take.execute([shelf.number, places])?;
    Ok(())
}

/// Writes down that these places of a shelf are empty, and rightly so: beside those that were before, or between two of
/// them, they make one row with them.
pub(super) fn empty(
    connection: &Connection,
    shelf: SiteRows,
    places: &[i64],
) -> Result<(), StoreError> {
    let mut before = connection.prepare_cached(
        "SELECT first, last FROM removed WHERE site = ?1 AND first < ?2 ORDER BY first DESC LIMIT 1",
    )?;
    let mut after = connection
        .prepare_cached("DELETE FROM removed WHERE site = ?1 AND first = ?2 RETURNING last")?;
    let mut put = connection.prepare_cached(
        "INSERT INTO removed (site, first, last) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET last = excluded.last",
    )?;
    let mut places = places.to_vec();
    places.sort_unstable();
    for run in places.chunk_by(|one, next| one + 1 == *next) {
        let (mut first, mut last) = match *run {
            [] => continue,
            [only] => (only, only),
            [first, .., last] => (first, last),
        };
        let before: Option<(i64, i64)> = before
            .query_row([shelf.number, first], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if let Some((start, _)) = before.filter(|(_, end)| end + 1 == first) {
            first = start;
        }
        let after: Option<i64> = after
            .query_row([shelf.number, last + 1], |row| row.get(0))
            .optional()?;
        last = after.unwrap_or(last);
        put.execute([shelf.number, first, last])?;
    }
    Ok(())
}

/// Counts receipts of a shelf that live on in tallies.
pub(super) fn tallied(
    connection: &Connection,
    shelf: SiteRows,
    count: i64,
) -> Result<(), StoreError> {
    let mut add =
        connection.prepare_cached("UPDATE sites SET tallied = tallied + ?2 WHERE number = ?1")?;
    add.execute([shelf.number, count])?;
    Ok(())
}

impl SiteRows {
    /// The number of the site.
    pub(super) fn number(self) -> i64 {
        self.number
    }

    /// The key of a place. Places outside the shelf count as its ends.
    pub(super) fn key(self, place: i64) -> i64 {
        self.number << PLACE_BITS | place.clamp(0, LAST_PLACE)
    }

    /// The keys of all places.
    pub(super) fn keys(self) -> RangeInclusive<i64> {
        self.key(0)..=self.key(LAST_PLACE)
    }
}

/// The number of the site of a key.
pub(super) const fn site(key: i64) -> i64 {
    key >> PLACE_BITS
}

/// The place of a key, on whichever shelf.
pub(super) const fn place(key: i64) -> i64 {
    key & LAST_PLACE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shelves_do_not_touch() {
        let (one, two) = (SiteRows { number: 1 }, SiteRows { number: 2 });
        assert!(one.keys().end() < two.keys().start());
        assert_eq!(place(two.key(7)), 7);
        assert_eq!(one.key(i64::MAX), *one.keys().end());
        assert_eq!(one.key(-1), *one.keys().start());
    }
}
