//! `consent token`: which tokens there are, when each was used, and how one is taken away.

use crate::support;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use consent_server::auth::{Role, SiteSet, recognise};
use consent_server::data::DataFolder;
use consent_server::store::{StoreAddress, StoredToken};
use serde_json::Value;
use std::path::Path;
use support::process::run;
use support::{NOW, Server};

fn token(data: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = data.to_str().unwrap();
    let output = run(&[&["token"], arguments, &["--data", data]].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn listed(data: &Path) -> Vec<Value> {
    let (code, stdout, stderr) = token(data, &["list", "--format", "json"]);
    assert_eq!(code, Some(0), "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[tokio::test]
async fn tokens_are_listed_with_the_day_of_their_last_use() {
    let server = Server::start();
    let data = server.data.path();
    let used = server.token(Role::Viewer, &["library", "shop"], Some(NOW + 10 * 86_400));
    server.token(Role::Admin, &[], None);
    let id = |token: &str| Digest::of(token.as_bytes()).to_text();
    let of_used = || {
        let mut tokens = listed(data).into_iter();
        tokens.find(|token| token["hash"] == id(&used)).unwrap()
    };
    assert_eq!(of_used()["used_on"], Value::Null);
    let bearer = format!("Bearer {used}");
    let ask = async || {
        let headers = [("authorization", &*bearer)];
        server
            .staff()
            .get("/v1/sites/shop/consents/x", &headers)
            .await
    };
    ask().await;
    let first = of_used();
    assert_eq!(first["used_on"], "2026-11-22");
    assert_eq!(first["id"], id(&used)[..8]);
    assert_eq!(first["role"], "viewer");
    assert_eq!(first["sites"], serde_json::json!(["library", "shop"]));
    assert_eq!(first["created_at"], "2026-11-22T03:08:11Z");
    assert_eq!(first["expires_at"], "2026-12-02T03:08:11Z");
    // By a session, too; and an ended token is no longer used.
    server.set_time(NOW + 3 * 86_400);
    let cookie = server.staff().log_in(&used).await.cookie();
    assert_eq!(of_used()["used_on"], "2026-11-25");
    server.set_time(NOW + 3 * 86_400 + 11 * 3600);
    server.staff().get("/admin", &[("cookie", &cookie)]).await;
    assert_eq!(of_used()["used_on"], "2026-11-25");
    server.set_time(NOW + 11 * 86_400);
    ask().await;
    assert_eq!(of_used()["used_on"], "2026-11-25");
    let (code, text, _) = token(data, &["list"]);
    assert_eq!(code, Some(0));
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines.iter().all(|line| line.len() == 7), "{text}");
    let line = lines
        .iter()
        .find(|line| id(&used).starts_with(line[0]))
        .unwrap();
    assert_eq!(line[1..4], ["J. <Dupont>", "viewer", "library shop"]);
    assert_eq!(line[6], "2026-11-25");
    assert!(!text.contains(&used));
    // Each row has its sum again.
    let fsck = run(&["fsck", "--data", data.to_str().unwrap()]);
    let found = String::from_utf8_lossy(&fsck.stdout);
    assert_eq!(fsck.status.code(), Some(0), "{found}");
}

#[test]
fn a_day_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = StoreAddress::of(&DataFolder::at(folder.path()))
        .open()
        .unwrap();
    let at = |seconds| UnixSeconds::new(seconds).unwrap();
    let hash = Digest::of(b"consent_x");
    let stored = StoredToken {
        hash,
        role: Role::Viewer,
        sites: SiteSet::All,
        label: "J. Dupont".into(),
        created_at: at(NOW),
        expires_at: None,
        used_on: None,
    };
    store.add_token(&stored).unwrap();
    // Each write makes the write-ahead log longer.
    let written = || {
        std::fs::metadata(folder.path().join("consent.db-wal"))
            .unwrap()
            .len()
    };
    recognise(&*store, &hash, at(NOW)).unwrap().unwrap();
    let once = written();
    for later in 1..50 {
        recognise(&*store, &hash, at(NOW + later)).unwrap().unwrap();
    }
    assert_eq!(written(), once, "each request writes");
    recognise(&*store, &hash, at(NOW + 86_400))
        .unwrap()
        .unwrap();
    assert!(written() > once);
}

#[test]
fn a_token_is_revoked_by_its_id_and_the_trail_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let create = |label: &str| {
        let (code, stdout, _) = token(
            data,
            &["create", "--role", "admin", "--all-sites", "--label", label],
        );
        assert_eq!(code, Some(0));
        Digest::of(stdout.trim().as_bytes()).to_text()
    };
    let (one, other) = (create("J. Dupont"), create("line\nbreak\u{1b}[31m"));
    assert_eq!(listed(data).len(), 2);
    let (_, text, _) = token(data, &["list"]);
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(!text.contains('\u{1b}'));
    let (code, _, stderr) = token(data, &["revoke", &one[..8]]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("J. Dupont"), "{stderr}");
    let left = listed(data);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["hash"], other);
    let (code, _, stderr) = token(data, &["revoke", &one[..8]]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("token list"), "{stderr}");
    let (code, ..) = token(data, &["revoke", ""]);
    assert_eq!(code, Some(1));
    let store = StoreAddress::of(&DataFolder::at(data)).open().unwrap();
    let all = consent_server::store::AccessFilter {
        sites: SiteSet::All,
        from: None,
        to: None,
    };
    let trail = store.trail(&all, 0, 10).unwrap();
    let line = &trail.last().unwrap().access;
    assert_eq!(
        (&*line.action, &*line.who),
        ("revoke_token", "command line")
    );
    assert!(
        line.filter.contains(&format!("token={}", &one[..8])),
        "{line:?}"
    );
}

#[test]
fn an_id_of_several_tokens_revokes_none_and_one_that_looks_like_an_option_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let store = StoreAddress::of(&DataFolder::at(data)).open().unwrap();
    let add = |bytes: [u8; 32]| {
        let hash = Digest::from_bytes(bytes);
        let stored = StoredToken {
            hash,
            role: Role::Viewer,
            sites: SiteSet::All,
            label: "J. Dupont".into(),
            created_at: UnixSeconds::new(NOW).unwrap(),
            expires_at: None,
            used_on: None,
        };
        store.add_token(&stored).unwrap();
        hash.to_text()
    };
    let mut twin = [7; 32];
    let first = add(twin);
    twin[31] = 8;
    let second = add(twin);
    let mut dashed = [0; 32];
    dashed[0] = 62 << 2;
    let dashed = add(dashed);
    assert!(dashed.starts_with('-'), "{dashed}");
    let (code, _, stderr) = token(data, &["revoke", &first[..8]]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(
        stderr.contains(&first) && stderr.contains(&second),
        "{stderr}"
    );
    assert_eq!(listed(data).len(), 3);
    let (code, _, stderr) = token(data, &["revoke", &first]);
    assert_eq!(code, Some(0), "{stderr}");
    let (code, _, stderr) = token(data, &["revoke", &dashed[..8]]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(listed(data).len(), 1);
}
