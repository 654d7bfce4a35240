//! The description in docs/openapi.json, compared with the server; and what every route says for safety.

use crate::support;
use axum::body::Body;
use consent_server::auth::Role;
use serde_json::Value;
use std::collections::BTreeSet;
use support::{Answer, STAFF, Server, request};

const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "options", "trace"];

fn described() -> Value {
    serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap()
}

/// An address of a path: no parameter names anything that is there, but for the site.
fn address(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{site}" => "shop",
        part if part.starts_with('{') => "0",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The listeners that answer at a path: for everybody, for staff.
fn doors(item: &Value) -> Vec<bool> {
    let Some(servers) = item["servers"].as_array() else {
        return vec![false];
    };
    let of_staff = |server: &Value| server["url"] == "{staff}";
    servers.iter().map(of_staff).collect()
}

async fn ask(server: &Server, of_staff: bool, method: &str, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer)];
    let method = method.to_uppercase();
    let path = address(path);
    if of_staff {
        // As a program may, and one of their own pages.
        let headers = [headers[0], ("origin", STAFF)];
        let request = request(&method, &path, &headers, Body::empty());
        server.staff().send(request).await
    } else {
        server
            .send(request(&method, &path, &headers, Body::empty()))
            .await
    }
}

/// The texts between two marks in a source file.
fn between<'a>(source: &'a str, before: &str, after: &str) -> BTreeSet<&'a str> {
    let rest = source.split(before).skip(1);
    rest.map(|rest| {
        rest.trim_start()
            .trim_start_matches('"')
            .split(after)
            .next()
            .unwrap()
    })
    .collect()
}

#[test]
fn every_route_and_every_code_is_described() {
    let document = described();
    let routes = [
        include_str!("../src/api/mod.rs"),
        include_str!("../src/api/staff/mod.rs"),
        include_str!("../src/admin/mod.rs"),
    ];
    let routes: BTreeSet<&str> = routes
        .into_iter()
        .flat_map(|source| between(source, ".route(", "\""))
        .collect();
    // A parameter that takes the rest of an address is written like any other.
    let routes: BTreeSet<String> = routes
        .iter()
        .map(|route| route.replace("{*", "{"))
        .collect();
    let routes: BTreeSet<&str> = routes.iter().map(|route| &**route).collect();
    let paths: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(|path| &**path)
        .collect();
    assert!(routes.len() > 20, "{routes:?}");
    assert_eq!(paths, routes);
    let source = include_str!("../src/problem.rs");
    let source = &source[..source.find("pub const fn status").unwrap()];
    let codes = between(source, "=> \"", "\"");
    let listed = document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
        .as_array()
        .unwrap();
    let listed: BTreeSet<&str> = listed.iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(listed, codes);
    // And each is told where it can come from, but for those that every address may answer.
    let told = document["paths"].to_string();
    for code in codes {
        let everywhere = ["method_not_allowed", "not_found"].contains(&code);
        assert!(everywhere || told.contains(&format!("`{code}`")), "{code}");
    }
}

#[tokio::test]
async fn every_route_takes_the_methods_that_are_described_and_no_other() {
    let server = Server::start();
    let token = server.token(Role::Admin, &[], None);
    for (path, item) in described()["paths"].as_object().unwrap() {
        let doors = doors(item);
        let asked = METHODS
            .into_iter()
            .flat_map(|method| doors.iter().map(move |door| (method, *door)));
        for (method, of_staff) in asked {
            let answer = ask(&server, of_staff, method, path, &token).await;
            let status = answer.status.as_u16();
            assert_eq!(
                item[method].is_null(),
                status == 405,
                "{method} {path}: {status}"
            );
            if let Some(responses) = item[method]["responses"].as_object() {
                assert!(
                    responses.contains_key(&status.to_string()),
                    "{method} {path}: {status}"
                );
                if status >= 400
                    && answer.header("content-type") == Some("application/problem+json")
                {
                    let described = responses[&status.to_string()]["description"]
                        .as_str()
                        .unwrap();
                    let code = answer.code();
                    assert!(
                        described.contains(&format!("`{code}`")),
                        "{method} {path}: {code}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_answer_says_what_keeps_browsers_safe() {
    let server = Server::start();
    let token = server.token(Role::Admin, &[], None);
    let mut paths: Vec<(String, &str, bool)> = Vec::new();
    for of_staff in [false, true] {
        paths.push(("/nothing".into(), "get", of_staff));
        paths.push(("/healthz".into(), "put", of_staff));
    }
    for (path, item) in described()["paths"].as_object().unwrap() {
        let methods = METHODS
            .into_iter()
            .filter(|method| !item[*method].is_null());
        let doors = doors(item);
        let asked = methods.flat_map(|method| doors.iter().map(move |door| (method, *door)));
        paths.extend(asked.map(|(method, of_staff)| (path.clone(), method, of_staff)));
    }
    for (path, method, of_staff) in paths {
        let answer = ask(&server, of_staff, method, &path, &token).await;
        let header = |name| answer.header(name).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            ["no-referrer", "same-origin"].contains(&header("referrer-policy")),
            "{path}"
        );
        let public = path.starts_with("/s/") && answer.status == 200;
        let policy = if public {
            "cross-origin"
        } else {
            "same-origin"
        };
        assert_eq!(header("cross-origin-resource-policy"), policy, "{path}");
        // Nothing that staff see stays in a cache that others share.
        let is_private = path.contains("/admin/sites") || path.contains("/export");
        let cache = header("cache-control");
        assert!(!cache.is_empty(), "{method} {path}");
        assert!(
            !is_private || cache.contains("no-store"),
            "{method} {path}: {cache}"
        );
    }
}

#[tokio::test]
async fn the_description_is_served() {
    let server = Server::start();
    let answer = server.get("/openapi.json", &[]).await;
    assert_eq!(answer.json(), described());
    assert_eq!(answer.header("content-type"), Some("application/json"));
}
