//! No log line says who somebody is or what opens a door, at any level.

mod support;

use consent_server::auth::Role;
use std::io;
use std::sync::{Arc, Mutex};
use support::Server;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn logs_hold_no_id_no_address_and_no_token() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let server = Server::start();
    let record = server.example("shop", 1);
    let receipt = server.record("shop", &record).await.json()["receipt"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = record["jti"].as_str().unwrap();
    let subject = record["sub"].as_str().unwrap();
    let mut wrong = record.clone();
    wrong["act"] = subject.into();
    server.record("shop", &wrong).await;
    let token = server.token(Role::Admin, &[], None);
    let headers = [
        ("authorization", &*format!("Bearer {token}")),
        ("x-forwarded-for", "203.0.113.7"),
        ("user-agent", "Netscape/4"),
    ];
    server
        .get(&format!("/v1/sites/shop/consents/{id}"), &headers)
        .await;
    server
        .get("/v1/sites/shop/export?format=csv", &headers)
        .await;
    server.get(&format!("/nothing/{subject}"), &headers).await;
    server
        .post(
            "/v1/verify",
            &[("content-type", "text/plain")],
            receipt.clone(),
        )
        .await;
    let cookie = format!("__Host-eu-consent={receipt}");
    server
        .get("/v1/check?site=shop&need=analytics", &[("cookie", &cookie)])
        .await;
    server.get("/v1/audit", &headers).await;
    let path = format!("/v1/sites/shop/subjects/{subject}");
    let erase = support::request("DELETE", &path, &headers, axum::body::Body::empty());
    assert_eq!(server.send(erase).await.text(), "{\"erased\":1}");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    server
        .post("/admin/login", &form, format!("token={token}"))
        .await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/v1/sites/{site}/consents/{record}"),
        "requests are logged: {text}"
    );
    let signature = receipt.rsplit('.').next().unwrap();
    for secret in [id, subject, &token, signature, "203.0.113.7", "Netscape"] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
}
