//! What is in `examples/monitoring/`: the rules do what they say, and all that they and the dashboard ask for is there.

use crate::support;
use axum::body::Body;
use consent_server::log::Vouchers;
use consent_server::server::{Config, LogSettings};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::skipped::not_installed;
use support::witness::Witness;
use support::{NOW, Server, request};

/// What stands for the time between two looks in a dashboard.
const INTERVAL: &str = "$__rate_interval";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/monitoring")
}

/// Prometheus's own tool: `CONSENT_PROMTOOL`, which `cargo xtask test` sets, or the one on the path.
fn promtool() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("CONSENT_PROMTOOL") {
        return Some(given.into());
    }
    let found = Command::new("promtool").arg("--version").output();
    if found.is_ok_and(|found| found.status.success()) {
        return Some("promtool".into());
    }
    not_installed(
        "examples/monitoring",
        "promtool is not on this machine (on Debian: apt-get install prometheus)",
    );
    None
}

fn runs(tool: &Path, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let output = Command::new(tool)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(())
    } else {
        Err(said.into_owned())
    }
}

/// The questions of the dashboard's panels.
fn questions() -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let mut questions = Vec::new();
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        assert!(!panel["title"].as_str().unwrap().is_empty());
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        questions.extend(
            targets
                .iter()
                .map(|target| target["expr"].as_str().unwrap().to_owned()),
        );
    }
    assert!(questions.len() > 20, "{questions:?}");
    questions
}

#[test]
fn the_rules_do_what_they_say() {
    let Some(tool) = promtool() else { return };
    runs(&tool, &["check", "rules", "alerts.yml"], &folder()).unwrap();
    runs(&tool, &["test", "rules", "alerts.test.yml"], &folder()).unwrap();
    // Every rule is tried, where it tells and where it does not.
    let read = |name| std::fs::read_to_string(folder().join(name)).unwrap();
    let (rules, tests) = (read("alerts.yml"), read("alerts.test.yml"));
    let names: Vec<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let tried = tests.matches(&format!("alertname: {name}")).count();
        assert!(tried >= 2, "{name} is tried {tried} times");
    }
    // And the tool sees when one does not.
    let other = tempfile::tempdir().unwrap();
    std::fs::write(
        other.path().join("alerts.yml"),
        rules.replace("consent_log_set_back == 1", "consent_log_set_back == 2"),
    )
    .unwrap();
    std::fs::write(other.path().join("alerts.test.yml"), tests).unwrap();
    let failed = runs(&tool, &["test", "rules", "alerts.test.yml"], other.path());
    assert!(failed.unwrap_err().contains("ConsentLogSetBack"));
}

#[test]
fn the_questions_of_the_dashboard_can_be_asked() {
    let Some(tool) = promtool() else { return };
    let questions = questions().into_iter().enumerate();
    let rules: Vec<Value> = questions
        .map(|(number, question)| {
            serde_json::json!({
                "record": format!("question:{number}"),
                "expr": question.replace(INTERVAL, "5m"),
            })
        })
        .collect();
    // JSON is YAML.
    let file = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("questions.yml"), file.to_string()).unwrap();
    runs(&tool, &["check", "rules", "questions.yml"], other.path()).unwrap();
}

async fn metrics(server: &Server) -> String {
    let router = server.running.metrics_router();
    let asked = request("GET", "/metrics", &[], Body::empty());
    let answer = tower::ServiceExt::oneshot(router, asked).await.unwrap();
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000).await;
    String::from_utf8(body.unwrap().to_vec()).unwrap()
}

/// The names of metrics in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("consent_")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_asked_for_is_told() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let log = server.app.log().unwrap();
    log.covering(9).await.unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let witness = Witness::start("w.example/1", &scratch.path().join("w"), &[log.key()]);
    let vouchers = Vouchers::new(vec![witness.endpoint.clone()], None).unwrap();
    let every = Duration::from_millis(100);
    let log = Some(LogSettings {
        vouchers: Some(vouchers.into()),
        vouch_every: every,
        ..LogSettings::default()
    });
    let data = server.end().await;
    let settings = |config| Config { log, ..config };
    let server = Server::open_as(data, support::shop(), |store| store, settings);
    tokio::spawn(server.running.clone().run());
    server.record("shop", &server.example("shop", 2)).await;
    let line = format!("consent_vouched_timestamp_seconds{{by=\"w.example/1\"}} {NOW}");
    let text = loop {
        let text = metrics(&server).await;
        if text.lines().any(|told| told == line) {
            break text;
        }
        tokio::time::sleep(every).await;
    };
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let told: BTreeSet<&str> = samples.flat_map(|line| names(line)).collect();
    let rules = std::fs::read_to_string(folder().join("alerts.yml")).unwrap();
    let questions = questions().join("\n");
    for text in [&rules, &questions] {
        for name in names(text) {
            assert!(told.contains(name), "{name} is not told: {told:?}");
        }
    }
}
