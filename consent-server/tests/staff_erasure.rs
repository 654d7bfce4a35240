//! Erasure by staff; and what the trail keeps of whoever is erased.

use crate::support;
use consent_core::digest::Digest;
use consent_server::auth::Role;
use consent_server::data::DataFolder;
use consent_server::store::StoreAddress;
use serde_json::Value;
use std::path::Path;
use support::process::run;
use support::{NOW, Server};

/// What two browsers send at first, and the consent ids that they get for it.
const SECRETS: [&str; 2] = ["AgICAgICAgICAgICAgICAg", "AwMDAwMDAwMDAwMDAwMDAw"];
const SUBJECT: &str = "LHUdxEpIFv9fFo-DiH1gnQ";
const OTHER: &str = "ckJ97sUw3tJeZQfgsJbUag";

/// Two records of one browser, one of another.
async fn filled() -> (Server, Vec<Value>) {
    let server = Server::start();
    let mut records = Vec::new();
    for (number, secret) in [(1, SECRETS[0]), (2, SECRETS[0]), (3, SECRETS[1])] {
        let mut record = server.example("shop", number);
        record["sub"] = secret.into();
        let answer = server.record("shop", &record).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        records.push(record);
    }
    (server, records)
}

async fn trail(server: &Server, admin: &str) -> (String, Vec<Value>) {
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", &*bearer)];
    let answer = server.staff().get("/v1/audit?limit=1000", &headers).await;
    let lines = answer.json()["entries"].as_array().unwrap().clone();
    (answer.text(), lines)
}

#[tokio::test]
async fn an_administrator_of_the_site_erases_and_nobody_less() {
    let (server, _) = filled().await;
    let staff = server.staff();
    for (token, code) in [
        (server.token(Role::Exporter, &[], None), "forbidden"),
        (server.token(Role::Admin, &["library"], None), "forbidden"),
        (server.token(Role::Admin, &[], Some(NOW)), "unauthorized"),
        ("nobody".to_owned(), "unauthorized"),
    ] {
        assert_eq!(staff.erase("shop", SUBJECT, &token).await.code(), code);
    }
    let admin = server.token(Role::Admin, &["shop"], None);
    let bearer = format!("Bearer {admin}");
    for body in [
        "",
        "[]",
        &format!("[\"{SUBJECT}\"]"),
        "{}",
        "{\"subject\":\"x\"}",
        "{\"subject\":null}",
        &format!("{{\"subject\":\"{SUBJECT}\",\"all\":true}}"),
        &format!("subject={SUBJECT}"),
    ] {
        let path = "/v1/sites/shop/erasures";
        let answer = staff
            .post(path, &[("authorization", &bearer)], body.to_owned())
            .await;
        assert_eq!(answer.code(), "malformed_json", "{body}");
    }
    let everywhere = server.token(Role::Admin, &[], None);
    let nowhere = staff.erase("nowhere", SUBJECT, &everywhere).await;
    assert_eq!(nowhere.code(), "unknown_site");
    assert_eq!(server.stored(), 3);
    let shop: consent_core::id::SiteId = "shop".parse().unwrap();
    let hold = consent_server::store::Hold {
        site: shop.clone(),
        reason: "a case".into(),
        since: consent_core::time::UnixSeconds::new(NOW).unwrap(),
    };
    server.app.store.hold(&hold).unwrap();
    let refused = staff.erase("shop", SUBJECT, &admin).await;
    assert_eq!(refused.code(), "legal_hold");
    server.app.store.lift(&shop).unwrap();
    let erased = staff.erase("shop", SUBJECT, &admin).await;
    assert_eq!(erased.text(), "{\"erased\":2}");
    assert_eq!(server.stored(), 1);
    let again = staff.erase("shop", SUBJECT, &admin).await;
    assert_eq!(again.text(), "{\"erased\":0}");
    let (_, lines) = trail(&server, &admin).await;
    let erasures: Vec<_> = lines
        .iter()
        .filter(|line| line["action"] == "erase")
        .map(|line| {
            (
                line["who"].as_str().unwrap(),
                line["role"].as_str().unwrap(),
                line["rows"].as_u64(),
            )
        })
        .collect();
    let by_staff = |rows| ("J. <Dupont>", "admin", Some(rows));
    assert_eq!(erasures, [by_staff(2), by_staff(0)]);
}

#[tokio::test]
async fn the_trail_tells_who_looked_at_a_record_until_it_is_erased_and_then_leads_to_nobody() {
    let (server, records) = filled().await;
    let staff = server.staff();
    let admin = server.token(Role::Admin, &["shop"], None);
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", &*bearer)];
    let ids: Vec<&str> = records
        .iter()
        .map(|record| record["jti"].as_str().unwrap())
        .collect();
    for id in &ids {
        for end in ["", "/proof", "/evidence"] {
            let path = format!("/v1/sites/shop/consents/{id}{end}");
            let answer = staff.get(&path, &headers).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
    }
    // On the command line, too.
    let data = server.data.path().to_str().unwrap();
    let zip = server.data.path().join("zip");
    let output = run(&[
        "evidence",
        ids[0],
        "--data",
        data,
        "--output",
        zip.to_str().unwrap(),
    ]);
    assert!(output.status.success(), "{output:?}");
    let path = "/v1/sites/shop/export?format=csv";
    let words = format!("subject={SUBJECT}");
    let export = staff.post(path, &headers, words).await;
    assert_eq!(export.text().lines().count(), 3);
    let digests = [SUBJECT, OTHER].map(|id| Digest::of(id.as_bytes()).to_text());

    let (text, lines) = trail(&server, &admin).await;
    let named = |id: &str| {
        lines
            .iter()
            .filter(|line| line["filter"] == format!("record={id}"))
            .count()
    };
    assert_eq!([named(ids[0]), named(ids[1]), named(ids[2])], [4, 3, 3]);
    assert!(text.contains(&digests[0]));

    assert_eq!(
        staff.erase("shop", SUBJECT, &admin).await.text(),
        "{\"erased\":2}"
    );
    let (text, lines) = trail(&server, &admin).await;
    for secret in [ids[0], ids[1], SUBJECT, &digests[0]] {
        assert!(!text.contains(secret), "{secret} is in the trail: {text}");
    }
    let erased = lines
        .iter()
        .filter(|line| line["filter"] == "record=erased");
    // Who looked, when and how is there still; and the other's lines are as they were.
    assert_eq!(erased.count(), 7);
    let others = format!("record={}", ids[2]);
    assert_eq!(
        lines.iter().filter(|line| line["filter"] == others).count(),
        3
    );
    let manifest = lines
        .iter()
        .find(|line| line["action"] == "export")
        .unwrap();
    assert_eq!(manifest["filter"], "format=csv subject=erased");
    let address = export
        .header("link")
        .unwrap()
        .split(['<', '>'])
        .nth(1)
        .unwrap();
    let path = address.strip_prefix(support::STAFF).unwrap();
    let manifest = staff.get(path, &headers).await.json();
    assert_eq!(manifest["filter"]["subject"], "erased");

    // Whoever asks again brings nothing back.
    for end in ["", "/proof", "/evidence"] {
        let path = format!("/v1/sites/shop/consents/{}{end}", ids[0]);
        assert_eq!(staff.get(&path, &headers).await.code(), "not_found");
    }
    let (text, lines) = trail(&server, &admin).await;
    assert!(!text.contains(ids[0]), "{text}");
    let unknown: Vec<_> = lines
        .iter()
        .filter(|line| line["filter"] == "record=unknown")
        .collect();
    assert_eq!(unknown.len(), 3);
    assert!(unknown.iter().all(|line| line["rows"] == 0));

    // Nor in the files, and they are sound.
    let data = server.end().await;
    are_sound_without(data.path(), &[ids[0], ids[1], SUBJECT, &digests[0]]);
}

/// The files of a data folder, once what was deleted has left them.
fn are_sound_without(data: &Path, secrets: &[&str]) {
    assert!(
        StoreAddress::of(&DataFolder::at(data))
            .open()
            .unwrap()
            .forget()
            .unwrap()
    );
    for file in ["consent.db", "consent.db-wal"] {
        let Ok(bytes) = std::fs::read(data.join(file)) else {
            continue;
        };
        for secret in secrets {
            let mut windows = bytes.windows(secret.len());
            assert!(
                !windows.any(|window| window == secret.as_bytes()),
                "{secret} in {file}"
            );
        }
    }
    let fsck = run(&["fsck", "--data", data.to_str().unwrap()]);
    let found = String::from_utf8_lossy(&fsck.stdout);
    assert_eq!(fsck.status.code(), Some(0), "{found}");
}

#[tokio::test]
async fn what_is_purged_leaves_the_trail_too() {
    let (server, records) = filled().await;
    let viewer = format!("Bearer {}", server.token(Role::Viewer, &["shop"], None));
    let id = records[2]["jti"].as_str().unwrap();
    let path = format!("/v1/sites/shop/consents/{id}");
    let headers = [("authorization", &*viewer)];
    assert_eq!(server.staff().get(&path, &headers).await.status, 200);
    let shop = "shop".parse().unwrap();
    let removed = server
        .app
        .store
        .remove(&shop, &[3], &std::collections::BTreeMap::new());
    assert_eq!(removed.unwrap(), 1);
    let admin = server.token(Role::Admin, &[], None);
    let (text, _) = trail(&server, &admin).await;
    assert!(
        !text.contains(id) && text.contains("record=erased"),
        "{text}"
    );
}

/// A database of before: its trail names a record that was erased then.
#[test]
fn an_upgrade_takes_out_what_was_erased_before() {
    let folder = tempfile::tempdir().unwrap();
    let old = rusqlite::Connection::open(folder.path().join("consent.db")).unwrap();
    // What is summed does not matter here: nobody looks at it.
    let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8
        | rusqlite::functions::FunctionFlags::SQLITE_INNOCUOUS;
    old.create_scalar_function("row_sum", -1, flags, |_| Ok(vec![0_u8; 8]))
        .unwrap();
    for migration in [
        include_str!("../migrations/001_records.sql"),
        include_str!("../migrations/002_audit.sql"),
        include_str!("../migrations/003_retention.sql"),
        include_str!("../migrations/004_log.sql"),
        include_str!("../migrations/005_manifests.sql"),
        include_str!("../migrations/006_pruning.sql"),
        include_str!("../migrations/007_waiting_sums.sql"),
    ] {
        old.execute_batch(migration).unwrap();
    }
    let id = "01a20165-23f8-7101-8101-010101010101";
    old.execute_batch(&format!(
        "INSERT INTO audit (at, who, token, role, action, site, filter, rows)
         VALUES (1, 'J', 't', 'viewer', 'view_record', 'shop', 'record={id}', 1);
         PRAGMA user_version = 7;"
    ))
    .unwrap();
    drop(old);
    let upgraded = StoreAddress::of(&DataFolder::at(folder.path()))
        .open()
        .unwrap();
    let all = consent_server::store::AccessFilter {
        sites: consent_server::auth::SiteSet::All,
        from: None,
        to: None,
    };
    let trail = upgraded.trail(&all, 0, 10).unwrap();
    assert_eq!(trail[0].access.filter, "record=erased");
}
