//! Sites and keys replaced while records come in: nothing is dropped, and what is broken changes nothing.

use crate::support;
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
    server.hear("another.toml:2");
    server.hear("reloaded");
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

/// `consent check` finds it unlawful: going on reading is no consent.
fn unlawful(text: &str) -> String {
    let text = text.replace(
        "Counts visits.",
        "By continuing to browse, you accept our cookies.",
    );
    assert_ne!(text, shop());
    text
}

fn named(text: &str, id: &str) -> String {
    text.replace("id = \"shop\"", &format!("id = \"{id}\""))
}

#[test]
fn a_file_that_is_refused_stops_no_other_and_its_site_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    std::fs::write(sites.join("library.toml"), named(shop(), "library")).unwrap();
    let server = Process::serve(&sites, &data);
    let admin = token(&data, &["--role", "admin", "--all-sites"]);
    let page = Page::open(&server.url);
    let gate = |site: &str| get(&format!("{}/s/{site}/consent.js", server.url));
    let (shop_before, library_before) = (gate("shop"), gate("library"));

    let mut rounds = 0;
    for (broken, said) in [
        (unlawful(shop()), "[presumed-consent]"),
        ("id = \"shop".to_owned(), "shop.toml:1:"),
        (named(shop(), "library"), "so does"),
        ("x".repeat(5 << 20), "4 MiB"),
    ] {
        rounds += 1;
        std::fs::write(sites.join("shop.toml"), broken).unwrap();
        let other = named(shop(), "library").replace("Holds what", &format!("{rounds} holds what"));
        std::fs::write(sites.join("library.toml"), other).unwrap();
        let (status, answer) = reload(&server, &admin);
        assert_eq!(
            (status, &answer["code"]),
            (422, &"reload_refused".into()),
            "{answer}"
        );
        let twice = said == "so does";
        // The other one is published; of two with one id neither is, and what was served of both stays.
        assert_eq!(
            answer["changed"].as_array().unwrap().len(),
            usize::from(!twice),
            "{answer}"
        );
        assert_eq!(answer["rendered"], usize::from(!twice), "{answer}");
        assert_eq!(
            (&answer["sites"], &answer["gone"]),
            (&2.into(), &serde_json::json!([]))
        );
        let refused = answer["refused"].as_array().unwrap();
        assert_eq!(refused.len(), if twice { 2 } else { 1 }, "{answer}");
        for refused in refused {
            let file = refused["file"].as_str().unwrap();
            let site = refused["served"].as_str().unwrap();
            assert!(file.ends_with(&format!("{site}.toml")), "{answer}");
            assert!(
                refused["wrong"][0].as_str().unwrap().contains(file),
                "{answer}"
            );
        }
        let detail = answer["detail"].as_str().unwrap();
        assert!(
            detail.contains(said) && detail.contains("goes on"),
            "{detail}"
        );
        server.hear(said);
        assert_eq!(gate("shop"), shop_before);
        assert_eq!(page.send(&page.record(rounds)), Some(201));
    }
    assert_ne!(gate("library"), library_before);

    // Mended, all is as before: nothing of it has to be made again.
    std::fs::write(sites.join("shop.toml"), shop()).unwrap();
    let (status, answer) = reload(&server, &admin);
    assert_eq!(
        (status, &answer["refused"]),
        (200, &serde_json::json!([])),
        "{answer}"
    );
    assert_eq!(answer["rendered"], 0, "{answer}");

    // The last file of a site goes, and the site with it; and never the last site of all.
    std::fs::remove_file(sites.join("library.toml")).unwrap();
    let (_, answer) = reload(&server, &admin);
    assert_eq!(answer["gone"], serde_json::json!(["library"]));
    std::fs::rename(sites.join("shop.toml"), sites.join("new.toml")).unwrap();
    std::fs::write(sites.join("new.toml"), "broken").unwrap();
    let (status, answer) = reload(&server, &admin);
    assert_eq!(status, 422, "{answer}");
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("stay as they were"),
        "{answer}"
    );
    assert_eq!(gate("shop"), shop_before);
}

#[test]
fn a_reload_that_changed_one_site_renders_one() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    std::fs::create_dir(&sites).unwrap();
    let write = |number: u32, text: &str| {
        let text = named(text, &format!("shop-{number}"));
        std::fs::write(sites.join(format!("{number}.toml")), text).unwrap();
    };
    (0..4).for_each(|number| write(number, shop()));
    let server = Process::serve(&sites, &data);
    assert!(server.said.contains("rendered=4"), "{}", server.said);
    let admin = token(&data, &["--role", "admin", "--all-sites"]);
    let (_, answer) = reload(&server, &admin);
    assert_eq!(
        (&answer["sites"], &answer["rendered"]),
        (&4.into(), &0.into())
    );
    write(2, &shop().replace("Shows films.", "Shows plays."));
    let (_, answer) = reload(&server, &admin);
    assert_eq!(answer["rendered"], 1, "{answer}");
    assert_eq!(answer["changed"], serde_json::json!(["shop-2"]));
    // What changes no file of the publication is read again, too.
    write(2, &shop().replace("www.shop.example\"]", "shop.example\"]"));
    assert_eq!(reload(&server, &admin).1["rendered"], 1);
}
