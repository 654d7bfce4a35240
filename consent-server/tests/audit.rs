//! Every access of staff is a line of the trail, and nobody reads the lines of others' sites.

use crate::support;
use consent_server::auth::Role;
use serde_json::{Value, json};
use support::{Answer, NOW, Server};

async fn ask(server: &Server, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    server
        .staff()
        .get(path, &[("authorization", &bearer)])
        .await
}

async fn entries(server: &Server, token: &str, query: &str) -> Vec<Value> {
    let answer = ask(server, token, &format!("/v1/audit?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_access_is_one_line_with_who_what_which_and_how_many() {
    let server = Server::start();
    for number in 1..=3 {
        server.record("shop", &server.example("shop", number)).await;
    }
    let exporter = server.token(Role::Exporter, &["shop"], None);
    let admin = server.token(Role::Admin, &[], None);
    let query = "format=jsonl&from=2026-01-01";
    let export = ask(
        &server,
        &exporter,
        &format!("/v1/sites/shop/export?{query}"),
    )
    .await;
    assert_eq!(export.text().lines().count(), 3);
    let record = server.example("shop", 1)["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/sites/shop/consents/{record}");
    assert_eq!(ask(&server, &exporter, &path).await.status, 200);
    let login = server.staff().log_in(&admin).await;
    server
        .staff()
        .get("/admin/sites/shop", &[("cookie", &login.cookie())])
        .await;
    // Visitors with their own receipts are no staff, and refusals are no access.
    ask(&server, &exporter, "/v1/sites/library/export?format=csv").await;

    let trail = entries(&server, &admin, "").await;
    let seen: Vec<Value> = trail
        .iter()
        .map(|line| {
            json!([
                line["action"],
                line["role"],
                line["site"],
                line["filter"],
                line["rows"]
            ])
        })
        .collect();
    assert_eq!(
        Value::from(seen),
        json!([
            [
                "export",
                "exporter",
                "shop",
                "format=jsonl from=2026-01-01T00:00:00Z",
                3
            ],
            [
                "view_record",
                "exporter",
                "shop",
                format!("record={record}"),
                1
            ],
            ["log_in", "admin", null, "", 0],
            ["view_site", "admin", "shop", "latest=50", 3],
            ["read_audit", "admin", null, "", 0],
        ])
    );
    assert_eq!(trail[0]["who"], "J. <Dupont>");
    assert_eq!(trail[0]["at"], "2026-11-22T03:08:11Z");
    assert_eq!(trail[0]["token"], trail[1]["token"]);
    assert_ne!(trail[0]["token"], trail[2]["token"]);
    assert!(!exporter.contains(trail[0]["token"].as_str().unwrap()));
}

#[tokio::test]
async fn an_administrator_reads_the_trail_of_their_sites_alone() {
    let server = Server::start();
    let everywhere = server.token(Role::Admin, &[], None);
    for site in ["shop", "library"] {
        let path = format!("/v1/sites/{site}/export?format=csv");
        assert_eq!(ask(&server, &everywhere, &path).await.status, 200);
    }
    let of_shop = server.token(Role::Admin, &["shop"], None);
    let trail = entries(&server, &of_shop, "").await;
    assert_eq!(trail.len(), 1, "{trail:?}");
    assert_eq!(trail[0]["site"], "shop");
    for (token, query, code) in [
        (&of_shop, "site=library", "forbidden"),
        (&of_shop, "site=Bad%20Site", "invalid_query"),
        (&of_shop, "from=yesterday", "invalid_query"),
        (&server.token(Role::Exporter, &[], None), "", "forbidden"),
        (
            &server.token(Role::Admin, &[], Some(NOW)),
            "",
            "unauthorized",
        ),
    ] {
        let answer = ask(&server, token, &format!("/v1/audit?{query}")).await;
        assert_eq!(answer.code(), code, "{query}");
    }
}

#[tokio::test]
async fn the_trail_is_read_page_by_page() {
    let server = Server::start();
    let admin = server.token(Role::Admin, &["shop"], None);
    for _ in 0..5 {
        ask(&server, &admin, "/v1/sites/shop/export?format=csv").await;
    }
    let (mut after, mut seen) = (json!(0), Vec::new());
    while !after.is_null() {
        let page = ask(&server, &admin, &format!("/v1/audit?limit=2&after={after}"))
            .await
            .json();
        assert!(page["entries"].as_array().unwrap().len() <= 2);
        seen.extend(
            page["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|line| line["seq"].clone()),
        );
        after = page["next"].clone();
    }
    assert_eq!(seen.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_does_not_happen() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let is_broken = Arc::new(AtomicBool::new(false));
    let server = Server::start_with(support::shop(), |store| {
        support::Wrapped::failing(store, Arc::clone(&is_broken))
    });
    server.record("shop", &server.example("shop", 1)).await;
    let exporter = server.token(Role::Exporter, &[], None);
    is_broken.store(true, Ordering::Relaxed);
    let refused = ask(&server, &exporter, "/v1/sites/shop/export?format=csv").await;
    assert_eq!(refused.code(), "storage_unavailable");
    let admin = server.token(Role::Admin, &[], None);
    let record = server.example("shop", 1);
    let erased = server
        .staff()
        .erase("shop", &support::consent_id(&record), &admin)
        .await;
    assert_eq!(erased.code(), "storage_unavailable");
    let path = format!(
        "/v1/sites/shop/consents/{}",
        record["jti"].as_str().unwrap()
    );
    assert_eq!(
        ask(&server, &admin, &path).await.code(),
        "storage_unavailable"
    );
    assert_eq!(server.stored(), 1);
}
