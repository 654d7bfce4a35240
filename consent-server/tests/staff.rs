//! Staff: what roles and sites allow, exports, one record's page, and the admin pages.

use crate::support;
use consent_server::auth::Role;
use consent_server::clock::random;
use consent_server::data::DataFolder;
use consent_server::limit::{Client, Rate, Rates};
use rusqlite::functions::{Context, FunctionFlags};
use support::{Answer, NOW, Server};

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

async fn export(server: &Server, token: &str, query: &str) -> Answer {
    let path = format!("/v1/sites/shop/export?{query}");
    server
        .staff()
        .get(&path, &[("authorization", &bearer(token))])
        .await
}

#[tokio::test]
async fn a_token_allows_what_its_role_and_sites_say() {
    let server = Server::start();
    let unknown = random::<8>()
        .map(|bytes| format!("consent_{bytes:?}"))
        .unwrap();
    for (token, status) in [
        (server.token(Role::Admin, &[], None), 200),
        (server.token(Role::Exporter, &["shop"], None), 200),
        (
            server.token(Role::Exporter, &["library", "shop"], Some(NOW + 1)),
            200,
        ),
        (server.token(Role::Viewer, &["shop"], None), 403),
        (server.token(Role::Admin, &["library"], None), 403),
        (server.token(Role::Admin, &[], Some(NOW)), 401),
        (unknown, 401),
        (String::new(), 401),
    ] {
        let answer = export(&server, &token, "format=csv").await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    }
    let path = "/v1/sites/shop/export?format=csv";
    let without = server.staff().get(path, &[]).await;
    assert_eq!(without.code(), "unauthorized");
    assert_eq!(without.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn exports_hold_every_receipt_of_the_site_in_order() {
    let server = Server::start();
    let mut sent = Vec::new();
    // More than one page of the store.
    for number in 0..=255 {
        for site in ["shop", "library"] {
            let mut record = server.example(site, number);
            if site == "library" {
                let id =
                    consent_core::id::RecordId::v7(NOW.unsigned_abs() * 1000 + 1, [number; 10]);
                record["jti"] = id.to_text().into();
            } else {
                sent.push(record["jti"].as_str().unwrap().to_owned());
            }
            assert_eq!(server.record(site, &record).await.status, 201);
        }
    }
    let token = server.token(Role::Exporter, &["shop"], None);
    let jsonl = export(&server, &token, "format=jsonl").await;
    assert_eq!(
        jsonl.header("content-disposition"),
        Some("attachment; filename=\"shop_start_2026-11-22.jsonl\"")
    );
    let lines: Vec<serde_json::Value> = jsonl
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<_> = lines
        .iter()
        .map(|line| line["jti"].as_str().unwrap())
        .collect();
    assert_eq!(ids, sent);
    assert_eq!(lines[0]["iat"], NOW);
    assert_eq!(lines[0]["receipt"].as_str().unwrap().split('.').count(), 3);

    let csv = export(&server, &token, "format=csv").await;
    assert_eq!(csv.header("x-content-type-options"), Some("nosniff"));
    assert!(
        csv.header("content-type")
            .unwrap()
            .starts_with("text/csv; charset=utf-8")
    );
    let mut reader = csv::Reader::from_reader(&*csv.body);
    assert_eq!(reader.headers().unwrap().get(0), Some("record_id"));
    let ids: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .collect();
    assert_eq!(ids, sent);
}

#[tokio::test]
async fn exports_are_bounded_by_time_and_refuse_what_they_do_not_know() {
    let server = Server::start();
    for (number, day) in [(1, 0), (2, 1), (3, 2)] {
        server.set_time(NOW + day * 86_400);
        server.record("shop", &server.example("shop", number)).await;
    }
    let token = server.token(Role::Exporter, &["shop"], None);
    let one = export(
        &server,
        &token,
        "format=jsonl&from=2026-11-23&to=2026-11-24T00:00:00Z",
    )
    .await;
    assert_eq!(one.text().lines().count(), 1, "{}", one.text());
    for query in [
        "",
        "format=xml",
        "format=csv&from=yesterday",
        "format=csv&limits=3",
        "format=csv&to=%ff",
    ] {
        assert_eq!(
            export(&server, &token, query).await.code(),
            "invalid_query",
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_consent_id_that_looks_like_a_formula_is_made_harmless_in_csv() {
    let server = Server::start();
    let mut record = server.example("shop", 1);
    let looks_so = |number: &u16| {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&number.to_be_bytes());
        let sent = consent_core::id::ConsentId::from_random(bytes);
        record["sub"] = sent.to_text().into();
        support::consent_id(&record).starts_with('-')
    };
    assert!((0..=u16::MAX).find(looks_so).is_some());
    assert_eq!(server.record("shop", &record).await.status, 201);
    let token = server.token(Role::Exporter, &[], None);
    let csv = export(&server, &token, "format=csv").await.text();
    let harmless = format!("\"'{}\"", support::consent_id(&record));
    assert!(csv.contains(&harmless), "{csv}");
}

#[tokio::test]
async fn a_record_is_shown_to_staff_and_to_whoever_has_its_receipt() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let answer = server.record("shop", &record).await.json();
    let receipt = answer["receipt"].as_str().unwrap();
    let other = server
        .record("shop", &server.example("shop", 2))
        .await
        .json();
    let path = format!(
        "/v1/sites/shop/consents/{}",
        record["jti"].as_str().unwrap()
    );
    let viewer = server.token(Role::Viewer, &["shop"], None);
    // An ended choice does not take away the right to see it.
    server.set_time(NOW + 2 * 365 * 86_400);
    let by_visitor = server
        .get(&path, &[("authorization", &bearer(receipt))])
        .await;
    let by_staff = server
        .staff()
        .get(&path, &[("authorization", &bearer(&viewer))])
        .await;
    for shown in [by_visitor, by_staff] {
        assert_eq!(shown.status, 200, "{}", shown.text());
        let shown = shown.json();
        assert_eq!(shown["record"]["jti"], record["jti"]);
        assert_eq!(shown["receipt"], receipt);
        assert_eq!(shown["notice"]["controller"]["name"], "Shop & Sons Ltd");
        assert_eq!(shown["notice"]["language"], "en");
    }
    let changed = receipt.replacen("ey", "eY", 1);
    let strangers = [other["receipt"].as_str().unwrap(), &changed, "a.b.c"];
    // Each credential at its own door.
    for credentials in strangers.into_iter().chain([&*viewer]) {
        let refused = server
            .get(&path, &[("authorization", &bearer(credentials))])
            .await;
        assert_eq!(refused.code(), "unauthorized");
    }
    for credentials in strangers.into_iter().chain([receipt]) {
        let refused = server
            .staff()
            .get(&path, &[("authorization", &bearer(credentials))])
            .await;
        assert_eq!(refused.code(), "unauthorized");
    }
    assert_eq!(server.get(&path, &[]).await.code(), "unauthorized");
    assert_eq!(server.staff().get(&path, &[]).await.code(), "unauthorized");
    let elsewhere = server.token(Role::Admin, &["library"], None);
    assert_eq!(
        server
            .staff()
            .get(&path, &[("authorization", &bearer(&elsewhere))])
            .await
            .code(),
        "forbidden"
    );
    let missing = "/v1/sites/shop/consents/01a20165-23f8-7101-8101-010101010101";
    assert_eq!(
        server
            .staff()
            .get(missing, &[("authorization", &bearer(&viewer))])
            .await
            .code(),
        "not_found"
    );
}

#[tokio::test]
async fn a_receipt_that_was_signed_again_elsewhere_opens_nothing() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let answer = server.record("shop", &record).await.json();
    let receipt = answer["receipt"].as_str().unwrap();
    // The same claims by the same key, signed a second later: it verifies, and is not what was given out.
    let stored = consent_core::receipt::UnverifiedReceipt::parse(receipt).unwrap();
    let later = consent_core::time::UnixSeconds::new(NOW + 1).unwrap();
    let again = server.app.intake.signer().sign(stored.record(), later);
    server.set_time(NOW + 10);
    let id = record["jti"].as_str().unwrap();
    for path in ["", "/proof"].map(|end| format!("/v1/sites/shop/consents/{id}{end}")) {
        let refused = server
            .get(&path, &[("authorization", &bearer(&again))])
            .await;
        assert_eq!(refused.code(), "unauthorized", "{path}");
        // Nor does the stored one with a character more.
        let longer = format!("{receipt}.");
        let refused = server
            .get(&path, &[("authorization", &bearer(&longer))])
            .await;
        assert_eq!(refused.code(), "unauthorized", "{path}");
        let own = server
            .get(&path, &[("authorization", &bearer(receipt))])
            .await;
        assert_eq!(own.status, 200, "{}", own.text());
    }
}

#[tokio::test]
async fn staff_log_in_see_their_sites_and_log_out() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let staff = server.staff();
    let login = staff
        .log_in(&server.token(Role::Exporter, &["shop"], None))
        .await;
    assert_eq!(login.status, 303);
    let cookie = login.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-consent-staff="), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=43200"),
        "{cookie}"
    );
    let session = login.cookie();
    let session = [("cookie", &*session)];

    let home = staff.get("/admin", &session).await;
    assert!(
        home.header("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(home.text().contains("The &lt;Shop&gt;"), "{}", home.text());
    assert!(home.text().contains("J. &lt;Dupont&gt;"));
    assert!(!home.text().contains("library"));
    let page = staff.get("/admin/sites/shop", &session).await;
    assert!(
        page.text()
            .contains(server.example("shop", 1)["jti"].as_str().unwrap())
    );
    assert!(page.text().contains("export?format=csv"));
    assert!(
        !page.text().contains("AgICAgICAgICAgICAgICAg"),
        "a page shows a consent id"
    );
    assert_eq!(
        staff.get("/admin/sites/library", &session).await.status,
        404
    );
    let csv = staff
        .get("/v1/sites/shop/export?format=csv", &session)
        .await;
    assert_eq!(csv.status, 200);
    assert_eq!(
        staff
            .get("/v1/sites/library/export?format=csv", &session)
            .await
            .code(),
        "forbidden"
    );

    let is_logged_in = async || {
        !staff
            .get("/admin", &session)
            .await
            .text()
            .contains("Your token")
    };
    server.set_time(NOW + 12 * 3600);
    assert!(!is_logged_in().await);
    server.set_time(NOW);
    assert!(is_logged_in().await);
    let logout = staff.form("/admin/logout", &session, "").await;
    assert!(logout.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert!(!is_logged_in().await);
    assert_eq!(
        staff
            .get("/v1/sites/shop/export?format=csv", &session)
            .await
            .code(),
        "unauthorized"
    );
}

#[tokio::test]
async fn a_wrong_token_does_not_log_in_and_a_viewer_sees_no_download() {
    let server = Server::start();
    let staff = server.staff();
    let wrong = staff.log_in("consent_nothing").await;
    assert_eq!(wrong.status, 403);
    assert!(!wrong.headers.contains_key("set-cookie"));
    assert!(wrong.text().contains("not known"));
    assert_eq!(staff.log_in(&"x".repeat(10_000)).await.status, 413);
    let login = staff.log_in(&server.token(Role::Viewer, &[], None)).await;
    let session = login.cookie();
    let page = staff
        .get("/admin/sites/shop", &[("cookie", &session)])
        .await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("export?format"));
}

#[tokio::test]
async fn erasures_count_towards_a_clients_rate() {
    let rate = Rate {
        per_second: 1,
        burst: 2,
    };
    let server = Server::start_with_rates(Rates::new(rate, Rate::of(0)));
    let record = server.example("shop", 1);
    server.record("shop", &record).await;
    let holder = support::holder(&record);
    let (subject, id) = (
        support::consent_id(&record),
        record["jti"].as_str().unwrap(),
    );
    let wish = format!("{{\"subject\":\"{subject}\",\"record\":\"{id}\"}}");
    for (client, status) in [(7, 200), (7, 200), (7, 429), (8, 200)] {
        let headers = [("cookie", &*holder)];
        let path = "/v1/sites/shop/erasures";
        let mut asked = support::request("POST", path, &headers, wish.clone().into());
        let address = std::net::Ipv4Addr::new(203, 0, 113, client);
        asked.extensions_mut().insert(Client::Peer(address.into()));
        assert_eq!(server.send(asked).await.status, status, "{client}");
    }
}

#[tokio::test]
async fn the_page_of_a_site_with_millions_of_receipts_counts_none_of_them() {
    let server = Server::start();
    let record = server.example("shop", 1);
    assert_eq!(server.record("shop", &record).await.status, 201);
    // Were the receipts looked at, there would be one.
    let sums = |_: &Context<'_>| Ok(None::<i64>);
    let flags = FunctionFlags::SQLITE_INNOCUOUS;
    let database =
        rusqlite::Connection::open(DataFolder::at(server.data.path()).database()).unwrap();
    database
        .create_scalar_function("row_sum", -1, flags, sums)
        .unwrap();
    database
        .execute("UPDATE decision_counts SET count = 5100000", [])
        .unwrap();
    let staff = server.staff();
    let login = staff
        .log_in(&server.token(Role::Viewer, &["shop"], None))
        .await;
    let page = staff
        .get("/admin/sites/shop", &[("cookie", &login.cookie())])
        .await;
    assert!(page.text().contains("5,100,000"), "{}", page.text());
}
