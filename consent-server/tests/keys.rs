//! Rotation and revocation: what a stolen key can still do, and that no honest receipt is cut off.

use crate::support;
use consent_core::key::{KeySet, SigningKey};
use consent_core::receipt::{Expectations, Receipt, Signer, UnverifiedReceipt};
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use consent_server::auth::Role;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::keys::Keys;
use consent_server::publish::Sites;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use support::page::{Page, get};
use support::process::{Process, run};
use support::{NOW, Server, write_site};

/// A server with a site that is asked about, and its folders.
struct Stage {
    sites: PathBuf,
    data: PathBuf,
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
        write_site(&sites);
        Self {
            sites,
            data,
            _folder: folder,
        }
    }

    fn serve(&self) -> Process {
        Process::serve(&self.sites, &self.data)
    }

    fn keys(&self, arguments: &[&str]) -> Output {
        run(&[
            &["keys"],
            arguments,
            &["--data", self.data.to_str().unwrap()],
        ]
        .concat())
    }

    /// The new key's id.
    fn rotate(&self) -> String {
        let rotated = self.keys(&["rotate"]);
        assert!(rotated.status.success(), "{}", said(&rotated));
        String::from_utf8(rotated.stdout).unwrap().trim().to_owned()
    }

    fn signing(&self) -> String {
        Keys::read(&DataFolder::at(&self.data))
            .unwrap()
            .signing()
            .to_string()
    }

    /// What whoever copied the key's file can sign with.
    fn steal(&self, key: &str) -> SigningKey {
        use base64::Engine as _;
        let files = std::fs::read_dir(self.data.join("keys")).unwrap();
        let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let jwk: Value = texts
            .filter_map(|text| serde_json::from_str(&text).ok())
            .find(|jwk: &Value| jwk["kid"] == key)
            .unwrap();
        let seed = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(jwk["d"].as_str().unwrap())
            .unwrap();
        SigningKey::from_seed(&seed.try_into().unwrap())
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn now() -> i64 {
    Clock::system().now().get()
}

fn jwks(url: &str) -> KeySet {
    KeySet::from_jwks(&get(&format!("{url}/.well-known/jwks.json"))).unwrap()
}

fn retirement(keys: &KeySet, key: &str) -> Option<i64> {
    keys.term(key).unwrap().retired.map(UnixSeconds::get)
}

/// An agreement that was never sent to the server, signed at a moment.
fn forged(key: SigningKey, page: &Page, number: u64, at: i64) -> String {
    let mut record = page.record(number);
    record["act"] = "accept_all".into();
    record["choices"] = json!({ "analytics": true, "social": true });
    record["dat"] = at.into();
    record["exp"] = (at + 30 * 86_400).into();
    let record = Record::from_json(record.to_string().as_bytes()).unwrap();
    Signer::new(key, support::URL).sign(&record, UnixSeconds::new(at).unwrap())
}

/// An agreement of a visitor, as the server signed it.
fn honest(page: &Page, number: u64) -> String {
    let mut record = page.record(number);
    record["act"] = "accept_all".into();
    record["choices"] = json!({ "analytics": true, "social": true });
    record["dat"] = now().into();
    record["exp"] = (now() + 86_400).into();
    let mut answer = ureq::post(format!("{}/v1/sites/shop/consents", page.url))
        .header("content-type", "application/json")
        .send(record.to_string())
        .unwrap();
    let answer = answer.body_mut().read_to_string().unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["receipt"].as_str().unwrap().to_owned()
}

/// What a proxy is told: the status, and the reason.
fn check(url: &str, receipt: &str) -> (u16, String) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let answer = agent
        .get(format!("{url}/v1/check?site=shop&need=analytics"))
        .header("cookie", format!("__Host-eu-consent={receipt}"))
        .call()
        .unwrap();
    let reason = answer.headers().get("consent-reason");
    let reason = reason.map_or("", |reason| reason.to_str().unwrap());
    (answer.status().as_u16(), reason.to_owned())
}

/// Whether the server calls it valid, and the step that failed.
fn verify(url: &str, receipt: &str) -> (bool, String) {
    let mut answer = ureq::post(format!("{url}/v1/verify"))
        .send(receipt)
        .unwrap();
    let answer = answer.body_mut().read_to_string().unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let steps = answer["steps"].as_array().unwrap();
    let failed = steps.iter().find(|step| step["result"] == "failed");
    let failed = failed.map_or("", |step| step["step"].as_str().unwrap());
    (answer["valid"] == true, failed.to_owned())
}

#[test]
fn a_stolen_key_signs_nothing_that_counts_once_another_has_replaced_it() {
    let stage = Stage::new();
    let server = stage.serve();
    let page = Page::open(&server.url);
    let old = stage.signing();
    let honest = honest(&page, 1);
    let stolen = || stage.steal(&old);
    let before = forged(stolen(), &page, 2, now());
    assert_eq!(check(&server.url, &before), (204, String::new()));
    // A key that was made, and that no server signs with yet, ends nothing.
    let new = stage.rotate();
    assert_eq!(retirement(&jwks(&server.url), &old), None);
    server.signal("-HUP");
    server.hear("reloaded");
    let published = jwks(&server.url);
    let end = retirement(&published, &old).unwrap();
    assert_eq!(retirement(&published, &new), None);
    // Who holds the old key signs at the end of it, and later.
    for at in [end, end + 5] {
        let receipt = forged(stolen(), &page, 3, at);
        assert_eq!(check(&server.url, &receipt), (403, "invalid".into()));
        assert_eq!(verify(&server.url, &receipt), (false, "key".into()));
    }
    // Or writes an earlier date: the signature is right, and the server has never signed it.
    for receipt in [before, forged(stolen(), &page, 4, end - 100)] {
        assert_eq!(check(&server.url, &receipt), (403, "unknown".into()));
        assert_eq!(verify(&server.url, &receipt), (false, "stored".into()));
    }
    // With the id of a record that is stored, but another choice.
    let same_id = forged(stolen(), &page, 1, end - 1);
    assert_eq!(check(&server.url, &same_id), (403, "unknown".into()));
    assert_eq!(check(&server.url, &honest), (204, String::new()));
    assert_eq!(verify(&server.url, &honest), (true, String::new()));
    // Auditors, who ask nobody, have the key set.
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("jwks.json");
    std::fs::write(&keys, published.to_jwks()).unwrap();
    let late = forged(stolen(), &page, 5, end);
    for (receipt, code) in [(&honest, 0), (&late, 1)] {
        let file = folder.path().join("receipt");
        std::fs::write(&file, receipt).unwrap();
        let [file, keys] = [&file, &keys].map(|path| path.to_str().unwrap());
        let verified = run(&["verify", file, "--keys", keys]);
        assert_eq!(verified.status.code(), Some(code), "{}", said(&verified));
    }
    let list = String::from_utf8(stage.keys(&["list"]).stdout).unwrap();
    let told = |key: &str| {
        let line = list.lines().find(|line| line.starts_with(key)).unwrap();
        line.split('\t').nth(2).unwrap().to_owned()
    };
    assert_eq!(told(&new), "signs");
    assert!(told(&old).starts_with("retired 20"), "{list}");
}

#[test]
fn a_server_that_was_down_or_killed_retires_the_key_at_its_next_start() {
    let stage = Stage::new();
    let server = stage.serve();
    let page = Page::open(&server.url);
    let old = stage.signing();
    let receipt = honest(&page, 1);
    drop(server);
    // Two in one second, before any server hears of either.
    let (between, new) = (stage.rotate(), stage.rotate());
    assert_eq!(stage.signing(), new);
    let server = stage.serve();
    let published = jwks(&server.url);
    let signed_at = UnverifiedReceipt::parse(&receipt).unwrap().issued_at();
    for key in [&old, &between] {
        assert!(retirement(&published, key).unwrap() > signed_at.get());
    }
    assert_eq!(retirement(&published, &new), None);
    assert_eq!(check(&server.url, &receipt), (204, String::new()));
    // A later start and a later reload leave it as it is.
    drop(server);
    let server = stage.serve();
    server.signal("-HUP");
    server.hear("reloaded");
    assert_eq!(jwks(&server.url), published);
}

#[test]
fn a_key_that_cannot_be_used_retires_no_other() {
    use std::os::unix::fs::PermissionsExt as _;
    let stage = Stage::new();
    let server = stage.serve();
    let page = Page::open(&server.url);
    let old = stage.signing();
    let before: Vec<_> = files(&stage.data.join("keys"));
    stage.rotate();
    let made = files(&stage.data.join("keys"))
        .into_iter()
        .find(|file| !before.contains(file))
        .unwrap();
    let permit = |mode| {
        std::fs::set_permissions(&made, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    permit(0o644);
    server.signal("-HUP");
    server.hear("not reloaded");
    assert_eq!(retirement(&jwks(&server.url), &old), None);
    let receipt = honest(&page, 1);
    assert!(receipt_key(&receipt) == old);
    permit(0o600);
    server.signal("-HUP");
    server.hear("reloaded");
    assert!(retirement(&jwks(&server.url), &old).is_some());
    assert_eq!(check(&server.url, &receipt), (204, String::new()));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn receipt_key(receipt: &str) -> String {
    UnverifiedReceipt::parse(receipt).unwrap().key().to_owned()
}

#[tokio::test]
async fn a_clock_that_was_ahead_cuts_off_nothing_that_was_signed_then() {
    const DAY: i64 = 86_400;
    let server = Server::start();
    let record = |number, dat: i64| {
        let mut record = server.example("shop", number);
        record["dat"] = dat.into();
        record
    };
    let take = async |number, dat| {
        let answer = server.record("shop", &record(number, dat)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["receipt"].as_str().unwrap().to_owned()
    };
    server.accept_time(NOW + 3 * DAY);
    let ahead = take(1, NOW + 3 * DAY).await;
    server.accept_time(NOW);
    let back = take(2, NOW).await;
    let replace = async || {
        Keys::rotate(&DataFolder::at(server.data.path()), server.app.clock.now()).unwrap();
        let keys = Keys::read(&DataFolder::at(server.data.path())).unwrap();
        let (app, sites) = (server.app.clone(), server.app.serving().sites.clone());
        tokio::task::spawn_blocking(move || app.replace(sites, keys))
            .await
            .unwrap()
            .unwrap();
    };
    replace().await;
    let second = take(3, NOW).await;
    // Another rotation, with the clock set back further: the second key is not cut off either.
    server.accept_time(NOW - DAY);
    replace().await;
    let keys = server.app.serving().keys.clone();
    for receipt in [&ahead, &back, &second] {
        let parsed = UnverifiedReceipt::parse(receipt).unwrap();
        let expect = Expectations::at(parsed.issued_at());
        assert!(Receipt::verify(receipt, &keys, &expect).is_ok());
    }
    let end = |receipt: &str| retirement(&keys, &receipt_key(receipt));
    assert_eq!(end(&ahead), Some(NOW + 3 * DAY + 1));
    assert_ne!(receipt_key(&second), receipt_key(&back));
}

#[tokio::test]
async fn a_retirement_that_cannot_be_written_is_told_and_made_good_later() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start();
    let old = server.app.intake.signer().key().to_string();
    Keys::rotate(&DataFolder::at(server.data.path()), server.app.clock.now()).unwrap();
    let folder = server.data.path().join("keys");
    // A folder stands where the retirement is to be written: so it is for root, too.
    let place = folder.join(format!("{old}.retired.jwks"));
    let keys = Keys::read(&DataFolder::at(server.data.path())).unwrap();
    std::fs::DirBuilder::new().create(&place).unwrap();
    let replace = async |keys: Keys| {
        let (app, sites) = (server.app.clone(), server.app.serving().sites.clone());
        tokio::task::spawn_blocking(move || app.replace(sites, keys))
            .await
            .unwrap()
    };
    assert!(replace(keys).await.is_err());
    assert_ne!(server.app.intake.signer().key().to_string(), old);
    assert_eq!(retirement(&server.app.serving().keys, &old), None);
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::remove_dir(&place).unwrap();
    replace(Keys::read(&DataFolder::at(server.data.path())).unwrap())
        .await
        .unwrap();
    assert!(retirement(&server.app.serving().keys, &old).is_some());
}

#[test]
fn a_key_in_other_hands_is_revoked_and_the_one_that_signs_is_not() {
    let stage = Stage::new();
    let server = stage.serve();
    let page = Page::open(&server.url);
    let old = stage.signing();
    let receipt = honest(&page, 1);
    let refused = |arguments: &[&str], says: &str| {
        let output = stage.keys(&[&["revoke"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said(&output).contains(says), "{}", said(&output));
    };
    refused(&[&old], "the key that signs");
    refused(&["nobody"], "there is no key nobody");
    let new = stage.rotate();
    // The server has not heard of the new one, and signs with the old.
    refused(&[&old], "kill -HUP");
    refused(&[&new], "the key that signs");
    server.signal("-HUP");
    server.hear("reloaded");
    refused(&[&old, "--since", "2999-01-01"], "the future");
    refused(&[&old, "--reason", "two\nlines"], "--reason");
    let reason = "the backup was on a lost disk";
    let since = "2020-01-01";
    let revoked = stage.keys(&["revoke", &old, "--since", since, "--reason", reason]);
    assert_eq!(revoked.status.code(), Some(0), "{}", said(&revoked));
    assert_eq!(check(&server.url, &receipt).0, 204);
    server.signal("-HUP");
    server.hear("reloaded");
    assert_eq!(check(&server.url, &receipt), (403, "invalid".into()));
    assert_eq!(verify(&server.url, &receipt), (false, "key".into()));
    assert_eq!(check(&server.url, &honest(&page, 2)).0, 204);
    let published = get(&format!("{}/.well-known/jwks.json", server.url));
    let published: Value = serde_json::from_str(&published).unwrap();
    let keys = published["keys"].as_array().unwrap();
    let found = keys.iter().find(|key| key["kid"] == old.as_str()).unwrap();
    let expected = json!({ "revoked_at": 1_577_836_800, "reason": reason });
    assert_eq!(found["revoked"], expected);
    // None of its signatures, if nobody knows since when.
    assert_eq!(stage.keys(&["revoke", &old]).status.code(), Some(0));
    let list = String::from_utf8(stage.keys(&["list"]).stdout).unwrap();
    assert!(list.contains("revoked altogether"), "{list}");
    let data = stage.data.to_str().unwrap();
    let id = UnverifiedReceipt::parse(&receipt).unwrap().record().id;
    let evidence = run(&["evidence", &id.to_text(), "--data", data, "-o", "-"]);
    assert_eq!(evidence.status.code(), Some(2));
    assert!(
        said(&evidence).contains("no signature of it counts")
            && !said(&evidence).contains("backup"),
        "{}",
        said(&evidence)
    );
    // What is stored is what was stored, whatever it is worth.
    let checked = run(&["fsck", "--data", data]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

/// Both are for the trail, before they happen.
#[tokio::test]
async fn rotation_and_revocation_are_in_the_trail() {
    let server = Server::start();
    let data = server.data.path().to_str().unwrap();
    let old = server.app.intake.signer().key().to_string();
    let rotated = run(&["keys", "rotate", "--data", data]);
    assert!(rotated.status.success(), "{}", said(&rotated));
    let keys = Keys::read(&DataFolder::at(server.data.path())).unwrap();
    let app = server.app.clone();
    let sites = Sites::default();
    tokio::task::spawn_blocking(move || app.replace(sites, keys))
        .await
        .unwrap()
        .unwrap();
    let revoked = run(&["keys", "revoke", &old, "--reason", "lost", "--data", data]);
    assert!(revoked.status.success(), "{}", said(&revoked));
    let admin = server.token(Role::Admin, &[], None);
    let bearer = format!("Bearer {admin}");
    let trail = server
        .staff()
        .get("/v1/audit", &[("authorization", &bearer)])
        .await
        .json();
    let lines = trail["entries"].as_array().unwrap();
    let told = |action: &str| {
        let line = lines.iter().find(|line| line["action"] == action);
        line.unwrap()["filter"].as_str().unwrap().to_owned()
    };
    assert_eq!(told("rotate_key"), format!("replaces={old}"));
    assert_eq!(
        told("revoke_key"),
        format!("key={old} since=ever reason=lost")
    );
}
