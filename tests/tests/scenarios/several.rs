//! Several cookies of one name: the newest choice stands, nothing is granted that another refuses, and a decision leaves one.

use anyhow::{Context as _, Result};
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::{Value, json};

use crate::in_every_engine;

in_every_engine!(
    a_withdrawal_holds_beside_an_older_agreement_at_a_deeper_path,
    a_refusal_holds_beside_an_agreement_that_somebody_planted,
);

const COUNTER: &str = r#"<script type="text/plain" data-category="analytics" data-service="counter" src="{third}/counter.js"></script>"#;

/// How many cookies of the name the page sees.
const COPIES: &str =
    "return document.cookie.split('; ').filter(pair => pair.startsWith('eu-consent=')).length";

/// An agreement to everything as another browser would have it: of another consent id, and later by this many milliseconds.
fn planted(receipt: &str, later: i64) -> Result<String> {
    let payload = receipt.split('.').nth(1).context("no receipt")?;
    let mut claims = consent_tests::record::decoded(payload)?;
    let id = claims["jti"].as_str().unwrap_or_default().to_owned();
    let time = i64::from_str_radix(&id.replace('-', "")[..12], 16)? + later;
    let time = format!("{time:012x}");
    claims["jti"] = format!("{}-{}{}", &time[..8], &time[8..], &id[13..]).into();
    claims["sub"] = "AgICAgICAgICAgICAgICAg".into();
    claims["act"] = "accept_all".into();
    claims["choices"] = json!({ "analytics": true, "social": true });
    if let Some(claims) = claims.as_object_mut() {
        claims.remove("services");
    }
    Ok(consent_tests::record::encoded(&claims))
}

async fn accepts(visitor: &Visitor, page: &str) -> Result<String> {
    visitor.opens(page).await?;
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await
}

async fn a_withdrawal_holds_beside_an_older_agreement_at_a_deeper_path(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/shop/a/page", COUNTER);
    let other = stage.page("/page", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    let agreement = accepts(&visitor, &page).await?;
    // As an earlier `path` of the declaration would have set it.
    for path in ["/shop/", "/shop/a"] {
        visitor
            .evaluates(&format!(
                "document.cookie = 'eu-consent={agreement}; path={path}; max-age=9999'"
            ))
            .await?;
    }
    assert_eq!(visitor.evaluates(COPIES).await?, json!(3));

    // Elsewhere, where those copies are out of reach.
    visitor.opens(&other).await?;
    visitor
        .waits_until("the agreement", "return consent.allows('counter')")
        .await?;
    visitor
        .evaluates("window.sameDocument = true; consent.withdraw()")
        .await?;
    visitor
        .waits_until(
            "a fresh page",
            "return !window.sameDocument && window.consent?.get()?.act == 'withdraw'",
        )
        .await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    let seen = stage.seen().len();

    // Back there, the newest counts, and the others go.
    visitor.opens(&page).await?;
    visitor
        .waits_until(
            "the withdrawal",
            "return window.consent?.get()?.act == 'withdraw'",
        )
        .await?;
    visitor
        .waits_for("one cookie", || async {
            Ok(visitor.evaluates(COPIES).await? == json!(1))
        })
        .await?;
    let allowed = "return consent.allows('counter')";
    assert_eq!(visitor.evaluates(allowed).await?, json!(false));
    assert!(!visitor.is_asked().await?);
    visitor.reloads().await?;
    visitor
        .waits_until(
            "the withdrawal",
            "return window.consent?.get()?.act == 'withdraw'",
        )
        .await?;
    assert_eq!(visitor.evaluates(allowed).await?, json!(false));
    assert_eq!(stage.seen().len(), seen);
    assert_eq!(stage.acts()?, ["accept_all", "withdraw"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn a_refusal_holds_beside_an_agreement_that_somebody_planted(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/shop/page", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    let refusal = visitor.receives_a_receipt(None).await?;
    let day = 86_400_000;
    // Older or newer, behind or before the visitor's own.
    for (path, later) in [("/shop/", day), ("/shop", -day), ("/shop/page", 400 * day)] {
        let forged = planted(&refusal, later)?;
        visitor
            .evaluates(&format!(
                "document.cookie = 'eu-consent={forged}; path={path}; max-age=9999'"
            ))
            .await?;
        visitor.opens(&page).await?;
        visitor
            .waits_until("a choice", "return !!window.consent?.get()")
            .await?;
        assert_eq!(
            visitor
                .evaluates(
                    "return ['counter', 'analytics', 'social', 'choice'].map(consent.allows)"
                )
                .await?,
            json!([false, false, false, true]),
            "{path} {later}"
        );
        assert!(!visitor.is_asked().await?);
    }
    assert_eq!(stage.seen(), [""; 0]);
    assert_eq!(stage.acts()?, ["refuse_all"]);

    // Who agrees here agrees: what was planted goes, and does not speak against it.
    visitor.reopens_by_button().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("one cookie", || async {
            Ok(visitor.evaluates(COPIES).await? == json!(1))
        })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 2) })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// Two sites share a host; one has it all for its path.
#[tokio::test(flavor = "multi_thread")]
async fn the_choice_of_another_site_of_the_host_is_not_touched() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/shop/page", COUNTER);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let end = consent_core::time::UnixSeconds::from_rfc3339("2090-01-01")?.get();
    let theirs = json!({ "aud": "other", "exp": end, "jti": "x", "scope": "y" });
    let theirs = consent_tests::record::encoded(&theirs);
    visitor
        .evaluates(&format!(
            "document.cookie = 'eu-consent={theirs}; path=/shop/; max-age=9999'; document.cookie = 'eu-consent=broken; path=/shop; max-age=9999'"
        ))
        .await?;
    visitor.presses("refuse").await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    let kept = "return document.cookie.split('; ').filter(pair => pair.startsWith('eu-consent=')).map(pair => pair.split('=')[1])";
    visitor
        .waits_for("two cookies", || async {
            let kept: Vec<Value> = serde_json::from_value(visitor.evaluates(kept).await?)?;
            Ok(kept.len() == 2 && kept.contains(&json!(theirs)))
        })
        .await?;
    assert_eq!(
        visitor.evaluates("return consent.get().act").await?,
        "refuse_all"
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// Where the name is not `__Host-`, a sibling host can write a cookie of it: nobody's browser makes a proof of that.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_planted_is_never_sent_as_the_visitors() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/page", COUNTER);
    let author = Visitor::arrives().await?;
    author.opens(&page).await?;
    author.presses("refuse").await?;
    let refusal = author.receives_a_receipt(None).await?;
    author.leaves().await?;
    let forged = planted(&refusal, 1)?;
    let plant = format!("document.cookie = 'eu-consent={forged}; path=/; max-age=9999'");

    // To somebody who never chose.
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.evaluates(&plant).await?;
    visitor.opens(&page).await?;
    visitor
        .waits_until("the page", "return !!window.consent?.get()")
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.acts()?, ["refuse_all"]);
    // Whoever decides then, decides as themselves: the secret in what was planted is its author's.
    visitor.evaluates("consent.withdraw()").await?;
    let theirs = visitor.receives_a_receipt(None).await?;
    let claims = consent_tests::record::decoded(theirs.split('.').nth(1).context("no receipt")?)?;
    assert_eq!(
        (&claims["act"], &claims["prev"]),
        (&json!("withdraw"), &Value::Null)
    );
    let secret = consent_core::holder::HolderSecret::begun_with("AgICAgICAgICAgICAgICAg".parse()?);
    let id = secret.consent_id(&"stage".parse()?).to_text();
    assert_ne!(claims["sub"], json!(id));

    // To somebody who refused, over what they have, in their consent id's name.
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    let mut over = consent_tests::record::decoded(&planted(&theirs, 9)?)?;
    over["sub"] = claims["sub"].clone();
    let over = consent_tests::record::encoded(&over);
    visitor
        .evaluates(&format!(
            "document.cookie = 'eu-consent={over}; path=/; max-age=9999'"
        ))
        .await?;
    visitor.opens(&page).await?;
    visitor
        .waits_until("the page", "return !!window.consent?.get()")
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.acts()?, ["refuse_all", "withdraw"]);
    visitor.leaves().await?;

    // To somebody who refused, beside what they have: a record that nobody signed speaks for no consent id.
    let visitor = Visitor::arrives().await?;
    let deeper = stage.page("/shop/page", COUNTER);
    visitor.opens(&deeper).await?;
    visitor.presses("refuse").await?;
    let own = visitor.receives_a_receipt(None).await?;
    let claims = consent_tests::record::decoded(own.split('.').nth(1).context("no receipt")?)?;
    let mut beside = consent_tests::record::decoded(&planted(&own, 9)?)?;
    beside["sub"] = claims["sub"].clone();
    let beside = consent_tests::record::encoded(&beside);
    visitor
        .evaluates(&format!(
            "document.cookie = 'eu-consent={beside}; path=/shop; max-age=9999'"
        ))
        .await?;
    visitor.opens(&deeper).await?;
    visitor
        .waits_until("a choice", "return !!window.consent?.get()")
        .await?;
    let allowed = "return ['counter', 'analytics', 'social'].map(consent.allows)";
    assert_eq!(
        visitor.evaluates(allowed).await?,
        json!([false, false, false])
    );
    visitor.waits_a_moment().await;
    assert_eq!(stage.acts()?, ["refuse_all", "withdraw", "refuse_all"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// An element of the page may have the name of anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_choice_made_elsewhere_is_seen_beside_elements_with_the_names_of_the_document()
-> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/page", COUNTER);
    let visitor = Visitor::arrives().await?;
    let agreement = accepts(&visitor, &page).await?;
    visitor
        .waits_until("the agreement", "return consent.allows('counter')")
        .await?;
    let names = "document.body.insertAdjacentHTML('beforeend', '<img name=cookie alt><img name=readyState alt>')";
    visitor.evaluates(names).await?;
    // As another tab would.
    let mut refusal = consent_tests::record::decoded(&planted(&agreement, 1)?)?;
    refusal["choices"] = json!({ "analytics": false, "social": false });
    let refusal = consent_tests::record::encoded(&refusal);
    let elsewhere = format!(
        "Reflect.set(Document.prototype, 'cookie', 'eu-consent={refusal}; path=/; max-age=9999', document); dispatchEvent.call(document, new Event('visibilitychange')); return consent.allows('counter')"
    );
    assert_eq!(visitor.evaluates(&elsewhere).await?, json!(false));
    stage.ends_quietly()?;
    visitor.leaves().await
}
