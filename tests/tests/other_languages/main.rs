//! What we sign and compute, checked by other languages' own libraries.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_core::record::Record;
use consent_core::time::{Months, UnixSeconds};
use consent_tests::demo::Demo;
use consent_tests::{http, record, tool};

mod intl;

const SITE: &str = "lacassagne";

#[test]
fn jose_verifies_a_receipt_and_refuses_it_with_one_byte_changed() -> Result<()> {
    let node_modules = tool::node_modules()?;
    verified_by(|script| {
        let mut command = Command::new("node");
        command
            .env("CONSENT_NODE_MODULES", &node_modules)
            .arg(script.with_extension("mjs"));
        command
    })
}

#[test]
fn pyjwt_verifies_a_receipt_and_refuses_it_with_one_byte_changed() -> Result<()> {
    verified_by(|script| {
        let mut command = Command::new(tool::python());
        command.arg(script.with_extension("py"));
        command
    })
}

#[test]
fn dateutil_ends_choices_at_the_same_second_on_every_day_of_2024_to_2031() -> Result<()> {
    const DAY: i64 = 86_400;
    let first = UnixSeconds::from_rfc3339("2024-01-01T00:00:00Z")?.get();
    let last = UnixSeconds::from_rfc3339("2031-12-31T00:00:00Z")?.get();
    // Midnight, the last second of the day, and a moment between.
    let decided: Vec<i64> = (first..=last)
        .step_by(86_400)
        .flat_map(|midnight| [midnight, midnight + 30_000, midnight + DAY - 1])
        .collect();
    assert_eq!(decided.len(), 2922 * 3);

    let mut command = Command::new(tool::python());
    command.arg(script("thirteen_months").with_extension("py"));
    let theirs = output_of(command, decided.iter().map(ToString::to_string))?;
    assert_eq!(theirs.len(), decided.len());
    for (decided, theirs) in decided.into_iter().zip(theirs) {
        let ours = UnixSeconds::new(decided)?.plus_months(Months::THIRTEEN);
        assert_eq!(ours.get().to_string(), theirs, "decided at {decided}");
    }
    Ok(())
}

fn verified_by(verifier: impl Fn(&Path) -> Command) -> Result<()> {
    let demo = Demo::start()?;
    let receipt = a_receipt(&demo)?;
    let tampered = each_part_changed(&receipt);
    let verdicts = |site: &str, receipts: &[String]| {
        let mut command = verifier(&script("verify"));
        command.args([
            &format!("{}/.well-known/jwks.json", demo.facts.url),
            &demo.facts.url,
            site,
        ]);
        output_of(command, receipts.iter().cloned())
    };

    let claims = receipt.split('.').nth(1).unwrap_or_default();
    let record = claims_of(claims)?;
    let ends = record.decided_at.plus_months(Months::THIRTEEN);
    assert_eq!(
        verdicts(SITE, std::slice::from_ref(&receipt))?,
        [format!("valid {}", ends.get())]
    );
    for verdict in verdicts(SITE, &tampered)? {
        assert!(verdict.starts_with("invalid "), "{verdict}");
    }
    let elsewhere = verdicts("carians", &[receipt])?;
    assert!(elsewhere[0].starts_with("invalid "), "{elsewhere:?}");
    Ok(())
}

fn a_receipt(demo: &Demo) -> Result<String> {
    let record = record::refusal(demo, SITE)?;
    let url = format!("{}/v1/sites/{SITE}/consents", demo.facts.url);
    let (status, body) = http::post(&url, &record)?;
    ensure!(status == 201, "{status}: {body}");
    let answer: serde_json::Value = serde_json::from_str(&body)?;
    Ok(answer["receipt"].as_str().context("no receipt")?.to_owned())
}

/// The receipt with one character changed in the middle of each part.
fn each_part_changed(receipt: &str) -> Vec<String> {
    let mut start = 0;
    receipt
        .split('.')
        .map(|part| {
            let place = start + part.len() / 2;
            start += part.len() + 1;
            let other = if receipt.as_bytes()[place] == b'A' {
                "B"
            } else {
                "A"
            };
            let mut changed = receipt.to_owned();
            changed.replace_range(place..=place, other);
            changed
        })
        .collect()
}

/// The record in the claims of a receipt.
fn claims_of(claims: &str) -> Result<Record> {
    let unsigned = record::decode(claims)?;
    let mut claims: serde_json::Value = serde_json::from_slice(&unsigned)?;
    let members = claims.as_object_mut().context("claims are an object")?;
    members.remove("iss");
    members.remove("iat");
    Ok(Record::from_json(claims.to_string().as_bytes())?)
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("other-languages")
        .join(name)
}

fn output_of(mut command: Command, lines: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let program = command.get_program().to_owned();
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", OsStr::new(&program).display()))?;
    let input = lines.collect::<Vec<_>>().join("\n") + "\n";
    let mut stdin = process.stdin.take().context("piped")?;
    // Written beside the reading, so that neither side waits for the other.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = process.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{} failed: is it installed? Run `cargo xtask test`",
        program.display()
    );
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(ToOwned::to_owned)
        .collect())
}
