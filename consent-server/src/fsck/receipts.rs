//! The receipts: each is signed, its row says what it says, it names things that are kept, and it is in the log. And none is
//! missing.

use super::daily_counts::DailyCounts;
use super::error::FsckError;
use super::examination::Examination;
use super::gaps::Gaps;
use super::place::Place;
use super::place::Stage;
use crate::store::inspection::{InspectedLog, InspectedReceipt, InspectedSite};
use crate::store::leaf_of;
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt};
use std::collections::BTreeMap;
use std::time::Instant;

/// How many receipts are read in one go.
const CHUNK: u32 = 4096;

/// The sites by their numbers.
type Sites = BTreeMap<i64, InspectedSite>;

/// What the receipt of a row says, as far as others are asked about it.
struct Said {
    notice: Digest,
    scope: Digest,
    leaf: Option<Digest>,
}

pub(super) fn examine(examination: &mut Examination<'_>, after: u64) -> Result<(), FsckError> {
    let view = examination.view;
    let sites = view.sites()?.into_iter();
    let sites: Sites = sites.map(|site| (site.number, site)).collect();
    let published = view.shown()?;
    let InspectedLog {
        looked, minimum, ..
    } = view.log()?;
    let began = Instant::now();
    let mut done = 0;
    let mut after = i64::try_from(after).unwrap_or(i64::MAX);
    // Counts of a part are no counts.
    let mut counts = (after == 0).then(|| (DailyCounts::begin(), BTreeMap::new()));
    let mut gaps = Gaps::after(after, &sites);
    loop {
        let rows = view.receipts(after, CHUNK)?;
        let Some(last) = rows.last() else {
            gaps.end(examination)?;
            let Some((daily, continued)) = counts else {
                return Ok(());
            };
            compare_continued(examination, &sites, &continued)?;
            return daily.end(examination, &sites);
        };
        after = last.key;
        done += rows.len() as u64;
        examination.counted(Stage::Receipts, rows.len() as u64);
        if let Some((daily, continued)) = &mut counts {
            daily.pass(&rows);
            for row in rows.iter().filter(|row| row.continues.is_some()) {
                *continued.entry(row.site()).or_default() += row.place();
            }
        }
        for (row, judged) in rows.iter().zip(judge_all(&rows, examination.keys, &sites)) {
            gaps.pass(examination, row)?;
            let name = name_of(row, &sites);
            let said = match judged {
                Ok(said) => said,
                Err(wrong) => {
                    examination.found(&name, wrong)?;
                    continue;
                }
            };
            let site = sites.get(&row.site()).map_or("", |site| &site.id);
            for (kind, digest) in [("notice", said.notice), ("scope", said.scope)] {
                if !published.contains(&(kind.to_owned(), site.to_owned(), *digest.as_bytes())) {
                    examination.found(&name, format!("its {kind} {digest} is not kept"))?;
                }
            }
            if row.leaf.is_some_and(|place| place < minimum) {
                examination.found(
                    &name,
                    format!("its place in the log is before the minimum index {minimum}"),
                )?;
            }
            match (row.leaf, said.leaf) {
                (Some(place), Some(leaf)) => examination.examine_leaf(&name, place, &leaf)?,
                (None, None) if looked.is_some_and(|looked| row.key > looked) => {}
                _ => examination.found(&name, "has no place in the log, or no salt")?,
            }
        }
        let place = Place {
            stage: Stage::Receipts,
            after: after.unsigned_abs(),
        };
        examination.watcher.reached(place, done, began.elapsed())?;
    }
}

/// One that no longer says that it continues a consent id would let an older choice of it stand.
fn compare_continued(
    examination: &mut Examination<'_>,
    sites: &Sites,
    continued: &BTreeMap<i64, i64>,
) -> Result<(), FsckError> {
    for (number, site) in sites {
        if continued.get(number).copied().unwrap_or(0) != site.continued {
            examination.found(
                format!("site {}", site.id),
                "the receipts that continue a consent id, by their rows, are not those that were stored so",
            )?;
        }
    }
    Ok(())
}

fn name_of(row: &InspectedReceipt, sites: &Sites) -> String {
    let place = row.place();
    let site = sites.get(&row.site()).map_or("?", |site| &site.id);
    let id = <[u8; 16]>::try_from(&row.record_id[..]).ok();
    let id = id.and_then(|id| consent_core::id::RecordId::from_bytes(id).ok());
    match id {
        Some(id) => format!("receipt {place} of site {site} (record {})", id.to_text()),
        None => format!("receipt {place} of site {site}"),
    }
}

/// Signatures take their time: all processors help.
fn judge_all(rows: &[InspectedReceipt], keys: &KeySet, sites: &Sites) -> Vec<Result<Said, String>> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = rows.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(share)
            .map(|part| {
                scope.spawn(move || {
                    let judged = part.iter().map(|row| judge(row, keys, sites));
                    judged.collect::<Vec<_>>()
                })
            })
            .collect();
        let judged = parts.into_iter().zip(rows.chunks(share));
        judged
            .flat_map(|(thread, part)| {
                thread.join().unwrap_or_else(|_| {
                    part.iter()
                        .map(|_| Err("cannot be checked".into()))
                        .collect()
                })
            })
            .collect()
    })
}

fn judge(row: &InspectedReceipt, keys: &KeySet, sites: &Sites) -> Result<Said, String> {
    let site = sites
        .get(&row.site())
        .ok_or("is of a site that is not in the list of sites")?;
    if row.place() >= site.next {
        return Err(format!(
            "comes after the last place of its site, {}",
            site.next - 1
        ));
    }
    let unverified = UnverifiedReceipt::parse(&row.receipt).map_err(|error| error.to_string())?;
    let expect = Expectations::at(unverified.issued_at());
    let receipt =
        Receipt::verify(&row.receipt, keys, &expect).map_err(|error| error.to_string())?;
    let record = receipt.record();
    let columns = [
        ("site", record.site.as_str() == site.id),
        ("record_id", row.record_id == record.id.as_bytes()),
        ("subject", row.subject == record.subject.as_bytes()),
        ("act", row.act == record.decision.act.as_str()),
        ("decided_at", row.decided_at == record.decided_at.get()),
        (
            "received_at",
            row.received_at == unverified.issued_at().get(),
        ),
        ("expires_at", row.expires_at == record.expires_at.get()),
        // Without it, what was taken back would stand at the proxy.
        (
            "continues",
            row.continues == Some(1) || record.decision.act != Act::Withdraw,
        ),
    ];
    if let Some((column, _)) = columns.iter().find(|(_, is_same)| !is_same) {
        return Err(format!(
            "its row says something else in column {column} than the signed receipt"
        ));
    }
    let salt = row.salt.as_deref().map(<[u8; 32]>::try_from).transpose();
    let salt = salt.map_err(|_| "its salt has not 32 bytes")?;
    Ok(Said {
        notice: record.notice,
        scope: record.scope,
        leaf: salt.map(|salt| leaf_of(&salt, &row.receipt)),
    })
}
