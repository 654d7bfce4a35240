//! Receipts that are missing: each site gave its places one after the other, so an empty one was emptied, and erasure and
//! retention write down which ones they have emptied. The log, the tallies and the trail count beside that.

use super::error::FsckError;
use super::examination::Examination;
use crate::retention::{ANONYMISED, REMOVALS};
use crate::store::inspection::{
    InspectedLog, InspectedReceipt, InspectedSite, Inspection, PLACE_BITS,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// The sites by their numbers.
type Sites = BTreeMap<i64, InspectedSite>;

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
        examination: &mut Examination<'_>,
        receipt: &InspectedReceipt,
    ) -> Result<(), FsckError> {
        self.logged += i64::from(receipt.leaf.is_some());
        let (site, place) = (receipt.site(), receipt.place());
        if site != self.site {
            self.leave(examination, site)?;
        }
        if place != self.last + 1 {
            self.end_run(examination)?;
            self.lacks(examination.view, self.last + 1, place - 1)?;
            self.start = place;
        }
        self.last = place;
        Ok(())
    }

    /// There is no other receipt.
    pub(super) fn end(mut self, examination: &mut Examination<'_>) -> Result<(), FsckError> {
        self.leave(examination, i64::MAX)?;
        let removed = examination.view.all_removed()?;
        strangers(examination, self.sites, &removed)?;
        tallies(examination, self.sites)?;
        trail(examination, self.sites, &removed)?;
        if self.is_whole {
            entries(examination, self.logged)?;
        }
        Ok(())
    }

    /// Ends the site, and those after it that have no receipt, up to this one.
    fn leave(&mut self, examination: &mut Examination<'_>, next: i64) -> Result<(), FsckError> {
        self.end_run(examination)?;
        self.end_site(examination)?;
        let between = self.site.saturating_add(1)..next;
        let sites = self.sites;
        for (site, _) in sites.range(between) {
            (self.site, self.start, self.last) = (*site, 1, 0);
            self.end_site(examination)?;
        }
        (self.site, self.start, self.last) = (next, 1, 0);
        Ok(())
    }

    /// What was removed is not there again.
    fn end_run(&mut self, examination: &mut Examination<'_>) -> Result<(), FsckError> {
        let (first, last) = (self.start, self.last);
        if first > last {
            return Ok(());
        }
        let removed = examination.view.removed(self.site, first, last)?;
        if let Some((from, to)) = removed.last().copied() {
            examination.found(
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
    fn end_site(&mut self, examination: &mut Examination<'_>) -> Result<(), FsckError> {
        if let Some(site) = self.sites.get(&self.site) {
            self.lacks(examination.view, self.last + 1, site.next - 1)?;
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
        examination.found(
            name(self.sites, self.site),
            format!(
                "{count} {receipts} missing that nothing says {were} erased or purged: {places}"
            ),
        )
    }

    /// Counts the empty places of a stretch that nothing accounts for. Those that were never given lack nothing.
    fn lacks(&mut self, view: &dyn Inspection, first: i64, last: i64) -> Result<(), FsckError> {
        let Some(site) = self.sites.get(&self.site) else {
            return Ok(());
        };
        let last = last.min(site.next - 1);
        if first > last {
            return Ok(());
        }
        let mut next = first;
        for (from, to) in view.removed(self.site, first, last)? {
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
        Some(site) => format!("site {}", site.id),
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
fn strangers(
    examination: &mut Examination<'_>,
    sites: &Sites,
    removed: &[(i64, i64, i64)],
) -> Result<(), FsckError> {
    let mut before: Option<(i64, i64)> = None;
    for &(site, first, last) in removed {
        let is_apart = before.is_none_or(|(of, end)| of != site || first > end);
        let was_given = sites.get(&site).is_some_and(|site| last < site.next);
        if !is_apart || !was_given || !(1..=last).contains(&first) {
            examination.found(
                format!("table removed, row \"{site} {first} {last}\""),
                "its site never had these places, or another row has some of them",
            )?;
        }
        before = Some((site, last));
    }
    Ok(())
}

/// What lives on in tallies adds up.
fn tallies(examination: &mut Examination<'_>, sites: &Sites) -> Result<(), FsckError> {
    let there: BTreeMap<String, i64> = examination.view.tallies()?.into_iter().collect();
    let counted: BTreeMap<&str, i64> = sites
        .values()
        .map(|site| (&*site.id, site.tallied))
        .collect();
    let all: BTreeSet<&str> = there
        .keys()
        .map(String::as_str)
        .chain(counted.keys().copied())
        .collect();
    for site in all {
        let counted = counted.get(site).copied().unwrap_or_default();
        let there = there.get(site).copied().unwrap_or_default();
        if counted != there {
            examination.found(
                format!("site {site}"),
                format!("{counted} of its receipts were anonymised, and its tallies count {there}"),
            )?;
        }
    }
    Ok(())
}

/// What the trail tells of a site's removals.
#[derive(Default)]
struct Told {
    removed: i64,
    anonymised: i64,
    /// Whether a line has no number yet.
    is_open: bool,
}

/// What the trail says was removed, was: no more, and, where every line has its number, no less.
fn trail(
    examination: &mut Examination<'_>,
    sites: &Sites,
    removed: &[(i64, i64, i64)],
) -> Result<(), FsckError> {
    let mut told: BTreeMap<String, Told> = BTreeMap::new();
    examination.view.told(REMOVALS, &mut |line| {
        let Some(site) = line.site else {
            return ControlFlow::Continue(());
        };
        let of_site = told.entry(site).or_default();
        let rows = line.rows.unwrap_or_default();
        of_site.removed = of_site.removed.saturating_add(rows);
        if line.filter.starts_with(ANONYMISED) {
            of_site.anonymised = of_site.anonymised.saturating_add(rows);
        }
        of_site.is_open |= line.rows.is_none();
        ControlFlow::Continue(())
    })?;
    let mut removals: BTreeMap<i64, i64> = BTreeMap::new();
    for &(site, first, last) in removed {
        let sum = removals.entry(site).or_default();
        *sum = sum.saturating_add(last.saturating_sub(first).saturating_add(1));
    }
    let nothing = Told::default();
    for (number, site) in sites {
        let told = told.get(&site.id).unwrap_or(&nothing);
        let removed = removals.get(number).copied().unwrap_or_default();
        let wrong = if told.removed > removed || (!told.is_open && told.removed < removed) {
            format!(
                "{removed} of its receipts were removed, and the trail says {}",
                told.removed
            )
        } else if told.anonymised > site.tallied
            || (!told.is_open && told.anonymised < site.tallied)
        {
            format!(
                "{} of its receipts were anonymised, and the trail says {}",
                site.tallied, told.anonymised
            )
        } else {
            continue;
        };
        examination.found(format!("site {}", site.id), wrong)?;
    }
    Ok(())
}

/// Every entry of the log belongs to something that is stored, or to a receipt that was removed.
fn entries(examination: &mut Examination<'_>, receipts: i64) -> Result<(), FsckError> {
    let InspectedLog { next, gone, .. } = examination.view.log()?;
    let artefacts = examination.view.logged_artefacts()?;
    let lacking = next - gone - artefacts - receipts;
    if lacking != 0 {
        examination.found(
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
