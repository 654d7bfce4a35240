//! From one script tag to an exported proof.

use anyhow::Result;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt};
use consent_core::time::UnixSeconds;
use consent_tests::demo::{Demo, Row};
use consent_tests::http;
use consent_tests::visitor::Visitor;

#[tokio::test]
async fn a_visitor_of_the_hospital_decides_three_times_and_staff_export_each_decision_once()
-> Result<()> {
    the_whole_story("lacassagne", "Refuse all").await
}

#[tokio::test]
async fn a_visitor_of_the_second_opinion_platform_decides_three_times_in_french() -> Result<()> {
    the_whole_story("carians", "Tout refuser").await
}

async fn the_whole_story(site: &str, refuse_all: &str) -> Result<()> {
    let demo = Demo::start()?;
    let visitor = Visitor::arrives().await?;

    // Before a choice, nothing of the third parties is requested.
    visitor.opens(demo.page(site)?).await?;
    visitor.sees_the_banner().await?;
    assert_eq!(
        visitor
            .reads("[data-layer=first] [data-consent-action=refuse]")
            .await?,
        refuse_all
    );
    visitor.waits_a_moment().await;
    assert_eq!(demo.third_party_log()?, []);
    assert_eq!(visitor.cookie("_ga").await?, None);
    assert_eq!(visitor.cookie("eu-consent").await?, None);

    // After refusing, still nothing.
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    let refusal = visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    assert_eq!(demo.third_party_log()?, []);
    assert_eq!(visitor.cookie("_ga").await?, None);

    // After accepting analytics only, the audience is measured, and the social widget is not there.
    visitor.reopens().await?;
    assert!(!visitor.finds_on("analytics").await? && !visitor.finds_on("social").await?);
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor.is_left_alone().await?;
    let agreement = visitor.receives_a_receipt(Some(&refusal)).await?;
    visitor
        .waits_for("_ga", || async {
            Ok(visitor.cookie("_ga").await?.is_some())
        })
        .await?;
    let called_home = || async {
        Ok(demo
            .third_party_log()?
            .iter()
            .any(|seen| seen.path == "/collect"))
    };
    visitor.waits_for("the call home", called_home).await?;
    nothing_social(&demo)?;

    // A returning visitor loads the gate, and nothing else of ours until a frame that is held back comes into sight.
    visitor
        .evaluates("window.scrollTo({ top: 0, behavior: 'instant' })")
        .await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    let ours: Vec<_> = visitor
        .loaded()
        .await?
        .into_iter()
        .filter(|url| url.contains("/s/"))
        .collect();
    assert_eq!(ours, [format!("{}/s/{site}/consent.js", demo.facts.url)]);
    assert!(
        visitor
            .evaluates("return window.consent.allows('analytics')")
            .await?
            .as_bool()
            == Some(true)
    );
    nothing_social(&demo)?;

    // After withdrawing, the cookies of what was refused are gone.
    visitor.reopens().await?;
    assert!(visitor.finds_on("analytics").await? && !visitor.finds_on("social").await?);
    visitor.presses("withdraw").await?;
    let gone = || async { Ok(visitor.cookie("_ga").await?.is_none()) };
    visitor.waits_for("the end of _ga", gone).await?;
    let withdrawal = visitor.receives_a_receipt(Some(&agreement)).await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    let cookies = visitor.evaluates("return document.cookie").await?;
    assert!(
        !cookies.as_str().unwrap_or_default().contains("_ga"),
        "{cookies}"
    );
    assert!(!visitor.is_asked().await?);
    nothing_social(&demo)?;

    the_export_holds(
        &demo,
        site,
        &[
            ("refuse_all", &refusal),
            ("custom", &agreement),
            ("withdraw", &withdrawal),
        ],
    )?;

    // Not a word in the console, from the first page to the last.
    visitor.leaves().await
}

/// The export holds each of these decisions once, in order, and each receipt verifies.
fn the_export_holds(demo: &Demo, site: &str, decisions: &[(&str, &str)]) -> Result<()> {
    let rows = demo.export(site)?;
    let exported: Vec<_> = rows
        .iter()
        .map(|row| (text(row, "act"), text(row, "receipt")))
        .collect();
    assert_eq!(exported, decisions);
    let keys = KeySet::from_jwks(&http::get(
        &format!("{}/.well-known/jwks.json", demo.facts.url),
        None,
    )?)?;
    let mut before: Option<Receipt> = None;
    for (_, receipt) in decisions {
        let now = UnixSeconds::new(std::time::UNIX_EPOCH.elapsed()?.as_secs().try_into()?)?;
        let expect = Expectations {
            issuer: Some(&demo.facts.url),
            ..Expectations::at(now)
        };
        let receipt = Receipt::verify(receipt, &keys, &expect)?;
        let replaced = before.as_ref().map(|before| before.record().id);
        assert_eq!(
            receipt.record().previous,
            replaced,
            "each record names the one it replaces"
        );
        if let Some(before) = before {
            assert_eq!(receipt.record().subject, before.record().subject);
        }
        before = Some(receipt);
    }
    Ok(())
}

fn nothing_social(demo: &Demo) -> Result<()> {
    let log = demo.third_party_log()?;
    assert!(
        log.iter()
            .all(|seen| !seen.path.starts_with("/social") && seen.path != "/pixel.gif"),
        "{log:?}"
    );
    Ok(())
}

fn text<'a>(row: &'a Row, name: &str) -> &'a str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {row}"))
}
