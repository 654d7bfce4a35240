//! A person is who holds a secret: knowing a consent id, a record id or a receipt lets nobody write, erase or read for them.

use crate::support;
use consent_core::id::RecordId;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_server::auth::Role;
use serde_json::{Value, json};
use support::{Answer, NOW, Server};

const CONSENTS: &str = "/v1/sites/shop/consents";
const ERASURES: &str = "/v1/sites/shop/erasures";
const HOLDER: &str = "__Secure-eu-consent-holder=";

/// What a browser has after a decision.
struct Browser {
    receipt: String,
    /// The cookie that only the server reads.
    key: String,
}

impl Browser {
    /// Decides, as the browser it was before or as a new one.
    async fn decides(server: &Server, record: &Value, cookies: &str) -> Self {
        let answer = posts(server, record, cookies).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        Self::after(&answer)
    }

    fn after(answer: &Answer) -> Self {
        Self {
            receipt: answer.json()["receipt"].as_str().unwrap().to_owned(),
            key: set(answer, HOLDER).unwrap(),
        }
    }

    fn record(&self) -> Record {
        let receipt = UnverifiedReceipt::parse(&self.receipt).unwrap();
        receipt.record().clone()
    }

    fn subject(&self) -> String {
        self.record().subject.to_text()
    }
}

async fn posts(server: &Server, record: &Value, cookies: &str) -> Answer {
    let headers = [("content-type", "text/plain"), ("cookie", cookies)];
    server.post(CONSENTS, &headers, record.to_string()).await
}

/// The cookie of this name that an answer sets, as browsers send it back.
fn set(answer: &Answer, name: &str) -> Option<String> {
    let mut all = answer.headers.get_all("set-cookie").iter();
    let cookie = all.find_map(|cookie| {
        let text = cookie.to_str().unwrap();
        text.starts_with(name).then_some(text)
    });
    cookie.map(|cookie| cookie.split(';').next().unwrap().to_owned())
}

/// A refusal that comes first, and a later agreement under this consent id.
fn refusal(server: &Server, number: u8) -> Value {
    let mut record = server.example("shop", number);
    record["act"] = "refuse_all".into();
    record["choices"] = json!({ "analytics": false, "social": false });
    // As browsers do: 128 random bits of its own.
    record["sub"] = consent_core::id::ConsentId::from_random([number; 16])
        .to_text()
        .into();
    record
}

fn agreement(server: &Server, number: u8, subject: &str, replaces: Option<&Browser>) -> Value {
    let mut record = server.example("shop", number);
    record["act"] = "accept_all".into();
    record["choices"] = json!({ "analytics": true, "social": true });
    record["sub"] = subject.into();
    if let Some(replaced) = replaces {
        record["prev"] = replaced.record().id.to_text().into();
    }
    record
}

async fn erases(server: &Server, subject: &str, record: Option<&str>, cookies: &str) -> Answer {
    let mut wish = json!({ "subject": subject });
    if let Some(record) = record {
        wish["record"] = record.into();
    }
    let headers = [("content-type", "application/json"), ("cookie", cookies)];
    server.post(ERASURES, &headers, wish.to_string()).await
}

#[tokio::test]
async fn the_consent_id_of_a_receipt_is_not_what_was_sent_and_its_secret_is_kept_from_scripts() {
    let server = Server::start();
    let sent = refusal(&server, 1);
    let answer = posts(&server, &sent, "").await;
    let person = Browser::after(&answer);
    assert_ne!(person.subject(), sent["sub"]);
    assert_eq!(
        person.key,
        format!("{HOLDER}{}", sent["sub"].as_str().unwrap())
    );
    let mut all = answer.headers.get_all("set-cookie").iter();
    let text = all.find(|cookie| cookie.to_str().unwrap().starts_with(HOLDER));
    let text = text.unwrap().to_str().unwrap();
    let (_, attributes) = text.split_once("; ").unwrap();
    assert_eq!(
        attributes,
        "HttpOnly; SameSite=Strict; Secure; Path=/v1/sites/shop; Max-Age=34127995"
    );
    // Nothing that the server keeps says what the secret is.
    let secret = sent["sub"].as_str().unwrap().as_bytes();
    let raw = [1; 16];
    for file in std::fs::read_dir(server.data.path()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
            assert!(!bytes.windows(16).any(|window| window == raw));
        }
    }
}

#[tokio::test]
async fn whoever_holds_the_secret_goes_on_under_the_consent_id() {
    let server = Server::start();
    let first = Browser::decides(&server, &refusal(&server, 1), "").await;
    let second = agreement(&server, 2, &first.subject(), Some(&first));
    // Others of the name may lie beside it: planted ones, and those of other sites.
    let planted = format!("{HOLDER}AAAAAAAAAAAAAAAAAAAAAA; ").repeat(100);
    let cookies = format!("{planted}{HOLDER}x; odd=\u{e9}; {}", first.key);
    let second = Browser::decides(&server, &second, &cookies).await;
    assert_eq!(second.subject(), first.subject());
    assert_eq!(second.record().previous, Some(first.record().id));
    assert_eq!(second.key, first.key);
}

#[tokio::test]
async fn whoever_knows_ids_and_receipts_begins_a_consent_id_of_their_own() {
    let server = Server::start();
    let victim = Browser::decides(&server, &refusal(&server, 1), "").await;
    let attacker = Browser::decides(&server, &refusal(&server, 2), "").await;
    let known = format!("eu-consent={0}; __Host-eu-consent={0}", victim.receipt);
    let their_id_as_key = format!("{HOLDER}{}", victim.subject());
    let mut number = 10;
    for cookies in ["", &*attacker.key, &known, &their_id_as_key] {
        for replaces in [None, Some(&victim), Some(&attacker)] {
            number += 1;
            let forged = agreement(&server, number, &victim.subject(), replaces);
            let forged = Browser::decides(&server, &forged, cookies).await;
            assert_ne!(forged.subject(), victim.subject());
            assert_eq!(forged.record().previous, None, "{cookies}");
            // Who holds a secret of their own is who they are, whatever they name.
            let is_own = forged.subject() == attacker.subject();
            assert_eq!(is_own, cookies == attacker.key && replaces.is_some());
        }
    }
}

#[tokio::test]
async fn what_a_record_replaces_is_a_stored_record_of_the_same_consent_id_or_is_left_out() {
    let server = Server::start();
    let person = Browser::decides(&server, &refusal(&server, 1), "").await;
    let other = Browser::decides(&server, &refusal(&server, 2), "").await;
    let mut itself = agreement(&server, 3, &person.subject(), None);
    itself["prev"] = itself["jti"].clone();
    let answer = posts(&server, &itself, &person.key).await;
    assert_eq!(answer.code(), "invalid_record");
    assert!(answer.text().contains("`prev`"), "{}", answer.text());

    let of_another = agreement(&server, 4, &person.subject(), Some(&other));
    let of_another = Browser::decides(&server, &of_another, &person.key).await;
    assert_eq!(of_another.record().previous, None);
    assert_eq!(of_another.subject(), person.subject());

    let mut unknown = agreement(&server, 5, &person.subject(), None);
    unknown["prev"] = server.example("shop", 99)["jti"].clone();
    let unknown = Browser::decides(&server, &unknown, &person.key).await;
    assert_eq!(unknown.record().previous, None);
    assert_eq!(unknown.subject(), person.subject());

    let elsewhere = Server::example(&server, "library", 6);
    let answer = server.record("library", &elsewhere).await;
    let elsewhere = UnverifiedReceipt::parse(answer.json()["receipt"].as_str().unwrap())
        .unwrap()
        .record()
        .id;
    let mut of_another_site = agreement(&server, 7, &person.subject(), None);
    of_another_site["prev"] = elsewhere.to_text().into();
    let of_another_site = Browser::decides(&server, &of_another_site, &person.key).await;
    assert_eq!(of_another_site.record().previous, None);
}

#[tokio::test]
async fn decisions_that_waited_for_the_network_stay_one_persons() {
    let server = Server::start();
    // Both were made before any answer came: the second still carries the secret itself.
    let first = refusal(&server, 1);
    let mut second = agreement(&server, 2, first["sub"].as_str().unwrap(), None);
    second["prev"] = first["jti"].clone();
    let first = Browser::decides(&server, &first, "").await;
    for cookies in ["", &first.key] {
        let again = Browser::decides(&server, &second, cookies).await;
        assert_eq!(again.subject(), first.subject());
        assert_eq!(again.record().previous, Some(first.record().id));
        assert_eq!(again.key, first.key);
    }
    assert_eq!(server.stored(), 2);
}

#[tokio::test]
async fn a_record_that_comes_again_gets_its_receipt_for_whoever_sent_it_and_for_nobody_else() {
    let server = Server::start();
    let sent = refusal(&server, 1);
    let first = Browser::decides(&server, &sent, "").await;
    let again = Browser::decides(&server, &sent, "").await;
    assert_eq!((&again.receipt, &again.key), (&first.receipt, &first.key));
    // With all that the receipt says, and without the secret.
    let mut guessed = sent.clone();
    guessed["sub"] = first.subject().into();
    let answer = posts(&server, &guessed, "").await;
    assert_eq!(answer.code(), "record_conflict");

    // One that goes on: with the cookie, and not without.
    let later = agreement(&server, 2, &first.subject(), Some(&first));
    let second = Browser::decides(&server, &later, &first.key).await;
    let again = Browser::decides(&server, &later, &first.key).await;
    assert_eq!(again.receipt, second.receipt);
    assert_eq!(posts(&server, &later, "").await.code(), "record_conflict");

    // One whose sender could not show whose it is: all that it was sent with is in receipts, so that opens nothing.
    let lost = agreement(&server, 3, &first.subject(), Some(&second));
    let begun = Browser::decides(&server, &lost, "").await;
    assert_ne!(begun.subject(), first.subject());
    let again = Browser::decides(&server, &lost, &begun.key).await;
    assert_eq!(again.receipt, begun.receipt);
    for cookies in ["", &first.key] {
        let again = posts(&server, &lost, cookies).await;
        assert_eq!(again.code(), "record_conflict", "{cookies}");
        assert!(again.headers.get("set-cookie").is_none());
    }
    assert_eq!(server.stored(), 3);
}

#[tokio::test]
async fn a_page_of_another_site_gets_a_secret_that_stays_with_that_site() {
    let server = Server::start();
    let record = refusal(&server, 1).to_string();
    let headers = [
        ("content-type", "text/plain"),
        ("origin", "https://www.shop.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let answer = server.post(CONSENTS, &headers, record).await;
    assert_eq!(answer.status, 201);
    let mut all = answer.headers.get_all("set-cookie").iter();
    let key = all.next().unwrap().to_str().unwrap();
    assert!(
        key.contains("; HttpOnly; SameSite=None; Partitioned; Secure; "),
        "{key}"
    );
    assert!(all.next().is_none(), "the choice is the page's own cookie");
}

#[tokio::test]
async fn only_who_holds_the_secret_erases() {
    let server = Server::start();
    let victim = Browser::decides(&server, &refusal(&server, 1), "").await;
    let attacker = Browser::decides(&server, &refusal(&server, 2), "").await;
    let record = victim.record().id.to_text();
    let viewer = server.token(Role::Viewer, &["shop"], None);
    let bearer = format!("Bearer {}", victim.receipt);
    let known = format!("eu-consent={}", victim.receipt);
    for cookies in [
        String::new(),
        attacker.key.clone(),
        known,
        format!("{HOLDER}{}", victim.subject()),
        format!("{HOLDER}{record}"),
    ] {
        let answer = erases(&server, &victim.subject(), Some(&record), &cookies).await;
        assert_eq!(answer.code(), "not_holder", "{cookies}");
    }
    for authorization in [&bearer, &format!("Bearer {viewer}")] {
        let headers = [("authorization", &**authorization)];
        let wish = json!({ "subject": victim.subject() }).to_string();
        let answer = server.post(ERASURES, &headers, wish).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
    }
    assert_eq!(server.stored(), 2);

    let answer = erases(&server, &victim.subject(), Some(&record), &victim.key).await;
    assert_eq!(answer.json()["erased"], 1, "{}", answer.text());
    assert_eq!(
        support::receipts(&*server.store, "shop"),
        [attacker.receipt]
    );
    let filter = consent_server::store::AccessFilter {
        sites: consent_server::auth::SiteSet::All,
        from: None,
        to: None,
    };
    let trail = server.store.trail(&filter, 0, 100).unwrap();
    let line = &trail.last().unwrap().access;
    assert_eq!((&*line.action, &*line.role), ("erase", "holder"));
    assert_eq!(line.rows, Some(1));
    assert!(!format!("{line:?}").contains(&victim.subject()));
}

#[tokio::test]
async fn a_legal_hold_keeps_what_its_holder_would_erase() {
    let server = Server::start();
    let person = Browser::decides(&server, &refusal(&server, 1), "").await;
    let shop: consent_core::id::SiteId = "shop".parse().unwrap();
    let hold = consent_server::store::Hold {
        site: shop.clone(),
        reason: "a case".into(),
        since: consent_core::time::UnixSeconds::new(NOW).unwrap(),
    };
    server.store.hold(&hold).unwrap();
    let id = person.record().id.to_text();
    let asked = erases(&server, &person.subject(), Some(&id), &person.key).await;
    assert_eq!(asked.code(), "legal_hold");
    server.store.lift(&shop).unwrap();
    let asked = erases(&server, &person.subject(), Some(&id), &person.key).await;
    assert_eq!(asked.json()["erased"], 1);
}

#[tokio::test]
async fn an_erasure_takes_every_record_of_the_consent_id_from_whichever_it_is_told() {
    for told in [None, Some(0), Some(1), Some(2)] {
        let server = Server::start();
        let mut all = vec![Browser::decides(&server, &refusal(&server, 1), "").await];
        for number in [2, 3] {
            let before = all.last().unwrap();
            let next = agreement(&server, number, &before.subject(), Some(before));
            let next = Browser::decides(&server, &next, &before.key).await;
            all.push(next);
        }
        let stranger = Browser::decides(&server, &refusal(&server, 9), "").await;
        let told = told.map(|place: usize| all[place].record().id.to_text());
        let answer = erases(&server, &all[0].subject(), told.as_deref(), &all[0].key).await;
        assert_eq!(answer.json()["erased"], 3, "{told:?}");
        assert_eq!(
            support::receipts(&*server.store, "shop"),
            [stranger.receipt]
        );
        // Once more: nothing is left, and asking is no error; nor is it looked for, or written down.
        let first = all[0].record().id.to_text();
        let answer = erases(&server, &all[0].subject(), Some(&first), &all[0].key).await;
        assert_eq!(answer.json()["erased"], 0);
        let answer = erases(&server, &all[0].subject(), None, &all[0].key).await;
        assert_eq!(answer.code(), "invalid_erasure");
    }
}

#[tokio::test]
async fn an_erasure_takes_what_was_begun_again_with_the_same_secret() {
    for told in [0, 1] {
        let server = Server::start();
        let begins = async |number: u8, cookies: &str| {
            let mut record = refusal(&server, number);
            record["sub"] = refusal(&server, 1)["sub"].clone();
            Browser::decides(&server, &record, cookies).await
        };
        let first = begins(1, "").await;
        let again = begins(2, &first.key).await;
        assert_eq!(first.subject(), again.subject());
        assert_eq!(again.record().previous, None);
        let told = [&first, &again][told].record().id.to_text();
        let answer = erases(&server, &first.subject(), Some(&told), &again.key).await;
        assert_eq!(answer.json()["erased"], 2, "{told}");
        let left = support::receipts(&*server.store, "shop");
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn a_wish_that_is_none_is_told_so() {
    let server = Server::start();
    let person = Browser::decides(&server, &refusal(&server, 1), "").await;
    for body in [
        "",
        "{}",
        "[]",
        "[\"AgICAgICAgICAgICAgICAg\"]",
        "[\"AgICAgICAgICAgICAgICAg\",\"019a8f3c-0000-7000-8000-000000000001\"]",
        "{\"subject\":\"x\"}",
        "{\"subject\":\"AgICAgICAgICAgICAgICAg\",\"site\":\"shop\"}",
        "{\"subject\":\"AgICAgICAgICAgICAgICAg\",\"record\":null}",
    ] {
        let headers = [("cookie", &*person.key)];
        let answer = server.post(ERASURES, &headers, body).await;
        assert_eq!(answer.code(), "invalid_erasure", "{body}");
    }
    let long = format!("{{\"subject\":\"{}\"}}", "A".repeat(600));
    let answer = server.post(ERASURES, &[], long).await;
    assert_eq!(answer.code(), "body_too_large");
    let foreign = [("origin", "https://evil.example"), ("cookie", &*person.key)];
    let wish = json!({ "subject": person.subject() }).to_string();
    let answer = server.post(ERASURES, &foreign, wish).await;
    assert_eq!(answer.code(), "origin_not_allowed");
    assert_eq!(server.stored(), 1);
}

#[tokio::test]
async fn a_choice_that_was_replaced_opens_nothing_at_the_proxy_any_more() {
    let server = Server::start();
    let first = agreement(&server, 1, "AQEBAQEBAQEBAQEBAQEBAQ", None);
    let first = Browser::decides(&server, &first, "").await;
    let stranger = agreement(&server, 7, "CQkJCQkJCQkJCQkJCQkJCQ", None);
    let stranger = Browser::decides(&server, &stranger, "").await;
    let check = async |receipts: &[&str]| {
        let cookies = receipts
            .iter()
            .map(|receipt| format!("__Host-eu-consent={receipt}; eu-consent={receipt}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let answer = server
            .get(
                "/v1/check?site=shop&need=analytics",
                &[("cookie", &*cookies)],
            )
            .await;
        let reason = answer.header("consent-reason").map(str::to_owned);
        (answer.status.as_u16(), reason)
    };
    assert_eq!(check(&[&first.receipt]).await, (204, None));
    let mut withdrawal = refusal(&server, 2);
    withdrawal["act"] = "withdraw".into();
    withdrawal["sub"] = first.subject().into();
    withdrawal["prev"] = first.record().id.to_text().into();
    let withdrawn = Browser::decides(&server, &withdrawal, &first.key).await;

    let superseded = (403, Some("superseded".to_owned()));
    assert_eq!(check(&[&first.receipt]).await, superseded);
    let refused = (403, Some("refused".to_owned()));
    assert_eq!(check(&[&withdrawn.receipt]).await, refused);
    let both = [&*first.receipt, &withdrawn.receipt];
    assert_eq!(check(&both).await, refused);
    assert_eq!(check(&[both[1], both[0]]).await, refused);
    // Others are not concerned, and what they agreed to is not lent to anybody.
    assert_eq!(check(&[&stranger.receipt]).await, (204, None));
    let planted = [&*withdrawn.receipt, &stranger.receipt];
    assert_eq!(check(&planted).await, refused);
    assert_eq!(check(&[planted[1], planted[0]]).await, refused);
    assert_eq!(
        check(&[&stranger.receipt, &first.receipt]).await,
        superseded
    );

    // Agreed to again: that is the newest.
    let again = agreement(&server, 3, &first.subject(), Some(&withdrawn));
    let again = Browser::decides(&server, &again, &first.key).await;
    assert_eq!(check(&[&again.receipt]).await, (204, None));
    assert_eq!(
        check(&[&again.receipt, &withdrawn.receipt]).await,
        (204, None)
    );
}

#[tokio::test]
async fn an_answer_that_comes_late_does_not_bring_the_older_choice_back() {
    let server = Server::start();
    let old = agreement(&server, 1, "AQEBAQEBAQEBAQEBAQEBAQ", None);
    let new = refusal(&server, 2);
    let newer = Record::from_json(new.to_string().as_bytes()).unwrap();
    for name in ["__Host-eu-consent", "eu-consent"] {
        let cookies = format!("{name}={}", newer.to_cookie_value());
        let answer = posts(&server, &old, &cookies).await;
        assert_eq!(answer.status, 201);
        let own = server.cookie_name();
        assert_eq!(set(&answer, &format!("{own}=")).is_some(), own != name);
    }
    let answer = posts(&server, &new, "").await;
    assert!(set(&answer, &format!("{}=", server.cookie_name())).is_some());
}

#[tokio::test]
async fn the_time_in_a_record_id_is_one_at_which_the_choice_can_have_been_made() {
    const DAY: i64 = 86_400;
    let server = Server::start();
    let made = |seconds: i64| {
        let mut record = refusal(&server, 1);
        let millis = seconds.unsigned_abs() * 1000;
        record["jti"] = consent_core::id::RecordId::v7(millis, [5; 10])
            .to_text()
            .into();
        record
    };
    // 1970, the year 10889, and years that only a broken clock shows.
    for seconds in [0, 281_474_976_710, NOW - 400 * DAY, NOW + 400 * DAY] {
        let answer = posts(&server, &made(seconds), "").await;
        assert_eq!(answer.code(), "invalid_record", "{seconds}");
        assert!(answer.text().contains("`jti`"), "{}", answer.text());
    }
    assert_eq!(server.stored(), 0);
    for seconds in [NOW - 390 * DAY, NOW + 366 * DAY] {
        assert_eq!(posts(&server, &made(seconds), "").await.status, 201);
    }
}

/// A cookie that a sibling host has planted names a record of its author's. The browser is still who it was.
#[tokio::test]
async fn a_browser_goes_on_under_its_own_consent_id_beside_what_somebody_planted() {
    let server = Server::start();
    let visitor = agreement(&server, 1, "AQEBAQEBAQEBAQEBAQEBAQ", None);
    let visitor = Browser::decides(&server, &visitor, "").await;
    let author = Browser::decides(
        &server,
        &agreement(&server, 2, "AgICAgICAgICAgICAgICAg", None),
        "",
    )
    .await;
    let unknown = RecordId::v7(NOW.unsigned_abs() * 1000, [9; 10]).to_text();
    for (number, named) in [(3, Some(&author)), (4, None)] {
        let mut withdrawal = refusal(&server, number);
        withdrawal["act"] = "withdraw".into();
        withdrawal["sub"] = author.subject().into();
        withdrawal["prev"] = named
            .map_or(unknown.clone(), |named| named.record().id.to_text())
            .into();
        let answer = posts(&server, &withdrawal, &visitor.key).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let done = Browser::after(&answer);
        assert_eq!(done.subject(), visitor.subject());
        assert_eq!(done.record().previous, None);
        assert_eq!(done.key, visitor.key);
        // And once more, where the answer was lost.
        let again = posts(&server, &withdrawal, &visitor.key).await;
        assert_eq!(again.json()["receipt"], done.receipt);
    }
    // What the visitor agreed to is over; what the author did at home is theirs.
    let name = server.cookie_name();
    for (receipt, status) in [(&visitor.receipt, 403), (&author.receipt, 204)] {
        let cookie = format!("{name}={receipt}");
        let sent = [("cookie", &*cookie)];
        let asked = server
            .get("/v1/check?site=shop&need=analytics", &sent)
            .await;
        assert_eq!(asked.status, status);
    }
}

/// A name that only looks like ours: browsers promise nothing of it.
#[tokio::test]
async fn white_space_that_browsers_keep_makes_another_name() {
    let server = Server::start();
    let agreed = agreement(&server, 1, "AQEBAQEBAQEBAQEBAQEBAQ", None);
    let agreed = Browser::decides(&server, &agreed, "").await;
    let name = server.cookie_name();
    for before in [
        "\u{a0}", "\u{85}", "\u{2000}", "\u{2028}", "\u{205f}", "\u{3000}", "\u{feff}",
    ] {
        for cookie in [
            format!("{before}{name}={}", agreed.receipt),
            format!("a=b; {before}{name}={}", agreed.receipt),
            format!("{name}{before}={}", agreed.receipt),
        ] {
            let sent = [("cookie", &*cookie)];
            let asked = server
                .get("/v1/check?site=shop&need=analytics", &sent)
                .await;
            assert_eq!(asked.status, 403, "{before:?}");
        }
        // Nor is anybody logged in by one.
        let login = server
            .staff()
            .log_in(&server.token(Role::Admin, &[], None))
            .await;
        let session = format!("{before}{}", login.cookie());
        let home = server.staff().get("/admin", &[("cookie", &session)]).await;
        assert!(home.text().contains("Your token"), "{before:?}");
    }
}
