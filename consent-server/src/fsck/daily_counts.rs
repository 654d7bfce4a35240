//! The counts of each day that are kept beside the receipts: what the charts of staff show.

use super::error::FsckError;
use super::examination::Examination;
use crate::store::inspection::{InspectedReceipt, InspectedSite};
use crate::store::{Counted, Counting, Counts, Direction};
use std::collections::{BTreeMap, BTreeSet};

/// Receipts that were counted again; `None`: one of them cannot be read, and counts of a part are no counts.
pub(super) struct DailyCounts(Option<Counts>);

impl DailyCounts {
    pub(super) fn begin() -> Self {
        Self(Some(Counts::default()))
    }

    pub(super) fn pass(&mut self, receipts: &[InspectedReceipt]) {
        let Some(counts) = &mut self.0 else { return };
        let counted: Option<Vec<_>> = receipts.iter().map(of).collect();
        let Some(counted) = counted else {
            self.0 = None;
            return;
        };
        let counting: Counting<'_> = counted.iter().map(|(site, one)| (*site, one)).collect();
        counting.add_to(counts);
    }

    /// All were counted: what came, less what went, is what is there.
    pub(super) fn end(
        self,
        examination: &mut Examination<'_>,
        sites: &BTreeMap<i64, InspectedSite>,
    ) -> Result<(), FsckError> {
        let Some(there) = self.0 else { return Ok(()) };
        let [came, went] = [Direction::In, Direction::Out]
            .map(|direction| examination.view.daily_counts(direction));
        let (came, went) = (came?, went?);
        let mut wrong = differing(&there.decisions, &came.decisions, &went.decisions, |key| {
            key.day
        });
        wrong.extend(differing(
            &there.choices,
            &came.choices,
            &went.choices,
            |key| key.day,
        ));
        for (number, day) in wrong {
            let site = sites.get(&number).map_or("?", |site| &site.id);
            let day = day.to_iso();
            examination.found(
                format!("site {site}"),
                format!("its counts of {day} are not those of its receipts"),
            )?;
        }
        Ok(())
    }
}

fn of(row: &InspectedReceipt) -> Option<(i64, Counted)> {
    let counted = Counted::of_stored(&row.receipt, row.received_at, row.day_shift)?;
    Some((row.site(), counted))
}

/// The sites and days whose counts do not add up.
fn differing<K: Ord + Clone, D: Ord>(
    there: &BTreeMap<(i64, K), i64>,
    came: &BTreeMap<(i64, K), i64>,
    went: &BTreeMap<(i64, K), i64>,
    day: impl Fn(&K) -> D,
) -> BTreeSet<(i64, D)> {
    let keys = there.keys().chain(came.keys()).chain(went.keys());
    let wrong = keys.filter(|key| {
        let [there, came, went] = [there, came, went].map(|of| of.get(key).copied().unwrap_or(0));
        came.checked_sub(went) != Some(there)
    });
    wrong.map(|(site, key)| (*site, day(key))).collect()
}
