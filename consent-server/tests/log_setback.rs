//! A database that is not the one whose log was signed: the server does not start, and says what to do.

mod support;

use axum::http::StatusCode;
use consent_server::keys::log_key;
use consent_server::log::{Log, LogError, last_signed, renew};
use consent_server::store::{LogStore as _, SqliteStore};
use std::path::Path;
use std::sync::Arc;
use support::{Server, URL, shop};
use tempfile::TempDir;

fn open(data: &Path) -> Result<Log, LogError> {
    let store = Arc::new(SqliteStore::open(data).unwrap());
    let now = consent_core::time::UnixSeconds::EPOCH;
    Log::open(
        store,
        data,
        log_key(data, now).unwrap(),
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
    let last = last_signed(data.path()).unwrap().unwrap();
    let size = last.unverified().size();
    (data, size)
}

fn copy(data: &Path, name: &str) {
    let store = SqliteStore::open(data).unwrap();
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
    let store = SqliteStore::open(data.path()).unwrap();
    let leaf = consent_core::digest::Digest::of(b"something else");
    store.add_leaves(&[leaf; 5]).unwrap();
    drop(store);
    let told = refusal(data.path());
    assert!(told.contains("are not those that were signed"), "{told}");

    // The lost database would have gone on. Under a new name the old one does.
    let now = consent_core::time::UnixSeconds::EPOCH;
    let store = SqliteStore::open(data.path()).unwrap();
    let name = renew(
        &store,
        data.path(),
        log_key(data.path(), now).unwrap(),
        None,
    )
    .unwrap();
    assert_eq!(name, "consent.example/log/2");
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

#[tokio::test]
async fn two_servers_do_not_write_one_log() {
    let server = Server::start();
    let told = open(server.data.path()).unwrap_err().to_string();
    assert!(told.contains("another server"), "{told}");
}
