//! The real program under load: killed, and asked to stop.

use crate::support;
use consent_server::clock::random;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use support::page::Page;
use support::process::{Process, exported_ids, run};
use support::write_site;

/// Sends records from several threads until the server is gone; the record ids that were answered with 201.
struct Load {
    threads: Vec<std::thread::JoinHandle<Vec<String>>>,
    answered: Arc<AtomicUsize>,
}

impl Load {
    fn start(page: &Page, next: &Arc<AtomicU64>) -> Self {
        let answered = Arc::new(AtomicUsize::new(0));
        let threads = (0..8).map(|_| {
            let (page, next, answered) = (page.clone(), Arc::clone(next), Arc::clone(&answered));
            std::thread::spawn(move || {
                let agent = ureq::agent();
                let mut acknowledged = Vec::new();
                loop {
                    let record = page.record(next.fetch_add(1, Ordering::Relaxed));
                    let address = format!("{}/v1/sites/shop/consents", page.url);
                    let answer = agent
                        .post(&address)
                        .header("content-type", "application/json")
                        .send(record.to_string());
                    match answer {
                        Ok(answer) if answer.status() == 201 => {
                            acknowledged.push(record["jti"].as_str().unwrap().to_owned());
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(ureq::Error::StatusCode(503)) => {}
                        Err(ureq::Error::StatusCode(status)) => panic!("{status}"),
                        Err(_) => return acknowledged,
                    }
                }
            })
        });
        Self {
            threads: threads.collect(),
            answered,
        }
    }

    fn wait_for(&self, count: usize) {
        for _ in 0..600 {
            if self.answered.load(Ordering::Relaxed) >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "only {} records were answered in half a minute",
            self.answered.load(Ordering::Relaxed)
        );
    }

    fn finish(self) -> Vec<String> {
        self.threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    }
}

/// How often a server is killed; `cargo xtask soak` says a hundred times.
fn kills() -> usize {
    let said = std::env::var("CONSENT_KILLS").ok();
    said.map_or(3, |said| said.parse().unwrap())
}

/// Anywhere from the first answer to a few hundred later, and anywhere within a commit.
fn wait_for_a_random_point(load: &Load) {
    let [count, low, high, _] = random::<4>().unwrap();
    load.wait_for(1 + usize::from(count));
    let micros = u16::from_le_bytes([low, high]);
    std::thread::sleep(Duration::from_micros(micros.into()));
}

#[test]
fn a_killed_server_has_every_acknowledged_record_once_in_its_export() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let next = Arc::new(AtomicU64::new(0));
    let mut acknowledged = Vec::new();
    let mut process = Process::serve(&sites, &data);
    for round in 1..=kills() {
        let load = Load::start(&Page::open(&process.url), &next);
        wait_for_a_random_point(&load);
        process.signal("-KILL");
        acknowledged.extend(load.finish());
        drop(process);
        // Started again: the log is replayed, and the export reads beside the running server.
        process = Process::serve(&sites, &data);
        let stored = exported_ids(&data);
        let unique: HashSet<_> = stored.iter().collect();
        assert_eq!(unique.len(), stored.len(), "a record is stored twice");
        for id in &acknowledged {
            assert!(
                unique.contains(id),
                "round {round}: {id} was acknowledged and is lost"
            );
        }
        eprintln!(
            "killed {round} times: {} acknowledged, {} stored",
            acknowledged.len(),
            stored.len()
        );
    }
    assert!(acknowledged.len() >= 2 * kills());
}

#[test]
fn a_server_that_is_asked_to_stop_ends_well_and_has_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let mut process = Process::serve(&sites, &data);
    let load = Load::start(&Page::open(&process.url), &Arc::new(AtomicU64::new(0)));
    load.wait_for(100);
    process.signal("-TERM");
    let status = process.child.wait().unwrap();
    assert_eq!(status.code(), Some(0));
    let acknowledged: HashSet<_> = load.finish().into_iter().collect();
    let stored: HashSet<_> = exported_ids(&data).into_iter().collect();
    // Whoever was still waiting when the server stopped was answered: nothing is stored behind anybody's back.
    assert_eq!(stored, acknowledged);
}

#[test]
fn a_backup_under_load_starts_a_server_that_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    let copy = folder.path().join("copy");
    write_site(&sites);
    let process = Process::serve(&sites, &data);
    let load = Load::start(&Page::open(&process.url), &Arc::new(AtomicU64::new(0)));
    load.wait_for(200);
    let answered = load.answered.load(Ordering::Relaxed);
    let arguments = [
        "backup",
        "--data",
        data.to_str().unwrap(),
        "--to",
        copy.to_str().unwrap(),
    ];
    let output = run(&arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        run(&arguments).status.code(),
        Some(2),
        "a backup was overwritten"
    );
    load.wait_for(answered + 200);
    process.signal("-TERM");
    let acknowledged: HashSet<_> = load.finish().into_iter().collect();
    drop(process);
    let restored = exported_ids(&copy);
    assert!(restored.len() >= answered);
    assert!(restored.iter().all(|id| acknowledged.contains(id)));
    for entry in [copy.join("consent.db"), copy.join("keys")] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&entry).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{entry:?}");
    }
    // The same keys, and it takes records.
    let jwks =
        |data: &Path| run(&["keys", "list", "--jwks", "--data", data.to_str().unwrap()]).stdout;
    assert_eq!(jwks(&copy), jwks(&data));
    // A copy cannot know how far the log was signed since: whoever starts a server on it has to say so.
    let refused = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--url",
        support::URL,
        "--sites",
        sites.to_str().unwrap(),
        "--data",
        copy.to_str().unwrap(),
    ]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("consent log renew"), "{told}");
    let renewed = run(&["log", "renew", "--data", copy.to_str().unwrap()]);
    assert!(renewed.stdout.starts_with(b"consent.example/log/2-"));
    let again = Process::serve(&sites, &copy);
    let page = Page::open(&again.url);
    assert_eq!(page.send(&page.record(1_000_000)), Some(201));
}
