//! The list of accesses, and what keeps the proofs whole, as somebody reads them who is no programmer.

use crate::support;
use consent_core::time::UnixSeconds;
use consent_server::auth::Role;
use consent_server::server::{Config, SiteSource};
use consent_server::store::{Hold, Moment};
use support::{Answer, NOW, Server, consent_id, shop};

async fn log_in(server: &Server, role: Role, sites: &[&str]) -> String {
    let token = server.token(role, sites, None);
    server.staff().log_in(&token).await.cookie()
}

async fn look(server: &Server, cookie: &str, path: &str) -> Answer {
    let headers = [("cookie", cookie), ("accept-language", "en")];
    server.staff().get(path, &headers).await
}

async fn of_one(server: &Server, cookie: &str, subject: &str) -> Answer {
    let headers = [("cookie", cookie), ("accept-language", "en")];
    let form = format!("subject={subject}");
    server
        .staff()
        .form("/admin/accesses", &headers, &form)
        .await
}

/// What was done, line by line.
fn done(page: &str) -> Vec<String> {
    let lines = page.split("data-label=\"What\">").skip(1);
    let lines = lines.filter_map(|rest| rest.split('<').next());
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn an_administrator_reads_who_did_what_and_others_read_their_own() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let viewer = log_in(&server, Role::Viewer, &["shop"]).await;
    look(&server, &viewer, "/admin/sites/shop").await;
    let other = log_in(&server, Role::Viewer, &["library"]).await;
    look(&server, &other, "/admin/sites/library").await;
    let admin = log_in(&server, Role::Admin, &[]).await;

    let all = look(&server, &admin, "/admin/accesses").await;
    assert_eq!(all.status, 200);
    let expected = [
        "read the accesses",
        "logged in",
        "opened the site’s page",
        "logged in",
    ];
    assert_eq!(done(&all.text())[..4], expected);
    assert_eq!(done(&all.text()).len(), 6);
    let of_shop = look(&server, &admin, "/admin/accesses?site=shop")
        .await
        .text();
    assert_eq!(done(&of_shop), ["opened the site’s page"]);
    let earlier = "/admin/accesses?from=2026-11-01&to=2026-11-21";
    let earlier = look(&server, &admin, earlier).await.text();
    assert!(earlier.contains("No access is written down"), "{earlier}");
    // Whoever is no administrator sees nothing of what others did at the same site.
    look(&server, &admin, "/admin/sites/shop").await;
    let own = look(&server, &viewer, "/admin/accesses").await.text();
    assert_eq!(done(&own), ["opened the site’s page"], "{own}");
    let elsewhere = look(&server, &viewer, "/admin/accesses?site=library").await;
    assert_eq!(done(&elsewhere.text()), done(&own));
    assert!(!elsewhere.text().contains("value=\"library\""));
}

#[tokio::test]
async fn the_looks_at_one_persons_records_are_found_and_no_others() {
    let server = Server::start();
    let [one, mut other] = [1, 2].map(|number| server.example("shop", number));
    other["sub"] = "AwMDAwMDAwMDAwMDAwMDAw".into();
    for record in [&one, &other] {
        assert_eq!(server.record("shop", record).await.status, 201);
    }
    let admin = log_in(&server, Role::Admin, &[]).await;
    for record in [&one, &other] {
        let headers = [("cookie", &*admin)];
        let form = format!("asked={}", consent_id(record));
        server.staff().form("/admin/proof", &headers, &form).await;
        let id = record["jti"].as_str().unwrap();
        let path = format!("/v1/sites/shop/consents/{id}/evidence");
        assert_eq!(server.staff().get(&path, &headers).await.status, 200);
    }
    let page = of_one(&server, &admin, &consent_id(&one)).await;
    assert_eq!(page.status, 200);
    let expected = ["downloaded an evidence file", "looked for one proof"];
    assert_eq!(done(&page.text()), expected, "{}", page.text());
    assert!(page.text().contains(one["jti"].as_str().unwrap()));
    assert!(!page.text().contains(other["jti"].as_str().unwrap()));
    let unclear = of_one(&server, &admin, "Marie").await;
    assert_eq!(unclear.status, 400);
    assert!(unclear.text().contains("That is no consent id"));
}

#[tokio::test]
async fn what_the_checker_finds_in_the_published_declaration_is_told_with_its_source() {
    let sites = tempfile::tempdir().unwrap();
    std::fs::write(sites.path().join("shop.toml"), shop()).unwrap();
    let folder = SiteSource::Folder(sites.path().to_owned());
    let server = Server::start_as(|config| Config {
        sites: folder,
        ..config
    });
    let viewer = log_in(&server, Role::Viewer, &["shop"]).await;
    let path = "/admin/sites/shop/declaration";
    let page = look(&server, &viewer, path).await;
    assert_eq!(page.status, 200);
    let said = page.text();
    let places = ["Against a guideline, or a risk", "Good practice"];
    let [risk, practice] = places.map(|word| said.find(word).unwrap());
    assert!(risk < practice, "the gravest is not the first: {said}");
    for words in [
        "data-rule=\"choice-over-6-months\"",
        "<code>choice.valid_months</code>",
        "CNIL recommendation 2020-092, §38-39",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // A program that declares its sites itself keeps no text of them.
    let server = Server::start();
    let viewer = log_in(&server, Role::Viewer, &["shop"]).await;
    let said = look(&server, &viewer, path).await.text();
    assert!(said.contains("is not kept here"), "{said}");
}

#[tokio::test]
async fn integrity_and_retention_say_what_the_server_knows() {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    let now = UnixSeconds::new(NOW).unwrap();
    let hold = |site: &str| Hold {
        site: site.parse().unwrap(),
        reason: format!("a case of the {site}"),
        since: now,
    };
    server.store.hold(&hold("shop")).unwrap();
    server.store.hold(&hold("library")).unwrap();
    let viewer = log_in(&server, Role::Viewer, &["shop"]).await;
    let page = look(&server, &viewer, "/admin/integrity").await;
    assert_eq!(page.status, 200);
    let said = page.text();
    let key = server.app.intake.signer().key().to_string();
    for words in [
        "Records are taken and signed",
        "signs now",
        &key,
        "<dt>Last by this program</dt><dd>never</dd>",
        "5 years",
        "22 November 2026: a case of the shop",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("library"), "{said}");
    server.store.set_moment(Moment::BackedUp, now).unwrap();
    let said = look(&server, &viewer, "/admin/integrity").await.text();
    assert!(said.contains("<dd>22 November 2026, 03:08</dd>"), "{said}");
}
