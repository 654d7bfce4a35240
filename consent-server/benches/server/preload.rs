//! A database that has seen years of visitors.

use crate::fixture::{Fixture, URL};
use anyhow::{Result, anyhow};
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, private};
use consent_server::day::Day;
use consent_server::intake::to_row;
use consent_server::keys::Keys;
use consent_server::store::{NewRow, StoreAddress};
use std::path::Path;
use std::sync::mpsc::sync_channel;

const BATCH: u16 = 10_000;

/// Stores signed receipts of as many records.
pub(crate) fn rows(fixture: &Fixture, data: &Path, rows: u64) -> Result<()> {
    private::make_folder(data)?;
    let store = StoreAddress::of(&DataFolder::at(data)).open()?;
    let now = Clock::system().now();
    let signer = Keys::open(&DataFolder::at(data), now)?.into_signer(URL);
    let (made, batches) = sync_channel::<Vec<NewRow>>(2);
    std::thread::scope(|scope| {
        let signing = scope.spawn(move || {
            for start in (0..rows).step_by(BATCH.into()) {
                let batch = (start..rows.min(start + u64::from(BATCH))).map(|_| {
                    let record = fixture.record();
                    let receipt = signer.sign(&record, now);
                    to_row(record, now, Day::in_utc(now.get()), receipt).committed()
                });
                let batch = batch.collect::<Result<_, _>>();
                let Ok(batch) = batch else { return };
                if made.send(batch).is_err() {
                    return;
                }
            }
        });
        let mut stored = 0;
        for batch in batches {
            stored += store.append(&batch)?.len();
            if stored % 500_000 < batch.len() {
                eprintln!("{stored} rows stored beforehand");
            }
        }
        signing.join().map_err(|_| anyhow!("the signer panicked"))
    })
}
