//! Our verdicts on random evidence files, half of them tampered with, beside those of the verifier in Python.
//!
//! `cargo xtask evidence` runs the same with ten thousand files, and with every bit of one.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_core::archive::Archive;
use consent_core::evidence::{Step, Trust, Verdict, verify};
use consent_tests::evidence::{
    Random, Sites, Tampering, log_key, make, odd_files, server_keys, tamper,
};
use consent_tests::tool;
use serde_json::Value;

/// How many files Python is given at a time.
const BATCH: u64 = 500;

/// What no server of ours writes, and no rule forbids.
const HARMLESS: [&str; 3] = ["as it was", "gpc false", "services empty"];

#[test]
fn the_python_verifier_agrees_on_every_file() -> Result<()> {
    let files: u64 = match std::env::var("CONSENT_EVIDENCE_FILES") {
        Ok(number) => number.parse()?,
        Err(_) => 200,
    };
    let sites = Sites::published();
    let mut tally: BTreeMap<String, u64> = BTreeMap::new();
    for first in (0..files).step_by(usize::try_from(BATCH)?) {
        let seeds: Vec<u64> = (first..files.min(first + BATCH)).collect();
        compare(&sites, &seeds, &mut tally)?;
    }
    println!("{files} evidence files, the same verdicts:");
    for (what, number) in &tally {
        println!("{number:>6} {what}");
    }
    ensure!(
        tally["good: valid"] == files.div_ceil(2),
        "half of the files are good: {tally:?}"
    );
    Ok(())
}

fn compare(sites: &Sites, seeds: &[u64], tally: &mut BTreeMap<String, u64>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (keys, log) = (server_keys(), log_key());
    let mut ours = Vec::new();
    for seed in seeds {
        let mut random = Random::new(*seed);
        let good = make(sites, &mut random);
        let (what, zip) = if seed % 2 == 0 {
            (None, good)
        } else {
            let other = make(sites, &mut random);
            let (tampering, zip) = tamper(&good, &other, &mut random);
            (Some(tampering), zip)
        };
        let report = verify(
            &zip,
            &Trust {
                keys: Some(&keys),
                log: Some(&log),
                ..Trust::default()
            },
        );
        let failed = report.failed().map(|(step, why)| (step, why.to_owned()));
        match what {
            None => ensure!(failed.is_none(), "seed {seed}: {failed:?}"),
            // The server can reword what it alone says, and what it leaves out may be said.
            Some(
                Tampering::OwnKey | Tampering::Odd("as it was" | "gpc false" | "services empty"),
            ) => {}
            Some(what) => ensure!(failed.is_some(), "seed {seed}: {what:?} is not found"),
        }
        std::fs::write(folder.path().join(seed.to_string()), &zip)?;
        ours.push((*seed, what, failed));
    }
    let theirs = python(folder.path(), seeds)?;
    ensure!(
        theirs.len() == ours.len(),
        "Python answered {} of {}",
        theirs.len(),
        ours.len()
    );
    for ((seed, what, failed), theirs) in ours.into_iter().zip(theirs) {
        let step = failed.as_ref().map(|(step, _)| step.as_str());
        let their_step = theirs["step"].as_str();
        ensure!(
            theirs["valid"] == failed.is_none() && step == their_step,
            "seed {seed} ({what:?}): ours {failed:?}, theirs {theirs}"
        );
        let what = what.map_or_else(|| "good".into(), |what| format!("{what:?}"));
        *tally
            .entry(format!("{what}: {}", step.unwrap_or("valid")))
            .or_default() += 1;
    }
    Ok(())
}

/// What the server's own keys sign, and no rule allows: each once, and in one go, so that none of them stops the others.
#[test]
fn both_find_every_odd_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (keys, log) = (server_keys(), log_key());
    let sites = Sites::published();
    let goods = (0..).map(|seed| make(&sites, &mut Random::new(seed)));
    let mut goods = goods.filter(|zip| {
        odd_files(zip)
            .iter()
            .any(|(what, _)| *what == "150 signatures")
    });
    let odd = odd_files(&goods.next().context("a file with a log")?);
    for (place, (_, zip)) in odd.iter().enumerate() {
        std::fs::write(folder.path().join(place.to_string()), zip)?;
    }
    let places: Vec<u64> = (0..odd.len() as u64).collect();
    let theirs = python(folder.path(), &places)?;
    ensure!(
        theirs.len() == odd.len(),
        "Python stopped at {}",
        theirs.len()
    );
    let mut wrong = Vec::new();
    for ((what, zip), theirs) in odd.iter().zip(theirs) {
        let trust = Trust {
            keys: Some(&keys),
            log: Some(&log),
            ..Trust::default()
        };
        let report = verify(zip, &trust);
        let (step, why) = report
            .failed()
            .map_or((None, ""), |(step, why)| (Some(step.as_str()), why));
        if step.is_none() != HARMLESS.contains(what) || step != theirs["step"].as_str() {
            wrong.push(format!("{what}: ours {step:?} {why}, theirs {theirs}"));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The verdicts of `examples/verify-evidence/verify.py`.
fn python(folder: &Path, seeds: &[u64]) -> Result<Vec<Value>> {
    let jwks = folder.join("jwks.json");
    std::fs::write(&jwks, server_keys().to_jwks())?;
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verify-evidence/verify.py");
    let mut process = Command::new(tool::python())
        .arg(script)
        .arg("--keys")
        .arg(&jwks)
        .args(["--log-key", &log_key().to_string()])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let names: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    let names = names.join("\n") + "\n";
    let mut stdin = process.stdin.take().context("piped")?;
    let writer = std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    let output = process.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    ensure!(
        output.status.code().is_some_and(|code| code < 2),
        "Python stopped: is `cryptography` installed?"
    );
    let lines = String::from_utf8(output.stdout)?;
    lines
        .lines()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect()
}

#[test]
fn every_flipped_bit_is_found_and_its_place_is_named() -> Result<()> {
    let all = std::env::var("CONSENT_EVIDENCE_BITS").is_ok();
    let zip = make(&Sites::published(), &mut Random::new(1));
    let keys = server_keys();
    let trust = Trust {
        keys: Some(&keys),
        ..Trust::default()
    };
    ensure!(
        verify(&zip, &trust).verdict() == Verdict::Valid,
        "good evidence"
    );
    let places = contents(&zip)?;
    let bits = zip.len() * 8;
    let step = if all { 1 } else { bits / 2000 };
    let mut flipped = zip.clone();
    let (mut found, mut in_files) = (0, 0);
    for bit in (0..bits).step_by(step) {
        let place = bit / 8;
        flipped[place] ^= 1 << (bit % 8);
        let report = verify(&flipped, &trust);
        flipped[place] ^= 1 << (bit % 8);
        let Some((step, why)) = report.failed() else {
            anyhow::bail!("bit {bit} of {bits} is not found");
        };
        ensure!(step == Step::Form, "bit {bit}: {step}");
        // In a file, that file is named; between files, the place.
        let file = places.iter().find(|(_, range)| range.contains(&place));
        ensure!(
            ["byte", "checksum", "name", "zip"]
                .iter()
                .any(|word| why.contains(word)),
            "bit {bit}: {why}"
        );
        if let Some((name, _)) = file {
            ensure!(why.contains(&**name), "bit {bit} in {name}: {why}");
            in_files += 1;
        }
        found += 1;
    }
    println!("{found} flipped bits of {bits} found, {in_files} of them in files that were named");
    Ok(())
}

/// Where in the archive each file's content stands.
fn contents(zip: &[u8]) -> Result<Vec<(String, std::ops::Range<usize>)>> {
    let mut place = 0;
    let mut places = Vec::new();
    for (name, content) in Archive::from_zip(zip)?.iter() {
        let start = place + 30 + name.len();
        place = start + content.len();
        places.push((name.to_owned(), start..place));
    }
    Ok(places)
}
