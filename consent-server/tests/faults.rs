//! What goes wrong around a server: full disks, locked and damaged databases, clients that are slow or send halves.

use crate::support;
use consent_server::limit::{Rate, Rates};
use consent_server::serve::{ConnectionLimits, answer};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::page::{Page, status};
use support::process::{PROGRAM, Process, copy_program, exported_ids};
use support::{Server, write_site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[test]
fn a_full_disk_is_told_and_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    // First without a limit: publishing needs room too.
    drop(Process::serve(&sites, &data));
    let length = |name| std::fs::metadata(data.join(name)).unwrap().len();
    let size = length("consent.db") + length("consent.db-wal");
    let blocks = u32::try_from(size / 512).unwrap() + 600;
    let mut acknowledged = HashSet::new();
    let mut number = 0;
    {
        let server = Process::serve_on_full_disk(&sites, &data, blocks);
        let page = Page::open(&server.url);
        assert_eq!(status(&format!("{}/readyz", server.url)), 200);
        let refused = loop {
            let record = page.record(number);
            number += 1;
            match page.send(&record) {
                Some(201) => {
                    acknowledged.insert(record["jti"].as_str().unwrap().to_owned());
                }
                other => break other,
            }
            assert!(number < 20_000, "the disk does not fill");
        };
        assert_eq!(refused, Some(503));
        // What is refused again and again is said once: the log shares the disk.
        for more in 0..200 {
            assert_eq!(page.send(&page.record(number + more)), Some(503));
        }
        let log = server.log();
        let said = log.lines().filter(|line| line.contains("not stored"));
        assert!(said.count() <= 3, "{log}");
        assert_eq!(status(&format!("{}/readyz", server.url)), 503);
        assert_eq!(status(&format!("{}/healthz", server.url)), 200);
    }
    assert!(!acknowledged.is_empty());
    // With room again, all is as it was promised, and it goes on.
    let server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(number + 1000)), Some(201));
    assert_eq!(status(&format!("{}/readyz", server.url)), 200);
    let stored = exported_ids(&data);
    let unique: HashSet<String> = stored.iter().cloned().collect();
    assert_eq!(unique.len(), stored.len());
    assert!(acknowledged.is_subset(&unique));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_waited_for_then_told_then_used_again() {
    let server = Server::start();
    let other = rusqlite::Connection::open(server.data.path().join("consent.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = server.record("shop", &server.example("shop", 1)).await;
    assert_eq!(refused.code(), "storage_unavailable");
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert_eq!(server.get("/readyz", &[]).await.status, 503);
    other.execute_batch("ROLLBACK").unwrap();
    let taken = server.record("shop", &server.example("shop", 1)).await;
    assert_eq!(taken.status, 201);
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
}

#[test]
fn a_damaged_database_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    drop(Process::serve(&sites, &data));
    for name in ["consent.db-wal", "consent.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    std::fs::write(data.join("consent.db"), "This is no database. ".repeat(500)).unwrap();
    let output = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--url", support::URL])
        .args(["--sites".as_ref(), sites.as_os_str()])
        .args(["--data".as_ref(), data.as_os_str()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("consent.db is damaged"), "{said}");
    assert!(said.contains("restore the file from a backup"), "{said}");
}

/// The user that owns nothing, for a process that root starts.
const NOBODY: u32 = 65_534;

#[test]
fn a_read_only_database_is_refused_with_what_to_do() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(folder.path(), 0o755);
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    drop(Process::serve(&sites, &data));
    let id = Command::new("id").arg("-u").output().unwrap();
    let is_root = id.stdout == b"0\n";
    // Root may write anywhere: as another user, from where that one can read it, the program meets what is forbidden.
    let program = folder.path().join("consent");
    copy_program(&program);
    let keys = data.join("keys");
    for entry in std::fs::read_dir(&keys).unwrap().map(Result::unwrap) {
        chown(entry.path(), is_root.then_some(NOBODY), None).unwrap();
    }
    chown(&keys, is_root.then_some(NOBODY), None).unwrap();
    for file in ["log", "log/lock"] {
        chown(data.join(file), is_root.then_some(NOBODY), None).unwrap();
    }
    for name in ["consent.db-wal", "consent.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    mode(&data.join("consent.db"), 0o444);
    mode(&data, 0o555);
    let mut serve = if is_root {
        let mut other = Command::new("setpriv");
        let nobody = NOBODY.to_string();
        other.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
        other.arg(&program);
        other
    } else {
        Command::new(&program)
    };
    let output = serve
        .args(["serve", "--listen", "127.0.0.1:0", "--url", support::URL])
        .args(["--sites".as_ref(), sites.as_os_str()])
        .args(["--data".as_ref(), data.as_os_str()])
        .output()
        .unwrap();
    mode(&data, 0o755);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("consent.db cannot be written"), "{said}");
    assert!(
        said.contains("give it and its folder to the user"),
        "{said}"
    );
}

/// Serves on a socket of this test, for as long as the test runs.
async fn listen(server: &Server, connections: ConnectionLimits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.running.router();
    tokio::spawn(answer(
        router,
        listener,
        connections,
        std::future::pending(),
    ));
    address
}

async fn healthy(address: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.starts_with("HTTP/1.1 200")
}

/// What comes back until the server closes the connection.
async fn told(address: SocketAddr, sent: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .expect("the connection stays open");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn halves_and_nonsense_cost_a_connection_and_nothing_else() {
    let server = Server::start();
    let connections = ConnectionLimits {
        head_timeout: Duration::from_millis(300),
        ..ConnectionLimits::default()
    };
    let address = listen(&server, connections).await;
    let long_head = format!("GET /healthz HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(40_000));
    for sent in [
        &b"POST /v1/sites/shop/cons"[..],
        b"POST /v1/sites/shop/consents HTTP/1.1\r\ncontent-le",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST /v1/verify HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"",
        long_head.as_bytes(),
    ] {
        let answer = String::from_utf8_lossy(&told(address, sent).await).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    // A body that stops halfway, from a client that goes away.
    let mut half = TcpStream::connect(address).await.unwrap();
    let sent = "POST /v1/sites/shop/consents HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                content-length: 500\r\n\r\n{\"act\":";
    half.write_all(sent.as_bytes()).await.unwrap();
    drop(half);
    assert!(healthy(address).await);
    assert_eq!(server.stored(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_is_held_to_its_rate_and_others_are_not() {
    let server = Server::start_with_rates(Rates::new(
        Rate {
            per_second: 1,
            burst: 2,
        },
        Rate::of(0),
    ));
    let connections = ConnectionLimits {
        behind_proxy: true,
        ..ConnectionLimits::default()
    };
    let address = listen(&server, connections).await;
    let page = Page::open(&format!("http://{address}"));
    let url = format!("{}/v1/sites/shop/consents", page.url);
    let send = move |number: u64, client: &'static str| {
        let (record, url) = (page.record(number).to_string(), url.clone());
        tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build()
                .into();
            let answer = agent
                .post(&url)
                .header("content-type", "application/json")
                .header("x-forwarded-for", client)
                .send(record)
                .unwrap();
            let retry = answer.headers().get("retry-after").cloned();
            (answer.status().as_u16(), retry)
        })
    };
    for (number, client, status) in [
        (1, "203.0.113.7", 201),
        (2, "203.0.113.7", 201),
        (3, "203.0.113.7", 429),
        (4, "203.0.113.8", 201),
    ] {
        let (found, retry) = send(number, client).await.unwrap();
        assert_eq!(found, status, "{number}");
        assert_eq!(retry.is_some_and(|wait| wait == "1"), status == 429);
    }
}
