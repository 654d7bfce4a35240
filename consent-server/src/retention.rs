//! The end of proofs: when their time is over they are deleted, anonymised or archived, as their site says; and erasure.
//!
//! Little by little, so that visitors never wait. A legal hold suspends both.

mod archive;
mod error;

pub use error::RetentionError;

use crate::data::DataFolder;
use crate::export::ExportError;
use crate::store::{Access, Actor, Doomed, Row, Store, StoreError, Tally};
use archive::Archive;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::site::{AtEnd, ProofRetention};
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;

/// What the trail calls a removal: all of them, and by these lines `consent fsck` counts what was removed.
pub(crate) const REMOVALS: [&str; 2] = [ERASE, PURGE];
const ERASE: &str = "erase";
const PURGE: &str = "purge";

/// How the filter of a removal begins that left tallies.
pub(crate) const ANONYMISED: &str = "at_end=anonymise ";

/// A year and a quarter of a day: no span of calendar years is longer, but for the day that is added to all.
const YEAR: i64 = 31_557_600;
const DAY: i64 = 86_400;

/// What a purge did, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// How many receipts.
    pub receipts: u64,
    /// What became of them.
    pub at_end: AtEnd,
}

/// Ends the proofs of a site whose time is over. A dry run only counts them.
pub fn purge(
    store: &dyn Store,
    data: &DataFolder,
    site: &SiteId,
    proof: ProofRetention,
    actor: &Actor,
    dry_run: bool,
) -> Result<Purged, RetentionError> {
    let kept = i64::from(proof.years) * YEAR + DAY;
    let ended = UnixSeconds::new(actor.at.get() - kept).unwrap_or(UnixSeconds::EPOCH);
    let which = Doomed::EndedBy(ended);
    let mut receipts = 0;
    if dry_run {
        refuse_held(store, site)?;
        each(store, site, &which, |rows| {
            receipts += rows.len() as u64;
            Ok(())
        })?;
    } else {
        // Held until this site is done: two at once would count and archive the same receipts. Whoever waits finds what is left.
        let _alone = data.wait_for_purge()?;
        let at_end = name(proof.at_end);
        let filter = format!("at_end={at_end} ended_by={}", ended.to_rfc3339());
        let access = actor.access(PURGE, Some(site), filter, None);
        let archive = matches!(proof.at_end, AtEnd::Archive);
        let archive = archive.then(|| Archive::of(data, site, actor.at));
        let mut removal = Removal::new(store, site, access, archive)?;
        receipts = removal.all(&which, |rows| match proof.at_end {
            AtEnd::Delete | AtEnd::Archive => Ok(BTreeMap::new()),
            AtEnd::Anonymise => tally(rows),
        })?;
    }
    Ok(Purged {
        receipts,
        at_end: proof.at_end,
    })
}

/// Deletes all receipts of a consent id, and answers how many there were. Nothing in the trail leads to it afterwards; the
/// line of the erasure keeps the reason, which must name nobody.
pub fn erase(
    store: &dyn Store,
    site: &SiteId,
    subject: ConsentId,
    reason: String,
    actor: &Actor,
) -> Result<u64, RetentionError> {
    let access = actor.access(ERASE, Some(site), reason, None);
    let mut removal = Removal::new(store, site, access, None)?;
    // Also when nothing is found: somebody has asked.
    removal.tell()?;
    let erased = removal.all(&Doomed::Subject(subject), |_| Ok(BTreeMap::new()))?;
    store.unname(site, subject)?;
    Ok(erased)
}

/// What is known of a consent id's receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// All of them, which are erased: so many.
    All(u64),
    /// Some, which are still there, and perhaps not all.
    Some,
    /// None.
    Nothing,
}

/// The same, if what replaced what leads to all of them from these records; nothing is erased, and nothing written down, if
/// it does not.
pub fn erase_known(
    store: &dyn Store,
    site: &SiteId,
    subject: ConsentId,
    known: &[RecordId],
    actor: &Actor,
) -> Result<Known, RetentionError> {
    let (rows, has_first) = history(store, site, subject, known)?;
    if rows.is_empty() {
        return Ok(Known::Nothing);
    }
    if !has_first {
        return Ok(Known::Some);
    }
    let access = actor.access(ERASE, Some(site), String::new(), None);
    let mut removal = Removal::new(store, site, access, None)?;
    removal.tell()?;
    let removed = removal.remove(&rows, &BTreeMap::new());
    removal.settle()?;
    match removed {
        // Some went meanwhile, by another erasure perhaps.
        Err(RetentionError::Store(StoreError::Fewer)) => return Ok(Known::Some),
        removed => removed?,
    }
    store.unname(site, subject)?;
    Ok(Known::All(removal.removed))
}

/// The receipts of a consent id, and whether the first is among them: those that had others before them are found at once,
/// and lead to it.
fn history(
    store: &dyn Store,
    site: &SiteId,
    subject: ConsentId,
    known: &[RecordId],
) -> Result<(Vec<Row>, bool), RetentionError> {
    let mut found: BTreeMap<RecordId, Row> = BTreeMap::new();
    let mut leads: Vec<RecordId> = known.to_vec();
    for row in store.continued(site, subject)? {
        let receipt = UnverifiedReceipt::parse(&row.receipt)
            .map_err(|error| ExportError::of(&row, &error))?;
        let record = receipt.record();
        leads.extend(record.previous);
        found.insert(record.id, row);
    }
    let mut has_first = false;
    while let Some(id) = leads.pop() {
        if found.contains_key(&id) {
            continue;
        }
        let Some(row) = store.row(site, id)? else {
            continue;
        };
        let receipt = UnverifiedReceipt::parse(&row.receipt)
            .map_err(|error| ExportError::of(&row, &error))?;
        if receipt.record().subject == subject {
            // It is none of those that had others before them.
            has_first = true;
            found.insert(id, row);
        }
    }
    Ok((found.into_values().collect(), has_first))
}

/// The word of a site's declaration.
#[must_use]
pub const fn name(at_end: AtEnd) -> &'static str {
    match at_end {
        AtEnd::Delete => "delete",
        AtEnd::Anonymise => "anonymise",
        AtEnd::Archive => "archive",
    }
}

/// Deletes, with a line in the trail before the first receipt goes, and their number after the last. A line without a
/// number belongs to a removal that never ended.
struct Removal<'a> {
    store: &'a dyn Store,
    site: &'a SiteId,
    access: Access,
    archive: Option<Archive>,
    line: Option<i64>,
    removed: u64,
}

impl<'a> Removal<'a> {
    /// Refused under a legal hold.
    fn new(
        store: &'a dyn Store,
        site: &'a SiteId,
        access: Access,
        archive: Option<Archive>,
    ) -> Result<Self, StoreError> {
        refuse_held(store, site)?;
        Ok(Self {
            store,
            site,
            access,
            archive,
            line: None,
            removed: 0,
        })
    }

    fn tell(&mut self) -> Result<(), StoreError> {
        if self.line.is_none() {
            self.line = Some(self.store.note(&self.access)?);
        }
        Ok(())
    }

    /// Deletes what is found, a stretch at a time, each after `before` has seen it and said what stays as a count.
    fn all(
        &mut self,
        which: &Doomed,
        mut before: impl FnMut(&[Row]) -> Result<BTreeMap<Tally, u64>, RetentionError>,
    ) -> Result<u64, RetentionError> {
        let ended = each(self.store, self.site, which, |rows| {
            self.tell()?;
            let tallies = before(rows)?;
            self.remove(rows, &tallies)
        });
        self.settle()?;
        ended.map(|()| self.removed)
    }

    fn settle(&self) -> Result<(), StoreError> {
        self.line
            .map_or(Ok(()), |line| self.store.settle(line, self.removed, None))
    }

    fn remove(
        &mut self,
        rows: &[Row],
        tallies: &BTreeMap<Tally, u64>,
    ) -> Result<(), RetentionError> {
        let places: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        if let Some(archive) = &mut self.archive {
            let commitments = self.store.commitments(self.site, &places)?;
            archive.append(rows, &commitments)?;
        }
        let removed = self.store.remove(self.site, &places, tallies);
        if let Some(archive) = &mut self.archive {
            match &removed {
                // Nothing was deleted.
                Err(StoreError::Fewer | StoreError::Held(_)) => archive.take_back()?,
                // After other errors nobody knows: a line twice is better than none.
                _ => archive.settle()?,
            }
        }
        self.removed += removed?;
        Ok(())
    }
}

fn refuse_held(store: &dyn Store, site: &SiteId) -> Result<(), StoreError> {
    let hold = store.held(site)?;
    hold.map_or(Ok(()), |hold| Err(StoreError::Held(hold.site)))
}

fn each(
    store: &dyn Store,
    site: &SiteId,
    which: &Doomed,
    mut see: impl FnMut(&[Row]) -> Result<(), RetentionError>,
) -> Result<(), RetentionError> {
    let mut after = 0;
    loop {
        let stretch = store.doomed(site, which, after)?;
        if !stretch.rows.is_empty() {
            match see(&stretch.rows) {
                // Some went meanwhile, by an erasure perhaps: the same stretch again, with what is there now.
                Err(RetentionError::Store(StoreError::Fewer)) => continue,
                seen => seen?,
            }
        }
        match stretch.next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}

fn tally(rows: &[Row]) -> Result<BTreeMap<Tally, u64>, RetentionError> {
    let mut tallies = BTreeMap::new();
    for row in rows {
        let receipt =
            UnverifiedReceipt::parse(&row.receipt).map_err(|error| ExportError::of(row, &error))?;
        let record = receipt.record();
        let choices = record.decision.choices.iter();
        let granted = choices.filter(|(_, granted)| *granted);
        let granted: Vec<String> = granted.map(|(id, _)| id.to_string()).collect();
        let tally = Tally {
            month: record.decided_at.to_rfc3339().chars().take(7).collect(),
            act: record.decision.act.to_string(),
            granted: granted.join(" "),
        };
        *tallies.entry(tally).or_insert(0) += 1;
    }
    Ok(tallies)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Keys;
    use crate::store::{Hold, NewRow, StoreAddress, conformance};
    use std::sync::Arc;

    const NOW: i64 = 1_795_316_891;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    fn at_folder(folder: &tempfile::TempDir) -> DataFolder {
        DataFolder::at(folder.path())
    }

    fn schedule() -> Actor {
        Actor::operator("schedule", at(NOW))
    }

    fn shop() -> SiteId {
        "shop".parse().unwrap()
    }

    fn years(years: u32, at_end: AtEnd) -> ProofRetention {
        ProofRetention { years, at_end }
    }

    /// Receipts of the shop: 1 and 2 ended more than five years ago, 3 a little less, 4 stands; and one of another site.
    fn stored() -> (Arc<dyn Store>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = StoreAddress::of(&at_folder(&folder)).open().unwrap();
        let keys = Keys::open(&at_folder(&folder), at(1)).unwrap();
        let signer = keys.into_signer("https://a.example");
        let row = |number, site: &str, received: i64, ended: i64| {
            let record = conformance::record(number, site, received);
            NewRow {
                receipt: signer.sign(&record, at(received)),
                expires_at: at(ended),
                ..conformance::new_row(number, site, received)
            }
        };
        let year = 365 * DAY;
        let old = NOW - 5 * year - 3 * DAY;
        store
            .append(&[
                row(1, "shop", old - year, old - 1),
                row(2, "shop", old - year, old),
                row(5, "library", old - year, old),
                row(3, "shop", old - 10, NOW - 5 * year + DAY),
                row(4, "shop", NOW - 10, NOW + year),
            ])
            .unwrap();
        (store, folder)
    }

    fn left(store: &dyn Store) -> Vec<i64> {
        let latest = store.latest(&shop(), 10).unwrap();
        let mut places: Vec<i64> = latest.iter().map(|row| row.seq).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn what_ended_long_enough_ago_goes_and_nothing_else() {
        let (store, folder) = stored();
        let proof = years(5, AtEnd::Delete);
        let run = |dry| {
            purge(
                &*store,
                &at_folder(&folder),
                &shop(),
                proof,
                &schedule(),
                dry,
            )
            .unwrap()
        };
        assert_eq!(run(true).receipts, 2);
        assert_eq!(left(&*store), [1, 2, 3, 4]);
        assert_eq!(run(false).receipts, 2);
        assert_eq!(left(&*store), [3, 4]);
        assert_eq!(run(false).receipts, 0);
        assert_eq!(
            store.latest(&"library".parse().unwrap(), 10).unwrap().len(),
            1
        );
        let filter = crate::store::AccessFilter {
            sites: crate::auth::SiteSet::All,
            from: None,
            to: None,
        };
        let trail = store.trail(&filter, 0, 10).unwrap();
        assert_eq!(trail.len(), 1);
        assert_eq!(trail[0].access.action, "purge");
        assert_eq!(trail[0].access.rows, Some(2));
    }

    #[test]
    fn anonymised_receipts_leave_counts() {
        let (store, folder) = stored();
        let proof = years(5, AtEnd::Anonymise);
        purge(
            &*store,
            &at_folder(&folder),
            &shop(),
            proof,
            &schedule(),
            false,
        )
        .unwrap();
        assert_eq!(left(&*store), [3, 4]);
        let tallies = store.tallies(&shop()).unwrap();
        let counts: Vec<_> = tallies
            .iter()
            .map(|(tally, count)| (&*tally.act, &*tally.granted, *count))
            .collect();
        assert_eq!(
            counts,
            [("accept_all", "analytics", 1), ("refuse_all", "", 1)]
        );
    }

    #[test]
    fn archived_receipts_are_in_a_file_before_they_go() {
        let (store, folder) = stored();
        let before: Vec<String> = store
            .latest(&shop(), 10)
            .unwrap()
            .into_iter()
            .filter(|row| row.seq <= 2)
            .map(|row| row.receipt)
            .collect();
        let proof = years(5, AtEnd::Archive);
        purge(
            &*store,
            &at_folder(&folder),
            &shop(),
            proof,
            &schedule(),
            false,
        )
        .unwrap();
        assert_eq!(left(&*store), [3, 4]);
        let file = folder.path().join("archive/shop-2026-11-22.jsonl");
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().count(), 2);
        for receipt in before {
            assert!(text.contains(&receipt));
        }
    }

    #[test]
    fn what_was_counted_or_archived_is_what_was_removed() {
        let (store, folder) = stored();
        // One that is gone already: nothing is counted, nothing goes.
        let tally = Tally {
            month: "2026-11".into(),
            act: "custom".into(),
            granted: String::new(),
        };
        store.remove(&shop(), &[1], &BTreeMap::new()).unwrap();
        let again = store.remove(&shop(), &[1, 2], &BTreeMap::from([(tally, 2)]));
        assert!(matches!(again, Err(StoreError::Fewer)), "{again:?}");
        assert_eq!(left(&*store), [2, 3, 4]);
        assert!(store.tallies(&shop()).unwrap().is_empty());

        // Erased while it is being archived: its line does not stay.
        let (store, second) = stored();
        let data = second.path();
        let access = schedule().access("purge", Some(&shop()), String::new(), None);
        let shop = shop();
        let archive = Archive::of(&DataFolder::at(data), &shop, at(NOW));
        let mut removal = Removal::new(&*store, &shop, access, Some(archive)).unwrap();
        let mut is_first = true;
        let which = Doomed::EndedBy(at(NOW - 5 * YEAR - DAY));
        let removed = removal.all(&which, |_| {
            if std::mem::take(&mut is_first) {
                store.remove(&shop, &[1], &BTreeMap::new()).unwrap();
            }
            Ok(BTreeMap::new())
        });
        assert_eq!(removed.unwrap(), 1);
        let text = std::fs::read_to_string(data.join("archive/shop-2026-11-22.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 1);
        drop(folder);
    }

    #[test]
    fn two_purges_at_once_count_and_archive_each_receipt_once() {
        let (store, folder) = stored();
        for at_end in [AtEnd::Anonymise, AtEnd::Archive] {
            let site = if at_end == AtEnd::Anonymise {
                "shop"
            } else {
                "library"
            };
            let site: SiteId = site.parse().unwrap();
            let purged = || {
                let other = StoreAddress::of(&at_folder(&folder)).open().unwrap();
                let proof = years(5, at_end);
                purge(
                    &*other,
                    &at_folder(&folder),
                    &site,
                    proof,
                    &schedule(),
                    false,
                )
                .unwrap()
            };
            let sum = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(purged)).collect();
                threads
                    .into_iter()
                    .map(|purge| purge.join().unwrap().receipts)
                    .sum::<u64>()
            });
            let counted: u64 = store.tallies(&site).unwrap().values().sum();
            if at_end == AtEnd::Anonymise {
                assert_eq!((sum, counted), (2, 2));
            } else {
                let file = folder.path().join("archive/library-2026-11-22.jsonl");
                assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 1);
            }
        }
    }

    #[test]
    fn an_archive_has_whole_lines_also_after_a_crash_or_a_full_disk() {
        let (store, folder) = stored();
        let archive = folder.path().join("archive");
        std::fs::create_dir(&archive).unwrap();
        let today = archive.join("shop-2026-11-22.jsonl");
        std::fs::write(&today, format!("{{}}\n{}", "x".repeat(5000))).unwrap();
        let before = archive.join("shop-2026-11-21.jsonl");
        std::fs::write(&before, "unfinished").unwrap();
        let proof = years(5, AtEnd::Archive);
        purge(
            &*store,
            &at_folder(&folder),
            &shop(),
            proof,
            &schedule(),
            false,
        )
        .unwrap();
        let text = std::fs::read_to_string(&today).unwrap();
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('x'.to_string().repeat(100).as_str()));
        assert_eq!(std::fs::read_to_string(&before).unwrap(), "");
    }

    #[test]
    fn a_legal_hold_keeps_everything() {
        let (store, folder) = stored();
        let hold = Hold {
            site: shop(),
            reason: "case 12/345".into(),
            since: at(NOW),
        };
        store.hold(&hold).unwrap();
        assert_eq!(store.held(&shop()).unwrap(), Some(hold));
        let proof = years(5, AtEnd::Delete);
        let run = || {
            purge(
                &*store,
                &at_folder(&folder),
                &shop(),
                proof,
                &schedule(),
                false,
            )
        };
        assert!(run().unwrap_err().to_string().contains("legal hold"));
        let subject = conformance::new_row(1, "shop", 1).subject;
        assert!(erase(&*store, &shop(), subject, String::new(), &schedule()).is_err());
        assert!(store.remove(&shop(), &[1], &BTreeMap::new()).is_err());
        assert_eq!(left(&*store), [1, 2, 3, 4]);
        assert!(store.lift(&shop()).unwrap());
        assert!(!store.lift(&shop()).unwrap());
        assert_eq!(run().unwrap().receipts, 2);
    }

    #[test]
    fn erasure_takes_one_consent_id_of_one_site() {
        let (store, _folder) = stored();
        let subject = conformance::new_row(3, "shop", 1).subject;
        assert_eq!(
            erase(&*store, &shop(), subject, String::new(), &schedule()).unwrap(),
            1
        );
        assert_eq!(left(&*store), [1, 2, 4]);
        let elsewhere = conformance::new_row(5, "library", 1).subject;
        assert_eq!(
            erase(&*store, &shop(), elsewhere, String::new(), &schedule()).unwrap(),
            0
        );
    }

    #[test]
    fn stretches_follow_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = StoreAddress::of(&at_folder(&folder)).open().unwrap();
        let subject = conformance::new_row(7, "shop", 1).subject;
        let rows: Vec<NewRow> = (0..25_000_u32)
            .map(|number| {
                let mut random = [0; 10];
                random[4..8].copy_from_slice(&number.to_be_bytes());
                NewRow {
                    id: consent_core::id::RecordId::v7(1, random),
                    ..conformance::new_row(if number % 9_000 == 0 { 7 } else { 8 }, "shop", 1)
                }
            })
            .collect();
        store.append(&rows).unwrap();
        let erased =
            |subject| erase(&*store, &shop(), subject, String::new(), &schedule()).unwrap();
        assert_eq!(erased(subject), 3);
        assert_eq!(erased(subject), 0);
        assert_eq!(erased(conformance::new_row(8, "shop", 1).subject), 24_997);
    }
}
