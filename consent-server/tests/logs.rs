//! No log line says who somebody is or what opens a door, at any level.
#![allow(clippy::disallowed_methods, reason = "tests spoil files on purpose")]

mod support;

use consent_server::auth::Role;
use serde_json::Value;
use std::io;
use std::sync::{Arc, Mutex};
use support::page::status;
use support::process::Process;
use support::{Server, write_site};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

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
    let (lines, objects) = (Lines::default(), Lines::default());
    let (text, json) = (lines.clone(), objects.clone());
    let text = tracing_subscriber::fmt::layer().with_writer(move || text.clone());
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(move || json.clone());
    let both = tracing_subscriber::registry().with(text).with(json);
    tracing::subscriber::set_global_default(both.with(LevelFilter::TRACE)).unwrap();

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
    let cookie = format!("__Host-eu-consent={receipt}");
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

    let signature = receipt.rsplit('.').next().unwrap();
    for lines in [lines, objects.clone()] {
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(
            text.contains("/v1/sites/{site}/consents/{record}"),
            "requests are logged: {text}"
        );
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
    let objects = String::from_utf8(objects.0.lock().unwrap().clone()).unwrap();
    let answered = objects
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["route"] == "/v1/check")
        .unwrap();
    assert_eq!(answered["status"], 204);
    assert_eq!(answered["level"], "DEBUG");
}

/// Ends a server that answers, as its operator does.
fn stop(server: &Process) {
    assert_eq!(status(&format!("{}/healthz", server.url)), 200);
    server.signal("-TERM");
    server.hear("stopped");
}

#[test]
fn a_pipe_gets_no_colours_and_json_if_that_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    {
        let server = Process::serve(&sites, &data);
        stop(&server);
        let log = server.log();
        assert!(log.contains("INFO") && !log.contains('\u{1b}'), "{log}");
    }
    let server = Process::serve_with(&sites, &data, &["--log-format", "json"]);
    stop(&server);
    let log = server.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let serving = lines.iter().find(|line| line["message"] == "serving");
    let serving = serving.unwrap_or_else(|| panic!("{log}"));
    assert_eq!(serving["sites"], 1);
    assert!(serving["timestamp"].is_string());
}
