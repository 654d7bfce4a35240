//! A database that is not the one whose log was signed: the server does not start, and says what to do.

use crate::support;
use axum::http::StatusCode;
use consent_server::data::DataFolder;
use consent_server::log::log_key;
use consent_server::log::{Log, LogError, last_signed, renew};
use consent_server::store::StoreAddress;
use std::path::Path;
use support::{Server, URL, shop};
use tempfile::TempDir;

fn open(data: &Path) -> Result<Log, LogError> {
    let store = StoreAddress::of(&DataFolder::at(data)).open().unwrap();
    let now = consent_core::time::UnixSeconds::EPOCH;
    Log::open(
        store,
        &DataFolder::at(data),
        log_key(&DataFolder::at(data), now).unwrap(),
        &URL.parse().unwrap(),
    )
}

fn refusal(data: &Path) -> String {
    let error = open(data).unwrap_err().to_string();
    assert!(error.contains("consent log renew"), "{error}");
    error
}

async fn send(server: &Server, numbers: std::ops::Range<u8>) {
    for number in numbers {
        let record = server.example("shop", number);
        assert_eq!(
            server.record("shop", &record).await.status,
            StatusCode::CREATED
        );
    }
}

/// Ends a server; its data folder, and how many entries were signed.
async fn end(server: Server) -> (TempDir, u64) {
    let data = server.end().await;
    let last = last_signed(&DataFolder::at(data.path())).unwrap().unwrap();
    let size = last.unverified().size();
    (data, size)
}

fn copy(data: &Path, name: &str) {
    let store = StoreAddress::of(&DataFolder::at(data)).open().unwrap();
    store.copy_to(&data.join(name)).unwrap();
}

fn restore(data: &Path, name: &str) {
    for gone in ["consent.db-wal", "consent.db-shm"] {
        let _ = std::fs::remove_file(data.join(gone));
    }
    std::fs::copy(data.join(name), data.join("consent.db")).unwrap();
}

#[tokio::test]
async fn an_old_backup_is_refused_and_one_that_went_its_own_way_too() {
    let server = Server::start();
    send(&server, 1..4).await;
    let (data, _) = end(server).await;
    copy(data.path(), "old.db");
    let server = Server::open(data, shop(), |store| store);
    send(&server, 4..7).await;
    let (data, signed) = end(server).await;

    restore(data.path(), "old.db");
    let told = refusal(data.path());
    assert!(
        told.contains(&format!("{signed} entries were signed")),
        "{told}"
    );
    assert!(told.contains("the last 3 entries are lost"), "{told}");

    // The same number of entries, and more, but others: the old copy, written to by a server without the log.
    let store = StoreAddress::of(&DataFolder::at(data.path()))
        .open()
        .unwrap();
    let leaf = consent_core::digest::Digest::of(b"something else");
    store.add_leaves(&[leaf; 5]).unwrap();
    let before = store.log_state().unwrap();
    let told = refusal(data.path());
    assert!(told.contains("are not those that were signed"), "{told}");
    assert_eq!(store.log_state().unwrap(), before, "nothing was changed");
    drop(store);

    // The lost database would have gone on. Under a new name the old one does.
    let now = consent_core::time::UnixSeconds::EPOCH;
    let store = StoreAddress::of(&DataFolder::at(data.path()))
        .open()
        .unwrap();
    let name = renew(
        &*store,
        &DataFolder::at(data.path()),
        log_key(&DataFolder::at(data.path()), now).unwrap(),
        None,
    )
    .unwrap();
    assert!(name.starts_with("consent.example/log/2-"), "{name}");
    drop(store);
    let log = open(data.path()).unwrap();
    assert_eq!(log.latest().unverified().origin(), name);
    assert_eq!(log.latest().unverified().size(), signed + 2);
    assert!(data.path().join("log/closed-consent-example-log").exists());
}

#[tokio::test]
async fn a_lost_or_strange_checkpoint_is_told() {
    let (data, _) = end(Server::start()).await;
    let file = data.path().join("log/checkpoint");
    let good = std::fs::read_to_string(&file).unwrap();

    std::fs::remove_file(&file).unwrap();
    assert!(refusal(data.path()).contains("is missing"));

    std::fs::write(
        &file,
        good.replace("consent.example/log", "other.example/log"),
    )
    .unwrap();
    assert!(refusal(data.path()).contains("other.example/log"));

    let mut lines: Vec<&str> = good.split('\n').collect();
    lines[1] = "1";
    std::fs::write(&file, lines.join("\n")).unwrap();
    assert!(refusal(data.path()).contains("not the checkpoint"));

    // A database that was made anew beside it.
    std::fs::write(&file, &good).unwrap();
    std::fs::remove_file(data.path().join("consent.db")).unwrap();
    assert!(refusal(data.path()).contains("older than its log"));
}

#[tokio::test]
async fn a_tree_that_does_not_come_from_its_leaves_is_not_signed() {
    let server = Server::start();
    send(&server, 1..4).await;
    let (data, signed) = end(server).await;
    let change = |statement: &str| {
        let connection = rusqlite::Connection::open(data.path().join("consent.db")).unwrap();
        connection.execute_batch(statement).unwrap();
    };
    change("UPDATE log_tiles SET hashes = zeroblob(length(hashes))");
    assert!(refusal(data.path()).contains(&format!("first {signed} entries")));
    change("DELETE FROM log_tiles");
    let told = open(data.path()).unwrap_err().to_string();
    assert!(told.contains("missing or damaged"), "{told}");
}

fn renewed(data: &Path, url: Option<&str>) -> Result<String, LogError> {
    let store = StoreAddress::of(&DataFolder::at(data)).open().unwrap();
    let now = consent_core::time::UnixSeconds::EPOCH;
    let url = url.map(|url| url.parse().unwrap());
    renew(
        &*store,
        &DataFolder::at(data),
        log_key(&DataFolder::at(data), now).unwrap(),
        url.as_ref(),
    )
}

#[tokio::test]
async fn no_copy_gives_a_name_again_and_what_was_closed_before_stays() {
    let (data, _) = end(Server::start()).await;
    copy(data.path(), "old.db");
    let log = data.path().join("log");
    let mut names = std::collections::BTreeSet::new();
    for closed in ["closed-consent-example-log", "closed-consent-example-log-2"] {
        restore(data.path(), "old.db");
        let _ = std::fs::remove_file(log.join("checkpoint"));
        std::fs::create_dir(log.join("vouched")).unwrap();
        std::fs::write(log.join("vouched/witnesses"), closed).unwrap();
        names.insert(renewed(data.path(), None).unwrap());
        let kept = log.join(format!("{closed}-vouched/witnesses"));
        assert_eq!(std::fs::read_to_string(kept).unwrap(), closed);
    }
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("consent.example/log/2-"))
    );
    let third = renewed(data.path(), None).unwrap();
    assert!(third.starts_with("consent.example/log/3-"), "{third}");
    assert_eq!(
        open(data.path()).unwrap().latest().unverified().origin(),
        third
    );
}

#[tokio::test]
async fn a_key_that_has_signed_does_not_begin_again_under_the_old_name() {
    let (data, _) = end(Server::start()).await;
    for gone in ["consent.db", "consent.db-wal", "consent.db-shm"] {
        let _ = std::fs::remove_file(data.path().join(gone));
    }
    std::fs::remove_dir_all(data.path().join("log")).unwrap();
    // However often it is tried.
    assert!(refusal(data.path()).contains("keys/log.key"));
    assert!(refusal(data.path()).contains("keys/log.key"));
    let told = renewed(data.path(), None).unwrap_err().to_string();
    assert!(told.contains("--url"), "{told}");
    let name = renewed(data.path(), Some(URL)).unwrap();
    assert!(name.starts_with("consent.example/log/2-"), "{name}");
    assert_eq!(
        open(data.path()).unwrap().latest().unverified().origin(),
        name
    );
    // The same without a database, by the command.
    std::fs::remove_file(data.path().join("consent.db")).unwrap();
    std::fs::remove_dir_all(data.path().join("log")).unwrap();
    let folder = data.path().to_str().unwrap();
    let made = support::process::run(&["log", "renew", "--data", folder, "--url", URL]);
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    open(data.path()).unwrap();
}

#[tokio::test]
async fn a_start_that_is_refused_publishes_nothing() {
    let artefacts = |data: &Path| {
        let connection = rusqlite::Connection::open(data.join("consent.db")).unwrap();
        let count = connection.query_row("SELECT count(*) FROM artefacts", [], |row| row.get(0));
        count.unwrap()
    };
    let sites = tempfile::tempdir().unwrap();
    let other = shop().replace("id = \"shop\"", "id = \"other\"");
    std::fs::write(sites.path().join("other.toml"), other).unwrap();
    let refused = |data: &Path, options: &[&str]| {
        let before: i64 = artefacts(data);
        let started = std::process::Command::new("timeout")
            .args(["20", support::process::PROGRAM, "serve", "--url", URL])
            .args(["--listen", "127.0.0.1:0", "--sites"])
            .arg(sites.path())
            .arg("--data")
            .arg(data)
            .args(options)
            .output()
            .unwrap();
        let told = String::from_utf8(started.stderr).unwrap();
        assert_eq!(started.status.code(), Some(2), "{told}");
        assert_eq!(artefacts(data), before);
        told
    };
    let server = Server::start();
    assert!(refused(server.data.path(), &[]).contains("another server"));
    assert!(refused(server.data.path(), &["--no-log"]).contains("another server"));
    let (data, _) = end(server).await;
    std::fs::remove_file(data.path().join("log/checkpoint")).unwrap();
    assert!(refused(data.path(), &[]).contains("is missing"));
}

#[tokio::test]
async fn two_servers_do_not_write_one_log() {
    let server = Server::start();
    let told = open(server.data.path()).unwrap_err().to_string();
    assert!(told.contains("another server"), "{told}");
}
