//! An export: every receipt of it, and that its claims say the same.

use super::{Args, keys, read_text};
use crate::cli::{Answer, say};
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::digest::Digest;
use consent_core::id::RecordId;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt, VerifyError};
use consent_server::verdict::StepVerdict;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A line that does not verify.
#[derive(Debug, Serialize)]
struct Wrong {
    line: usize,
    step: &'static str,
    reason: String,
}

/// What a manifest says that can be compared.
#[derive(Debug, Deserialize)]
struct Manifest {
    receipts: usize,
    sha256: String,
}

pub(super) fn verify(args: &Args, text: &str, bytes: &[u8]) -> Result<Answer> {
    let keys = keys(args)?;
    let whole = whole(args, text.lines().count(), bytes)?;
    let mut wrong = Vec::new();
    let mut seen = HashMap::new();
    let mut lines = 0;
    for (place, line) in text.lines().enumerate() {
        lines = place + 1;
        let found = check(args, &keys, line).and_then(|id| match seen.insert(id, lines) {
            None => Ok(()),
            Some(first) => Err(("form", format!("record {id} is in line {first} already"))),
        });
        if let Err((step, reason)) = found {
            wrong.push(Wrong {
                line: lines,
                step,
                reason,
            });
        }
    }
    let valid = wrong.is_empty() && whole.result != "failed";
    if args.json {
        let verdict = serde_json::json!({
            "valid": valid,
            "receipts": lines,
            "wrong": wrong,
            "manifest": whole.result,
            "reason": whole.reason,
        });
        say(verdict)?;
    } else {
        for Wrong { line, step, reason } in &wrong {
            say(format!("line {line}: {step}: {reason}"))?;
        }
        say(format!(
            "{} of {lines} receipts verify",
            lines - wrong.len()
        ))?;
        let reason = whole.reason.unwrap_or_default();
        say(format!(
            "manifest {}: {reason}",
            whole.result.replace('_', " ")
        ))?;
        say(if valid { "valid" } else { "not valid" })?;
    }
    Ok(if valid { Answer::Yes } else { Answer::No })
}

/// Whether the export is all that its manifest says, which nobody has signed.
fn whole(args: &Args, receipts: usize, bytes: &[u8]) -> Result<StepVerdict> {
    const STEP: &str = "manifest";
    let beside = beside(&args.file);
    let Some(file) = args.manifest.as_deref().or(beside.as_deref()) else {
        let why = "that lines are missing would not show: give --manifest";
        return Ok(StepVerdict::not_checked(STEP, Some(why.into())));
    };
    let name = file.display();
    let manifest: Manifest =
        serde_json::from_str(&read_text(file)?).with_context(|| format!("{name}: no manifest"))?;
    let sha256 = Digest::of(bytes).to_hex();
    Ok(if manifest.receipts != receipts {
        let said = manifest.receipts;
        let why = format!("{receipts} receipts, where {name} says {said}");
        StepVerdict::of(STEP, Err(why))
    } else if manifest.sha256 != sha256 {
        let why = format!("the SHA-256 is {sha256}, which is not that of {name}");
        StepVerdict::of(STEP, Err(why))
    } else {
        StepVerdict::passed(STEP, format!("as {name} says"))
    })
}

/// The manifest that `consent export --out` writes beside an export, if it is there.
fn beside(export: &Path) -> Option<PathBuf> {
    let mut name = export.file_name()?.to_owned();
    name.push(".manifest.json");
    Some(export.with_file_name(name)).filter(|file| file.is_file())
}

/// The record of a line.
fn check(args: &Args, keys: &KeySet, text: &str) -> Result<RecordId, (&'static str, String)> {
    let form = |reason: String| ("form", reason);
    let mut line: serde_json::Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| form(format!("not a line of an export: {error}")))?;
    // Of names that are there twice, one would be believed and the other read.
    if serde_json::to_string(&line).is_ok_and(|again| again.len() != text.len()) {
        return Err(form(
            "not as it was exported: written anew, or a name is there twice".into(),
        ));
    }
    let Some(Value::String(receipt)) = line.remove("receipt") else {
        return Err(form("there is no `receipt` in this line".into()));
    };
    // The line's place in the export, which nobody signs; in an archive, what proves that it is in the log.
    for beside in ["seq", "place", "salt"] {
        line.remove(beside);
    }
    let failed = |error: VerifyError| (error.step().as_str(), error.to_string());
    let unverified = UnverifiedReceipt::parse(&receipt).map_err(failed)?;
    let expect = Expectations {
        site: args.site.as_ref(),
        ..Expectations::at(args.at.unwrap_or(unverified.issued_at()))
    };
    let verified = Receipt::verify(&receipt, keys, &expect).map_err(failed)?;
    let claims = receipt
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims =
        claims.and_then(|json| serde_json::from_slice::<serde_json::Map<_, _>>(&json).ok());
    if claims.is_some_and(|claims| claims == line) {
        Ok(verified.record().id)
    } else {
        Err((
            "claims",
            "the claims of this line are not those of its receipt".into(),
        ))
    }
}
