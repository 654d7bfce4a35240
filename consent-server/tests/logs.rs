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
    let (secret, subject) = (
        record["sub"].as_str().unwrap(),
        support::consent_id(&record),
    );
    let subject = &*subject;
    let mut wrong = record.clone();
    wrong["act"] = subject.into();
    server.record("shop", &wrong).await;
    let token = server.token(Role::Admin, &[], None);
    let headers = [
        ("authorization", &*format!("Bearer {token}")),
        ("x-forwarded-for", "203.0.113.7"),
        ("user-agent", "Netscape/4"),
    ];
    let staff = server.staff();
    staff
        .get(&format!("/v1/sites/shop/consents/{id}"), &headers)
        .await;
    staff
        .get("/v1/sites/shop/export?format=csv", &headers)
        .await;
    let form = format!("format=csv&subject={subject}");
    staff.form("/v1/sites/shop/export", &headers, &form).await;
    server.get(&format!("/nothing/{subject}"), &headers).await;
    staff.get(&format!("/nothing/{subject}"), &headers).await;
    server
        .post(
            "/v1/verify",
            &[("content-type", "text/plain")],
            receipt.clone(),
        )
        .await;
    let cookie = format!("eu-consent={receipt}");
    server
        .get("/v1/check?site=shop&need=analytics", &[("cookie", &cookie)])
        .await;
    staff.get("/v1/audit", &headers).await;
    let erased = staff.erase("shop", subject, &token).await;
    assert_eq!(erased.text(), "{\"erased\":1}");
    let wish = format!("{{\"subject\":\"{subject}\",\"record\":\"{id}\"}}");
    let holder = support::holder(&record);
    let erased = server
        .post("/v1/sites/shop/erasures", &[("cookie", &*holder)], wish)
        .await;
    assert_eq!(erased.text(), "{\"erased\":0}");
    staff.log_in(&token).await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains("/v1/sites/{site}/consents/{record}"),
        "requests are logged: {text}"
    );
    let signature = receipt.rsplit('.').next().unwrap();
    for secret in [
        id,
        subject,
        secret,
        &token,
        signature,
        "203.0.113.7",
        "Netscape",
    ] {
        assert!(!text.contains(secret), "{secret} is in the log: {text}");
    }
}
