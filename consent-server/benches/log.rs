//! The log at its size after years: how fast it takes entries in, proves them, and is checked.
//!
//! Entries are synthetic leaves, for the tree does not care; receipts are real, for fsck does.

use anyhow::{Context as _, Result, ensure};
use clap::Parser as _;
use consent_core::digest::Digest;
use consent_core::merkle::{leaf_hash, verify_inclusion};
use consent_core::time::UnixSeconds;
use consent_server::data::DataFolder;
use consent_server::fsck::{self, Finding, Place, Stage, Watcher};
use consent_server::keys::Keys;
use consent_server::log::Log;
use consent_server::log::log_key;
use consent_server::store::{Store, StoreAddress};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Measures the log.
#[derive(clap::Parser)]
struct Args {
    /// How many entries the log gets.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// In how many equal steps; figures are medians over them.
    #[arg(long, default_value_t = 20)]
    steps: u64,
    /// How many proofs are made.
    #[arg(long, default_value_t = 10_000)]
    proofs: u64,
    /// Where the database goes; it must be on a real disk.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// `cargo bench` passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

/// As many as a commit of the write path has under load.
const COMMIT: u64 = 128;

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.context("a folder for the database")?;
    let store = StoreAddress::of(&DataFolder::at(folder.path())).open()?;
    let step = args.entries / args.steps;
    let mut rates = Vec::new();
    for round in 0..args.steps {
        let first = round * step;
        let mut next = first;
        while next < first + step {
            let end = (next + COMMIT).min(first + step);
            let leaves: Vec<Digest> = (next..end).map(leaf).collect();
            store.add_leaves(&leaves)?;
            next = end;
        }
        // Opening takes in what waits, and signs: the sequencer's whole work.
        let began = Instant::now();
        let log = open(&store, folder.path())?;
        let took = began.elapsed();
        ensure!(
            log.latest().unverified().size() == next,
            "not all is in the tree"
        );
        log.stop();
        rates.push(per_second(step, took));
        eprintln!("{next} entries");
    }
    let log = open(&store, folder.path())?;
    let size = log.latest().unverified().size();
    println!("{size} entries; medians, and (lowest to highest)");
    print("sequencing, signed and durable", &mut rates, "entries/s");
    let mut times = prove(&log, size, args.proofs)?;
    let p99 = times[usize::try_from(args.proofs * 99 / 100)?.min(times.len() - 1)];
    print("an inclusion proof", &mut times, "ms");
    println!("  99 of 100 within                  {p99:.3} ms");
    log.stop();
    drop(log);
    let checked = check(folder.path())?;
    println!("fsck of the tree                    {checked:.0} entries/s");
    Ok(())
}

fn leaf(index: u64) -> Digest {
    leaf_hash(&index.to_be_bytes())
}

fn open(store: &Arc<dyn Store>, data: &Path) -> Result<Log> {
    let key = log_key(&DataFolder::at(data), UnixSeconds::EPOCH)?;
    let url = "https://consent.example".parse()?;
    Ok(Log::open(
        Arc::clone(store) as _,
        &DataFolder::at(data),
        key,
        &url,
    )?)
}

/// Milliseconds of each proof, in order. Each is verified, outside the time.
fn prove(log: &Log, size: u64, count: u64) -> Result<Vec<f64>> {
    let root = log.latest().unverified().root();
    let mut times = Vec::new();
    for number in 0..count {
        // Spread over the whole log, near neighbours far apart in time.
        let place = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) % size;
        let began = Instant::now();
        let proof = log.prove(place, size)?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        verify_inclusion(place, size, &leaf(place), &proof, &root)?;
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Entries a second of the part of fsck that recomputes the tree.
fn check(data: &Path) -> Result<f64> {
    struct Quiet(Vec<Finding>);
    impl Watcher for Quiet {
        fn found(&mut self, finding: Finding) -> std::io::Result<()> {
            self.0.push(finding);
            Ok(())
        }
        fn reached(&mut self, _: Place, _: u64, _: Duration) -> std::io::Result<()> {
            Ok(())
        }
    }
    let keys = Keys::open(&DataFolder::at(data), UnixSeconds::EPOCH)?.public();
    let signer = log_key(&DataFolder::at(data), UnixSeconds::EPOCH)?
        .into_note_signer("consent.example/log".parse()?);
    let signer = signer.context("the log's key")?;
    let mut quiet = Quiet(Vec::new());
    let from = Place {
        stage: Stage::Tiles,
        after: 0,
    };
    let data = DataFolder::at(data);
    let checked = fsck::examine(
        &data,
        &StoreAddress::of(&data),
        &keys,
        Some(signer.key()),
        from,
        &mut quiet,
    )?;
    ensure!(quiet.0.is_empty(), "{:?}", quiet.0);
    let took = Duration::from_secs_f64(checked.seconds["tiles"]);
    Ok(per_second(checked.entries, took))
}

fn per_second(count: u64, took: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = count as f64;
    count / took.as_secs_f64()
}

fn print(name: &str, values: &mut [f64], unit: &str) {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[0], values[values.len() - 1]);
    let median = values[values.len() / 2];
    let digits = if median < 100.0 { 3 } else { 0 };
    println!("{name:<35} {median:.digits$} {unit} ({low:.digits$} to {high:.digits$})");
}
