//! The real program, killed between every two steps of what writes the log: nothing disagrees, nothing is lost.

use crate::support;
use consent_core::merkle::verify_inclusion;
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;
use consent_server::store::leaf_of;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::page::Page;
use support::process::{PROGRAM, Process, run};
use support::write_site;

/// Every step, and the time that it comes under load: at the start, the log is begun and the notices go in.
const STEPS: [&str; 10] = [
    "records-written:3",
    "records-committed:3",
    "waiting-read:2",
    "tiles-written:2",
    "tiles-committed:2",
    "checkpoint-signed:2",
    "checkpoint-written:3",
    "checkpoint-synced:3",
    "checkpoint-renamed:3",
    "checkpoint-kept:2",
];

/// The steps of the first start, where nobody has sent a record yet.
const FIRST_STEPS: [&str; 9] = [
    "checkpoint-written",
    "checkpoint-synced",
    "checkpoint-renamed",
    "waiting-read",
    "tiles-written",
    "tiles-committed",
    "checkpoint-signed",
    "checkpoint-written:2",
    "checkpoint-kept",
];

/// Sends records until the server is gone; what it answered with 201: records and receipts.
fn send_until_gone(page: &Page, from: u64) -> Vec<(Value, String)> {
    let agent = ureq::agent();
    let mut acknowledged = Vec::new();
    for number in from..from + 20_000 {
        let record = page.record(number);
        let answer = agent
            .post(format!("{}/v1/sites/shop/consents", page.url))
            .header("content-type", "application/json")
            .send(record.to_string());
        let Ok(mut answer) = answer else {
            return acknowledged;
        };
        assert_eq!(answer.status(), 201);
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        acknowledged.push((record, answer["receipt"].as_str().unwrap().to_owned()));
        // Some batches of the sequencer's.
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the server was not killed");
}

fn get(url: &str, bearer: &str) -> String {
    let answer = ureq::get(url).header("authorization", bearer).call();
    answer.unwrap().body_mut().read_to_string().unwrap()
}

fn all_are_proven(url: &str, acknowledged: &[(Value, String)]) {
    let key: NoteKey = get(&format!("{url}/log/vkey"), "").trim().parse().unwrap();
    for (record, receipt) in acknowledged {
        let id = record["jti"].as_str().unwrap();
        let url = format!("{url}/v1/sites/shop/consents/{id}/proof");
        let proof: TlogProof = get(&url, &format!("Bearer {receipt}")).parse().unwrap();
        let seen = proof.checkpoint.verify(&key, &[]).unwrap();
        let leaf = leaf_of(proof.extra.as_deref().unwrap().try_into().unwrap(), receipt);
        let (size, root) = (seen.checkpoint.size(), seen.checkpoint.root());
        verify_inclusion(proof.index, size, &leaf, &proof.hashes, &root).unwrap();
    }
}

fn fsck_is_clean(data: &Path) {
    let output = run(&["fsck", "--data", data.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_crash_between_any_two_steps_leaves_a_log_that_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    drop(Process::serve(&sites, &data));
    let mut acknowledged = Vec::new();
    for step in STEPS {
        // The notices are in already: the first pass of a step is the first under load.
        let (name, time) = step.split_once(':').unwrap();
        let time: u32 = time.parse().unwrap();
        let time = if name.starts_with("records") {
            time
        } else {
            time - 1
        };
        let time = if matches!(
            name,
            "checkpoint-written" | "checkpoint-synced" | "checkpoint-renamed"
        ) {
            1
        } else {
            time
        };
        let server = Process::serve_until(&sites, &data, &format!("{name}:{time}"));
        let page = Page::open(&server.url);
        let before = acknowledged.len();
        acknowledged.extend(send_until_gone(&page, 100_000 * (before as u64 + 1)));
        drop(server);
        // The very files of the crash, before any server mends them.
        fsck_is_clean(&data);
        let server = Process::serve(&sites, &data);
        all_are_proven(&server.url, &acknowledged[before..]);
    }
    let server = Process::serve(&sites, &data);
    all_are_proven(&server.url, &acknowledged);
    server.signal("-TERM");
    assert!(acknowledged.len() > STEPS.len());
}

#[test]
fn a_crash_at_the_first_start_is_no_reason_not_to_start() {
    for step in FIRST_STEPS {
        let folder = tempfile::tempdir().unwrap();
        let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
        write_site(&sites);
        let killed = Command::new(PROGRAM)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--url",
                support::URL,
                "--sites",
            ])
            .arg(&sites)
            .arg("--data")
            .arg(&data)
            .env("CONSENT_CRASH", step)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(killed.code(), None, "{step}: killed by a signal");
        let server = Process::serve(&sites, &data);
        let page = Page::open(&server.url);
        assert_eq!(page.send(&page.record(1)), Some(201), "{step}");
        drop(server);
        fsck_is_clean(&data);
    }
}
