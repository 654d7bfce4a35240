//! What can still be proven later: from an archive, from a backup, from a copy of the tiles, and of receipts of before there
//! was a log.

use crate::support;
use axum::http::StatusCode;
use consent_core::archive::Archive;
use consent_core::merkle::Tile;
use consent_core::note::NoteKey;
use consent_core::site::{AtEnd, ProofRetention};
use consent_core::time::UnixSeconds;
use consent_server::data::DataFolder;
use consent_server::log::{Vouchers, last_signed};
use consent_server::retention::purge;
use consent_server::store::{Actor, Moment, StoreAddress};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::process::{Process, run};
use support::witness::Witness;
use support::{NOW, Server};

fn path_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Stores a record, and waits until it is signed; its receipt.
async fn receipt(server: &Server, number: u8) -> String {
    let answer = server
        .record("shop", &server.example("shop", number))
        .await
        .json();
    let log = server.app.log().unwrap();
    let waiting = log.lag().unwrap();
    log.covering(waiting.0 + waiting.1 - 1).await.unwrap();
    answer["receipt"].as_str().unwrap().to_owned()
}

/// The key of the log in a file.
fn log_keys(server: &Server) -> PathBuf {
    let file = server.data.path().join("log-keys.txt");
    let key = server.app.log().unwrap().key().to_string();
    std::fs::write(&file, key).unwrap();
    file
}

#[tokio::test]
async fn an_archived_receipt_is_proven_with_what_its_line_has() {
    let server = Server::start();
    let first = receipt(&server, 1).await;
    let data = path_of(server.data.path());
    let later = UnixSeconds::new(NOW + 20 * 366 * 86_400).unwrap();
    let proof = ProofRetention {
        years: 5,
        at_end: AtEnd::Archive,
    };
    let (shop, actor) = ("shop".parse().unwrap(), Actor::operator("schedule", later));
    let purged = purge(
        &*server.store,
        &DataFolder::at(server.data.path()),
        &shop,
        proof,
        &actor,
        false,
    );
    assert_eq!(purged.unwrap().receipts, 1);
    let mut files = std::fs::read_dir(server.data.path().join("archive")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["receipt"], first);

    // An archive is checked as an export is.
    let verified = run(&["verify", path_of(&file), "--data", data]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));

    let (place, salt) = (line["place"].to_string(), line["salt"].as_str().unwrap());
    let proof_of = |salt: &str, place: &str| {
        run(&[
            "log", "proof", "--data", data, "--place", place, "--salt", salt,
        ])
    };
    let verify = |proof: &Output| {
        let [file, receipt] = ["a.tlog-proof", "a.jwt"].map(|name| server.data.path().join(name));
        std::fs::write(&file, &proof.stdout).unwrap();
        std::fs::write(&receipt, &first).unwrap();
        let keys = log_keys(&server);
        run(&[
            "verify",
            path_of(&receipt),
            "--data",
            data,
            "--proof",
            path_of(&file),
            "--log-keys",
            path_of(&keys),
        ])
    };
    let made = proof_of(salt, &place);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let verified = verify(&made);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    // Another salt does not make that leaf; another place has another one; and there is no such place.
    let other = "A".repeat(43);
    assert_eq!(verify(&proof_of(&other, &place)).status.code(), Some(1));
    assert_eq!(verify(&proof_of(salt, "0")).status.code(), Some(1));
    assert_eq!(proof_of(salt, "1000").status.code(), Some(1));
    assert_eq!(proof_of("short", &place).status.code(), Some(2));
}

#[tokio::test]
async fn receipts_of_before_the_log_get_their_places_and_proofs() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let model = Server::start();
    let server = Process::serve_with(&sites, &data, &["--no-log"]);
    let mut receipts = Vec::new();
    for number in 1..4 {
        let record = model.example("shop", number);
        let mut answer = ureq::post(format!("{}/v1/sites/shop/consents", server.url))
            .content_type("application/json")
            .send(record.to_string())
            .unwrap();
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        let receipt = answer["receipt"].as_str().unwrap().to_owned();
        receipts.push((record["jti"].as_str().unwrap().to_owned(), receipt));
    }
    drop(server);
    let fsck = || run(&["fsck", "--data", path_of(&data)]);
    assert_eq!(fsck().status.code(), Some(0), "{}", said(&fsck()));

    let server = Process::serve(&sites, &data);
    for (id, receipt) in &receipts {
        let url = format!("{}/v1/sites/shop/consents/{id}/proof", server.url);
        let proof = ureq::get(url)
            .header("authorization", format!("Bearer {receipt}"))
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        assert!(proof.starts_with("c2sp.org/tlog-proof@v1\n"), "{proof}");
    }
    drop(server);
    let checked = fsck();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    for (id, _) in &receipts {
        let made = run(&["evidence", id, "--data", path_of(&data), "-o", "-"]);
        let zip = Archive::from_zip(&made.stdout).unwrap();
        assert!(zip.get("log/receipt.tlog-proof").is_some());
    }
}

#[tokio::test]
async fn a_backup_has_what_witnesses_said_and_a_renewed_log_begins_without() {
    let server = Server::start();
    receipt(&server, 1).await;
    let key = server.app.log().unwrap().key().clone();
    let folder = tempfile::tempdir().unwrap();
    let witness = Witness::start("w.example/1", &folder.path().join("w"), &[&key]);
    let log = std::sync::Arc::clone(server.app.log().unwrap());
    let vouchers = Vouchers::new(vec![witness.endpoint.clone()], None).unwrap();
    let asked = tokio::task::spawn_blocking(move || log.ask_to_vouch(&vouchers).unwrap());
    assert_eq!(asked.await.unwrap().failed.len(), 0);
    let id = server.example("shop", 1)["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    let data = server.end().await;

    let copy = folder.path().join("copy");
    let made = run(&[
        "backup",
        "--data",
        path_of(data.path()),
        "--to",
        path_of(&copy),
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let names = |data: &Path| {
        let mut names: Vec<_> = std::fs::read_dir(data.join("log/vouched"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&copy), names(data.path()));
    assert_eq!(names(&copy).len(), 2);

    // Restored with the last checkpoint: the evidence has the cosignature.
    std::fs::copy(
        data.path().join("log/checkpoint"),
        copy.join("log/checkpoint"),
    )
    .unwrap();
    let evidence = |data: &Path| {
        let made = run(&["evidence", &id, "--data", path_of(data), "-o", "-"]);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        let zip = Archive::from_zip(&made.stdout).unwrap();
        let checkpoint = zip.get("log/receipt.tlog-proof").unwrap();
        String::from_utf8_lossy(checkpoint).into_owned()
    };
    assert!(evidence(&copy).contains("— w.example/1 "));

    // Restored without it, under a new name: what was said of the old log is kept, and is not of the new one.
    let renewed = run(&["log", "renew", "--data", path_of(&copy)]);
    assert!(
        renewed.stdout.starts_with(b"consent.example/log/2-"),
        "{}",
        said(&renewed)
    );
    // Who must hear of it, and what: the line by which the log is known now.
    let told = said(&renewed);
    assert!(told.contains("w.example/1 will answer 404"), "{told}");
    let lines = told.lines().filter_map(|line| line.parse::<NoteKey>().ok());
    let keys: Vec<NoteKey> = lines.collect();
    let [key] = &keys[..] else { panic!("{told}") };
    let first = last_signed(&DataFolder::at(&copy)).unwrap().unwrap();
    first.verify(key, &[]).unwrap();
    assert!(!copy.join("log/vouched").exists());
    let old = copy.join("log/closed-consent-example-log-vouched");
    assert_eq!(std::fs::read_dir(old).unwrap().count(), 2);
}

#[tokio::test]
async fn a_copy_of_the_tiles_ties_evidence_to_a_checkpoint_that_was_kept() {
    let server = Server::start();
    receipt(&server, 1).await;
    let folder = tempfile::tempdir().unwrap();
    let held = folder.path().join("held");
    let checkpoint = server.get("/log/checkpoint", &[]).await;
    assert_eq!(checkpoint.status, StatusCode::OK);
    std::fs::write(&held, checkpoint.text()).unwrap();
    receipt(&server, 2).await;
    let size = server.app.log().unwrap().latest().unverified().size();
    let tiles = folder.path().join("copy");
    for tile in Tile::of_tree(size) {
        let answer = server.get(&format!("/log/tile/{tile}"), &[]).await;
        let file = tiles.join("tile").join(tile.path());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, answer.body).unwrap();
    }
    let keys = log_keys(&server);
    let id = server.example("shop", 2)["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    let (zip, data) = (folder.path().join("e.zip"), path_of(server.data.path()));
    let made = run(&["evidence", &id, "--data", data, "-o", path_of(&zip)]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let consistent = |options: &[&str]| {
        let mut arguments = vec!["verify", path_of(&zip), "--json", "--data", data];
        arguments.extend(["--log-keys", path_of(&keys), "--checkpoint", path_of(&held)]);
        arguments.extend(options);
        let output = run(&arguments);
        let Ok(verdict) = serde_json::from_slice::<Value>(&output.stdout) else {
            return (output.status.code(), said(&output));
        };
        let steps = verdict["steps"].as_array().unwrap().clone();
        let step = steps.into_iter().find(|step| step["step"] == "consistent");
        let result = step.unwrap()["result"].as_str().unwrap().to_owned();
        (output.status.code(), result)
    };
    let refused = |why: &str| {
        let (code, said) = consistent(&["--tiles", path_of(&tiles)]);
        assert!(code == Some(2) && said.contains(why), "{said}");
    };
    assert_eq!(consistent(&[]), (Some(0), "not_checked".into()));
    let with = ["--tiles", path_of(&tiles)];
    assert_eq!(consistent(&with), (Some(0), "passed".into()));
    // A copy that was made later has a wider tile.
    let tile = tiles.join(format!("tile/0/000.p/{size}"));
    let mut wider = std::fs::read(&tile).unwrap();
    std::fs::remove_file(&tile).unwrap();
    wider.extend_from_slice(&[7; 64]);
    let later = tiles.join(format!("tile/0/000.p/{}", size + 2));
    std::fs::write(&later, &wider).unwrap();
    assert_eq!(consistent(&with), (Some(0), "passed".into()));
    // One that is damaged, or not there, says nothing against the log.
    wider[5] ^= 1;
    std::fs::write(&later, &wider).unwrap();
    refused("this copy is damaged");
    std::fs::remove_file(&later).unwrap();
    refused("nor a wider one can be read");
}

#[tokio::test]
async fn a_full_disk_leaves_an_archive_of_whole_lines() {
    let server = Server::start();
    server.accept_time(NOW - 10 * 366 * 86_400);
    let then = server.app.clock.now().get();
    let mut record = server.example("shop", 1);
    record["dat"] = then.into();
    let id = consent_core::id::RecordId::v7(then.unsigned_abs() * 1000, [1; 10]);
    record["jti"] = id.to_text().into();
    let answer = server.record("shop", &record).await;
    let receipt = answer.json()["receipt"].as_str().unwrap().to_owned();
    let data = server.end().await;
    let now = consent_server::clock::Clock::system().now();
    let store = StoreAddress::of(&DataFolder::at(data.path())).open();
    store.unwrap().set_moment(Moment::Signed, now).unwrap();
    let sites = tempfile::tempdir().unwrap();
    let declaration = format!(
        "{}\n[proof]\nkeep_years = 5\nat_end = \"archive\"\n",
        support::shop()
    );
    std::fs::write(sites.path().join("shop.toml"), declaration).unwrap();
    let now = consent_server::clock::Clock::system().now().to_rfc3339();
    let archive = data.path().join("archive");
    std::fs::create_dir(&archive).unwrap();
    let file = archive.join(format!("shop-{}.jsonl", &now[..10]));
    // Files of 10 MiB at most, and there is room for a few bytes more.
    let limit = 20_480;
    let before = "{}\n".repeat((limit * 512 - 100) / 3);
    std::fs::write(&file, &before).unwrap();
    let purge = |blocks: &str| {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script, support::process::PROGRAM, "purge"]);
        shell.args(["--sites", path_of(sites.path())]);
        shell
            .args(["--data", path_of(data.path())])
            .output()
            .unwrap()
    };
    let full = purge(&limit.to_string());
    assert_eq!(full.status.code(), Some(2), "{}", said(&full));
    assert_eq!(std::fs::read_to_string(&file).unwrap().len(), before.len());
    let done = purge("unlimited");
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text[before.len()..].lines().collect();
    assert!(lines.len() == 1 && lines[0].contains(&receipt), "{lines:?}");
}

#[test]
fn what_was_erased_is_soon_in_no_file_of_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let server = Process::serve(&sites, &data);
    let page = support::page::Page::open(&server.url);
    let record = page.record(1);
    let mut answer = ureq::post(format!("{}/v1/sites/shop/consents", server.url))
        .content_type("application/json")
        .send(record.to_string())
        .unwrap();
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    let receipt = answer["receipt"].as_str().unwrap();
    let is_there = || {
        ["consent.db", "consent.db-wal"].iter().any(|file| {
            let bytes = std::fs::read(data.join(file)).unwrap();
            let mut windows = bytes.windows(receipt.len());
            windows.any(|window| window == receipt.as_bytes())
        })
    };
    assert!(is_there());
    let (subject, id) = (
        support::consent_id(&record),
        record["jti"].as_str().unwrap(),
    );
    let wish = format!("{{\"subject\":\"{subject}\",\"record\":\"{id}\"}}");
    let mut erased = ureq::post(format!("{}/v1/sites/shop/erasures", server.url))
        .header("cookie", support::holder(&record))
        .send(wish)
        .unwrap();
    assert_eq!(
        erased.body_mut().read_to_string().unwrap(),
        "{\"erased\":1}"
    );
    let asked = std::time::Instant::now();
    while is_there() {
        assert!(asked.elapsed().as_secs() < 30, "it is still readable");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
