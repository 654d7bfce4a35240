//! In place of a frame that is held back: who would be contacted and why, and two ways to see it.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(a_frame_is_shown_once_or_for_good_by_keyboard_alone);

const PAGE: &str = r#"<p id="before">Before</p>
<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>
<iframe data-category="social" data-src="{third}/clip" width="480" height="320" title="A clip"></iframe>
<p id="after">After</p>"#;

const AFTER: &str =
    "return Math.round(document.querySelector('#after').getBoundingClientRect().top)";

fn press(place: usize, button: &str) -> String {
    format!(
        "const button = document.querySelectorAll('consent-placeholder')[{place}].shadowRoot.querySelector('[data-{button}]');
        button.focus(); return button.getRootNode().activeElement == button && button.localName == 'button'"
    )
}

async fn a_frame_is_shown_once_or_for_good_by_keyboard_alone(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    let covers = "return document.querySelectorAll('consent-placeholder').length";
    visitor
        .waits_for("two placeholders", || async {
            Ok(visitor.evaluates(covers).await? == json!(2))
        })
        .await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor
        .waits_for("two placeholders", || async {
            Ok(visitor.evaluates(covers).await? == json!(2))
        })
        .await?;
    assert_eq!(stage.seen(), [""; 0]);

    // It says who and why, to everybody.
    let says = "return [...document.querySelectorAll('consent-placeholder')].map(one => [one.getAttribute('role'), one.getAttribute('aria-label'), one.shadowRoot.textContent])";
    let said = visitor.evaluates(says).await?;
    assert_eq!(said[0][0], "group");
    assert_eq!(said[0][1], "Player");
    let text = said[0][2].as_str().unwrap_or_default();
    for word in [
        "Player",
        "Plays films.",
        "Player Inc. (United States)",
        "Show this time only",
        "Always allow Player",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    // Nothing moved: the placeholder is as high as the frame.
    let top = visitor.evaluates(AFTER).await?;
    let heights = "return [...document.querySelectorAll('consent-placeholder')].map(one => one.offsetHeight >= 320 && one.offsetHeight <= 326)";
    assert_eq!(visitor.evaluates(heights).await?, json!([true, true]));

    // Once: this frame, on this page, with no record of it.
    assert_eq!(visitor.evaluates(&press(0, "once")).await?, json!(true));
    visitor.types("\n").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.saw("/film")) })
        .await?;
    assert_eq!(visitor.evaluates(covers).await?, json!(1));
    assert_eq!(visitor.evaluates(AFTER).await?, top);
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), ["/film"]);
    assert_eq!(stage.acts()?, ["refuse_all"]);
    visitor.reloads().await?;
    visitor
        .waits_for("two placeholders", || async {
            Ok(visitor.evaluates(covers).await? == json!(2))
        })
        .await?;

    // For good: a record, and the others of the service with it.
    assert_eq!(visitor.evaluates(&press(0, "always")).await?, json!(true));
    visitor.types("\n").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.seen().len() == 3) })
        .await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(
        (&record["act"], &record["src"]),
        (&json!("custom"), &json!("placeholder"))
    );
    assert_eq!(
        visitor
            .evaluates("return [consent.allows('player'), consent.allows('counter')]")
            .await?,
        json!([true, false])
    );
    visitor
        .waits_for("no placeholder", || async {
            Ok(visitor.evaluates(covers).await? == json!(0))
        })
        .await?;

    // Taken back, they stand there again.
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("two placeholders", || async {
            Ok(visitor.evaluates(covers).await? == json!(2))
        })
        .await?;
    assert_eq!(
        visitor
            .evaluates("return document.querySelectorAll('iframe[src]').length")
            .await?,
        json!(0)
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returning_visit_asks_for_nothing_more_until_the_frame_comes_into_sight() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", &format!("<div style='height: 4000px'></div>{PAGE}"));
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    let ours = async || -> Result<Vec<String>> {
        let mut loaded = visitor.loaded().await?;
        loaded.retain(|url| url.contains("/s/"));
        let name = |url: String| url.rsplit('/').next().unwrap_or_default().to_owned();
        Ok(loaded.into_iter().map(name).collect())
    };
    // What looks out for the frame is in the gate, and that is all.
    assert_eq!(ours().await?, ["consent.js"]);
    visitor
        .evaluates("document.querySelector('#after').scrollIntoView()")
        .await?;
    let covers = "return document.querySelectorAll('consent-placeholder').length";
    visitor
        .waits_for("two placeholders", || async {
            Ok(visitor.evaluates(covers).await? == json!(2))
        })
        .await?;
    assert!(ours().await?.len() > 1);
    assert_eq!(stage.seen(), [""; 0]);
    stage.ends_quietly()?;
    visitor.leaves().await
}
