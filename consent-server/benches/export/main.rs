//! How long a large export takes, beside reading the same rows and writing as many bytes; how much memory it needs; and
//! whether others can read what it wrote.
#![allow(
    clippy::disallowed_methods,
    reason = "a measurement makes its own files"
)]

#[path = "../server/fixture.rs"]
#[allow(dead_code, reason = "the other measurement uses all of it")]
mod fixture;
#[path = "../server/preload.rs"]
mod preload;

use anyhow::{Context as _, Result, ensure};
use clap::Parser as _;
use fixture::Fixture;
use rusqlite::Connection;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Exports a large database in each kind of format, and has them read by others.
#[derive(clap::Parser)]
struct Args {
    /// How many receipts.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// How often everything is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Where the database and the files go; it must be a real disk.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Reads and verifies what was exported: an interpreter with the packages of xtask/bench-export.
    #[arg(long)]
    python: Option<PathBuf>,
    /// Opens the CSV.
    #[arg(long, requires = "python")]
    soffice: Option<PathBuf>,
    /// `cargo bench` passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_consent");
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../xtask/bench-export");

fn main() -> Result<()> {
    let args = Args::parse();
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.context("a folder for the database")?;
    let fixture = Fixture::new(folder.path())?;
    let (few, all) = (folder.path().join("few"), folder.path().join("all"));
    preload::rows(&fixture, &few, args.rows / 10)?;
    preload::rows(&fixture, &all, args.rows)?;
    for format in ["csv", "csv-fr", "jsonl"] {
        let file = folder.path().join(format!("all.{format}"));
        let mut ratios = Vec::new();
        let (mut took, mut peak) = (Duration::MAX, 0);
        for _ in 0..args.rounds {
            let exported = export(&fixture, &all, format, &file)?;
            let bytes = std::fs::metadata(&file)?.len();
            let raw = raw(&all, bytes, &folder.path().join("raw"))?;
            ratios.push(exported.took.as_secs_f64() / raw.as_secs_f64());
            (took, peak) = (took.min(exported.took), peak.max(exported.peak));
        }
        let tenth = export(&fixture, &few, format, &folder.path().join("few.out"))?;
        ratios.sort_by(f64::total_cmp);
        println!(
            "{format}: {} receipts, {} MB, {:.1} s at best; {:.2} times reading the rows and writing as many bytes \
             ({:.2} to {:.2}); {} MB of memory at most, {} MB for a tenth of the receipts",
            args.rows,
            std::fs::metadata(&file)?.len() / 1_000_000,
            took.as_secs_f64(),
            ratios[ratios.len() / 2],
            ratios[0],
            ratios[ratios.len() - 1],
            peak / 1024,
            tenth.peak / 1024
        );
    }
    if let Some(python) = &args.python {
        read_by_others(python, args.soffice.as_deref(), folder.path(), &all)?;
    }
    Ok(())
}

struct Exported {
    took: Duration,
    /// Kibibytes.
    peak: u64,
}

/// The real program, writing to a file; what `/proc` tells of it while it runs.
fn export(fixture: &Fixture, data: &Path, format: &str, file: &Path) -> Result<Exported> {
    for old in [
        file.to_owned(),
        PathBuf::from(format!("{}.manifest.json", file.display())),
    ] {
        if old.exists() {
            std::fs::remove_file(old)?;
        }
    }
    let began = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args([
            "export",
            "--site",
            fixture.site.as_str(),
            "--format",
            format,
        ])
        .arg("--data")
        .arg(data)
        .arg("--out")
        .arg(file)
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = found.unwrap_or(peak).max(peak);
        std::thread::sleep(Duration::from_millis(5));
    };
    ensure!(ended.success(), "the export ended with {ended}");
    Ok(Exported {
        took: began.elapsed(),
        peak,
    })
}

/// Reads the rows in their order, and writes as many bytes as the export did: each receipt, and what is missing.
fn raw(data: &Path, bytes: u64, file: &Path) -> Result<Duration> {
    let connection = Connection::open(data.join("consent.db"))?;
    let rows: i64 = connection.query_row("SELECT count(*) FROM records", [], |row| row.get(0))?;
    let began = Instant::now();
    let mut select = connection.prepare("SELECT seq, receipt FROM records ORDER BY seq")?;
    let mut found = select.query([])?;
    let mut to = std::io::BufWriter::new(File::create(file)?);
    let each = usize::try_from(bytes / rows.unsigned_abs().max(1))?;
    let rest = vec![b'.'; each];
    while let Some(row) = found.next()? {
        let receipt = row.get_ref(1)?.as_str()?;
        to.write_all(receipt.as_bytes())?;
        to.write_all(&rest[..each.saturating_sub(receipt.len())])?;
    }
    to.into_inner()?.sync_all()?;
    let took = began.elapsed();
    std::fs::remove_file(file)?;
    Ok(took)
}

fn read_by_others(python: &Path, soffice: Option<&Path>, folder: &Path, data: &Path) -> Result<()> {
    let keys = Command::new(PROGRAM)
        .args(["keys", "list", "--jwks", "--data"])
        .arg(data)
        .output()?;
    let jwks = folder.join("jwks.json");
    std::fs::write(&jwks, keys.stdout)?;
    let script = |name: &str| {
        let mut command = Command::new(python);
        command.arg(Path::new(SCRIPTS).join(name));
        command
    };
    let (csv, jsonl) = (folder.join("all.csv"), folder.join("all.jsonl"));
    let read = script("json_lines.py").arg(&jsonl).arg(&jwks).status()?;
    ensure!(read.success(), "the JSON Lines do not verify");
    if let Some(soffice) = soffice {
        let read = script("csv_file.py")
            .args([&csv, &jsonl])
            .arg(soffice)
            .status()?;
        ensure!(read.success(), "the CSV cannot be read");
        let read = script("table_for_people.py")
            .arg(folder.join("all.csv-fr"))
            .arg(soffice)
            .status()?;
        ensure!(read.success(), "the table for people cannot be read");
    }
    Ok(())
}
