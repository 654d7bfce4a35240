//! Records in: what is accepted, and what is answered.

use crate::support;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt};
use consent_core::time::UnixSeconds;
use serde_json::json;
use support::{NOW, Server, URL};

#[tokio::test]
async fn a_record_gets_a_receipt_that_verifies_and_a_cookie_that_holds_it() {
    let server = Server::start();
    let answer = server.record("shop", &server.example("shop", 1)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["expires_at"], "2027-12-22T03:08:06Z");
    let receipt = answer.json()["receipt"].as_str().unwrap().to_owned();
    let cookie = answer.header("set-cookie").unwrap();
    assert_eq!(
        cookie,
        format!("__Host-eu-consent={receipt}; Path=/; Max-Age=34127995; SameSite=Lax; Secure")
    );

    let keys = KeySet::from_jwks(&server.get("/.well-known/jwks.json", &[]).await.text()).unwrap();
    let expect = Expectations {
        issuer: Some(URL),
        ..Expectations::at(UnixSeconds::new(NOW).unwrap())
    };
    let receipt = Receipt::verify(&receipt, &keys, &expect).unwrap();
    assert_eq!(receipt.record().decided_at.get(), NOW - 5);
    assert_eq!(receipt.issued_at().get(), NOW);
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn the_key_set_names_no_algorithm() {
    let jwks = Server::start().get("/.well-known/jwks.json", &[]).await;
    assert_eq!(
        jwks.header("content-type"),
        Some("application/jwk-set+json")
    );
    assert!(jwks.json()["keys"][0]["kid"].is_string());
    assert!(jwks.json()["keys"][0].get("alg").is_none());
}

#[tokio::test]
async fn a_repeat_gets_the_first_receipt_whenever_it_comes() {
    let server = Server::start();
    let mut ahead = server.example("shop", 2);
    ahead["dat"] = json!(NOW + 3600);
    for record in [server.example("shop", 1), ahead] {
        server.set_time(NOW);
        let first = server.record("shop", &record).await;
        assert_eq!(first.status, 201, "{}", first.text());
        server.set_time(NOW + 200);
        let again = server.record("shop", &record).await;
        assert_eq!(again.status, 201);
        assert_eq!(again.json(), first.json());
    }
    assert_eq!(server.stored(), 2);
}

#[tokio::test]
async fn a_repeat_is_answered_even_when_the_notice_has_changed_since() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let first = server.record("shop", &record).await;
    let changed = support::shop().replace("revision = 1", "revision = 2");
    let server = server.reopen(&changed).await;
    assert_eq!(server.record("shop", &record).await.json(), first.json());
    let mut other = record.clone();
    other["jti"] = server.example("shop", 2)["jti"].clone();
    assert_eq!(
        server.record("shop", &other).await.code(),
        "notice_outdated"
    );
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn a_record_on_words_that_were_reworded_since_is_taken_as_long_as_the_scope_stands() {
    let server = Server::start();
    let (late, in_english) = (server.example("shop", 1), server.example("shop", 2));
    let reworded = support::shop().replace("Counts visits.", "Counts the visits.");
    let server = server.reopen(&reworded).await;
    assert_ne!(server.example("shop", 3)["notice"], late["notice"]);
    assert_eq!(server.record("shop", &late).await.status, 201);
    // The words of one language prove nothing about another.
    let mut in_french = in_english;
    in_french["lang"] = json!("fr");
    assert_eq!(
        server.record("shop", &in_french).await.code(),
        "notice_outdated"
    );
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn repeats_that_arrive_together_are_stored_once() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let router = server.router.clone();
        let request = support::request(
            "POST",
            "/v1/sites/shop/consents",
            &[("content-type", "text/plain")],
            record.to_string().into(),
        );
        answers.spawn(async move { tower::ServiceExt::oneshot(router, request).await.unwrap() });
    }
    let mut cookies = Vec::new();
    while let Some(answer) = answers.join_next().await {
        cookies.push(answer.unwrap().headers()["set-cookie"].clone());
    }
    cookies.dedup();
    assert_eq!(cookies.len(), 1);
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn one_id_with_two_contents_is_a_conflict() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let mut others = vec![server.example("shop", 1); 3];
    others[0]["choices"]["analytics"] = json!(false);
    others[1]["dat"] = json!(NOW - 6);
    others[2]["sub"] = json!("AwMDAwMDAwMDAwMDAwMDAw");
    others.push(server.example("library", 1));
    for other in others {
        let site = other["aud"].as_str().unwrap().to_owned();
        assert_eq!(
            server.record(&site, &other).await.code(),
            "record_conflict",
            "{other}"
        );
    }
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn the_server_settles_the_times() {
    let server = Server::start();
    let mut ahead = server.example("shop", 1);
    ahead["dat"] = json!(NOW + 90_000);
    ahead["exp"] = json!(NOW + 900_000_000);
    let answer = server.record("shop", &ahead).await;
    assert_eq!(
        answer.json()["expires_at"],
        "2027-12-22T03:08:11Z",
        "{}",
        answer.text()
    );
    let mut late = server.example("shop", 2);
    late["dat"] = json!(NOW - 30 * 86_400);
    let answer = server.record("shop", &late).await;
    assert_eq!(
        answer.json()["expires_at"],
        "2027-11-23T03:08:11Z",
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn pages_of_the_sites_origins_may_send_and_read() {
    let server = Server::start();
    let path = "/v1/sites/shop/consents";
    let page = ("origin", "https://www.shop.example");
    let asked = server
        .send(support::request(
            "OPTIONS",
            path,
            &[page],
            axum::body::Body::empty(),
        ))
        .await;
    assert_eq!(asked.status, 204);
    assert_eq!(
        asked.header("access-control-allow-origin"),
        Some("https://www.shop.example")
    );
    assert_eq!(
        asked.header("access-control-allow-headers"),
        Some("content-type")
    );

    let text = ("content-type", "text/plain;charset=UTF-8");
    let sent = server
        .post(path, &[page, text], server.example("shop", 1).to_string())
        .await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    assert_eq!(
        sent.header("access-control-allow-origin"),
        Some("https://www.shop.example")
    );
    assert_eq!(
        sent.header("access-control-allow-credentials"),
        Some("true")
    );
    assert_eq!(sent.header("vary"), Some("Origin"));
    // The page is on another host: the choice, set here, would not be the page's. The secret is for this server alone.
    let cookies = sent.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(
        matches!(&cookies[..], [only] if only.starts_with("__Secure-eu-consent-holder=")),
        "{cookies:?}"
    );

    let refused = server.post(path, &[page, text], "{").await;
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://www.shop.example")
    );
    let own = server
        .post(
            path,
            &[("origin", URL), text],
            server.example("shop", 2).to_string(),
        )
        .await;
    assert_eq!(own.headers.get_all("set-cookie").iter().count(), 2);
    let evil = [("origin", "https://evil.example")];
    let evil = server
        .send(support::request(
            "OPTIONS",
            path,
            &evil,
            axum::body::Body::empty(),
        ))
        .await;
    assert_eq!(evil.code(), "origin_not_allowed");
    assert!(!evil.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_cookie_shared_over_subdomains_is_set_for_them() {
    let shared = support::shop().replace(
        "https://www.shop.example\"]",
        "https://www.consent.example\"]",
    ) + "\n[cookie]\ndomain = \"consent.example\"\n";
    let server = Server::start_with(&shared, |store| store);
    let headers = [
        ("origin", "https://www.consent.example"),
        ("content-type", "text/plain"),
    ];
    let record = server.example("shop", 1).to_string();
    let sent = server
        .post("/v1/sites/shop/consents", &headers, record)
        .await;
    assert!(
        sent.header("set-cookie")
            .unwrap()
            .contains("Domain=consent.example"),
        "{:?}",
        sent.headers
    );
}
