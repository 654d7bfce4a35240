//! The counts of each act that are kept beside the receipts: what pages of staff show.

use super::error::FsckError;
use super::examination::Examination;
use crate::store::inspection::{InspectedReceipt, InspectedSite};
use std::collections::{BTreeMap, BTreeSet};

/// Receipts that were counted again, by the number of their site and their act.
#[derive(Default)]
pub(super) struct ActCounts(BTreeMap<(i64, String), i64>);

impl ActCounts {
    pub(super) fn pass(&mut self, receipt: &InspectedReceipt) {
        let of = (receipt.site(), receipt.act.clone());
        *self.0.entry(of).or_default() += 1;
    }

    /// All were counted.
    pub(super) fn end(
        self,
        examination: &mut Examination<'_>,
        sites: &BTreeMap<i64, InspectedSite>,
    ) -> Result<(), FsckError> {
        let kept: BTreeMap<(i64, String), i64> = examination.view.act_counts()?;
        let all: BTreeSet<&(i64, String)> = self.0.keys().chain(kept.keys()).collect();
        for of in all {
            let [there, kept] = [&self.0, &kept].map(|counts| counts.get(of).copied().unwrap_or(0));
            if there != kept {
                let (number, act) = of;
                let site = sites.get(number).map_or("?", |site| &site.id);
                examination.found(
                    format!("site {site}"),
                    format!("has {there} receipts with the act {act}, and its counts say {kept}"),
                )?;
            }
        }
        Ok(())
    }
}
