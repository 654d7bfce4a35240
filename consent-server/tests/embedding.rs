//! The server's routes inside somebody else's router.

use crate::support::{Server, request};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::Response;
use consent_server::limit::{Client, Rate, Rates};
use consent_server::server::Config;
use std::net::SocketAddr;
use tower::ServiceExt as _;

fn at_a_path() -> (Server, Router) {
    let server = Server::start_as(|config| Config {
        url: "https://consent.example/consent".parse().unwrap(),
        rates: Rates::new(Rate::of(1), Rate::of(0)),
        ..config
    });
    let home = axum::routing::get(async || "home");
    let app = Router::new()
        .route("/", home)
        .nest("/consent", server.running.router());
    (server, app)
}

/// Sends a record as a client at this address, as far as the program around tells.
async fn record(server: &Server, app: &Router, number: u8, peer: Option<&str>) -> Response {
    let body = server.example("shop", number).to_string();
    let headers = [("content-type", "application/json")];
    let mut asked = request(
        "POST",
        "/consent/v1/sites/shop/consents",
        &headers,
        Body::from(body),
    );
    if let Some(peer) = peer {
        let peer: SocketAddr = peer.parse().unwrap();
        asked.extensions_mut().insert(ConnectInfo(peer));
    }
    app.clone().oneshot(asked).await.unwrap()
}

#[tokio::test]
async fn routes_at_a_path_answer_are_counted_by_their_names_and_leave_the_rest_alone() {
    let (server, app) = at_a_path();
    let stored = record(&server, &app, 1, None).await;
    assert_eq!(stored.status(), StatusCode::CREATED);
    let mut outdated = server.example("shop", 2);
    outdated["notice"] = outdated["scope"].clone();
    let headers = [("content-type", "application/json")];
    let asked = request(
        "POST",
        "/consent/v1/sites/shop/consents",
        &headers,
        Body::from(outdated.to_string()),
    );
    let refused = app.clone().oneshot(asked).await.unwrap();
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    for (path, status) in [
        ("/", 200),
        ("/consent/healthz", 200),
        ("/consent/nowhere", 404),
        ("/healthz", 404),
        ("/consent/admin", 404),
    ] {
        let asked = request("GET", path, &[], Body::empty());
        let answer = app.clone().oneshot(asked).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
    let metrics = server.running.metrics_router();
    let asked = request("GET", "/metrics", &[], Body::empty());
    let answer = metrics.oneshot(asked).await.unwrap();
    let text = axum::body::to_bytes(answer.into_body(), 1 << 20)
        .await
        .unwrap();
    let text = String::from_utf8(text.to_vec()).unwrap();
    assert!(
        text.contains("route=\"/v1/sites/{site}/consents\""),
        "{text}"
    );
    assert!(!text.contains("route=\"/consent"), "{text}");
    assert!(
        text.contains("consent_refused_records_total{code=\"notice_outdated\"} 1"),
        "{text}"
    );
}

#[tokio::test]
async fn clients_are_limited_by_the_address_that_the_program_around_tells() {
    let (server, app) = at_a_path();
    let mut answers = Vec::new();
    for number in 1..10 {
        let answer = record(&server, &app, number, Some("203.0.113.7:1")).await;
        answers.push(answer.status().as_u16());
    }
    assert!(answers.ends_with(&[429]), "{answers:?}");
    // Another one is not.
    let other = record(&server, &app, 20, Some("198.51.100.2:1")).await;
    assert_eq!(other.status(), StatusCode::CREATED);
    // Behind a proxy the program knows better who it is.
    let body = server.example("shop", 21).to_string();
    let headers = [("content-type", "application/json")];
    let mut asked = request(
        "POST",
        "/consent/v1/sites/shop/consents",
        &headers,
        Body::from(body),
    );
    let peer: SocketAddr = "203.0.113.7:1".parse().unwrap();
    asked.extensions_mut().insert(ConnectInfo(peer));
    let client = Client::Forwarded("192.0.2.9".parse().unwrap());
    asked.extensions_mut().insert(client);
    let answer = app.oneshot(asked).await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
}
