//! Records and requests that are refused: each with its code, and none of them stored.

use crate::support;
use serde_json::{Value, json};
use support::{NOW, Server};

/// Changes a good record, and says which code that must get.
type Case = (&'static str, fn(&mut Value), &'static str, u16);

const BAD_RECORDS: &[Case] = &[
    (
        "another site",
        |r| r["aud"] = json!("library"),
        "wrong_site",
        422,
    ),
    (
        "an unknown category",
        |r| r["choices"]["ads"] = json!(true),
        "unknown_category",
        422,
    ),
    (
        "operation",
        |r| r["choices"]["operation"] = json!(true),
        "unknown_category",
        422,
    ),
    (
        "an unknown service",
        |r| r["services"] = json!({ "matomo": true }),
        "unknown_service",
        422,
    ),
    (
        "an exempt service",
        |r| r["services"] = json!({ "basket": true }),
        "unknown_service",
        422,
    ),
    (
        "a missing choice",
        |r| r["choices"] = json!({ "social": true }),
        "missing_choice",
        422,
    ),
    (
        "accept_all of some",
        |r| r["act"] = json!("accept_all"),
        "inconsistent_act",
        422,
    ),
    (
        "refuse_all of none",
        |r| r["act"] = json!("refuse_all"),
        "inconsistent_act",
        422,
    ),
    (
        "a redundant service",
        |r| r["services"] = json!({ "counter": true }),
        "invalid_record",
        422,
    ),
    (
        "an unknown act",
        |r| r["act"] = json!("maybe"),
        "invalid_record",
        422,
    ),
    (
        "an unknown claim",
        |r| r["ip"] = json!("::1"),
        "invalid_record",
        422,
    ),
    (
        "a signed claim",
        |r| r["iat"] = json!(NOW),
        "invalid_record",
        422,
    ),
    (
        "a wrong type",
        |r| r["choices"]["social"] = json!("yes"),
        "invalid_record",
        422,
    ),
    (
        "a bad id",
        |r| r["jti"] = json!("01a20165-23f8-4101-8101-010101010101"),
        "invalid_record",
        422,
    ),
    (
        "no subject",
        |r| {
            r.as_object_mut().unwrap().remove("sub");
        },
        "invalid_record",
        422,
    ),
    (
        "a stale scope",
        |r| r["scope"] = json!("AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"),
        "notice_outdated",
        409,
    ),
    (
        "a stale notice",
        |r| r["notice"] = json!("AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"),
        "notice_outdated",
        409,
    ),
    (
        "the notice of another language",
        |r| r["lang"] = json!("fr"),
        "notice_outdated",
        409,
    ),
    (
        "an old decision",
        |r| r["dat"] = json!(NOW - 400 * 86_400),
        "decision_expired",
        422,
    ),
];

#[tokio::test]
async fn each_kind_of_bad_record_has_its_code_and_stores_nothing() {
    let server = Server::start();
    for (what, change, code, status) in BAD_RECORDS {
        let mut record = server.example("shop", 1);
        change(&mut record);
        let answer = server.record("shop", &record).await;
        assert_eq!(
            (&*answer.code(), answer.status.as_u16()),
            (*code, *status),
            "{what}"
        );
        assert!(!answer.headers.contains_key("set-cookie"), "{what}");
        assert_eq!(server.stored(), 0, "{what}");
    }
    assert_eq!(
        server
            .record("shop", &server.example("shop", 1))
            .await
            .status,
        201
    );
}

/// What is wrong; path, headers and body; the code and status it must get.
type Request<'a> = (
    &'a str,
    &'a str,
    &'a [(&'a str, &'a str)],
    &'a str,
    &'a str,
    u16,
);

#[tokio::test]
async fn each_kind_of_bad_request_has_its_code_and_stores_nothing() {
    let server = Server::start();
    let good = server.example("shop", 1).to_string();
    let json = ("content-type", "application/json");
    let shop = "/v1/sites/shop/consents";
    let long = format!("{good}{}", " ".repeat(4096));
    let cases: [Request<'_>; 11] = [
        (
            "no such site",
            "/v1/sites/nope/consents",
            &[json],
            &good,
            "unknown_site",
            404,
        ),
        (
            "no site id",
            "/v1/sites/%ff%00/consents",
            &[json],
            &good,
            "unknown_site",
            404,
        ),
        (
            "broken JSON",
            shop,
            &[json],
            "{act: 1}",
            "malformed_json",
            400,
        ),
        (
            "half JSON",
            shop,
            &[json],
            &good[..40],
            "malformed_json",
            400,
        ),
        ("no body", shop, &[json], "", "malformed_json", 400),
        ("a list", shop, &[json], "[]", "invalid_record", 422),
        ("too long", shop, &[json], &long, "body_too_large", 413),
        ("no type", shop, &[], &good, "unsupported_media_type", 415),
        (
            "a form",
            shop,
            &[("content-type", "application/x-www-form-urlencoded")],
            &good,
            "unsupported_media_type",
            415,
        ),
        (
            "another origin",
            shop,
            &[json, ("origin", "https://evil.example")],
            &good,
            "origin_not_allowed",
            403,
        ),
        (
            "no origin",
            shop,
            &[json, ("origin", "null")],
            &good,
            "origin_not_allowed",
            403,
        ),
    ];
    for (what, path, headers, body, code, status) in cases {
        let answer = server.post(path, headers, body.to_owned()).await;
        assert_eq!(
            (&*answer.code(), answer.status.as_u16()),
            (code, status),
            "{what}"
        );
        assert_eq!(server.stored(), 0, "{what}");
    }
    assert_eq!(server.get(shop, &[]).await.code(), "method_not_allowed");
    assert_eq!(server.get("/nothing", &[]).await.code(), "not_found");
}

#[tokio::test]
async fn an_act_that_the_site_has_no_way_to_do_is_refused() {
    let refuses = |server: &Server, act: &str, source: &str, number| {
        let mut record = server.example("shop", number);
        record["act"] = json!(act);
        record["src"] = json!(source);
        record["choices"] = json!({ "analytics": false, "social": false });
        record
    };
    let server = Server::start();
    let signal = refuses(&server, "signal", "signal", 1);
    let answer = server.record("shop", &signal).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.code()),
        (422, "impossible_act")
    );
    // The Escape key closes the banner, also where there is no button for it.
    let escape = refuses(&server, "dismiss", "banner", 2);
    assert_eq!(server.record("shop", &escape).await.status, 201);

    let hears = support::shop().to_owned()
        + "\n[signals]\nglobal_privacy_control = [\"analytics\"]\n[appearance]\nlayout = \"none\"\n";
    let server = server.reopen(&hears).await;
    let signal = refuses(&server, "signal", "signal", 3);
    let answer = server.record("shop", &signal).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    // Pages that ask by themselves have no banner to close.
    let dismiss = refuses(&server, "dismiss", "banner", 4);
    assert_eq!(
        server.record("shop", &dismiss).await.code(),
        "impossible_act"
    );
    // What was shown before could be closed, and comes late.
    let mut late = dismiss;
    late["notice"] = escape["notice"].clone();
    assert_eq!(server.record("shop", &late).await.status, 201);
}
