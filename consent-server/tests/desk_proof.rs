//! The page of one proof: whatever somebody pastes leads to the whole history, which is judged, and erased when that is meant.

use crate::support;
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use consent_server::auth::Role;
use consent_server::store::Hold;
use serde_json::Value;
use support::{Answer, NOW, Server, consent_id, receipts};

/// The same browser twice, and another.
async fn filled() -> (Server, [Value; 3]) {
    let server = Server::start();
    let mut records = [1, 2, 3].map(|number| server.example("shop", number));
    records[1]["choices"]["social"] = true.into();
    records[2]["sub"] = "AwMDAwMDAwMDAwMDAwMDAw".into();
    for record in &records {
        let answer = server.record("shop", record).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    (server, records)
}

/// Somebody with this role at these sites, in English.
async fn visitor(server: &Server, role: Role, sites: &[&str]) -> String {
    let token = server.token(role, sites, None);
    server.staff().log_in(&token).await.cookie()
}

async fn paste(server: &Server, cookie: &str, text: &str) -> Answer {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("asked", text)
        .finish();
    let headers = [("cookie", cookie), ("accept-language", "en")];
    server.staff().form("/admin/proof", &headers, &form).await
}

async fn erase(server: &Server, cookie: &str, form: &str) -> Answer {
    let headers = [("cookie", cookie), ("accept-language", "en")];
    server.staff().form("/admin/erasures", &headers, form).await
}

async fn trail(server: &Server) -> Vec<Value> {
    let bearer = format!("Bearer {}", server.token(Role::Admin, &[], None));
    let headers = [("authorization", &*bearer)];
    let answer = server.staff().get("/v1/audit?limit=1000", &headers).await;
    answer.json()["entries"].as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_receipt_a_cookie_a_record_id_and_a_consent_id_lead_to_the_same_history() {
    let (server, records) = filled().await;
    let cookie = visitor(&server, Role::Viewer, &["shop"]).await;
    let receipt = &receipts(&*server.store, "shop")[0];
    let ids = [&records[0], &records[1]].map(|record| text(&record["jti"]));
    for asked in [
        receipt.clone(),
        format!("{}={receipt}", server.cookie_name()),
        format!("Cookie: a=b; {}={receipt}; c=d", server.cookie_name()),
        ids[0].to_owned(),
        consent_id(&records[0]),
        format!(" '{}\r\n", consent_id(&records[0])),
    ] {
        let page = paste(&server, &cookie, &asked).await;
        let said = page.text();
        assert_eq!(page.status, 200, "{asked}: {said}");
        let [older, newer] = ids.map(|id| said.find(&format!("<code>{id}</code>")).unwrap());
        assert!(newer < older, "the newest is not the first");
        assert!(!said.contains(text(&records[2]["jti"])), "another's record");
        for words in [
            "2 records",
            "Own choice",
            "Counts until ",
            "Replaced on 22 November 2026",
            "✓ Audience measurement",
            "✗ Social networks and media",
            "Times of the zone UTC.",
            "entry ",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let is_judged = asked.contains("eyJ");
        assert_eq!(
            said.contains("data-verdict=\"valid\""),
            is_judged,
            "{asked}"
        );
        // What a proxy would log of it.
        assert!(!said.contains(&format!("/{}", consent_id(&records[0]))));
    }
    // Each look is one line, which names nobody who does not know the id.
    let lines = trail(&server).await;
    let looks = lines.iter().filter(|line| line["action"] == "view_history");
    let digest = Digest::of(consent_id(&records[0]).as_bytes());
    let filter = format!("subject=sha256:{digest}");
    let mut count = 0;
    for look in looks {
        assert_eq!((&look["site"], &look["rows"]), (&"shop".into(), &2.into()));
        assert_eq!(look["filter"], *filter);
        count += 1;
    }
    assert_eq!(count, 6);
}

#[tokio::test]
async fn the_links_of_a_history_lead_to_its_words_and_its_evidence() {
    let (server, records) = filled().await;
    let cookie = visitor(&server, Role::Viewer, &[]).await;
    let page = paste(&server, &cookie, text(&records[0]["jti"]))
        .await
        .text();
    let link = |with: &str| {
        let mut links = page.split("href=\"").skip(1);
        let link = links.find(|link| link.contains(with)).unwrap();
        link.split('"').next().unwrap().to_owned()
    };
    let headers = [("cookie", &*cookie)];
    let words = format!("/admin/{}", link("/notices/"));
    let words = server.staff().get(&words, &headers).await;
    assert_eq!(words.status, 200);
    assert!(words.text().contains("Audience measurement"));
    let policy = words.header("content-security-policy").unwrap();
    assert!(policy.ends_with("; sandbox"), "{policy}");
    let evidence = link("/evidence").replace("../", "/");
    let evidence = server.staff().get(&evidence, &headers).await;
    assert!(evidence.body.starts_with(b"PK"), "{}", evidence.text());
    let nowhere = format!("/admin/sites/shop/notices/{}", Digest::of(b"none"));
    assert_eq!(server.staff().get(&nowhere, &headers).await.status, 404);
}

#[tokio::test]
async fn a_receipt_is_judged_in_words() {
    let (server, records) = filled().await;
    let cookie = visitor(&server, Role::Viewer, &[]).await;
    let receipt = receipts(&*server.store, "shop").remove(0);
    let forged = {
        let (signed, signature) = receipt.rsplit_once('.').unwrap();
        let first = if signature.starts_with('A') { 'B' } else { 'A' };
        format!("{signed}.{first}{}", &signature[1..])
    };
    let verdict = |page: &Answer| {
        let page = page.text();
        let (_, rest) = page
            .split_once("data-verdict=\"")
            .unwrap_or_else(|| panic!("no verdict: {page}"));
        rest.split('"').next().unwrap().to_owned()
    };
    let valid = paste(&server, &cookie, &receipt).await;
    assert_eq!(verdict(&valid), "valid");
    let not_valid = paste(&server, &cookie, &forged).await;
    assert_eq!(verdict(&not_valid), "not-valid");
    let step = "data-step=\"signature\" data-result=\"failed\"";
    assert!(not_valid.text().contains(step), "{}", not_valid.text());
    server.set_time(NOW + 400 * 86_400);
    let later = visitor(&server, Role::Viewer, &[]).await;
    let over = paste(&server, &later, &receipt).await;
    assert_eq!(verdict(&over), "over");
    assert!(over.text().contains("Ended on "), "{}", over.text());
    // What nobody has signed proves nothing, and still leads to what is stored.
    server.set_time(NOW);
    let mut unsigned = records[0].clone();
    unsigned["sub"] = consent_id(&records[0]).into();
    let unsigned = consent_core::record::Record::from_json(unsigned.to_string().as_bytes());
    let unsigned = paste(&server, &later, &unsigned.unwrap().to_cookie_value()).await;
    assert_eq!(verdict(&unsigned), "unproven");
    assert!(unsigned.text().contains("2 records"));
}

#[tokio::test]
async fn what_leads_nowhere_says_what_can_be_pasted() {
    let (server, records) = filled().await;
    let cookie = visitor(&server, Role::Admin, &["library"]).await;
    for (asked, status) in [
        ("", 400),
        ("Marie Dupont", 400),
        ("eu-consent=a.b.c; eu-consent=d.e.f", 400),
        ("AAAAAAAAAAAAAAAAAAAAAA", 404),
        // Of a site that is not theirs: they are not told that it is there.
        (text(&records[0]["jti"]), 404),
        (&consent_id(&records[0]), 404),
        (&receipts(&*server.store, "shop")[0], 404),
    ] {
        let page = paste(&server, &cookie, asked).await;
        assert_eq!(page.status, status, "{asked}");
        assert!(page.text().contains("a record id, like"), "{}", page.text());
        assert!(!page.text().contains("class=\"entry"), "{}", page.text());
    }
    let lines = trail(&server).await;
    let looks: Vec<_> = lines
        .iter()
        .filter(|line| line["action"] == "view_history")
        .map(|line| (text(&line["filter"]), line["rows"].as_u64()))
        .collect();
    let kinds = ["by=consent id", "by=record", "by=consent id", "by=receipt"];
    assert_eq!(looks, kinds.map(|kind| (kind, Some(0))));
    // Nobody's without a login, nor from a page of others.
    let headers = [("accept-language", "en")];
    let nobody = server
        .staff()
        .form("/admin/proof", &headers, "asked=x")
        .await;
    assert_eq!(nobody.header("location"), Some("../admin"));
    let origin = [("origin", "https://evil.example"), ("cookie", &*cookie)];
    let foreign = server
        .staff()
        .post("/admin/proof", &origin, "asked=x")
        .await;
    assert_eq!(foreign.status, 403);
}

#[tokio::test]
async fn an_erasure_asks_first_and_the_trail_says_who_and_why_and_not_whose() {
    let (server, records) = filled().await;
    let subject = consent_id(&records[0]);
    let asks = format!("site=shop&subject={subject}&reason=request");
    let confirms = format!("{asks}&confirmed=yes");
    // Nobody less than an administrator of the site, who is shown no form either.
    for (role, sites) in [(Role::Exporter, "shop"), (Role::Admin, "library")] {
        let cookie = visitor(&server, role, &[sites]).await;
        assert_eq!(erase(&server, &cookie, &confirms).await.status, 404);
        let page = paste(&server, &cookie, &subject).await.text();
        assert!(!page.contains("action=\"erasures\""), "{page}");
    }
    let cookie = visitor(&server, Role::Admin, &["shop"]).await;
    let page = paste(&server, &cookie, &subject).await.text();
    assert!(page.contains("action=\"erasures\""), "{page}");
    let no_reason = erase(&server, &cookie, &confirms.replace("request", "")).await;
    assert_eq!(no_reason.status, 400);
    assert!(no_reason.text().contains("Choose why first."));
    let asked = erase(&server, &cookie, &asks).await;
    assert_eq!(asked.status, 200);
    assert!(
        asked.text().contains("Erase 2 records of"),
        "{}",
        asked.text()
    );

    let shop: SiteId = "shop".parse().unwrap();
    let hold = Hold {
        site: shop.clone(),
        reason: "a case".into(),
        since: UnixSeconds::new(NOW).unwrap(),
    };
    server.store.hold(&hold).unwrap();
    let refused = erase(&server, &cookie, &confirms).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("a case"), "{}", refused.text());
    server.store.lift(&shop).unwrap();
    assert_eq!(server.stored(), 3, "nothing was to be erased so far");

    let erased = erase(&server, &cookie, &confirms).await;
    assert!(
        erased.text().contains("2 records erased"),
        "{}",
        erased.text()
    );
    assert_eq!(server.stored(), 1);
    assert_eq!(paste(&server, &cookie, &subject).await.status, 404);
    let lines = trail(&server).await;
    let line = lines.iter().find(|line| line["action"] == "erase").unwrap();
    assert_eq!(line["filter"], "reason=request");
    assert_eq!(line["who"], "J. <Dupont>");
    assert_eq!(line["rows"], 2);
    let digest = Digest::of(subject.as_bytes()).to_text();
    assert!(!Value::from(lines).to_string().contains(&digest));
}
