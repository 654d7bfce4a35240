//! What operators see on the second listener.

use crate::support;
use consent_core::site::Site;
use consent_server::bundle::Bundle;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::keys::Keys;
use consent_server::publish::Sites;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::process::run;
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

/// The codes that a record may be answered with, as described.
fn described() -> Vec<String> {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    let answers = document["paths"]["/v1/sites/{site}/consents"]["post"]["responses"].to_string();
    let codes = answers.split('`').skip(1).step_by(2);
    codes.map(str::to_owned).collect()
}

#[tokio::test]
async fn all_that_can_happen_is_there_before_it_does() {
    let server = Server::start();
    let text = metrics(&server).await;
    let codes = described();
    assert!(codes.len() > 15, "{codes:?}");
    let refused = codes
        .iter()
        .map(|code| format!("consent_refused_records_total{{code=\"{code}\"}}"));
    let outcomes = ["stored", "repeated", "storage_failed", "overloaded"];
    let outcomes =
        outcomes.map(|outcome| format!("consent_records_total{{outcome=\"{outcome}\"}}"));
    let others = [
        "consent_strange_origins_total{site=\"shop\"}",
        "consent_strange_origins_total{site=\"library\"}",
        "consent_sites{state=\"refused\"}",
        "consent_sites{state=\"retired\"}",
        "consent_clock_wrong{how=\"set_back\"}",
        "consent_clock_wrong{how=\"ahead\"}",
        "consent_log_set_back",
        "consent_purge_timestamp_seconds",
        "consent_backup_timestamp_seconds",
        "consent_signing_errors_total",
    ];
    for line in refused.chain(outcomes).chain(others.map(str::to_owned)) {
        assert!(value(&text, &line).abs() < 0.1, "{line}: {text}");
    }
    for line in [
        "consent_disk_free_bytes",
        "consent_memory_bytes",
        "consent_log_checkpoint_timestamp_seconds",
    ] {
        assert!(value(&text, line) > 1e6, "{line}: {text}");
    }
    assert!((value(&text, "consent_sites{state=\"served\"}") - 2.0).abs() < 0.1);
    let version = concat!(
        "consent_build_info{version=\"",
        env!("CARGO_PKG_VERSION"),
        "\"}"
    );
    assert!((value(&text, version) - 1.0).abs() < 0.1);
}

#[tokio::test]
async fn refusals_are_counted_by_reason_and_strange_origins_by_site() {
    let server = Server::start();
    let json = ("content-type", "application/json");
    let path = "/v1/sites/shop/consents";
    server.post(path, &[json], "{").await;
    server.post(path, &[json], "{").await;
    server.post("/v1/sites/nope/consents", &[json], "{}").await;
    let strange = [json, ("origin", "https://www.shop.example.evil")];
    server.post(path, &strange, "{}").await;
    // Of another route, it is no record.
    server.get("/v1/sites/shop/consents/0", &[]).await;
    let text = metrics(&server).await;
    for (line, expected) in [
        (
            "consent_refused_records_total{code=\"malformed_json\"}",
            2.0,
        ),
        ("consent_refused_records_total{code=\"unknown_site\"}", 1.0),
        (
            "consent_refused_records_total{code=\"origin_not_allowed\"}",
            1.0,
        ),
        ("consent_strange_origins_total{site=\"shop\"}", 1.0),
        ("consent_strange_origins_total{site=\"library\"}", 0.0),
    ] {
        let found = value(&text, line);
        assert!((found - expected).abs() < 0.1, "{line}: {text}");
    }
    assert!(!text.contains("evil") && !text.contains("nope"), "{text}");
}

#[tokio::test]
async fn what_other_programs_did_last_is_told_and_so_is_a_retired_site() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let folder = tempfile::tempdir().unwrap();
    let sites = folder.path().join("sites");
    support::write_site(&sites);
    let data = server.data.path().to_str().unwrap();
    let copy = folder.path().join("copy");
    let before = f64::from(u32::try_from(Clock::system().now().get()).unwrap());
    for arguments in [
        &["backup", "--data", data, "--to", copy.to_str().unwrap()][..],
        &["purge", "--data", data, "--sites", sites.to_str().unwrap()],
    ] {
        let done = run(arguments);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{said}");
    }
    let text = metrics(&server).await;
    for line in [
        "consent_backup_timestamp_seconds",
        "consent_purge_timestamp_seconds",
    ] {
        assert!(value(&text, line) >= before, "{line}: {text}");
    }
    // The shop is not declared any more.
    let library = support::shop().replace("id = \"shop\"", "id = \"library\"");
    let library = Site::parse("library.toml", &library).unwrap();
    let now = server.app.clock.now();
    let bundle = Bundle::embedded().unwrap();
    let sites = Sites::publish([library], &bundle, &*server.store, now).unwrap();
    let keys = Keys::open(&DataFolder::at(server.data.path()), now).unwrap();
    server.app.replace(sites, keys).unwrap();
    let text = metrics(&server).await;
    assert!((value(&text, "consent_sites{state=\"retired\"}") - 1.0).abs() < 0.1);
}

#[tokio::test]
async fn every_metric_is_explained() {
    let page = include_str!("../../docs/operate.md");
    let server = Server::start();
    // A route is told of once it has answered.
    server.get("/healthz", &[]).await;
    let text = metrics(&server).await;
    let mut families = 0;
    for line in text.lines() {
        let Some(family) = line.strip_prefix("# TYPE ") else {
            continue;
        };
        let name = family.split(' ').next().unwrap();
        assert!(
            page.contains(name),
            "docs/operate.md does not explain {name}"
        );
        families += 1;
    }
    assert!(families > 20, "{text}");
}

#[tokio::test]
async fn a_key_that_is_not_published_makes_the_server_unready() {
    let server = Server::start();
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
    let other = tempfile::tempdir().unwrap();
    let now = server.app.clock.now();
    let strange = consent_server::keys::Keys::open(&DataFolder::at(other.path()), now).unwrap();
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
