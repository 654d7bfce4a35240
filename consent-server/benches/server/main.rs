//! How many durable receipts a second the real program gives out, and how near that is to what its parts allow.
//!
//! Each round measures the ceiling and the server one after the other, so that both meet the same weather on the
//! machine; figures are medians over the rounds, and ratios are taken within a round.

mod ceiling;
mod fixture;
mod load;
mod preload;
mod process;
mod report;

use anyhow::{Context as _, Result, ensure};
use clap::Parser as _;
use fixture::Fixture;
use process::Process;
use report::{Report, Served};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Measures durable receipts a second, end to end, beside the ceiling of the parts.
#[derive(clap::Parser)]
struct Args {
    /// Keep-alive connections of the load generator.
    #[arg(long, default_value_t = 128)]
    connections: usize,
    /// How long each measurement lasts.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Also measure with this many rows stored before.
    #[arg(long, default_value_t = 0)]
    rows: u64,
    /// Where the databases go; they must be on a real disk.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Another build of `consent` to measure, or a profiler's wrapper of it.
    #[arg(long, default_value = env!("CARGO_BIN_EXE_consent"))]
    program: PathBuf,
    /// `cargo bench` passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.context("a folder for the databases")?;
    let fixture = Fixture::new(folder.path())?;
    let full = folder.path().join("full");
    if args.rows > 0 {
        preload::rows(&fixture, &full, args.rows)?;
    }
    let mut report = Report::new(args.connections, args.rows);
    for round in 1..=args.rounds {
        eprintln!("round {round} of {}", args.rounds);
        report.ceilings.push(ceiling::measure(
            &fixture,
            &folder.path().join(format!("ceiling-{round}")),
            Duration::from_secs(args.seconds),
        )?);
        let empty = folder.path().join(format!("empty-{round}"));
        // Which of the two goes first changes from round to round.
        for is_logged in [round % 2 == 0, round % 2 != 0] {
            if is_logged {
                report.empty.push(served(&args, &fixture, &empty, &[])?);
            } else {
                let served = served(&args, &fixture, &empty, &["--no-log"])?;
                report.unlogged.push(served);
            }
            std::fs::remove_dir_all(&empty)?;
        }
        if args.rows > 0 {
            report.full.push(served(&args, &fixture, &full, &[])?);
        }
    }
    report.print();
    Ok(())
}

fn served(args: &Args, fixture: &Fixture, data: &Path, options: &[&str]) -> Result<Served> {
    let before = fixture.count(data)?;
    let server = Process::start(&args.program, fixture, data, options)?;
    let at_start = server.processor_time()?;
    let load = load::run(
        fixture,
        server.address,
        args.connections,
        Duration::from_secs(args.seconds),
    )?;
    let memory = server.memory()?;
    let cost = micros(at_start, server.processor_time()?, load.answered());
    server.stop()?;
    let stored = fixture.count(data)? - before;
    ensure!(
        stored == load.answered(),
        "{} receipts were given out and {stored} are stored",
        load.answered()
    );
    Ok(Served { load, memory, cost })
}

/// Microseconds each, of the time between.
fn micros(from: Duration, to: Duration, count: u64) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = count as f64;
    to.saturating_sub(from).as_secs_f64() * 1e6 / count
}
