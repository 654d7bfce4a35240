//! Receipts that are missing: each site gave its places one after the other, so an empty one was emptied, and erasure and
//! retention write down which ones they have emptied. The log, the tallies and the trail count beside that.

use super::receipts::PLACE_BITS;
use super::{Check, FsckError};
use crate::retention::{ANONYMISED, REMOVALS};
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The sites by their numbers, each with its next free place.
type Sites = BTreeMap<i64, (String, i64)>;

/// How many gaps of a site are named.
const NAMED: usize = 20;

/// The places of all sites, walked in their order.
pub(super) struct Gaps<'s> {
    sites: &'s Sites,
    /// Whether the walk began at the first receipt of all.
    is_whole: bool,
    site: i64,
    /// The places from here on, up to the last one passed, have receipts.
    start: i64,
    last: i64,
    missing: Missing,
    /// Receipts that have an entry in the log.
    logged: i64,
}

/// What a site lacks.
#[derive(Default)]
struct Missing {
    count: i64,
    named: Vec<(i64, i64)>,
}

impl<'s> Gaps<'s> {
    /// A walk that goes on after a receipt, by its key.
    pub(super) fn after(key: i64, sites: &'s Sites) -> Self {
        let last = key & ((1 << PLACE_BITS) - 1);
        Self {
            sites,
            is_whole: key == 0,
            site: key >> PLACE_BITS,
            start: last + 1,
            last,
            missing: Missing::default(),
            logged: 0,
        }
    }

    /// The next receipt.
    pub(super) fn pass(
        &mut self,
        check: &mut Check<'_>,
        key: i64,
        is_logged: bool,
    ) -> Result<(), FsckError> {
        self.logged += i64::from(is_logged);
        let (site, place) = (key >> PLACE_BITS, key & ((1 << PLACE_BITS) - 1));
        if site != self.site {
            self.leave(check, site)?;
        }
        if place != self.last + 1 {
            self.end_run(check)?;
            self.lacks(check.connection, self.last + 1, place - 1)?;
            self.start = place;
        }
        self.last = place;
        Ok(())
    }

    /// There is no other receipt.
    pub(super) fn end(mut self, check: &mut Check<'_>) -> Result<(), FsckError> {
        self.leave(check, i64::MAX)?;
        strangers(check)?;
        tallies(check)?;
        trail(check)?;
        if self.is_whole {
            entries(check, self.logged)?;
        }
        Ok(())
    }

    /// Ends the site, and those after it that have no receipt, up to this one.
    fn leave(&mut self, check: &mut Check<'_>, next: i64) -> Result<(), FsckError> {
        self.end_run(check)?;
        self.end_site(check)?;
        let between = self.site.saturating_add(1)..next;
        let sites = self.sites;
        for (site, _) in sites.range(between) {
            (self.site, self.start, self.last) = (*site, 1, 0);
            self.end_site(check)?;
        }
        (self.site, self.start, self.last) = (next, 1, 0);
        Ok(())
    }

    /// What was removed is not there again.
    fn end_run(&mut self, check: &mut Check<'_>) -> Result<(), FsckError> {
        let (first, last) = (self.start, self.last);
        if first > last {
            return Ok(());
        }
        let mut find = check.connection.prepare_cached(
            "SELECT first, last FROM removed WHERE site = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
        )?;
        let found = find.query_row([self.site, last], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        if let Some((from, to)) = found.optional()?.filter(|(_, to)| *to >= first) {
            check.found(
                name(self.sites, self.site),
                format!(
                    "has receipts again that were erased or purged: {}",
                    span((from.max(first), to.min(last)))
                ),
            )?;
        }
        Ok(())
    }

    /// The places up to the next free one, and the verdict.
    fn end_site(&mut self, check: &mut Check<'_>) -> Result<(), FsckError> {
        if let Some((_, next)) = self.sites.get(&self.site) {
            self.lacks(check.connection, self.last + 1, next - 1)?;
        }
        let Missing { count, named } = std::mem::take(&mut self.missing);
        if count == 0 {
            return Ok(());
        }
        let mut places = String::new();
        for gap in named.iter().take(NAMED) {
            let comma = if places.is_empty() { "" } else { ", " };
            // Writing to a `String` does not fail.
            let _ = write!(places, "{comma}{}", span(*gap));
        }
        if named.len() > NAMED {
            places += ", and others";
        }
        let (receipts, were) = match count {
            1 => ("receipt is", "it was"),
            _ => ("receipts are", "they were"),
        };
        check.found(
            name(self.sites, self.site),
            format!(
                "{count} {receipts} missing that nothing says {were} erased or purged: {places}"
            ),
        )
    }

    /// Counts the empty places of a stretch that nothing accounts for. Those that were never given lack nothing.
    fn lacks(&mut self, connection: &Connection, first: i64, last: i64) -> Result<(), FsckError> {
        let Some((_, next)) = self.sites.get(&self.site) else {
            return Ok(());
        };
        let last = last.min(next - 1);
        if first > last {
            return Ok(());
        }
        let mut removed = connection.prepare_cached(
            "SELECT first, last FROM removed WHERE site = ?1 AND first <= ?3 AND first >=
                coalesce((SELECT max(first) FROM removed WHERE site = ?1 AND first <= ?2), ?2)
             ORDER BY first",
        )?;
        let mut rows = removed.query([self.site, first, last])?;
        let mut next = first;
        while let Some(row) = rows.next()? {
            let (from, to): (i64, i64) = (row.get(0)?, row.get(1)?);
            self.missing.add(next, from - 1);
            next = next.max(to.saturating_add(1));
        }
        self.missing.add(next, last);
        Ok(())
    }
}

impl Missing {
    fn add(&mut self, first: i64, last: i64) {
        if first <= last {
            self.count += last - first + 1;
            // One more than is named: that there are others is said.
            if self.named.len() <= NAMED {
                self.named.push((first, last));
            }
        }
    }
}

fn name(sites: &Sites, site: i64) -> String {
    match sites.get(&site) {
        Some((id, _)) => format!("site {id}"),
        None => format!("site number {site}"),
    }
}

fn span((first, last): (i64, i64)) -> String {
    if first == last {
        format!("place {first}")
    } else {
        format!("places {first} to {last}")
    }
}

/// What is written down of sites that are not there, or of places that were never given; and what overlaps.
fn strangers(check: &mut Check<'_>) -> Result<(), FsckError> {
    let mut statement = check.connection.prepare(
        "SELECT site, first, last,
            coalesce(first > lag(last) OVER (PARTITION BY site ORDER BY first), 1)
                AND first BETWEEN 1 AND last AND coalesce(last < next, 0)
         FROM removed LEFT JOIN sites ON number = site",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(3)? {
            let (site, first, last): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            check.found(
                format!("table removed, row \"{site} {first} {last}\""),
                "its site never had these places, or another row has some of them",
            )?;
        }
    }
    Ok(())
}

/// What lives on in tallies adds up.
fn tallies(check: &mut Check<'_>) -> Result<(), FsckError> {
    let mut statement = check.connection.prepare(
        "SELECT coalesce(id, site), coalesce(tallied, 0), coalesce(total, 0) FROM sites
         FULL JOIN (SELECT site, sum(count) AS total FROM tallies GROUP BY site) ON site = id
         WHERE coalesce(tallied, 0) <> coalesce(total, 0)",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (site, counted, there): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        check.found(
            format!("site {site}"),
            format!("{counted} of its receipts were anonymised, and its tallies count {there}"),
        )?;
    }
    Ok(())
}

/// What the trail says was removed, was: no more, and, where every line has its number, no less.
fn trail(check: &mut Check<'_>) -> Result<(), FsckError> {
    let mut statement = check.connection.prepare(
        "WITH told AS (
            SELECT site, coalesce(sum(rows), 0) AS told, sum(rows IS NULL) AS open,
                coalesce(sum(rows) FILTER (WHERE substr(filter, 1, length(?3)) = ?3), 0) AS anonymised
            FROM audit WHERE action IN (?1, ?2) GROUP BY site
        ), gone AS (SELECT site, sum(last - first + 1) AS removed FROM removed GROUP BY site
        ), sums AS (
            SELECT id, coalesce(removed, 0) AS removed, coalesce(told, 0) AS told, tallied,
                coalesce(anonymised, 0) AS anonymised, coalesce(open, 0) = 0 AS is_settled
            FROM sites LEFT JOIN gone ON gone.site = number LEFT JOIN told ON told.site = id
        )
        SELECT id, removed, told, tallied, anonymised FROM sums
        WHERE told > removed OR (is_settled AND told < removed)
            OR anonymised > tallied OR (is_settled AND anonymised < tallied)",
    )?;
    let [erase, purge] = REMOVALS;
    let mut rows = statement.query([erase, purge, ANONYMISED])?;
    while let Some(row) = rows.next()? {
        let site: String = row.get(0)?;
        let (removed, told): (i64, i64) = (row.get(1)?, row.get(2)?);
        let (tallied, anonymised): (i64, i64) = (row.get(3)?, row.get(4)?);
        let wrong = if removed == told {
            format!("{tallied} of its receipts were anonymised, and the trail says {anonymised}")
        } else {
            format!("{removed} of its receipts were removed, and the trail says {told}")
        };
        check.found(format!("site {site}"), wrong)?;
    }
    Ok(())
}

/// Every entry of the log belongs to something that is stored, or to a receipt that was removed.
fn entries(check: &mut Check<'_>, receipts: i64) -> Result<(), FsckError> {
    let (next, gone, artefacts): (i64, i64, i64) = check.connection.query_row(
        "SELECT next, gone, (SELECT count(*) FROM artefacts WHERE leaf IS NOT NULL) FROM log",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let lacking = next - gone - artefacts - receipts;
    if lacking != 0 {
        check.found(
            "table log",
            format!(
                "of its {next} entries, {artefacts} are of publications, {receipts} of receipts that are here, and {gone} of receipts that were erased or purged: {}",
                if lacking > 0 {
                    format!("{lacking} receipts or publications are missing")
                } else {
                    format!("{} too many", -lacking)
                }
            ),
        )?;
    }
    Ok(())
}
