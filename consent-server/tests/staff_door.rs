//! Staff have a listener and an origin of their own: nothing of theirs answers where the sites' pages and scripts are.

use crate::support;
use axum::body::Body;
use consent_server::auth::Role;
use serde_json::Value;
use std::path::Path;
use support::process::{Process, run};
use support::{STAFF, Server, request};

const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];

/// The paths of docs/openapi.json by who is served there: everybody, staff.
fn paths(of_staff: bool) -> Vec<String> {
    let document: Value = serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let is_served = |item: &Value| {
        let Some(servers) = item["servers"].as_array() else {
            return !of_staff;
        };
        let mut urls = servers.iter().map(|server| server["url"].as_str().unwrap());
        urls.any(|url| (url == "{staff}") == of_staff)
    };
    let served = paths.filter(|(_, item)| is_served(item));
    served.map(|(path, _)| path.clone()).collect()
}

#[tokio::test]
async fn nothing_of_staff_answers_where_visitors_are() {
    let server = Server::start();
    let record = server.example("shop", 1);
    server.record("shop", &record).await;
    let admin = server.token(Role::Admin, &[], None);
    let session = server.staff().log_in(&admin).await.cookie();
    let (bearer, plain) = (format!("Bearer {admin}"), session.replace("__Host-", ""));
    let public = paths(false);
    let of_staff: Vec<String> = paths(true)
        .into_iter()
        .filter(|path| !public.contains(path))
        .collect();
    assert!(of_staff.len() > 8, "{of_staff:?}");
    let mut asked = 0;
    for path in of_staff {
        let path = path
            .replace("{site}", "shop")
            .replace("{record}", record["jti"].as_str().unwrap())
            .replace("{number}", "1");
        let addresses = [
            path.clone(),
            format!("/consent{path}"),
            format!("/{path}"),
            format!("/consent/..{path}"),
            format!("{path}/"),
            format!("{path}?format=csv"),
            path.replace("/admin", "/%61dmin")
                .replace("/export", "/e%78port"),
        ];
        for address in addresses {
            for method in METHODS {
                for headers in [
                    &[("authorization", &*bearer)][..],
                    &[("cookie", &session), ("origin", STAFF)],
                    &[("cookie", &plain), ("origin", support::URL)],
                    &[
                        ("authorization", &bearer),
                        ("host", "staff.example"),
                        ("x-forwarded-host", "staff.example"),
                        ("x-forwarded-prefix", "/"),
                        ("x-original-url", &path),
                        ("x-http-method-override", "GET"),
                    ],
                ] {
                    let answer = server
                        .send(request(method, &address, headers, Body::empty()))
                        .await;
                    assert_eq!(answer.status, 404, "{method} {address} {headers:?}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 1000, "{asked}");
}

#[tokio::test]
async fn nothing_of_visitors_answers_where_staff_are() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let bearer = format!("Bearer {}", server.token(Role::Admin, &[], None));
    let headers = [("authorization", &*bearer)];
    let staff = server.staff();
    let sent = staff
        .post("/v1/sites/shop/consents", &headers, record.to_string())
        .await;
    assert_eq!(sent.code(), "not_found");
    for path in [
        "/s/shop/consent.js",
        "/v1/check?site=shop&need=analytics",
        "/",
    ] {
        assert_eq!(staff.get(path, &headers).await.status, 404, "{path}");
    }
    assert_eq!(staff.get("/healthz", &[]).await.text(), "ok\n");
}

/// A script of the sites' pages, on the server's own origin, while somebody is logged in: the third-party `fetch` of an export.
#[tokio::test]
async fn a_script_on_the_sites_origin_takes_nothing_from_who_is_logged_in() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let exporter = server.token(Role::Exporter, &[], None);
    let session = server.staff().log_in(&exporter).await.cookie();
    let path = "/v1/sites/shop/export?format=csv";
    // As its origin answers, and as the origin of staff answers when the browser sends the cookie along.
    let own = server.get(path, &[("cookie", &session)]).await;
    assert_eq!(own.code(), "not_found");
    for site in ["same-site", "cross-site"] {
        let headers = [
            ("cookie", &*session),
            ("sec-fetch-site", site),
            ("sec-fetch-mode", "cors"),
            ("origin", support::URL),
        ];
        let fetched = server.staff().get(path, &headers).await;
        assert_eq!(fetched.code(), "foreign_page", "{site}");
        assert!(fetched.header("access-control-allow-origin").is_none());
        // A window that it opens is no page either, but a file.
        let headers = [
            ("cookie", &*session),
            ("sec-fetch-site", site),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        let opened = server.staff().get(path, &headers).await;
        assert_eq!(opened.code(), "foreign_page", "{site}");
        // A page that a link leads to is shown; in a frame, or fetched, it is not.
        let page = server.staff().get("/admin", &headers).await;
        assert!(page.text().contains("Log out"), "{}", page.text());
        for dest in ["iframe", "empty", "image"] {
            let headers = [headers[0], headers[1], headers[2], ("sec-fetch-dest", dest)];
            let page = server.staff().get("/admin", &headers).await;
            assert!(!page.text().contains("Log out"), "{dest}");
        }
    }
    // A browser that says less.
    for origin in [support::URL, "null"] {
        let headers = [("cookie", &*session), ("origin", origin)];
        let fetched = server.staff().get(path, &headers).await;
        assert_eq!(fetched.code(), "foreign_page", "{origin}");
    }
    for site in ["same-origin", "none"] {
        let headers = [("cookie", &*session), ("sec-fetch-site", site)];
        assert_eq!(server.staff().get(path, &headers).await.status, 200);
    }
}

fn serve(folder: &Path, options: &[&str]) -> std::process::Output {
    let (sites, data) = (folder.join("sites"), folder.join("data"));
    support::write_site(&sites);
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let basics = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--sites",
        sites,
        "--data",
        data,
    ];
    run(&[&basics[..], options].concat())
}

#[test]
fn an_origin_that_others_have_is_refused_for_staff() {
    let folder = tempfile::tempdir().unwrap();
    for staff in [
        "https://www.example.org/staff",
        "https://WWW.example.org:443",
        // Of the declared site's own pages.
        "https://www.shop.example/admin",
    ] {
        let options = [
            "--url",
            "https://www.example.org/consent",
            "--staff-url",
            staff,
        ];
        let refused = serve(folder.path(), &options);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("shares the origin"), "{said}");
        assert!(!folder.path().join("data").exists(), "{said}");
    }
}

#[test]
fn a_site_that_would_come_to_staffs_origin_is_refused_later_too() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let options = ["--staff-url", "https://staff.example"];
    let server = Process::serve_with(&sites, &data, &options);
    let moved = support::shop().replace("https://www.shop.example\"]", "https://staff.example\"]");
    assert_ne!(moved, support::shop());
    std::fs::write(sites.join("shop.toml"), moved).unwrap();
    let data = data.to_str().unwrap();
    let create = [
        "token",
        "create",
        "--role",
        "admin",
        "--all-sites",
        "--data",
        data,
    ];
    let admin = String::from_utf8(run(&create).stdout).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut answer = agent
        .post(format!("{}/v1/admin/reload", server.staff))
        .header("authorization", format!("Bearer {}", admin.trim()))
        .send_empty()
        .unwrap();
    assert_eq!(answer.status(), 422);
    let said = answer.body_mut().read_to_string().unwrap();
    assert!(said.contains("shares the origin"), "{said}");
}

#[test]
fn a_running_server_has_two_doors() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let server = Process::serve(&sites, &data);
    assert_ne!(server.url, server.staff);
    assert!(
        server.staff.starts_with("http://127.0.0.1:"),
        "{}",
        server.staff
    );
    let status = |url: &str| support::page::status(url);
    for (path, public, staff) in [
        ("/healthz", 200, 200),
        ("/admin", 404, 200),
        ("/v1/audit", 404, 401),
        ("/s/shop/consent.js", 200, 404),
    ] {
        assert_eq!(status(&format!("{}{path}", server.url)), public, "{path}");
        assert_eq!(status(&format!("{}{path}", server.staff)), staff, "{path}");
    }
    // It ends as a whole.
    let mut server = server;
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
}
