//! Our verdicts on random evidence files, half of them tampered with, beside those of the verifier in Python.
//!
//! `cargo xtask evidence` runs the same with ten thousand files, and with every bit of one.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_core::archive::Archive;
use consent_core::evidence::{EvidenceStep, Trust, Verdict, verify};
use consent_core::key::{KeyId, KeySet, PublicKey, Revocation};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::time::UnixSeconds;
use consent_tests::evidence::{
    Random, Sites, Tampering, log_key, make, odd_files, server_keys, tamper,
};
use consent_tests::tool;
use serde_json::Value;

/// How many files Python is given at a time.
const BATCH: u64 = 500;

/// What no server of ours writes, and no rule forbids.
const HARMLESS: [&str; 5] = [
    "as it was",
    "gpc false",
    "services empty",
    "keys ended later",
    "keys ended never",
];

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
        let verdict = report.verdict();
        match what {
            None => ensure!(failed.is_none(), "seed {seed}: {failed:?}"),
            // The server can reword what it alone says, and what it leaves out may be said.
            Some(Tampering::OwnKey) => {}
            Some(Tampering::Odd(what)) if HARMLESS.contains(&what) => {}
            Some(what) => ensure!(failed.is_some(), "seed {seed}: {what:?} is not found"),
        }
        std::fs::write(folder.path().join(seed.to_string()), &zip)?;
        ours.push((*seed, what, failed, verdict));
    }
    let theirs = python(folder.path(), &names(seeds), Some(&keys))?.answers;
    ensure!(
        theirs.len() == ours.len(),
        "Python answered {} of {}",
        theirs.len(),
        ours.len()
    );
    for ((seed, what, failed, verdict), theirs) in ours.into_iter().zip(theirs) {
        let step = failed.as_ref().map(|(step, _)| step.as_str());
        let their_step = theirs["step"].as_str();
        ensure!(
            theirs["valid"] == failed.is_none()
                && theirs["verdict"] == verdict.as_str()
                && step == their_step,
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
    let theirs = python(folder.path(), &names(&places), Some(&keys))?.answers;
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

/// Keys that were retired or revoked, by the set that is given, or by the file.
#[test]
fn both_heed_the_ends_of_keys() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let zip = make(&Sites::published(), &mut Random::new(3));
    std::fs::write(folder.path().join("good"), &zip)?;
    let archive = Archive::from_zip(&zip)?;
    let text = |name| std::str::from_utf8(archive.get(name).unwrap_or_default());
    let receipt = UnverifiedReceipt::parse(text("receipt.jwt")?)?;
    let (receipt_key, seal_key) = (text("keys/receipt.pem")?, text("keys/seal.pem")?);
    let with = |pem: &str, end: &dyn Fn(&mut KeySet, KeyId)| {
        let mut keys = server_keys();
        let key = keys
            .keys()
            .find(|key| key.to_pem() == pem)
            .map(PublicKey::id);
        if let Some(key) = key {
            end(&mut keys, key);
        }
        keys
    };
    let after = |seconds| UnixSeconds::new(receipt.issued_at().get() + seconds);
    let mut sets = vec![None, Some(server_keys())];
    for pem in [receipt_key, seal_key] {
        for end in [after(-1)?, after(0)?, after(1)?, UnixSeconds::EPOCH] {
            sets.push(Some(with(pem, &|keys, id| keys.retire(id, end))));
            let reason = || Some("a laptop was lost".to_owned());
            sets.push(Some(with(pem, &|keys, id| {
                keys.revoke(
                    id,
                    Revocation {
                        since: end,
                        reason: reason(),
                    },
                );
            })));
        }
    }
    // Files that say an end of their own: what is given says the same, another, or none.
    let mut zips = vec![("good".to_owned(), zip.clone())];
    for (what, odd) in odd_files(&zip) {
        if what.contains("ended") || what.contains("revoked") {
            let name = what.replace(' ', "-");
            std::fs::write(folder.path().join(&name), &odd)?;
            zips.push((name, odd));
        }
    }
    let mut seen = BTreeMap::new();
    for keys in &sets {
        let names: Vec<String> = zips.iter().map(|(name, _)| name.clone()).collect();
        let theirs = python(folder.path(), &names, keys.as_ref())?.answers;
        for ((name, zip), theirs) in zips.iter().zip(theirs) {
            let log = log_key();
            let report = verify(
                zip,
                &Trust {
                    keys: keys.as_ref(),
                    log: Some(&log),
                    ..Trust::default()
                },
            );
            let step = report.failed().map(|(step, _)| step.as_str());
            let verdict = report.verdict().as_str();
            ensure!(
                theirs["verdict"] == verdict && theirs["step"].as_str() == step,
                "{name} with {keys:?}: ours {verdict} {:?}, theirs {theirs}",
                report.failed()
            );
            *seen.entry((verdict, step)).or_insert(0) += 1;
        }
    }
    for found in [
        ("valid", None),
        ("unproven", None),
        ("not_valid", Some("keys")),
        ("not_valid", Some("seal")),
        ("not_valid", Some("receipt")),
    ] {
        ensure!(seen.contains_key(&found), "{found:?} is not among {seen:?}");
    }
    Ok(())
}

/// Whatever stands in a file's place, those after it are checked; the exit code is that of the worst, and the last line says it.
#[test]
fn a_batch_goes_on_and_ends_with_its_worst_verdict() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let good = make(&Sites::published(), &mut Random::new(5));
    std::fs::write(path("good"), &good)?;
    std::fs::write(path("junk"), "PK no archive")?;
    std::fs::create_dir(path("folder"))?;
    std::fs::File::create(path("sparse"))?.set_len(6 << 30)?;
    ensure!(Command::new("mkfifo").arg(path("pipe")).status()?.success());
    let keys = server_keys();
    let unproven = "unproven: consistent in itself, but checked against no key that you trust";
    for (names, keys, code, words, verdicts) in [
        (&["good"][..], Some(&keys), 0, "valid", &["valid"][..]),
        (&["good"], None, 3, unproven, &["unproven"]),
        (
            &["junk", "good"],
            Some(&keys),
            1,
            "not valid",
            &["not_valid", "valid"],
        ),
        (
            &["junk", "good"],
            None,
            1,
            "not valid",
            &["not_valid", "unproven"],
        ),
        (
            &[
                "gone",
                "folder",
                "pipe",
                "sparse",
                "/dev/zero",
                "",
                "good",
                "junk",
            ],
            Some(&keys),
            2,
            "not read",
            &[
                "not_read",
                "not_read",
                "not_read",
                "not_read",
                "not_read",
                "not_read",
                "valid",
                "not_valid",
            ],
        ),
    ] {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let found = python(folder.path(), &names, keys)?;
        let found_verdicts: Vec<_> = found
            .answers
            .iter()
            .map(|answer| answer["verdict"].as_str().unwrap_or_default())
            .collect();
        ensure!(
            (found.code, &*found.last, &*found_verdicts) == (Some(code), words, verdicts),
            "{names:?}: {:?} {} {:?}",
            found.code,
            found.last,
            found.answers
        );
        let is_right = |answer: &Value| answer["valid"] == (answer["verdict"] == "valid");
        ensure!(found.answers.iter().all(is_right), "{:?}", found.answers);
    }
    Ok(())
}

/// What `examples/verify-evidence/verify.py` says of files.
struct Said {
    answers: Vec<Value>,
    code: Option<i32>,
    /// The last line on stderr.
    last: String,
}

fn names(numbers: &[u64]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

fn python(folder: &Path, names: &[String], keys: Option<&KeySet>) -> Result<Said> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/verify-evidence/verify.py");
    let mut process = Command::new(tool::python());
    process.arg(script);
    if let Some(keys) = keys {
        let jwks = folder.join("jwks.json");
        std::fs::write(&jwks, keys.to_jwks())?;
        process.arg("--keys").arg(&jwks);
    }
    let mut process = process
        .args(["--log-key", &log_key().to_string()])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let names = names.join("\n") + "\n";
    let mut stdin = process.stdin.take().context("piped")?;
    let writer = std::thread::spawn(move || stdin.write_all(names.as_bytes()));
    let output = process.wait_with_output()?;
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    let errors = String::from_utf8(output.stderr)?;
    let lines = String::from_utf8(output.stdout)?;
    ensure!(
        !lines.is_empty(),
        "Python stopped: is `cryptography` installed? {errors}"
    );
    let answers = lines.lines().map(|line| Ok(serde_json::from_str(line)?));
    Ok(Said {
        answers: answers.collect::<Result<_>>()?,
        code: output.status.code(),
        last: errors.lines().last().unwrap_or_default().to_owned(),
    })
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
        ensure!(step == EvidenceStep::Form, "bit {bit}: {step}");
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
