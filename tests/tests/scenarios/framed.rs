//! Pages in frames: who frames a page leads the hand that clicks.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;
use thirtyfour::By;

use crate::in_every_engine;

in_every_engine!(
    in_a_frame_of_another_site_nobody_is_asked_and_nothing_is_granted_or_recorded,
    a_site_that_the_declaration_names_may_hold_the_pages_in_frames,
    in_a_frame_of_its_own_site_a_page_works,
);

const COUNTER: &str = r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>
<script type="text/plain" data-category="operation">(window.ran ??= []).push("needed")</script>
<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>"#;

/// A page of another site, with this one in a frame.
async fn around(page: &str) -> Result<(Stage, String)> {
    let other = Stage::on("localhost", "").await?;
    // Frames lend their names to the window around them, where a page could take them for what they are called.
    let names = ["document", "location", "parent", "top", "href"];
    let beside = names.map(|name| format!(r#"<iframe name="{name}" hidden></iframe>"#));
    let body = format!(
        r#"{}<iframe id="frame" src="{page}" width="800" height="700"></iframe>"#,
        beside.concat()
    );
    let url = other.raw_page("/", "", &body, &[]);
    Ok((other, url))
}

async fn enters(visitor: &Visitor) -> Result<()> {
    let frame = By::Css("iframe:not([hidden])");
    let frame = visitor.driver().find(frame).await?;
    frame.enter_frame().await?;
    visitor
        .waits_until(
            "the framed page",
            "return !!window.consent?.get && document.readyState == 'complete'",
        )
        .await
}

async fn in_a_frame_of_another_site_nobody_is_asked_and_nothing_is_granted_or_recorded(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    // The visitor has agreed, on the site itself.
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    visitor
        .waits_for("what was agreed to", || async {
            Ok(stage.seen().len() == 2)
        })
        .await?;

    let (_other, url) = around(&page).await?;
    visitor.opens(&url).await?;
    enters(&visitor).await?;
    let calls = "return Promise.all(['open', 'accept', 'refuse', 'withdraw'].map(name => consent[name]().then(() => 'done', error => /frame of another site/.test(error)))).then(all => [all, consent.get(), consent.receipt(), consent.allows('analytics'), window.ran])";
    assert_eq!(
        visitor.evaluates(calls).await?,
        json!([[true, true, true, true], null, null, false, ["needed"]])
    );
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    assert_eq!(
        visitor
            .evaluates("return document.querySelectorAll('consent-placeholder').length")
            .await?,
        json!(0)
    );
    // A frame of its own within, and a second one of the site's around it, do not help.
    assert_eq!(stage.seen().len(), 2);
    assert_eq!(stage.acts()?, ["accept_all"]);
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_between_two_frames_of_this_one_is_another_site() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", COUNTER);
    let (_other, url) = around(&page).await?;
    let outer = stage.raw_page(
        "/outer",
        "",
        &format!(r#"<iframe src="{url}" width="900" height="800"></iframe>"#),
        &[],
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&outer).await?;
    visitor.driver().enter_frame(0).await?;
    enters(&visitor).await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    let refused = "return consent.accept().then(() => 'done', () => 'refused')";
    assert_eq!(visitor.evaluates(refused).await?, "refused");
    assert_eq!(stage.seen(), [""; 0]);
    assert_eq!(stage.posts(), [""; 0]);
    visitor.leaves().await
}

async fn a_site_that_the_declaration_names_may_hold_the_pages_in_frames(
    engine: Engine,
) -> Result<()> {
    // The partner first: its port is in the declaration.
    let partner = Stage::on("localhost", "").await?;
    let more = format!("[frames]\nancestors = [\"{}\"]", partner.url);
    let stage = Stage::with(&more).await?;
    let page = stage.page("/", COUNTER);
    let body = format!(r#"<iframe src="{page}" width="800" height="700"></iframe>"#);
    let url = partner.raw_page("/", "", &body, &[]);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&url).await?;
    enters(&visitor).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    // Any other still may not.
    let (_other, url) = around(&page).await?;
    visitor.opens(&url).await?;
    enters(&visitor).await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    visitor.leaves().await
}

async fn in_a_frame_of_its_own_site_a_page_works(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", COUNTER);
    let outer = stage.raw_page(
        "/outer",
        "",
        &format!(r#"<iframe src="{page}" width="900" height="800"></iframe>"#),
        &[],
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&outer).await?;
    enters(&visitor).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.leaves().await
}
