//! Pages that were marked up for another tool work as they are.

use anyhow::Result;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;

/// Each tool's marks: what runs with analytics, what with social, and what runs always.
async fn moves(
    more: &str,
    body: &str,
    analytics: &[&str],
    social: &[&str],
    refused: &[&str],
) -> Result<()> {
    let stage = Stage::with(more).await?;
    let page = stage.page("/", body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    // Each frame that waits says who would be contacted, under the name that this site has for it.
    let said = "return [...document.querySelectorAll('iframe')].length == document.querySelectorAll('consent-placeholder').length
        && [...document.querySelectorAll('consent-placeholder')].every(one => /Player Inc/.test(one.shadowRoot.textContent))";
    assert_eq!(visitor.evaluates(said).await?, serde_json::json!(true));
    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor
        .waits_for("analytics", || async {
            Ok(analytics.iter().all(|path| stage.saw(path)))
        })
        .await?;
    visitor.waits_a_moment().await;
    assert!(
        social.iter().all(|path| !stage.saw(path)),
        "{:?}",
        stage.seen()
    );
    visitor.receives_a_receipt(None).await?;
    visitor.reopens_by_button().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the others", || async {
            Ok(social.iter().all(|path| stage.saw(path)))
        })
        .await?;
    assert!(
        refused.iter().all(|path| !stage.saw(path)),
        "{:?}",
        stage.seen()
    );
    visitor.receives_a_receipt(None).await?;
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("what runs upon a refusal", || async {
            Ok(refused.iter().all(|path| stage.saw(path)))
        })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_cookiebot() -> Result<()> {
    moves(
        "[markup]\ndialects = [\"cookiebot\"]\nnames = { marketing = \"social\" }",
        r#"<script type="text/plain" data-cookieconsent="statistics" src="{third}/counter.js"></script>
        <script type="text/plain" data-cookieconsent="statistics,marketing" src="{third}/both.js"></script>
        <iframe data-cookieblock-src="{third}/film" data-cookieconsent="marketing" title="A film"></iframe>"#,
        &["/counter.js"],
        &["/both.js", "/film"],
        &[],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_orestbida_s_cookieconsent() -> Result<()> {
    moves(
        "[markup]\ndialects = [\"orestbida\"]\nnames = { marketing = \"social\" }",
        r#"<script type="text/plain" data-category="analytics" data-service="counter" data-src="{third}/counter.js"></script>
        <script type="text/plain" data-category="marketing" data-type="module" data-src="{third}/module.js"></script>
        <script type="text/plain" data-category="!analytics" src="{third}/refused.js"></script>"#,
        &["/counter.js"],
        &["/module.js"],
        &["/refused.js"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_klaro() -> Result<()> {
    moves(
        "[markup]\ndialects = [\"klaro\"]\nnames = { matomo = \"counter\", youtube = \"player\" }",
        r#"<script type="text/plain" data-type="application/javascript" data-name="matomo" data-src="{third}/counter.js"></script>
        <script type="text/plain" data-type="application/javascript" data-name="tester">(new Image).src = "{third}/inline.gif"</script>
        <iframe data-name="youtube" data-src="{third}/film" title="A film"></iframe>
        <img data-name="youtube" data-src="{third}/pixel.gif" alt="">
        <form><input name="mail" data-name="mail"></form>"#,
        &["/counter.js", "/inline.gif"],
        &["/film", "/pixel.gif"],
        &[],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn from_orejime() -> Result<()> {
    moves(
        "[markup]\ndialects = [\"orejime\"]\nnames = { ads = \"social\", matomo = \"counter\" }",
        r#"<template data-purpose="analytics"><script data-src="{third}/counter.js"></script></template>
        <template data-purpose="ads"><iframe src="{third}/film" title="A film"></iframe></template>
        <script type="opt-in" data-type="application/javascript" data-name="matomo" data-src="{third}/second.js"></script>"#,
        &["/counter.js", "/second.js"],
        &["/film"],
        &[],
    )
    .await
}
