//! Sessions of staff: they end with their token, nobody plants one, and nobody else's page acts in them.

use crate::support;
use consent_server::auth::Role;
use support::process::run;
use support::{NOW, STAFF, Server};

const EXPORT: &str = "/v1/sites/shop/export?format=csv";

async fn exports(server: &Server, cookie: &str) -> u16 {
    let mut request = support::request("GET", EXPORT, &[], axum::body::Body::empty());
    // Browsers send what was set, of whatever letters.
    let cookie = axum::http::HeaderValue::from_bytes(cookie.as_bytes()).unwrap();
    request.headers_mut().insert("cookie", cookie);
    server.staff().send(request).await.status.as_u16()
}

#[tokio::test]
async fn a_session_ends_when_its_token_ends() {
    let server = Server::start();
    let token = server.token(Role::Exporter, &["shop"], Some(NOW + 20));
    let login = server.staff().log_in(&token).await;
    let cookie = login.cookie();
    assert!(
        login
            .header("set-cookie")
            .unwrap()
            .ends_with("; Max-Age=20"),
        "{:?}",
        login.header("set-cookie")
    );
    server.set_time(NOW + 19);
    assert_eq!(exports(&server, &cookie).await, 200);
    server.set_time(NOW + 20);
    assert_eq!(exports(&server, &cookie).await, 401);
    let home = server.staff().get("/admin", &[("cookie", &cookie)]).await;
    assert!(home.text().contains("Your token"));
}

#[tokio::test]
async fn a_session_ends_when_its_token_is_taken_away_by_whatever_means() {
    let server = Server::start();
    let (deleted, revoked, stays) = (
        server.token(Role::Exporter, &[], None),
        server.token(Role::Exporter, &[], None),
        server.token(Role::Exporter, &[], None),
    );
    let mut sessions = Vec::new();
    for token in [&deleted, &revoked, &stays] {
        let cookie = server.staff().log_in(token).await.cookie();
        assert_eq!(exports(&server, &cookie).await, 200);
        sessions.push(cookie);
    }
    let hash = |token: &str| consent_core::digest::Digest::of(token.as_bytes());
    let database = rusqlite::Connection::open(server.data.path().join("consent.db")).unwrap();
    // A deletion has no trigger: no function of the program's is needed.
    let gone = database.execute(
        "DELETE FROM tokens WHERE hash = ?1",
        [hash(&deleted).as_bytes()],
    );
    assert_eq!(gone.unwrap(), 1);
    assert_eq!(exports(&server, &sessions[0]).await, 401);
    let id: String = hash(&revoked).to_text().chars().take(8).collect();
    let data = server.data.path().to_str().unwrap();
    let output = run(&["token", "revoke", &id, "--data", data]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(exports(&server, &sessions[1]).await, 401);
    let bearer = format!("Bearer {revoked}");
    let answer = server
        .staff()
        .get(EXPORT, &[("authorization", &bearer)])
        .await;
    assert_eq!(answer.code(), "unauthorized");
    assert_eq!(exports(&server, &sessions[2]).await, 200);
}

#[tokio::test]
async fn a_session_may_what_its_token_may_now() {
    let server = Server::start();
    let token = server.token(Role::Exporter, &[], None);
    let cookie = server.staff().log_in(&token).await.cookie();
    let hash = consent_core::digest::Digest::of(token.as_bytes());
    assert!(server.app.store.revoke_token(&hash).unwrap());
    let narrowed = consent_server::store::StoredToken {
        hash,
        role: Role::Viewer,
        sites: consent_server::auth::SiteSet::Some(["library".parse().unwrap()].into()),
        label: "J. Dupont".into(),
        created_at: consent_core::time::UnixSeconds::new(NOW).unwrap(),
        expires_at: None,
        used_on: None,
    };
    server.app.store.add_token(&narrowed).unwrap();
    assert_eq!(exports(&server, &cookie).await, 403);
    let home = server.staff().get("/admin", &[("cookie", &cookie)]).await;
    assert!(!home.text().contains("sites/shop"), "{}", home.text());
}

#[tokio::test]
async fn a_planted_cookie_locks_nobody_out_and_lets_nobody_in() {
    let server = Server::start();
    let token = server.token(Role::Exporter, &["shop"], None);
    let cookie = server.staff().log_in(&token).await.cookie();
    let (name, id) = cookie.split_once('=').unwrap();
    for planted in [
        format!("{name}=x; {cookie}"),
        format!("{name}=; {name}=\"x\"; {cookie}; {name}=y"),
        format!("consent-staff=x; {cookie}"),
        // Not of the letters that a header should have.
        format!("{name}=é; other=ü; {cookie}"),
        format!("{}{cookie}", format!("{name}=x; ").repeat(300)),
    ] {
        assert_eq!(exports(&server, &planted).await, 200, "{planted}");
    }
    let both = [("cookie", &*format!("{name}=x")), ("cookie", &*cookie)];
    assert_eq!(server.staff().get(EXPORT, &both).await.status, 200);
    // On https a sibling host can set the plain name, and so it says nothing.
    assert_eq!(exports(&server, &format!("consent-staff={id}")).await, 401);
    // A new login ends the session that this browser had.
    let headers = [("cookie", &*format!("{name}=x; {cookie}"))];
    let again = server
        .staff()
        .form("/admin/login", &headers, &format!("token={token}"))
        .await;
    assert_eq!(exports(&server, &cookie).await, 401);
    assert_eq!(exports(&server, &again.cookie()).await, 200);
}

/// What a browser sends with a form of another page: by `Origin`, and by `Sec-Fetch-Site` if it has that.
const FOREIGN: [&[(&str, &str)]; 14] = [
    &[],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "https://evil.example")],
    &[("origin", "https://staff.example.evil.example")],
    &[("origin", "https://www.staff.example")],
    // The sites' pages, a sibling host, another port, the same host without TLS.
    &[("origin", support::URL)],
    &[("origin", "https://staff.example:8443")],
    &[("origin", "http://staff.example")],
    &[("origin", "https://staff.example/")],
    &[("origin", STAFF), ("origin", "https://evil.example")],
    &[("origin", STAFF), ("sec-fetch-site", "same-site")],
    &[("origin", STAFF), ("sec-fetch-site", "cross-site")],
    &[("referer", "https://staff.example/admin")],
];

#[tokio::test]
async fn no_page_of_others_changes_anything_in_a_session() {
    let server = Server::start();
    let record = server.example("shop", 1);
    server.record("shop", &record).await;
    let admin = server.token(Role::Admin, &[], None);
    let session = server.staff().log_in(&admin).await.cookie();
    let cookie = ("cookie", &*session);
    let erasure = serde_json::json!({ "subject": support::consent_id(&record) }).to_string();
    let login = format!("token={admin}");
    let lines = async || {
        let bearer = format!("Bearer {admin}");
        let trail = server
            .staff()
            .get("/v1/audit", &[("authorization", &bearer)])
            .await;
        let trail = trail.json();
        let read = |line: &&serde_json::Value| line["action"] != "read_audit";
        trail["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(read)
            .count()
    };
    let before = lines().await;
    for foreign in FOREIGN {
        let headers = [&[cookie][..], foreign].concat();
        for (path, body, is_page) in [
            ("/admin/login", &*login, true),
            ("/admin/logout", "", true),
            ("/v1/admin/reload", "", false),
            ("/v1/sites/shop/erasures", &erasure, false),
            ("/v1/sites/shop/export", "format=csv", false),
        ] {
            let answer = server.staff().post(path, &headers, body.to_owned()).await;
            assert_eq!(answer.status, 403, "{path} {foreign:?}");
            assert!(answer.header("set-cookie").is_none(), "{path} {foreign:?}");
            if is_page {
                assert!(answer.text().contains("https://staff.example/admin"));
            } else {
                assert_eq!(answer.code(), "foreign_page", "{path} {foreign:?}");
            }
        }
    }
    assert_eq!(lines().await, before, "something has happened");
    assert_eq!(server.stored(), 1);
    assert_eq!(exports(&server, &session).await, 200, "still logged in");
    // The same from staff's own page, in a browser that says more and in one that says less.
    for own in [
        &[("origin", STAFF), ("sec-fetch-site", "same-origin")][..],
        &[("origin", STAFF)],
    ] {
        let headers = [&[cookie][..], own].concat();
        let answer = server
            .staff()
            .post("/v1/sites/shop/erasures", &headers, erasure.clone())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(server.stored(), 0);
}

#[tokio::test]
async fn a_program_needs_its_token_and_no_origin() {
    let server = Server::start();
    let record = server.example("shop", 1);
    server.record("shop", &record).await;
    let admin = server.token(Role::Admin, &[], None);
    let session = server.staff().log_in(&admin).await.cookie();
    let erasure = serde_json::json!({ "subject": support::consent_id(&record) }).to_string();
    let erase = async |headers: &[(&str, &str)]| {
        let path = "/v1/sites/shop/erasures";
        server.staff().post(path, headers, erasure.clone()).await
    };
    let (bearer, unknown) = (format!("Bearer {admin}"), "Bearer consent_x");
    // A token that opens nothing is not made good by the cookie beside it.
    let beside = erase(&[("authorization", unknown), ("cookie", &session)]).await;
    assert_eq!(beside.code(), "unauthorized");
    let basic = erase(&[("authorization", "Basic eDp4"), ("cookie", &session)]).await;
    assert_eq!(basic.code(), "foreign_page");
    // A page of others cannot send a token; one that says it does is a page of others.
    let foreign = [
        ("authorization", &*bearer),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(erase(&foreign).await.code(), "foreign_page");
    // Logging in and out is for pages alone.
    let headers = [("authorization", &*bearer), ("cookie", &*session)];
    for path in ["/admin/login", "/admin/logout"] {
        let answer = server
            .staff()
            .post(path, &headers, format!("token={admin}"))
            .await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(erase(&[("authorization", &bearer)]).await.status, 200);
}

#[tokio::test]
async fn on_http_the_cookie_has_its_plain_name() {
    let staff = "http://127.0.0.1:8081";
    let server = Server::start_with_staff_at(staff);
    let form = format!("token={}", server.token(Role::Viewer, &[], None));
    let headers = [("origin", staff)];
    let login = server.staff().post("/admin/login", &headers, form).await;
    let cookie = login.header("set-cookie").unwrap();
    assert!(cookie.starts_with("consent-staff="), "{cookie}");
    assert!(!cookie.contains("Secure"), "{cookie}");
}
