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
