//! An export: every receipt of it, and that its claims say the same.

use super::{Args, keys};
use crate::cli::{Answer, say};
use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt, VerifyError};
use serde::Serialize;
use serde_json::Value;

/// A line that does not verify.
#[derive(Debug, Serialize)]
struct Wrong {
    line: usize,
    step: &'static str,
    reason: String,
}

pub(super) fn verify(args: &Args, text: &str) -> Result<Answer> {
    let keys = keys(args)?;
    let mut wrong = Vec::new();
    let lines = text.lines().count();
    for (place, line) in text.lines().enumerate() {
        if let Err((step, reason)) = check(args, &keys, line) {
            wrong.push(Wrong {
                line: place + 1,
                step,
                reason,
            });
        }
    }
    let valid = wrong.is_empty();
    if args.json {
        say(serde_json::json!({ "valid": valid, "receipts": lines, "wrong": wrong }))?;
    } else {
        for Wrong { line, step, reason } in &wrong {
            say(format!("line {line}: {step}: {reason}"))?;
        }
        say(format!(
            "{} of {lines} receipts verify",
            lines - wrong.len()
        ))?;
        say(if valid { "valid" } else { "not valid" })?;
    }
    Ok(if valid { Answer::Yes } else { Answer::No })
}

fn check(args: &Args, keys: &KeySet, line: &str) -> Result<(), (&'static str, String)> {
    let form = |reason: String| ("form", reason);
    let mut line: serde_json::Map<String, Value> = serde_json::from_str(line)
        .map_err(|error| form(format!("not a line of an export: {error}")))?;
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
    Receipt::verify(&receipt, keys, &expect).map_err(failed)?;
    let claims = receipt
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims =
        claims.and_then(|json| serde_json::from_slice::<serde_json::Map<_, _>>(&json).ok());
    if claims.is_some_and(|claims| claims == line) {
        Ok(())
    } else {
        Err((
            "claims",
            "the claims of this line are not those of its receipt".into(),
        ))
    }
}
