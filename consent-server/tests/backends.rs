//! What backends ask: is this receipt valid, and may this visitor be counted?

use crate::support;
use serde_json::json;
use support::{NOW, Server};

async fn check(server: &Server, need: &str, cookie: Option<&str>) -> (u16, String) {
    let cookie = cookie.map(|value| format!("a=b; __Host-eu-consent={value}"));
    let headers: Vec<(&str, &str)> = cookie.iter().map(|cookie| ("cookie", &**cookie)).collect();
    let answer = server
        .get(&format!("/v1/check?site=shop&need={need}"), &headers)
        .await;
    (
        answer.status.as_u16(),
        answer
            .header("consent-reason")
            .unwrap_or_default()
            .to_owned(),
    )
}

fn no(reason: &str) -> (u16, String) {
    (403, reason.to_owned())
}

fn yes() -> (u16, String) {
    (204, String::new())
}

#[tokio::test]
async fn a_proxy_hears_whether_the_cookie_grants_what_is_needed() {
    let server = Server::start();
    let mut record = server.example("shop", 1);
    record["choices"] = json!({ "analytics": true, "social": false });
    let receipt = server.record("shop", &record).await.json()["receipt"]
        .as_str()
        .unwrap()
        .to_owned();
    record["jti"] = server.example("shop", 2)["jti"].clone();
    record["services"] = json!({ "counter": false, "videos": true });
    let services = server.record("shop", &record).await.json()["receipt"]
        .as_str()
        .unwrap()
        .to_owned();
    let library = server
        .record("library", &server.example("library", 3))
        .await
        .json();

    assert_eq!(check(&server, "analytics", Some(&receipt)).await, yes());
    assert_eq!(check(&server, "counter", Some(&receipt)).await, yes());
    assert_eq!(
        check(&server, "social", Some(&receipt)).await,
        no("refused")
    );
    assert_eq!(
        check(&server, "videos", Some(&receipt)).await,
        no("refused")
    );
    assert_eq!(
        check(&server, "counter", Some(&services)).await,
        no("refused")
    );
    assert_eq!(check(&server, "videos", Some(&services)).await, yes());
    assert_eq!(check(&server, "operation", None).await, yes());
    assert_eq!(check(&server, "basket", None).await, yes());
    assert_eq!(check(&server, "analytics", None).await, no("no_choice"));
    assert_eq!(
        check(&server, "ads", Some(&receipt)).await,
        no("unknown_need")
    );
    assert_eq!(
        check(&server, "analytics", Some("eyJhY3QiOiJhY2NlcHRfYWxsIn0")).await,
        no("unsigned")
    );
    assert_eq!(
        check(&server, "analytics", Some(&receipt.replacen("ey", "eY", 1))).await,
        no("invalid")
    );
    assert_eq!(
        check(&server, "analytics", library["receipt"].as_str()).await,
        no("other_site")
    );
    server.set_time(NOW + 400 * 86_400);
    assert_eq!(
        check(&server, "analytics", Some(&receipt)).await,
        no("expired")
    );
    server.set_time(NOW);
    let server = server
        .reopen(&support::shop().replace("revision = 1", "revision = 2"))
        .await;
    assert_eq!(
        check(&server, "analytics", Some(&receipt)).await,
        no("outdated")
    );

    assert_eq!(
        server.get("/v1/check?site=nope&need=x", &[]).await.code(),
        "unknown_site"
    );
    assert_eq!(
        server.get("/v1/check?site=shop", &[]).await.code(),
        "invalid_query"
    );
}

#[tokio::test]
async fn a_verdict_tells_how_far_a_receipt_came() {
    let server = Server::start();
    let answer = server
        .record("shop", &server.example("shop", 1))
        .await
        .json();
    let receipt = answer["receipt"].as_str().unwrap().to_owned();
    let json = [("content-type", "application/json")];
    let ask = async |question: serde_json::Value| {
        server
            .post("/v1/verify", &json, question.to_string())
            .await
            .json()
    };
    let failed = |verdict: &serde_json::Value| {
        let steps = verdict["steps"].as_array().unwrap().iter();
        let mut failed = steps.filter(|step| step["result"] == "failed");
        failed
            .next()
            .map(|step| step["step"].as_str().unwrap().to_owned())
    };
    let text = server
        .post(
            "/v1/verify",
            &[("content-type", "text/plain")],
            format!("{receipt}\n"),
        )
        .await;
    assert_eq!(text.json()["valid"], true, "{}", text.text());
    let good = ask(json!({ "receipt": receipt, "site": "shop", "at": "2027-12-01" })).await;
    assert_eq!(
        (good["valid"].as_bool(), failed(&good)),
        (Some(true), None),
        "{good}"
    );
    assert_eq!(good["record"]["choices"]["analytics"], true);

    let mut changed = receipt.clone().into_bytes();
    let middle = receipt.find('.').unwrap() + 5;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).unwrap();
    // One character of the signature, not the last one, whose bits are not all used.
    let mut forged = receipt.clone().into_bytes();
    let place = receipt.len() - 10;
    forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for (question, step) in [
        (json!({ "receipt": "" }), "form"),
        (json!({ "receipt": changed }), "form"),
        (json!({ "receipt": forged }), "signature"),
        (json!({ "receipt": receipt, "site": "library" }), "audience"),
        (json!({ "receipt": receipt, "at": "2028-01-01" }), "time"),
        (json!({ "receipt": receipt, "at": "2020-01-01" }), "time"),
    ] {
        let verdict = ask(question.clone()).await;
        assert_eq!(
            (verdict["valid"].as_bool(), &*failed(&verdict).unwrap()),
            (Some(false), step),
            "{question}"
        );
    }
    for (body, code) in [
        ("{", "malformed_json"),
        ("{}", "invalid_record"),
        ("[\"x\",null,null]", "invalid_record"),
        ("{\"receipt\":\"x\",\"at\":\"tomorrow\"}", "invalid_record"),
        ("{\"receipt\":\"x\",\"site\":\"NO\"}", "invalid_record"),
    ] {
        assert_eq!(
            server.post("/v1/verify", &json, body).await.code(),
            code,
            "{body}"
        );
    }
    let long = "x".repeat(9000);
    assert_eq!(
        server.post("/v1/verify", &json, long).await.code(),
        "body_too_large"
    );
}

#[tokio::test]
async fn health_and_readiness() {
    let server = Server::start();
    assert_eq!(server.get("/healthz", &[]).await.status, 200);
    assert_eq!(server.get("/readyz", &[]).await.status, 200);
}
