//! An export: every receipt of it, and that its claims say the same.

use super::{Args, keys, read_text};
use crate::cli::{Answer, say};
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::evidence::Verdict;
use consent_core::id::RecordId;
use consent_core::json;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, UnverifiedReceipt, VerifyError, signed_claims};
use consent_server::input::{self, Line, Lines};
use consent_server::store::inspection::PLACE_BITS;
use consent_server::verdict::StepVerdict;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A line that does not verify.
#[derive(Debug, Serialize)]
struct WrongLine {
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

/// So many wrong lines are told of in JSON; all of them are counted.
const MOST_WRONG: usize = 10_000;

pub(super) fn verify(args: &Args, stream: impl Read) -> Result<Answer> {
    let keys = keys(args)?;
    // Before a long check, not after it.
    let manifest = manifest(args)?;
    let mut hashed = Hashed::of(stream);
    let mut wrong = Vec::new();
    let mut seen = HashMap::new();
    let (mut lines, mut failed, mut blank) = (0, 0, 0);
    let mut is_whole = true;
    for (place, line) in Lines::of(&mut hashed, input::LINE).enumerate() {
        let line = line.with_context(|| format!("{}: after line {place}", args.file.display()))?;
        // Empty lines at the end are none; between others they do not belong.
        if let Line::Whole(line) = &line
            && line.trim_ascii().is_empty()
        {
            blank += usize::from(lines > 0);
            continue;
        }
        for number in lines + 1..=lines + blank {
            tell(args, &mut wrong, number, "form", "an empty line".into())?;
        }
        failed += blank;
        lines += blank + 1;
        blank = 0;
        let found = match &line {
            Line::Whole(line) => check(args, &keys, line),
            Line::TooLong => Err(("form", input::too_long(input::LINE).to_string())),
        };
        let found = found.and_then(|id| match seen.insert(id, lines) {
            None => Ok(()),
            Some(first) => Err(("form", format!("record {id} is in line {first} already"))),
        });
        if let Err((step, reason)) = found {
            failed += 1;
            tell(args, &mut wrong, lines, step, reason)?;
        }
        // Nobody knows where the next one would begin.
        if line == Line::TooLong {
            is_whole = false;
            break;
        }
    }
    let whole = if is_whole {
        whole(manifest.as_ref(), lines, &hashed.sha256())
    } else {
        StepVerdict::not_checked(MANIFEST, Some("the export was not read to its end".into()))
    };
    let verdict = if failed == 0 && whole.result != "failed" {
        Verdict::Valid
    } else {
        Verdict::NotValid
    };
    if args.json {
        say(serde_json::json!({
            "valid": verdict == Verdict::Valid,
            "verdict": verdict.as_str(),
            "receipts": lines,
            "wrong": wrong,
            "wrong_lines": failed,
            "manifest": whole.result,
            "reason": whole.reason,
        }))?;
    } else {
        say(format!("{} of {lines} receipts verify", lines - failed))?;
        let reason = whole.reason.unwrap_or_default();
        say(format!(
            "manifest {}: {reason}",
            whole.result.replace('_', " ")
        ))?;
        say(verdict)?;
    }
    Ok(verdict.into())
}

/// Says at once what is wrong with a line, or keeps it for the document.
fn tell(
    args: &Args,
    wrong: &mut Vec<WrongLine>,
    line: usize,
    step: &'static str,
    reason: String,
) -> Result<()> {
    if !args.json {
        say(format!("line {line}: {step}: {reason}"))?;
    } else if wrong.len() < MOST_WRONG {
        wrong.push(WrongLine { line, step, reason });
    }
    Ok(())
}

/// A stream, and the digest of all that was read of it.
struct Hashed<R> {
    stream: R,
    context: aws_lc_rs::digest::Context,
}

impl<R: Read> Hashed<R> {
    fn of(stream: R) -> Self {
        let context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        Self { stream, context }
    }

    fn sha256(self) -> String {
        let digest = self.context.finish();
        let digits = digest.as_ref().iter().map(|byte| format!("{byte:02x}"));
        digits.collect()
    }
}

impl<R: Read> Read for &mut Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        self.context.update(&buffer[..read]);
        Ok(read)
    }
}

const MANIFEST: &str = "manifest";

/// A manifest, and where it comes from.
struct Named {
    manifest: Manifest,
    file: PathBuf,
    is_given: bool,
}

fn manifest(args: &Args) -> Result<Option<Named>> {
    let beside = beside(&args.file);
    let Some(file) = args.manifest.clone().or(beside) else {
        return Ok(None);
    };
    let manifest = json::object(read_text(&file)?.as_bytes())
        .with_context(|| format!("{}: no manifest", file.display()))?;
    Ok(Some(Named {
        manifest,
        file,
        is_given: args.manifest.is_some(),
    }))
}

/// Whether the export is all that its manifest says. Nobody has signed that: one that came with the export proves nothing,
/// and only whoever got it by another way can say that it is the right one.
fn whole(named: Option<&Named>, receipts: usize, sha256: &str) -> StepVerdict {
    let Some(Named {
        manifest,
        file,
        is_given,
    }) = named
    else {
        let why = "that lines are missing would not show: give --manifest";
        return StepVerdict::not_checked(MANIFEST, Some(why.into()));
    };
    let name = file.display();
    if manifest.receipts != receipts {
        let said = manifest.receipts;
        let why = format!("{receipts} receipts, where {name} says {said}");
        StepVerdict::of(MANIFEST, Err(why))
    } else if manifest.sha256 != sha256 {
        let why = format!("the SHA-256 is {sha256}, which is not that of {name}");
        StepVerdict::of(MANIFEST, Err(why))
    } else if *is_given {
        StepVerdict::passed(MANIFEST, format!("as {name} says"))
    } else {
        let why = format!(
            "as {name} says, which came with it and which nobody has signed: that lines are missing shows beside a manifest that you got by another way, given with --manifest"
        );
        StepVerdict::not_checked(MANIFEST, Some(why))
    }
}

/// The manifest that `consent export --out` writes beside an export, if it is there.
fn beside(export: &Path) -> Option<PathBuf> {
    let mut name = export.file_name()?.to_owned();
    name.push(".manifest.json");
    Some(export.with_file_name(name)).filter(|file| file.is_file())
}

/// Whether a value is one that an export has.
type Fits = fn(&Value) -> bool;

/// What stands in a line beside the claims and their receipt, and nobody signs: its place in its site's order, and in an
/// archive what proves that it is in the log. Whoever reads a line must find nothing else there.
const BESIDE: [(&str, Fits, &str); 3] = [
    (
        "seq",
        |value| matches!(value.as_u64(), Some(1..END_OF_PLACES)),
        "a place: a whole number from 1 on",
    ),
    (
        "place",
        |value| {
            value
                .as_u64()
                .is_some_and(|place| i64::try_from(place).is_ok())
        },
        "a place in the log: a whole number from 0 on",
    ),
    (
        "salt",
        |value| {
            let bytes = value.as_str().map(|text| URL_SAFE_NO_PAD.decode(text));
            matches!(bytes, Some(Ok(bytes)) if bytes.len() == 32)
        },
        "a salt: 32 bytes in base64url",
    ),
];

const END_OF_PLACES: u64 = 1 << PLACE_BITS;

/// The record of a line.
fn check(args: &Args, keys: &KeySet, line: &[u8]) -> Result<RecordId, (&'static str, String)> {
    let form = |reason: String| ("form", reason);
    // Which editors put before the first line.
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| form("not text in UTF-8".into()))?;
    let text = text.trim();
    let mut line: Map<String, Value> = json::whole(text.as_bytes())
        .map_err(|error| form(format!("not a line of an export: {error}")))?;
    let Some(Value::String(receipt)) = line.remove("receipt") else {
        return Err(form("there is no `receipt` in this line".into()));
    };
    for (name, fits, what) in BESIDE {
        if line.remove(name).is_some_and(|value| !fits(&value)) {
            return Err(form(format!("the `{name}` of this line is not {what}")));
        }
    }
    let failed = |error: VerifyError| (error.step().as_str(), error.to_string());
    let unverified = UnverifiedReceipt::parse(&receipt).map_err(failed)?;
    let expect = Expectations {
        site: args.site.as_ref(),
        ..Expectations::at(args.at.unwrap_or(unverified.issued_at()))
    };
    let verified = Receipt::verify(&receipt, keys, &expect).map_err(failed)?;
    let claims = signed_claims(&receipt).ok();
    let claims = claims.and_then(|json| serde_json::from_slice::<Map<_, _>>(&json).ok());
    if claims.is_some_and(|claims| claims == line) {
        Ok(verified.record().id)
    } else {
        Err((
            "claims",
            "the claims of this line are not those of its receipt".into(),
        ))
    }
}
