//! `consent verify`

mod export;
mod log;
mod subject;
mod unique;

use super::{Answer, export::moment, say};
use anyhow::{Context as _, Result, anyhow, bail};
use consent_core::backend::Verifier;
use consent_core::cookie;
use consent_core::digest::Digest;
use consent_core::evidence::{self, Report, Trust};
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use consent_core::time::UnixSeconds;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::input;
use consent_server::keys::Keys;
use consent_server::timestamp::{self, Authorities};
use consent_server::verdict::{self, StepVerdict, Verdict};
use std::io::Read;
use std::path::{Path, PathBuf};
use subject::Subject;

/// Check a receipt, a cookie, an export or an evidence file, step by step; needs no server.
///
/// The last line is the verdict: "valid"; "not valid"; or "unproven", of what agrees with itself and was checked against no
/// key that you trust: anybody can have made it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 valid, 1 not valid, 2 the command could not run, 3 unproven. With --json, `verdict` is valid, not_valid or unproven, and `valid` is true of the first alone."
)]
pub(super) struct Args {
    /// A file with a receipt, the value of a cookie, an export as JSON Lines, or an evidence file; - reads stdin.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// The server's public keys, as it serves them at /.well-known/jwks.json. An evidence file brings its own, which prove
    /// less.
    #[arg(long, value_name = "JWKS", conflicts_with = "data")]
    keys: Option<PathBuf>,
    /// The server's data folder, instead of --keys.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The moment at which the choice must stand. Left out, it is now; for exports and evidence the moment of signing.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    at: Option<UnixSeconds>,
    /// The site it must be for.
    #[arg(long)]
    site: Option<SiteId>,
    /// The notice that must have been shown, as the server serves it by its digest.
    #[arg(long, value_name = "FILE")]
    notice: Option<PathBuf>,
    /// The proof that a receipt is in the log (*.tlog-proof).
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Keys of notes, one a line: the log's first, then those of the witnesses that are trusted.
    #[arg(long, value_name = "FILE")]
    log_keys: Option<PathBuf>,
    /// A checkpoint of the log that was kept from earlier, or got from somebody else.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// A copy of the log's tiles (the folder with tile/ in it), to compare with a checkpoint of another size.
    #[arg(long, value_name = "DIR", requires = "checkpoint")]
    tiles: Option<PathBuf>,
    /// The certificate of the authority that gives timestamps, or its root, in PEM.
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// The manifest of an export; the one beside the file, if there is one and no other is given.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// The name of the site's cookie, for a header with several; eu-consent if left out.
    #[arg(long, value_name = "NAME")]
    cookie: Option<String>,
    /// Look at what a record says that nobody has signed, as cookies are until the server has answered. It stays unproven.
    #[arg(long)]
    unsigned: bool,
    /// Write the verdict as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = || args.file.display().to_string();
    let mut stream = open(&args.file)?;
    // As much as no receipt has, and by far enough to tell the others.
    let mut head = Vec::new();
    (&mut stream)
        .take(input::COOKIES + 1)
        .read_to_end(&mut head)
        .with_context(name)?;
    let subject = Subject::of(&head, args.cookie.as_deref())?;
    refuse_unused(args, &subject)?;
    let is_text = !matches!(subject, Subject::Evidence | Subject::Export);
    if is_text && head.len() as u64 > input::COOKIES {
        return Err(input::too_long(input::COOKIES)).with_context(name);
    }
    match subject {
        Subject::Evidence => {
            let zip = input::read_from((&*head).chain(stream), input::EVIDENCE);
            evidence(args, &zip.with_context(name)?)
        }
        Subject::Export => export::verify(args, (&*head).chain(stream)),
        Subject::Receipt(text) => receipt(args, text),
        Subject::Cookies(header, name) => cookies(args, header, &name),
        Subject::Unsigned(json) => {
            let at = args.at.unwrap_or_else(|| Clock::system().now());
            let site = args.site.as_ref();
            answer(args, &verdict::of_unsigned(&json, args.unsigned, at, site))
        }
    }
}

/// Whoever gives an option expects it to be looked at.
fn refuse_unused(args: &Args, subject: &Subject<'_>) -> Result<()> {
    let (what, has_receipt, has_log) = match subject {
        Subject::Evidence => ("an evidence file, which brings its own", false, true),
        Subject::Export => ("an export", false, false),
        Subject::Receipt(_) | Subject::Cookies(..) => ("a receipt", true, args.proof.is_some()),
        Subject::Unsigned(_) => ("a record that nobody has signed", false, false),
    };
    let is_receipt = matches!(subject, Subject::Receipt(_) | Subject::Cookies(..));
    let of_log = if is_receipt {
        "a receipt without --proof"
    } else {
        what
    };
    for (option, is_given, is_used, what) in [
        ("--notice", args.notice.is_some(), has_receipt, what),
        ("--proof", args.proof.is_some(), has_receipt, what),
        ("--log-keys", args.log_keys.is_some(), has_log, of_log),
        ("--checkpoint", args.checkpoint.is_some(), has_log, of_log),
        (
            "--authority",
            args.authority.is_some(),
            matches!(subject, Subject::Evidence),
            what,
        ),
        (
            "--manifest",
            args.manifest.is_some(),
            matches!(subject, Subject::Export),
            what,
        ),
    ] {
        if is_given && !is_used {
            bail!("{option} says nothing about {what}: leave it out");
        }
    }
    Ok(())
}

fn evidence(args: &Args, zip: &[u8]) -> Result<Answer> {
    let keys = match (&args.keys, &args.data) {
        (None, None) => None,
        _ => Some(keys(args)?),
    };
    let trusted = log::Trusted::read(args)?;
    let shown = trusted.as_ref().and_then(|_| evidence::checkpoint_in(zip));
    let consistency = match (&trusted, &shown) {
        (Some(trusted), Some(shown)) => trusted.consistency(args, shown)?,
        _ => None,
    };
    let report = evidence::verify(
        zip,
        &Trust {
            keys: keys.as_ref(),
            at: args.at,
            site: args.site.as_ref(),
            log: trusted.as_ref().and_then(|trusted| trusted.keys.first()),
            witnesses: trusted.as_ref().map_or(&[], log::Trusted::witnesses),
            held: trusted.as_ref().and_then(|trusted| trusted.held.as_ref()),
            consistency: consistency.as_deref(),
        },
    );
    let mut verdict = verdict::of_evidence(&report);
    verdict.add(timestamped(args, zip, &report)?);
    answer(args, &verdict)
}

/// Whether an authority says when it saw the checkpoint.
fn timestamped(args: &Args, zip: &[u8], report: &Report) -> Result<StepVerdict> {
    const STEP: &str = "timestamped";
    let unknown = |why: &str| Ok(StepVerdict::not_checked(STEP, Some(why.into())));
    let Some(receipt) = report
        .receipt
        .as_ref()
        .filter(|_| report.failed().is_none())
    else {
        return unknown("an earlier step failed");
    };
    let Some((text, timestamp)) = evidence::timestamp_in(zip) else {
        return unknown("the file holds no timestamp");
    };
    let Some(file) = &args.authority else {
        return unknown("whose timestamp? Give --authority with the certificate of the authority");
    };
    let trusted = Authorities::from_pem(&read(file, input::TEXT)?)
        .with_context(|| file.display().to_string())?;
    let found = timestamp::check(&timestamp, &text, &trusted).map_err(|error| error.to_string());
    let found = found.and_then(|seen| {
        evidence::not_before(&seen.authority, seen.at, receipt.issued_at())?;
        Ok(format!("{} at {}", seen.authority, seen.at.to_rfc3339()))
    });
    Ok(match found {
        Ok(seen) => StepVerdict::passed(STEP, seen),
        Err(why) => StepVerdict::of(STEP, Err(why)),
    })
}

/// Of several cookies of the name, the one that a backend would go by.
fn cookies(args: &Args, header: &str, name: &str) -> Result<Answer> {
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let first = cookie::from_header(header, name).find_map(unverified);
    let Some(first) = first else {
        bail!("none of the {name} cookies in this header has the form of a receipt");
    };
    let site = args.site.as_ref().unwrap_or(&first.record().site).clone();
    let consent = Verifier::new(first.issuer(), site, keys(args)?)
        .cookie_name(name)
        .consent(header, at);
    let is_it = |value: &&str| match (consent.receipt(), unverified(value)) {
        (Some(stands), Some(read)) => {
            (stands.record(), stands.issued_at()) == (read.record(), read.issued_at())
        }
        (None, read) => read.is_some(),
        (Some(_), None) => false,
    };
    let value = cookie::from_header(header, name).find(is_it);
    let value = value.context("the cookie that counts is not in this header")?;
    eprintln!("Of several {name} cookies in this header, this is the one that counts:");
    if let Some(refusal) = consent.refusal() {
        eprintln!("{refusal}.");
    }
    receipt(args, value)
}

fn unverified(text: &str) -> Option<UnverifiedReceipt<'_>> {
    UnverifiedReceipt::parse(text).ok()
}

fn receipt(args: &Args, text: &str) -> Result<Answer> {
    let keys = keys(args)?;
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let expect = Expectations {
        site: args.site.as_ref(),
        ..Expectations::at(at)
    };
    let mut verdict = verdict::verdict(text, &keys, &expect);
    let more = [
        notice(args, text)?,
        log::logged(args, text)?,
        log::witnessed(args, text)?,
        log::consistent(args)?,
    ];
    for step in more.into_iter().flatten() {
        // Nothing is said on the ground of a receipt that is none.
        let step = if verdict.is_valid() {
            step
        } else {
            StepVerdict::not_checked(step.step, None)
        };
        verdict.add(step);
    }
    answer(args, &verdict)
}

/// Whether a file is the notice that the receipt names.
fn notice(args: &Args, receipt: &str) -> Result<Option<StepVerdict>> {
    let Some(file) = &args.notice else {
        return Ok(None);
    };
    let digest = Digest::of(&read(file, input::PART)?);
    let named = UnverifiedReceipt::parse(receipt)
        .ok()
        .map(|receipt| receipt.record().notice);
    let step = match named {
        Some(named) if named == digest => Ok(()),
        _ => Err(format!(
            "{} has the digest {digest}, which the receipt does not name",
            file.display()
        )),
    };
    Ok(Some(StepVerdict::of("notice", step)))
}

fn keys(args: &Args) -> Result<KeySet> {
    match (&args.keys, &args.data) {
        (Some(file), _) if file.to_string_lossy().contains("://") => bail!(
            "--keys takes a file: fetch it first, as in `curl -o jwks.json {}`, and look where it comes from",
            file.display()
        ),
        (Some(file), _) => {
            KeySet::from_jwks(&read_text(file)?).with_context(|| file.display().to_string())
        }
        (None, Some(data)) => Ok(Keys::read(&DataFolder::at(&**data))?.public()),
        (None, None) => Err(anyhow!(
            "whose keys? Give --keys with the server's keys, as it serves them at /.well-known/jwks.json, or --data"
        )),
    }
}

fn answer(args: &Args, verdict: &Verdict) -> Result<Answer> {
    if args.json {
        say(serde_json::to_string(verdict)?)?;
    } else {
        for step in &verdict.steps {
            let reason = step.reason.as_deref().unwrap_or_default();
            let line = format!(
                "{:<10} {:<12} {reason}",
                step.step,
                step.result.replace('_', " ")
            );
            say(line.trim_end())?;
        }
        say(verdict.verdict)?;
    }
    Ok(verdict.verdict.into())
}

impl From<evidence::Verdict> for Answer {
    fn from(verdict: evidence::Verdict) -> Self {
        match verdict {
            evidence::Verdict::Valid => Self::Yes,
            evidence::Verdict::Unproven => Self::Unproven,
            evidence::Verdict::NotValid => Self::No,
        }
    }
}

fn open(path: &Path) -> Result<Box<dyn Read>> {
    Ok(if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(input::open(path).with_context(|| path.display().to_string())?)
    })
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    input::read_from(open(path)?, most).with_context(|| path.display().to_string())
}

fn read_text(path: &Path) -> Result<String> {
    match String::from_utf8(read(path, input::TEXT)?) {
        Ok(text) => Ok(text),
        Err(_) => bail!("{} is not text", path.display()),
    }
}
