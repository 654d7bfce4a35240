//! What operators see on the second listener.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Server, Wrapped, request, shop};

async fn metrics(server: &Server) -> String {
    let router = consent_server::api::metrics(&server.app);
    let asked = request("GET", "/metrics", &[], axum::body::Body::empty());
    let answer = tower::ServiceExt::oneshot(router, asked).await.unwrap();
    assert_eq!(answer.status(), 200);
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000)
        .await
        .unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

/// The value of a line.
fn value(text: &str, line: &str) -> f64 {
    let found = text
        .lines()
        .find_map(|text| text.strip_prefix(line)?.strip_prefix(' '));
    let found = found.unwrap_or_else(|| panic!("no {line} in {text}"));
    found.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let server = Server::start_with(shop(), |store| {
        Wrapped::failing(store, Arc::clone(&is_broken))
    });
    for number in [1, 2, 2] {
        server.record("shop", &server.example("shop", number)).await;
    }
    is_broken.store(true, Ordering::Relaxed);
    server.record("shop", &server.example("shop", 3)).await;
    server.get("/nothing/here", &[]).await;
    server
        .send(request("BREW", "/healthz", &[], axum::body::Body::empty()))
        .await;

    let text = metrics(&server).await;
    let route = "route=\"/v1/sites/{site}/consents\"";
    for (line, expected) in [
        (
            format!("consent_requests_total{{method=\"POST\",{route},status=\"201\"}}"),
            3.0,
        ),
        (
            format!("consent_requests_total{{method=\"POST\",{route},status=\"503\"}}"),
            1.0,
        ),
        (
            "consent_requests_total{method=\"GET\",route=\"-\",status=\"404\"}".into(),
            1.0,
        ),
        (format!("consent_request_seconds_count{{{route}}}"), 4.0),
        ("consent_records_total{outcome=\"stored\"}".into(), 2.0),
        ("consent_records_total{outcome=\"repeated\"}".into(), 1.0),
        (
            "consent_records_total{outcome=\"storage_failed\"}".into(),
            1.0,
        ),
        ("consent_commit_records_sum".into(), 4.0),
        ("consent_queue_records".into(), 0.0),
        // Each example was decided five seconds before.
        ("consent_record_delay_seconds_count".into(), 4.0),
        ("consent_record_delay_seconds_sum".into(), 20.0),
        (
            "consent_record_delay_seconds_bucket{le=\"4.0\"}".into(),
            0.0,
        ),
        ("consent_signing_errors_total".into(), 0.0),
    ] {
        assert!(
            (value(&text, &line) - expected).abs() < 0.1,
            "{line}: {text}"
        );
    }
    assert!(value(&text, "consent_database_bytes") > 10_000.0);
    let logged = value(&text, "consent_log_entries") + value(&text, "consent_log_waiting_entries");
    // Of two sites the scope, the publication and two notices each; the bundle; two records.
    assert!((logged - 11.0).abs() < f64::EPSILON, "{logged}");
    assert!(text.contains("method=\"other\""), "{text}");
    assert!(!text.contains("BREW"), "{text}");
    assert!(text.ends_with("# EOF\n"));
    assert_eq!(
        server.get("/metrics", &[]).await.status,
        404,
        "visitors see no metrics"
    );
}

#[tokio::test]
async fn a_key_that_is_not_published_makes_the_server_unready() {
    let server = Server::start();
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    let other = tempfile::tempdir().unwrap();
    let now = server.app.clock.now();
    let strange = consent_server::keys::Keys::open(other.path(), now).unwrap();
    server
        .app
        .intake
        .sign_with(strange.into_signer(support::URL));
    // What was found a moment ago is told for a second.
    let refused = loop {
        let answer = server.get("/readyz", &[]).await;
        if answer.status != 200 {
            break answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(refused.code(), "storage_unavailable");
    let text = metrics(&server).await;
    assert!((value(&text, "consent_signing_errors_total") - 1.0).abs() < 0.1);
}
