//! A clock that is wrong signs nothing, says so, and does no other harm.

use crate::support;
use axum::body::Body;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::store::{Moment, StoreAddress};
use consent_server::timeline::{LEAP, TOLERANCE};
use std::path::Path;
use std::time::Duration;
use support::page::{Page, status};
use support::process::{Process, run};
use support::{NOW, Server, request, write_site};

const DAY: i64 = 86_400;

/// What the server says to a record, and whether it is ready.
async fn told(server: &Server, number: u8) -> (String, u16) {
    let record = made_now(server, number);
    let answer = server.record("shop", &record).await;
    let code = if answer.status == 201 {
        "stored".to_owned()
    } else {
        assert_eq!(answer.header("retry-after"), Some("60"));
        assert_eq!(answer.status, 503, "browsers keep what they may send again");
        answer.code()
    };
    let ready = server.get("/readyz", &[]).await;
    if ready.status != 200 {
        assert_eq!(ready.code(), code);
    }
    (code, ready.status.as_u16())
}

/// A record by the server's own clock.
fn made_now(server: &Server, number: u8) -> serde_json::Value {
    let now = server.app.clock.now().get();
    let mut record = server.example("shop", number);
    record["dat"] = now.into();
    let id = consent_core::id::RecordId::v7(now.unsigned_abs() * 1000, [number; 10]);
    record["jti"] = id.to_text().into();
    record
}

fn said(code: &str, ready: u16) -> (String, u16) {
    (code.into(), ready)
}

async fn wrong(server: &Server) -> [bool; 2] {
    let router = consent_server::api::metrics(&server.app);
    let asked = request("GET", "/metrics", &[], Body::empty());
    let answer = tower::ServiceExt::oneshot(router, asked).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000).await;
    let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
    ["set_back", "ahead"].map(|how| {
        let line = format!("consent_clock_wrong{{how=\"{how}\"}} 1");
        text.lines().any(|text| text == line)
    })
}

#[tokio::test]
async fn a_clock_that_was_set_back_signs_nothing_and_all_else_goes_on() {
    let server = Server::start();
    assert_eq!(told(&server, 1).await, said("stored", 200));
    let receipt = server.record("shop", &server.example("shop", 9)).await;
    assert_eq!(wrong(&server).await, [false, false]);
    // To 2020, and by as little as no time server corrects.
    for back in [6 * 365 * DAY, TOLERANCE + 1] {
        server.set_time(NOW - back);
        assert_eq!(told(&server, 2).await, said("clock_set_back", 503));
        assert_eq!(wrong(&server).await, [true, false]);
    }
    assert_eq!(server.get("/s/shop/consent.js", &[]).await.status, 200);
    let token = server.token(consent_server::auth::Role::Exporter, &["shop"], None);
    let bearer = format!("Bearer {token}");
    let export = server
        .staff()
        .get(
            "/v1/sites/shop/export?format=jsonl",
            &[("authorization", &bearer)],
        )
        .await;
    assert_eq!(export.text().lines().count(), 2);
    let receipt = receipt.json()["receipt"].as_str().unwrap().to_owned();
    let verdict = server.post("/v1/verify", &[], receipt).await;
    assert_eq!(verdict.status, 200);
    // What time servers correct, it is no matter; and when the clock is right again, nothing else is needed.
    for (number, right) in [(3, -TOLERANCE), (4, 0), (5, 1)] {
        server.set_time(NOW + right);
        assert_eq!(told(&server, number).await, said("stored", 200));
    }
    assert_eq!(server.stored(), 5);
}

#[tokio::test]
async fn a_clock_far_ahead_signs_nothing_deletes_nothing_and_loses_no_record() {
    let server = Server::start();
    assert_eq!(told(&server, 1).await, said("stored", 200));
    // In 2031 a choice of now would count as one that has ended.
    server.set_time(NOW + 5 * 365 * DAY);
    let record = server.example("shop", 2);
    let answer = server.record("shop", &record).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.code()),
        (503, "clock_ahead")
    );
    // Nor does a visitor whose clock is as wrong change that.
    assert_eq!(told(&server, 3).await, said("clock_ahead", 503));
    assert_eq!(wrong(&server).await, [false, true]);
    server.set_time(NOW);
    assert_eq!(server.record("shop", &record).await.status, 201);
    assert_eq!(server.stored(), 2);
    // A server that stood still for a year goes on by itself.
    server.set_time(NOW + LEAP);
    assert_eq!(told(&server, 4).await, said("stored", 200));
}

#[tokio::test]
async fn what_was_signed_is_remembered_and_an_operator_can_say_that_the_clock_is_right() {
    let server = Server::start();
    server.set_time(NOW + 300 * DAY);
    assert_eq!(told(&server, 1).await, said("stored", 200));
    server.app.write_time().unwrap();
    // Another start, by a clock that is right.
    let server = server.reopen(support::shop()).await;
    assert_eq!(told(&server, 2).await, said("clock_set_back", 503));
    let wrong = server.app.accept_clock().unwrap();
    assert!(wrong.unwrap().to_string().contains("was set back"));
    assert_eq!(server.app.accept_clock().unwrap(), None);
    assert_eq!(told(&server, 2).await, said("stored", 200));
    let token = server.token(consent_server::auth::Role::Admin, &[], None);
    let bearer = format!("Bearer {token}");
    let trail = server
        .staff()
        .get("/v1/audit", &[("authorization", &bearer)])
        .await
        .text();
    assert!(trail.contains("accept_clock"), "{trail}");
    // It stays so, though a receipt of the future is there.
    let server = server.reopen(support::shop()).await;
    assert_eq!(told(&server, 3).await, said("stored", 200));
    assert_eq!(server.stored(), 3);
}

fn set(data: &Path, seconds: i64) {
    let at = consent_core::time::UnixSeconds::new(seconds).unwrap();
    StoreAddress::of(&DataFolder::at(data))
        .open_existing()
        .unwrap()
        .set_moment(Moment::Signed, at)
        .unwrap();
}

/// What is written down, as whoever looks at the file sees it.
fn newest(data: &Path) -> Option<i64> {
    let database = rusqlite::Connection::open(data.join("consent.db")).unwrap();
    let at = database.query_row("SELECT at FROM moments WHERE what = 'signed'", [], |row| {
        row.get(0)
    });
    at.ok()
}

#[test]
fn the_program_says_so_until_it_is_told_to_accept_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let now = Clock::system().now().get();
    {
        let server = Process::serve(&sites, &data);
        let page = Page::open(&server.url);
        assert_eq!(page.send(&page.record(1)), Some(201));
        // Written down at once, so that a server that is killed remembers it.
        while newest(&data).is_none() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let written = newest(&data).unwrap();
    assert!((now..now + 600).contains(&written), "{written}");
    // As if the clock had been ahead, and is right now.
    set(&data, now + 200 * DAY);
    {
        let server = Process::serve(&sites, &data);
        let line = server.hear("records are refused");
        assert!(line.contains("--accept-clock"), "{line}");
        let page = Page::open(&server.url);
        assert_eq!(page.send(&page.record(2)), Some(503));
        assert_eq!(status(&format!("{}/readyz", server.url)), 503);
    }
    assert_eq!(
        newest(&data),
        Some(now + 200 * DAY),
        "it waits for its operator"
    );
    {
        let server = Process::serve_with(&sites, &data, &["--accept-clock"]);
        assert!(server.said.contains("accepted"), "{}", server.said);
        let page = Page::open(&server.url);
        assert_eq!(page.send(&page.record(2)), Some(201));
    }
    let server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(3)), Some(201));
}

#[tokio::test]
async fn nothing_is_purged_by_a_clock_that_is_far_ahead() {
    let server = Server::start();
    server.accept_time(NOW - 10 * 365 * DAY);
    let answer = server.record("shop", &made_now(&server, 1)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let data = server.end().await;
    let folder = tempfile::tempdir().unwrap();
    write_site(folder.path());
    let purge_all = || {
        let sites = folder.path().to_str().unwrap();
        let data = data.path().to_str().unwrap();
        run(&["purge", "--sites", sites, "--data", data])
    };
    // The machine's clock is ten years ahead of all that this server has seen: is it?
    let refused = purge_all();
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("--accept-clock"), "{told}");
    let store = StoreAddress::of(&DataFolder::at(data.path()))
        .open_existing()
        .unwrap();
    assert_eq!(store.latest(&"shop".parse().unwrap(), 9).unwrap().len(), 1);
    // It is right: the server has seen it.
    set(data.path(), Clock::system().now().get());
    let done = purge_all();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "shop\tdelete\t1\n");
}
