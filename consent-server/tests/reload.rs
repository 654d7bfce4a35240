//! Sites and keys replaced while records come in: nothing is dropped, and what is broken changes nothing.

mod support;

use consent_core::digest::Digest;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::page::{Page, get};
use support::process::{Process, exported, run};
use support::{shop, write_site};

/// Sends records until it is told to stop; all statuses that came, and how many answers.
fn load(
    page: &Page,
    stop: &Arc<AtomicBool>,
) -> std::thread::JoinHandle<(BTreeSet<Option<u16>>, u64)> {
    let (page, stop) = (page.clone(), Arc::clone(stop));
    std::thread::spawn(move || {
        let (mut statuses, mut number) = (BTreeSet::new(), 0);
        while !stop.load(Ordering::Relaxed) {
            number += 1;
            statuses.insert(page.send(&page.record(number)));
        }
        (statuses, number)
    })
}

fn token(data: &Path, arguments: &[&str]) -> String {
    let data = data.to_str().unwrap();
    let output = run(&[&["token", "create", "--data", data], arguments].concat());
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

/// Asks for a reload; the status and the answer.
fn reload(server: &Process, token: &str) -> (u16, Value) {
    let mut answer = agent()
        .post(format!("{}/v1/admin/reload", server.staff))
        .header("authorization", format!("Bearer {token}"))
        .send_empty()
        .unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_str(&text).unwrap(),
    )
}

#[test]
fn sites_and_keys_are_replaced_under_load_and_no_record_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let admin = token(&data, &["--role", "admin", "--all-sites"]);
    let page = Page::open(&server.url);
    let stop = Arc::default();
    let sender = load(&page, &stop);
    let mut keys = BTreeSet::new();
    for round in 0..5 {
        // Other words, the same scope: nobody need be asked again, and late records of the old words still count.
        let declared = shop().replace("Counts visits.", &format!("Counts visits, {round}."));
        assert_ne!(declared, shop());
        std::fs::write(sites.join("shop.toml"), declared).unwrap();
        assert!(
            run(&["keys", "rotate", "--data", data.to_str().unwrap()])
                .status
                .success()
        );
        let (status, answer) = reload(&server, &admin);
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["changed"], serde_json::json!(["shop"]));
        keys.insert(answer["key"].as_str().unwrap().to_owned());
        std::thread::sleep(Duration::from_millis(100));
    }
    stop.store(true, Ordering::Relaxed);
    let (statuses, sent) = sender.join().unwrap();
    assert_eq!(statuses, BTreeSet::from([Some(201)]), "of {sent}");
    assert!(sent > 20, "{sent}");
    assert_eq!(keys.len(), 5);

    // Every receipt verifies with the keys that are published now.
    let jwks = folder.path().join("jwks.json");
    std::fs::write(&jwks, get(&format!("{}/.well-known/jwks.json", server.url))).unwrap();
    let receipts: Vec<String> = exported(&data)
        .iter()
        .map(|line| line["receipt"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(receipts.len() as u64, sent);
    let keys = std::fs::read_to_string(&jwks).unwrap();
    let keys = consent_core::key::KeySet::from_jwks(&keys).unwrap();
    let mut signers = BTreeSet::new();
    for receipt in &receipts {
        let parsed = consent_core::receipt::UnverifiedReceipt::parse(receipt).unwrap();
        let expect = consent_core::receipt::Expectations::at(parsed.issued_at());
        signers.insert(parsed.verify(&keys, &expect).unwrap().key());
    }
    assert!(signers.len() > 1, "one key has signed everything");

    // The words of the first day are there for ever, and are what their digest says.
    let notice = get(&format!(
        "{}/v1/sites/shop/notices/{}",
        server.url, page.notice
    ));
    assert_eq!(Digest::of(notice.as_bytes()).to_text(), page.notice);
    let scope = get(&format!(
        "{}/v1/sites/shop/scopes/{}",
        server.url, page.scope
    ));
    assert_eq!(Digest::of(scope.as_bytes()).to_text(), page.scope);
    let bundle = serde_json::from_str::<Value>(&notice).unwrap()["bundle"]
        .as_str()
        .unwrap()
        .to_owned();
    let list = get(&format!("{}/v1/bundles/{bundle}", server.url));
    assert_eq!(Digest::of(list.as_bytes()).to_text(), bundle);
    let files: std::collections::BTreeMap<String, String> = serde_json::from_str(&list).unwrap();
    let script = get(&format!("{}/v1/files/{}", server.url, files["banner.js"]));
    assert_eq!(Digest::of(script.as_bytes()).to_text(), files["banner.js"]);
}

#[test]
fn a_broken_declaration_is_refused_with_its_errors_and_the_old_one_serves_on() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let admin = token(&data, &["--role", "admin", "--all-sites"]);
    let gate = format!("{}/s/shop/consent.js", server.url);
    let before = get(&gate);
    std::fs::write(
        sites.join("another.toml"),
        "id = \"another\"\nnmae = \"x\"\n",
    )
    .unwrap();
    let (status, answer) = reload(&server, &admin);
    assert_eq!(status, 422);
    assert_eq!(answer["code"], "reload_refused");
    let detail = answer["detail"].as_str().unwrap();
    assert!(detail.contains("another.toml:2"), "{detail}");
    server.signal("-HUP");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(get(&gate), before);
    // Mended, the signal is enough.
    let mended = shop().replace("id = \"shop\"", "id = \"another\"");
    std::fs::write(sites.join("another.toml"), mended).unwrap();
    server.signal("-HUP");
    let another = format!("{}/s/another/consent.js", server.url);
    let heard = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        support::page::status(&another) == 200
    });
    assert!(heard, "SIGHUP was not heard");
}

#[test]
fn only_who_runs_the_server_may_reload_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    for (arguments, code) in [
        (&["--role", "admin", "--site", "shop"][..], "not_operator"),
        (&["--role", "exporter", "--all-sites"], "not_operator"),
    ] {
        let (status, answer) = reload(&server, &token(&data, arguments));
        assert_eq!((status, answer["code"].as_str()), (403, Some(code)));
    }
    assert_eq!(reload(&server, "consent_nobody").0, 401);
}
