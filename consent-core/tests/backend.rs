//! Backends on tower and axum: from the headers of a request to what its handler may do.
#![cfg(feature = "axum")]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::routing::get;
use axum::{Router, middleware};
use consent_core::backend::{Consent, ConsentLayer, Refusal, SharedVerifier, Verifier};
use consent_core::key::{KeySet, SigningKey};
use consent_core::receipt::{Signer, Step};
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use http::header::COOKIE;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

const ISSUER: &str = "https://consent.example";

fn record() -> Record {
    let json = r#"{"act":"custom","aud":"shop","choices":{"analytics":true,"social":false},"dat":1795316891,"exp":1829444891,
        "jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ",
        "scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;
    Record::from_json(json.as_bytes()).unwrap()
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32])
}

fn keys(seed: u8) -> KeySet {
    [key(seed).public_key()].into_iter().collect()
}

fn cookie(seed: u8) -> String {
    let receipt = Signer::new(key(seed), ISSUER).sign(&record(), record().decided_at);
    format!("__Host-eu-consent={receipt}")
}

fn verifier() -> Verifier {
    Verifier::new(ISSUER, "shop".parse().unwrap(), keys(1))
}

fn then() -> UnixSeconds {
    record().decided_at
}

fn request<const N: usize>(cookies: [&str; N]) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    for line in cookies {
        let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
        request.headers_mut().append(COOKIE, line);
    }
    request
}

/// A service of tower alone, which answers with the consent that it was given.
#[allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "a service takes requests and answers with results"
)]
fn show(request: Request<Body>) -> Ready<Result<Consent, Infallible>> {
    ready(Ok(request.extensions().get::<Consent>().unwrap().clone()))
}

fn ask<const N: usize>(cookies: [&str; N]) -> Consent {
    let mut service = ConsentLayer::new(verifier(), then).layer(service_fn(show));
    service.call(request(cookies)).into_inner().unwrap()
}

#[test]
fn the_layer_puts_the_consent_beside_every_request() {
    let consent = ask([&cookie(1)]);
    assert!(consent.allows("analytics") && !consent.allows("social"));
    let consent = ask([]);
    assert_eq!(consent.refusal(), Some(&Refusal::NoCookie));
    assert!(!consent.allows("analytics") && consent.allows("operation"));
}

#[test]
fn cookies_may_come_in_several_headers_and_beside_bytes_that_are_no_text() {
    let receipt = cookie(1);
    assert!(ask(["a=b", &receipt, "c=d"]).allows("analytics"));
    let mut odd = b"name=\xE9; ".to_vec();
    odd.extend(receipt.bytes());
    let mut request = request(["a=b"]);
    let line = HeaderValue::from_bytes(&odd).unwrap();
    request.headers_mut().append(COOKIE, line);
    let mut service = ConsentLayer::new(verifier(), then).layer(service_fn(show));
    let consent = service.call(request).into_inner().unwrap();
    assert!(consent.allows("analytics"), "{:?}", consent.refusal());
}

#[test]
fn keys_are_replaced_while_requests_are_served() {
    let shared = SharedVerifier::from(verifier());
    let mut service = ConsentLayer::new(shared.clone(), then).layer(service_fn(show));
    let mut ask = |seed| {
        let consent = service.call(request([&cookie(seed)])).into_inner().unwrap();
        match consent.refusal() {
            None => Ok(()),
            Some(Refusal::Invalid(error)) => Err(error.step()),
            Some(other) => panic!("{other}"),
        }
    };
    assert_eq!((ask(1), ask(2)), (Ok(()), Err(Step::Key)));
    shared.set_keys(keys(2));
    assert_eq!((ask(1), ask(2)), (Err(Step::Key), Ok(())));
}

#[test]
fn the_clock_is_asked_for_each_request() {
    let time = Arc::new(AtomicI64::new(then().get()));
    let shown = Arc::clone(&time);
    let clock = move || UnixSeconds::new(shown.load(Ordering::SeqCst)).unwrap();
    let mut service = ConsentLayer::new(verifier(), clock).layer(service_fn(show));
    let mut ask = || service.call(request([&cookie(1)])).into_inner().unwrap();
    assert!(ask().allows("analytics"));
    time.store(record().expires_at.get(), Ordering::SeqCst);
    assert!(!ask().allows("analytics"));
}

async fn page(consent: Consent) -> &'static str {
    if consent.allows("analytics") {
        "counted"
    } else {
        "not counted"
    }
}

async fn answer(app: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_handler_of_axum_takes_the_consent_as_an_argument() {
    let app = Router::new()
        .route("/", get(page))
        .layer(ConsentLayer::new(verifier(), then));
    let granted = answer(app.clone(), request([&cookie(1)])).await;
    assert_eq!(granted, (StatusCode::OK, "counted".into()));
    let unknown = answer(app, request([])).await;
    assert_eq!(unknown, (StatusCode::OK, "not counted".into()));
}

#[tokio::test]
async fn without_the_layer_a_handler_says_what_to_add() {
    let (status, says) = answer(Router::new().route("/", get(page)), request([])).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        says.contains(".layer(ConsentLayer::new(verifier, clock))"),
        "{says}"
    );
}

#[tokio::test]
async fn other_layers_see_the_consent_too() {
    let gate = middleware::from_fn(
        |consent: Consent, request: Request<Body>, next: middleware::Next| async move {
            match consent.refusal() {
                None => Ok(next.run(request).await),
                Some(refusal) => Err((StatusCode::FORBIDDEN, refusal.to_string())),
            }
        },
    );
    let app = Router::new()
        .route("/", get(page))
        .layer(gate)
        .layer(ConsentLayer::new(verifier(), then));
    let (status, says) = answer(app, request([])).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(says, "the visitor has not chosen yet");
}
