//! Exports: what is selected, what is told about it, and how machines page through it.

use crate::support;
use consent_server::auth::Role;
use serde_json::{Value, json};
use std::fmt::Write as _;
use support::{Answer, NOW, Server};

/// What one browser and another send at first, and the consent ids that they get for it.
const OTHER_SECRET: &str = "AwMDAwMDAwMDAwMDAwMDAw";
const OTHER: &str = "ckJ97sUw3tJeZQfgsJbUag";
const ONE: &str = "LHUdxEpIFv9fFo-DiH1gnQ";

async fn ask(server: &Server, token: &str, address: &str) -> Answer {
    let path = address.strip_prefix(support::STAFF).unwrap_or(address);
    let bearer = format!("Bearer {token}");
    server
        .staff()
        .get(path, &[("authorization", &bearer)])
        .await
}

/// The same with words that are sent in the body, where a person may be named.
async fn ask_for(server: &Server, token: &str, address: &str, words: &str) -> Answer {
    let path = address.strip_prefix(support::STAFF).unwrap_or(address);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer)];
    server.staff().post(path, &headers, words.to_owned()).await
}

/// Receipts that differ in what can be selected by; the third replaces the first.
async fn filled() -> (Server, String) {
    let server = Server::start();
    for number in 1..=4_u8 {
        let mut record = server.example("shop", number);
        if number == 2 {
            record["lang"] = json!("fr");
            let serving = server.app.serving();
            let notices = &serving.sites.get("shop").unwrap().notices;
            record["notice"] = notices[&"fr".parse().unwrap()].to_text().into();
        }
        if number == 3 {
            record["prev"] = server.example("shop", 1)["jti"].clone();
            record["act"] = json!("withdraw");
            record["choices"] = json!({ "analytics": false, "social": false });
        } else if number > 1 {
            record["sub"] = json!(OTHER_SECRET);
        }
        server.set_time(NOW + i64::from(number) * 3600);
        let answer = server.record("shop", &record).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let token = server.token(Role::Exporter, &["shop"], None);
    (server, token)
}

fn places(answer: &Answer) -> Vec<i64> {
    let text = answer.text();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.map(|line| line["seq"].as_i64().unwrap()).collect()
}

/// The address of a relation in `Link`.
fn link(answer: &Answer, relation: &str) -> Option<String> {
    let links = answer.header("link")?;
    let link = links
        .split(", ")
        .find(|link| link.contains(&format!("rel=\"{relation}\"")))?;
    Some(link.split(['<', '>']).nth(1)?.to_owned())
}

#[tokio::test]
async fn each_word_selects_and_words_add_up() {
    let (server, token) = filled().await;
    let notice = server.example("shop", 1)["notice"]
        .as_str()
        .unwrap()
        .to_owned();
    for (query, expected) in [
        ("", &[1, 2, 3, 4][..]),
        (
            "&from=2026-11-22T05:08:11Z&to=2026-11-22T06:08:12Z",
            &[2, 3],
        ),
        ("&act=withdraw", &[3]),
        ("&granted=analytics", &[1, 2, 4]),
        ("&refused=analytics", &[3]),
        ("&refused=social&act=custom", &[1, 2, 4]),
        ("&language=fr", &[2]),
        (&*format!("&notice={notice}"), &[1, 3, 4]),
        ("&granted=nothing", &[]),
        ("&after=2&act=&language=&subject=", &[3, 4]),
    ] {
        let path = format!("/v1/sites/shop/export?format=jsonl{query}");
        let answer = ask(&server, &token, &path).await;
        assert_eq!(places(&answer), expected, "{query}: {}", answer.text());
        // In the body they are the same words.
        let words = format!("format=jsonl{query}");
        let answer = ask_for(&server, &token, "/v1/sites/shop/export", &words).await;
        assert_eq!(places(&answer), expected, "{query}: {}", answer.text());
    }
    for (words, expected) in [
        (&*format!("subject={OTHER}&language=en"), &[4][..]),
        (&*format!("subject={ONE}"), &[1, 3]),
    ] {
        let path = "/v1/sites/shop/export?format=jsonl";
        let answer = ask_for(&server, &token, path, words).await;
        assert_eq!(places(&answer), expected, "{words}: {}", answer.text());
    }
    for query in [
        "&akt=withdraw",
        "&act=maybe",
        "&act=custom&act=signal",
        "&subject=x",
        "&notice=x",
        "&granted=A%20B",
        "&language=%00",
        "&after=-1",
        "&limit=0",
        "&limit=1001",
        // A person is not named in an address.
        "&subject=AgICAgICAgICAgICAgICAg",
        "&subj%65ct=AgICAgICAgICAgICAgICAg",
    ] {
        let path = format!("/v1/sites/shop/export?format=jsonl{query}");
        assert_eq!(
            ask_for(&server, &token, &path, "").await.code(),
            "invalid_query",
            "{query}"
        );
        assert_eq!(
            ask(&server, &token, &path).await.code(),
            "invalid_query",
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_manifest_tells_what_went_out_and_names_nobody() {
    let (server, token) = filled().await;
    let words = format!("format=csv&subject={OTHER}");
    let export = ask_for(&server, &token, "/v1/sites/shop/export", &words).await;
    let address = link(&export, "describedby").unwrap();
    let manifest = ask(&server, &token, &address).await;
    assert_eq!(manifest.status, 200, "{}", manifest.text());
    assert!(!manifest.text().contains(OTHER), "{}", manifest.text());
    let manifest = manifest.json();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &export.body);
    let digest = digest
        .as_ref()
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
    assert_eq!(manifest["sha256"], digest);
    assert_eq!(manifest["bytes"], export.body.len());
    for (member, expected) in [
        ("receipts", json!(2)),
        ("first", json!(2)),
        ("last", json!(4)),
        ("next", json!(null)),
        ("site", json!("shop")),
        ("format", json!("csv")),
        ("after", json!(0)),
    ] {
        assert_eq!(manifest[member], expected, "{member}");
    }
    let subject = manifest["filter"]["subject"].as_str().unwrap();
    let digest = consent_core::digest::Digest::of(OTHER.as_bytes());
    assert_eq!(subject, format!("sha256:{digest}"));
    // Neither does the trail; and nobody of another site may read either.
    let admin = server.token(Role::Admin, &[], None);
    let trail = ask(&server, &admin, "/v1/audit").await;
    assert!(!trail.text().contains(OTHER) && trail.text().contains(subject));
    let elsewhere = server.token(Role::Exporter, &["library"], None);
    assert_eq!(ask(&server, &elsewhere, &address).await.code(), "forbidden");
    let other_site = address.replace("/shop/", "/library/");
    assert_eq!(
        ask(&server, &elsewhere, &other_site).await.code(),
        "not_found"
    );
    let viewer = server.token(Role::Viewer, &["shop"], None);
    assert_eq!(ask(&server, &viewer, &address).await.code(), "forbidden");
}

#[tokio::test]
async fn machines_follow_the_links_to_the_end_and_can_go_on_later() {
    let (server, token) = filled().await;
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut next =
        Some("/v1/sites/shop/export?format=jsonl&refused=social&limit=2&after=".to_owned() + "0");
    while let Some(address) = next {
        let page = ask(&server, &token, &address).await;
        assert_eq!(page.status, 200, "{}", page.text());
        seen.extend(places(&page));
        pages += 1;
        assert!(places(&page).len() <= 2);
        next = link(&page, "next");
        let manifest = link(&page, "describedby").unwrap();
        let manifest = ask(&server, &token, &manifest).await.json();
        assert_eq!(manifest["receipts"], places(&page).len());
        assert_eq!(manifest["next"].is_null(), next.is_none());
    }
    assert_eq!(seen, [1, 2, 3, 4]);
    assert!(pages >= 2);
    server.set_time(NOW + 10 * 3600);
    server.record("shop", &server.example("shop", 9)).await;
    let later = "/v1/sites/shop/export?format=jsonl&limit=2&after=4";
    assert_eq!(places(&ask(&server, &token, later).await), [5]);
}

#[tokio::test]
async fn a_chain_leads_back_through_one_browsers_history() {
    let (server, token) = filled().await;
    let (mut next, mut text) = (
        Some("/v1/sites/shop/export?format=jsonl&limit=1".to_owned()),
        String::new(),
    );
    while let Some(address) = next {
        assert!(
            !address.contains("subject"),
            "{address} is in a proxy's log"
        );
        let page = ask_for(&server, &token, &address, &format!("subject={ONE}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        text += &page.text();
        next = link(&page, "next");
    }
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["prev"], Value::Null);
    assert_eq!(lines[1]["prev"], lines[0]["jti"]);
}

#[tokio::test]
async fn the_page_for_staff_offers_the_same_words() {
    let (server, token) = filled().await;
    let staff = server.staff();
    let cookie = staff.log_in(&token).await.cookie();
    let page = staff
        .get("/admin/sites/shop", &[("cookie", &cookie)])
        .await
        .text();
    for name in consent_server::export::NAMES {
        assert!(page.contains(&format!("name=\"{name}\"")), "{name}: {page}");
    }
    // As a browser sends the form with one field filled in.
    assert!(page.contains("<form method=\"post\" action=\"../../v1/sites/shop/export\">"));
    let form = "from=&to=&act=withdraw&granted=&refused=&language=&notice=&subject=&format=jsonl";
    let path = "/v1/sites/shop/export";
    let answer = staff.form(path, &[("cookie", &cookie)], form).await;
    assert_eq!(places(&answer), [3]);
}

/// The rows of a table for people, each with its separator taken out.
fn table(answer: &Answer, separator: u8) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let rows = reader.records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

#[tokio::test]
async fn a_table_for_people_speaks_their_language_and_tells_the_time_of_the_site() {
    let shop =
        support::shop().replace("revision = 1", "revision = 1\ntime_zone = \"Europe/Paris\"");
    let server = Server::start_with(&shop, |store| store);
    let mut own = server.example("shop", 1);
    own["act"] = json!("custom");
    own["src"] = json!("preferences");
    own["choices"] = json!({ "analytics": false, "social": true });
    own["services"] = json!({ "counter": true });
    assert_eq!(server.record("shop", &own).await.status, 201);
    let mut all = server.example("shop", 2);
    all["act"] = json!("accept_all");
    all["choices"] = json!({ "analytics": true, "social": true });
    all["lang"] = json!("fr");
    let notice = server.app.serving().sites.get("shop").unwrap().notices[&"fr".parse().unwrap()];
    all["notice"] = notice.to_text().into();
    assert_eq!(server.record("shop", &all).await.status, 201);

    let token = server.token(Role::Exporter, &["shop"], None);
    let path = "/v1/sites/shop/export?from=2026-01-01&format=";
    let french = ask(&server, &token, &format!("{path}csv-fr")).await;
    let named = "attachment; filename=\"shop_2026-01-01_2026-11-22_fr.csv\"";
    assert_eq!(french.header("content-disposition"), Some(named));
    let rows = table(&french, b';');
    assert_eq!(
        rows[0][..10],
        [
            "N°",
            "Reçu le (Europe/Paris)",
            "Décidé le – horloge du visiteur (Europe/Paris)",
            "Décision",
            "Exprimée dans",
            "Mesure d’audience",
            "Réseaux sociaux et médias",
            "Accepté en plus",
            "Refusé en plus",
            "Valable jusqu’au (Europe/Paris)",
        ]
    );
    let said = |row: &[String]| row[3..9].join("|");
    assert_eq!(
        said(&rows[1]),
        "Choix détaillé|Préférences|non|oui|Counter|"
    );
    assert_eq!(said(&rows[2]), "Tout accepté|Bandeau|oui|oui||");
    // 03:08:11 in UTC; and thirteen months after the decision, which was five seconds before.
    assert_eq!(rows[1][1], "2026-11-22 04:08:11");
    assert_eq!(rows[1][9], "2027-12-22 04:08:06");
    assert_eq!(rows[2][10..12], ["fr", "non"]);
    assert_eq!(rows[1].last().unwrap(), "");

    let english = ask(&server, &token, &format!("{path}csv-en")).await;
    let rows = table(&english, b',');
    assert_eq!(
        rows[0][5..8],
        [
            "Audience measurement",
            "Social networks and media",
            "Also accepted"
        ]
    );
    assert_eq!(said(&rows[2]), "Accepted everything|Banner|yes|yes||");
}
