//! Taking consent back: what was stored goes, what ran ends, here and in every other tab.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    withdrawing_deletes_what_the_services_stored_and_stops_what_ran,
    a_choice_in_one_tab_takes_effect_in_the_others,
);

/// Sets a cookie on the path of the page, one on the root, and entries in both storages.
const COUNTER: &str = r#"<script type="text/plain" data-category="analytics" data-service="counter" src="{third}/counter.js"></script>
<script type="text/plain" data-category="analytics" data-service="counter">
document.cookie = "_count=1; path=/shop/; max-age=9999";
document.cookie = "_count_root=1; path=/; max-age=9999";
localStorage["count:x"] = 1; sessionStorage["count:y"] = 1;
</script>"#;

const STORED: &str = "return [document.cookie.match(/_?(count|kept)\\w*/g), Object.keys(localStorage).filter(k => /count|mine/.test(k)), Object.keys(sessionStorage)]";

async fn withdrawing_deletes_what_the_services_stored_and_stops_what_ran(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/shop/page", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    // Something was there before the banner; something else is none of its business.
    visitor
        .evaluates("document.cookie = '_count_old=1; path=/'; document.cookie = 'kept=1; path=/'; localStorage.mine = 1; localStorage['count:old'] = 1")
        .await?;
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(
        visitor.evaluates(STORED).await?,
        json!([["kept"], ["mine"], []])
    );
    assert_eq!(stage.seen(), [""; 0]);

    visitor.reopens_by_button().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("its cookies", || async {
            let stored = visitor.evaluates(STORED).await?;
            Ok(stored[0].as_array().is_some_and(|names| names.len() == 3)
                && stored[1].as_array().is_some_and(|names| names.len() == 2))
        })
        .await?;
    visitor.receives_a_receipt(None).await?;

    visitor.evaluates("window.sameDocument = true").await?;
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_until(
            "a fresh page",
            "return document.readyState == 'complete' && !window.sameDocument",
        )
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor.evaluates(STORED).await?,
        json!([["kept"], ["mine"], []])
    );
    assert_eq!(stage.seen(), ["/counter.js"]);
    assert_eq!(stage.acts()?, ["refuse_all", "accept_all", "withdraw"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn a_choice_in_one_tab_takes_effect_in_the_others(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/shop/page", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let driver = visitor.driver();
    let first = driver.window().await?;
    let second = driver.new_tab().await?;
    driver.switch_to_window(second.clone()).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(!stage.seen().is_empty()) })
        .await?;

    // Without a click there, nor a look at it: the other tab knows.
    visitor
        .waits_for("the other tab's counter", || async {
            Ok(stage.seen().len() == 2)
        })
        .await?;
    driver.switch_to_window(first.clone()).await?;
    visitor
        .waits_for("the end of the question", || async {
            Ok(!visitor.is_asked().await?)
        })
        .await?;
    visitor.receives_a_receipt(None).await?;

    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("the end of the counter's cookies", || async {
            Ok(visitor.cookie("_count").await?.is_none())
        })
        .await?;
    driver.switch_to_window(second).await?;
    visitor
        .waits_until(
            "the other tab to be loaded again",
            "return !window.ran && window.consent && !consent.allows('counter')",
        )
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(visitor.cookie("_count").await?, None);
    assert_eq!(stage.seen().len(), 2);
    assert_eq!(stage.acts()?, ["accept_all", "withdraw"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_can_choose_that_no_page_is_loaded_again() -> Result<()> {
    let stage = Stage::with("[choice]\nreload = false").await?;
    let page = stage.page("/shop/page", COUNTER);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.evaluates("window.sameDocument = true").await?;
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("the end of its cookies", || async {
            Ok(visitor.cookie("_count").await?.is_none())
        })
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor.evaluates("return window.sameDocument").await?,
        json!(true)
    );
    assert_eq!(
        visitor
            .evaluates("return consent.allows('counter')")
            .await?,
        json!(false)
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_ends_without_the_page_being_loaded_again() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<iframe data-category="social" data-src="{third}/film" title="A film"></iframe>
        <template data-category="social"><p id="widget">A widget</p></template>"#,
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.evaluates("window.sameDocument = true").await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.saw("/film")) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    let gone = "return !document.querySelector('iframe[src], #widget') && !!document.querySelector('iframe[data-consent-src]')";
    visitor.waits_until("the end of the film", gone).await?;
    assert_eq!(
        visitor.evaluates("return window.sameDocument").await?,
        json!(true)
    );
    // Given again, it is there again.
    visitor.reopens_by_button().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.seen().len() == 2) })
        .await?;
    let back = "return document.querySelectorAll('#widget').length == 1";
    visitor.waits_until("the widget", back).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_browser_s_settings_delete_is_said() -> Result<()> {
    let more = r#"
[services.map]
category = "social"
name = "Map"
provider = "Maps Ltd"
country = "IE"
purpose = "Shows the way."
policy = "https://maps.example/privacy"
cookies = [
  { name = "seen", lifetime = "1 year", purpose = "Tells browsers apart.", domain = "maps.example" },
  { name = "session", lifetime = "session", purpose = "Balances load.", http_only = true },
  { name = "zoom", lifetime = "1 day", purpose = "Remembers the zoom." },
]
# Nobody consents to these, and no withdrawal deletes them.
[services.balancer]
category = "operation"
name = "Balancer"
provider = "Stage Ltd"
country = "GB"
purpose = "Balances load."
policy = "https://stage.example/cookies"
exempt = "The pages come from several machines."
cookies = [{ name = "node", lifetime = "session", purpose = "Balances load.", http_only = true }]"#;
    let stage = Stage::with(more).await?;
    let page = stage.page("/", "");
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    let rows = "return [...document.querySelector('consent-banner').shadowRoot.querySelectorAll('tr:has(code)')]
        .filter(row => /^(node|seen|session|zoom)$/.test(row.querySelector('code').textContent))
        .map(row => /deletion is only possible in your browser’s settings/.test(row.textContent))";
    assert_eq!(
        visitor.evaluates(rows).await?,
        json!([false, true, true, false])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}
