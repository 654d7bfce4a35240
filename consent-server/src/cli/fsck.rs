//! `consent fsck`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_server::data::DataFolder;
use consent_server::fsck::{Examined, Finding, Place, Watcher, examine};
use consent_server::keys::Keys;
use consent_server::log::read_log_key;
use std::io;
use std::time::{Duration, Instant};

/// How often people are told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The server's data folder; the server may run.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// Go on where an earlier run was stopped, as it printed it.
    #[arg(long, value_name = "PLACE", default_value_t)]
    from: Place,
    /// Write one JSON document, for machines.
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let keys = Keys::read(&args.data).context("the keys that receipts are checked with")?;
    let log_key = log_key(args)?;
    let mut teller = Teller {
        findings: Vec::new(),
        json: args.json,
        told: Instant::now(),
    };
    let checked = examine(
        &args.data,
        &args.store.of(&args.data)?,
        &keys.published().unrevoked(),
        log_key.as_ref(),
        args.from,
        &mut teller,
    )?;
    if args.json {
        let document = serde_json::json!({
            "ok": teller.findings.is_empty(),
            "findings": teller.findings,
            "checked": checked,
        });
        say(document)?;
    }
    summary(&checked);
    if teller.findings.is_empty() {
        eprintln!("Everything is as it was stored.");
        return Ok(Answer::Yes);
    }
    eprintln!(
        "{} things are wrong. Keep a copy of the data folder as it is, and restore from a backup what you can.",
        teller.findings.len()
    );
    Ok(Answer::No)
}

/// The key of the log's checkpoints, under the log's name.
fn log_key(args: &Args) -> Result<Option<consent_core::note::NoteKey>> {
    let Some(key) = read_log_key(&args.data)? else {
        return Ok(None);
    };
    let view = args.store.of(&args.data)?.inspect();
    // What keeps the name from being read is found by the check.
    let stands = view.and_then(|view| view.log()).ok();
    let origin = stands.and_then(|stands| stands.origin);
    let name = origin.and_then(|name| name.parse().ok());
    let signer = name.and_then(|name| key.into_note_signer(name));
    Ok(signer.map(|signer| signer.key().clone()))
}

struct Teller {
    findings: Vec<Finding>,
    json: bool,
    told: Instant,
}

impl Watcher for Teller {
    fn found(&mut self, finding: Finding) -> io::Result<()> {
        if !self.json {
            say(format_args!("{}: {}", finding.place, finding.wrong))?;
        }
        self.findings.push(finding);
        Ok(())
    }

    fn reached(&mut self, place: Place, count: u64, took: Duration) -> io::Result<()> {
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            let stage = place.stage.as_str();
            let rate = rate(count, took.as_secs_f64());
            eprintln!(
                "{stage}: {count} checked, {rate}/s; to go on from here later: --from {place}"
            );
        }
        Ok(())
    }
}

fn summary(checked: &Examined) {
    for (stage, count) in &checked.counts {
        let took = checked.seconds.get(stage).copied().unwrap_or_default();
        eprintln!(
            "{stage}: {count} checked in {took:.1} s, {}/s",
            rate(*count, took)
        );
    }
    if !checked.root.is_empty() {
        let pruned = match checked.minimum {
            0 => String::new(),
            minimum => format!(", given out from {minimum} on"),
        };
        let Examined { entries, root, .. } = checked;
        eprintln!("log: {entries} entries{pruned}, root {root}");
    }
}

fn rate(count: u64, seconds: f64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let rate = count as f64 / seconds.max(1e-9);
    format!("{rate:.0}")
}
