//! What happens when the storage is slow, fails, or the server stops.

use crate::support;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{Gate, Server, Wrapped, receipts, request, shop};
use tokio::task::JoinSet;

/// As many as both queues and the batches in hand can hold, and some more.
const MORE_THAN_FITS: u32 = 6000;

/// Sends records that differ, each from a task of its own; answers come as status and body.
fn send(server: &Server, numbers: std::ops::Range<u32>) -> JoinSet<(u16, String)> {
    let mut answers = JoinSet::new();
    for number in numbers {
        let router = server.router.clone();
        let mut record = server.example("shop", 1);
        let mut random = [0; 10];
        random[..4].copy_from_slice(&number.to_be_bytes());
        record["jti"] = consent_core::id::RecordId::v7(1_795_316_891_000, random)
            .to_text()
            .into();
        let headers = [("content-type", "application/json")];
        let request = request(
            "POST",
            "/v1/sites/shop/consents",
            &headers,
            record.to_string().into(),
        );
        answers.spawn(async move {
            let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), 10_000)
                .await
                .unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        });
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fits_is_refused_and_the_rest_is_stored() {
    let gate = Arc::new(Gate::default());
    let server = Server::start_with(shop(), |store| Wrapped::waiting(store, Arc::clone(&gate)));
    let mut answers = send(&server, 0..MORE_THAN_FITS);
    // Nothing is stored before the gate opens, so the first answers are refusals.
    let (status, body) = answers.join_next().await.unwrap().unwrap();
    assert_eq!(status, 503);
    assert!(body.contains("\"overloaded\""), "{body}");
    gate.open();
    let mut created = 0;
    while let Some(answer) = answers.join_next().await {
        let (status, body) = answer.unwrap();
        match status {
            201 => created += 1,
            503 => assert!(body.contains("\"overloaded\""), "{body}"),
            other => panic!("{other}: {body}"),
        }
    }
    assert_eq!(receipts(&*server.store, "shop").len(), created);
    assert!(created >= 2048, "{created}");
    assert_eq!(
        server
            .record("shop", &server.example("shop", 7))
            .await
            .status,
        201
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_stored_and_answered_when_the_server_stops() {
    let gate = Arc::new(Gate::default());
    let server = Server::start_with(shop(), |store| Wrapped::waiting(store, Arc::clone(&gate)));
    let mut answers = send(&server, 0..500);
    // All are in the queues now: they fit, and none can be answered.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let app = server.app.clone();
    let stopped = tokio::task::spawn_blocking(move || app.intake.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!stopped.is_finished());
    let late = server.record("shop", &server.example("shop", 7)).await;
    assert_eq!(late.code(), "overloaded");
    assert_eq!(late.header("retry-after"), Some("2"));
    gate.open();
    stopped.await.unwrap();
    while let Some(answer) = answers.join_next().await {
        assert_eq!(answer.unwrap().0, 201);
    }
    assert_eq!(receipts(&*server.store, "shop").len(), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_storage_is_told_and_takes_records_again_once_mended() {
    let is_broken = Arc::new(AtomicBool::new(true));
    let server = Server::start_with(shop(), |store| {
        Wrapped::failing(store, Arc::clone(&is_broken))
    });
    let refused = server.record("shop", &server.example("shop", 1)).await;
    assert_eq!(refused.code(), "storage_unavailable");
    assert!(
        !refused.text().contains("disk"),
        "the reason is the operator's: {}",
        refused.text()
    );
    assert_eq!(server.stored(), 0);
    is_broken.store(false, Ordering::Relaxed);
    assert_eq!(
        server
            .record("shop", &server.example("shop", 1))
            .await
            .status,
        201
    );
}

/// The record is there, and so are the tiles; whoever was told otherwise asks again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_although_an_error_came_is_stored_once_and_the_log_goes_on() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let server = Server::start_with(shop(), |store| {
        let calls = &["append", "integrate"];
        Wrapped::done_but_failing(store, calls, Arc::clone(&is_broken))
    });
    is_broken.store(true, Ordering::SeqCst);
    let record = server.example("shop", 1);
    let refused = server.record("shop", &record).await;
    assert_eq!(refused.code(), "storage_unavailable");
    assert_eq!(server.stored(), 1);
    let next = server.store.log_state().unwrap().next;
    while server.store.log_state().unwrap().size < next {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    is_broken.store(false, Ordering::SeqCst);
    let answer = server.record("shop", &record).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        receipts(&*server.store, "shop"),
        [answer.json()["receipt"].as_str().unwrap()]
    );
    let more = server.record("shop", &server.example("shop", 2)).await;
    assert_eq!(more.status, 201);
    let last = server.store.log_state().unwrap().next - 1;
    let log = server.app.log().unwrap();
    assert!(log.covering(last).await.is_some(), "the log stands still");
}
