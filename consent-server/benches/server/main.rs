//! How many durable receipts a second the real program gives out, and how near that is to what its parts allow.
//!
//! Each round measures the ceiling and the server one after the other, so that both meet the same weather on the
//! machine; figures are medians over the rounds, and ratios are taken within a round.

mod ceiling;
mod fixture;
mod load;
mod pairs;
mod preload;
mod process;
mod report;
mod shown;

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
    /// How often the servers with and without the log take turns.
    #[arg(long, default_value_t = 20)]
    pairs: usize,
    /// Only compare with another build of `consent`, both with the log.
    #[arg(long)]
    beside: Option<PathBuf>,
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
    if let Some(other) = &args.beside {
        let (this, other) = ((&*args.program, &[][..]), (&**other, &[][..]));
        let pairs = pairs::measure(&args, &fixture, folder.path(), this, other)?;
        report::pairs("this build beside the other", &pairs);
        return Ok(());
    }
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
        report.empty.push(served(&args, &fixture, &empty)?);
        std::fs::remove_dir_all(&empty)?;
        if args.rows > 0 {
            report.full.push(served(&args, &fixture, &full)?);
        }
    }
    report.print();
    let (with, without) = (
        (&*args.program, &[][..]),
        (&*args.program, &["--no-log"][..]),
    );
    let pairs = pairs::measure(&args, &fixture, folder.path(), with, without)?;
    report::pairs("with the log beside without it", &pairs);
    Ok(())
}

fn served(args: &Args, fixture: &Fixture, data: &Path) -> Result<Served> {
    let before = fixture.count(data)?;
    let server = Process::start(&args.program, fixture, data, &[])?;
    let at_start = server.processor_time()?;
    let load = load::run(
        fixture,
        server.address,
        server.notice,
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
