//! What browsers load: types, caching, encodings, and the files of earlier publications.

use crate::support;
use consent_core::publication::FOLDER_LEN;
use support::{Server, shop};

#[tokio::test]
async fn the_gate_is_asked_for_again_soon_and_sent_only_when_it_changed() {
    let server = Server::start();
    let gate = server
        .get("/s/shop/consent.js", &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(gate.status, 200);
    assert_eq!(
        gate.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(
        gate.header("cache-control"),
        Some("public, max-age=300, stale-while-revalidate=86400")
    );
    assert_eq!(gate.header("content-encoding"), Some("br"));
    assert_eq!(gate.header("vary"), Some("Accept-Encoding"));
    assert_eq!(gate.header("x-content-type-options"), Some("nosniff"));
    let tag = gate.header("etag").unwrap();
    let headers = [("accept-encoding", "gzip, br"), ("if-none-match", tag)];
    let again = server.get("/s/shop/consent.js", &headers).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
    assert_eq!(again.header("etag"), Some(tag));
    let gzip = [("accept-encoding", "gzip"), ("if-none-match", tag)];
    assert_eq!(server.get("/s/shop/consent.js", &gzip).await.status, 200);

    let plain = server.get("/s/shop/consent.js", &[]).await;
    assert!(
        plain.text().contains("analytics:\"analytics\"")
            || plain.text().contains("\"analytics\":\"analytics\""),
        "{}",
        plain.text()
    );
    assert!(!plain.text().contains("__MANIFEST__"));
    assert_eq!(
        server.get("/s/nope/consent.js", &[]).await.code(),
        "unknown_site"
    );
}

#[tokio::test]
async fn files_of_a_publication_never_change() {
    let server = Server::start();
    let folder = server.app.serving().sites.get("shop").unwrap().digest;
    for (name, content_type) in [
        ("banner.js", "text/javascript; charset=utf-8"),
        ("banner.wasm", "application/wasm"),
        ("en.html", "text/html; charset=utf-8"),
        ("fr.html", "text/html; charset=utf-8"),
    ] {
        // As gates name it; those of earlier versions named more of the digest, and all of it.
        for length in [FOLDER_LEN, 22] {
            let short = &folder.to_text()[..length];
            let file = server.get(&format!("/s/shop/{short}/{name}"), &[]).await;
            assert_eq!(file.status, 200, "{name}");
        }
        let file = server.get(&format!("/s/shop/{folder}/{name}"), &[]).await;
        assert_eq!(file.status, 200, "{name}");
        assert_eq!(file.header("content-type"), Some(content_type));
        assert_eq!(
            file.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(file.header("access-control-allow-origin"), Some("*"));
    }
    for missing in [
        format!("{folder}/gate.js"),
        format!("{folder}/..%2f"),
        "x/en.html".to_owned(),
        format!("{}/en.html", &folder.to_text()[..FOLDER_LEN - 1]),
        format!("{folder}A/en.html"),
    ] {
        assert_eq!(
            server.get(&format!("/s/shop/{missing}"), &[]).await.code(),
            "not_found",
            "{missing}"
        );
    }
}

#[tokio::test]
async fn a_page_opened_before_a_change_still_loads_what_it_names() {
    let server = Server::start();
    let folder = server.app.serving().sites.get("shop").unwrap().digest;
    let path = format!("/s/shop/{folder}/fr.html");
    let before = server.get(&path, &[]).await;
    let server = server
        .reopen(&shop().replace("Counts visits.", "Counts visitors."))
        .await;
    assert_ne!(
        server.app.serving().sites.get("shop").unwrap().digest,
        folder
    );
    let after = server.get(&path, &[]).await;
    assert_eq!(after.status, 200);
    assert_eq!(after.body, before.body);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(
        server
            .get(&format!("/s/library/{folder}/fr.html"), &[])
            .await
            .code(),
        "not_found"
    );
}
