//! The server's routes inside somebody else's router.

use crate::support::{Server, request};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use consent_server::limit::{Client, Rate, Rates};
use consent_server::server::Config;
use serde_json::Value;
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

/// A record on its way to the path that the routes are at.
fn sending(record: &Value) -> Request<Body> {
    let headers = [("content-type", "application/json")];
    let body = Body::from(record.to_string());
    request("POST", "/consent/v1/sites/shop/consents", &headers, body)
}

async fn answer(app: &Router, asked: Request<Body>) -> u16 {
    app.clone().oneshot(asked).await.unwrap().status().as_u16()
}

/// The address of a client, as far as the program around tells.
fn peer(address: &str) -> ConnectInfo<SocketAddr> {
    ConnectInfo(address.parse().unwrap())
}

#[tokio::test]
async fn routes_at_a_path_answer_are_counted_by_their_names_and_leave_the_rest_alone() {
    let (server, app) = at_a_path();
    assert_eq!(answer(&app, sending(&server.example("shop", 1))).await, 201);
    let mut outdated = server.example("shop", 2);
    outdated["notice"] = outdated["scope"].clone();
    assert_eq!(answer(&app, sending(&outdated)).await, 409);
    for (path, status) in [
        ("/", 200),
        ("/consent/healthz", 200),
        ("/consent/nowhere", 404),
        ("/healthz", 404),
        ("/consent/admin", 404),
    ] {
        let asked = request("GET", path, &[], Body::empty());
        assert_eq!(answer(&app, asked).await, status, "{path}");
    }
    let metrics = server.running.metrics_router();
    let asked = request("GET", "/metrics", &[], Body::empty());
    let told = metrics.oneshot(asked).await.unwrap();
    let text = axum::body::to_bytes(told.into_body(), 1 << 20)
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
    let as_one_at = |number, address| {
        let mut asked = sending(&server.example("shop", number));
        asked.extensions_mut().insert(peer(address));
        asked
    };
    let mut answers = Vec::new();
    for number in 1..10 {
        answers.push(answer(&app, as_one_at(number, "203.0.113.7:1")).await);
    }
    assert!(answers.ends_with(&[429]), "{answers:?}");
    // Another one is not.
    assert_eq!(answer(&app, as_one_at(20, "198.51.100.2:1")).await, 201);
    // Behind a proxy the program knows better who it is.
    let mut asked = as_one_at(21, "203.0.113.7:1");
    let client = Client::Forwarded("192.0.2.9".parse().unwrap());
    asked.extensions_mut().insert(client);
    assert_eq!(answer(&app, asked).await, 201);
}
