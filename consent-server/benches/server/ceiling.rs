//! What the parts allow: records are parsed, signed and committed in groups, and nothing else happens.

use crate::fixture::{Fixture, URL};
use crate::micros;
use crate::process::processor_time;
use anyhow::{Result, anyhow};
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, private};
use consent_server::day::Day;
use consent_server::intake::to_row;
use consent_server::keys::Keys;
use consent_server::store::{NewRow, Store, StoreAddress};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// As many as the server commits together at most.
const BATCH: usize = 1024;

/// What was measured.
pub(crate) struct Ceiling {
    /// Records a second.
    pub(crate) rate: f64,
    /// Microseconds of processor time a record.
    pub(crate) cost: f64,
}

/// One thread parses and signs, and one commits.
pub(crate) fn measure(fixture: &Fixture, data: &Path, during: Duration) -> Result<Ceiling> {
    private::make_folder(data)?;
    let store = StoreAddress::of(&DataFolder::at(data)).open()?;
    let keys = Keys::open(&DataFolder::at(data), Clock::system().now())?;
    let signer = &keys.into_signer(URL);
    let bodies: &Vec<String> = &(0..200_000 * during.as_secs().max(1) / 2)
        .map(|_| fixture.record().to_json())
        .collect::<Vec<_>>();
    let (to_commit, rows) = sync_channel(2 * BATCH);
    let at_start = processor_time("self")?;
    let (stored, took) = std::thread::scope(|scope| {
        let signing = scope.spawn(move || sign(bodies, signer, &to_commit));
        let writing = scope.spawn(|| write(&*store, rows, during));
        let stored = writing.join().map_err(|_| anyhow!("the writer panicked"))?;
        signing
            .join()
            .map_err(|_| anyhow!("the signer panicked"))??;
        stored
    })?;
    let cost = micros(at_start, processor_time("self")?, stored);
    std::fs::remove_dir_all(data)?;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = stored as f64 / took.as_secs_f64();
    Ok(Ceiling { rate, cost })
}

fn sign(bodies: &[String], signer: &Signer, to_commit: &SyncSender<NewRow>) -> Result<()> {
    let clock = Clock::system();
    for body in bodies {
        let record = Record::from_json(body.as_bytes())?;
        let at = clock.now();
        let receipt = signer.sign(&record, at);
        if to_commit
            .send(to_row(record, at, Day::in_utc(at.get()), receipt))
            .is_err()
        {
            // The time is over.
            return Ok(());
        }
    }
    Err(anyhow!("too few records were made beforehand"))
}

fn write(store: &dyn Store, rows: Receiver<NewRow>, during: Duration) -> Result<(u64, Duration)> {
    let began = Instant::now();
    let mut stored = 0_u64;
    let mut batch = Vec::with_capacity(BATCH);
    while began.elapsed() < during {
        batch.push(rows.recv()?);
        batch.extend(rows.try_iter().take(BATCH - 1));
        stored += store.append(&batch)?.len() as u64;
        batch.clear();
    }
    // The signer ends once nobody takes what it makes.
    drop(rows);
    Ok((stored, began.elapsed()))
}
