//! `consent verify`

mod args;
mod export;
mod log;
mod source;
mod subject;
mod trusted_keys;

pub(super) use args::Args;

use super::{Answer, say};
use anyhow::{Context as _, Result, bail};
use consent_core::backend::Verifier;
use consent_core::cookie;
use consent_core::digest::Digest;
use consent_core::evidence::{self, Report, Trust};
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use consent_server::clock::Clock;
use consent_server::input;
use consent_server::presented::Presented;
use consent_server::timestamp::{self, Authorities};
use consent_server::verdict::{self, StepVerdict, Verdict};
use source::{open, read, read_text};
use std::io::Read;
use subject::Subject;
use trusted_keys::keys;

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
        Subject::Presented(Presented::Receipt(text)) => receipt(args, text),
        Subject::Presented(Presented::Cookies(header, name)) => cookies(args, header, &name),
        Subject::Presented(Presented::Unsigned(json)) => unsigned(args, &json),
    }
}

/// Whoever gives an option expects it to be looked at.
fn refuse_unused(args: &Args, subject: &Subject<'_>) -> Result<()> {
    let (what, has_receipt, has_log) = match subject {
        Subject::Evidence => ("an evidence file, which brings its own", false, true),
        Subject::Export => ("an export", false, false),
        Subject::Presented(Presented::Unsigned(_)) => {
            ("a record that nobody has signed", false, false)
        }
        Subject::Presented(_) => ("a receipt", true, args.proof.is_some()),
    };
    let is_receipt = what == "a receipt";
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
    let found = timestamp::verify(&timestamp, &text, &trusted).map_err(|error| error.to_string());
    let found = found.and_then(|seen| {
        evidence::not_before(&seen.authority, seen.at, receipt.issued_at())?;
        Ok(format!("{} at {}", seen.authority, seen.at.to_rfc3339()))
    });
    Ok(match found {
        Ok(seen) => StepVerdict::passed(STEP, seen),
        Err(why) => StepVerdict::of(STEP, Err(why)),
    })
}

/// Of several cookies of the name, the one that a backend goes by, whatever is to be said of it. Where they are of several
/// consent ids, a backend allows what all of them allow: that is nobody's choice, and none of them is called valid.
fn cookies(args: &Args, header: &str, name: &str) -> Result<Answer> {
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let site = match &args.site {
        Some(site) => site.clone(),
        None => site_of(header, name)?,
    };
    let verifier = Verifier::new("", site, KeySet::default()).cookie_name(name);
    match *verifier.standing(header, at) {
        [value] => {
            eprintln!("Of several {name} cookies in this header, this is the one that counts:");
            match Presented::one(value) {
                Presented::Unsigned(json) => unsigned(args, &json),
                _ => receipt(args, value),
            }
        }
        ref several => answer(args, &verdict::of_several_persons(several.len())),
    }
}

/// The site that all cookies of the name speak of.
fn site_of(header: &str, name: &str) -> Result<SiteId> {
    let claimed = cookie::from_header(header, name).filter_map(cookie::claimed);
    let mut sites: Vec<SiteId> = claimed.map(|record| record.site).collect();
    sites.dedup();
    match &*sites {
        [site] => Ok(site.clone()),
        [] => bail!("none of the {name} cookies in this header has the form of a receipt"),
        _ => {
            bail!("the {name} cookies in this header are of several sites: say which, with --site")
        }
    }
}

fn unsigned(args: &Args, json: &[u8]) -> Result<Answer> {
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let verdict = verdict::of_unsigned(json, args.unsigned, at, args.site.as_ref());
    answer(args, &verdict)
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
