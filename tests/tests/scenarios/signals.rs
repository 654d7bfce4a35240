//! What vendors are told about a choice, and what a browser's own signal means.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::{Value, json};

const VENDORS: &str = r#"
[signals]
matomo = "counter"
meta_pixel = "social"
data_layer = "consent_choice"

[signals.google_consent_mode]
analytics_storage = "analytics"

[signals.microsoft_uet]
ad_storage = "social"

[signals.microsoft_clarity]
analytics_storage = "counter"
"#;

/// What vendors ask their customers to put into a page, as far as a choice is concerned: each looks for what is there already.
const TAGS: &str = r#"<script nonce="ear">
window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) } gtag("js", 1);
window._paq = window._paq || []; _paq.push(["trackPageView"]);
!function (w) { if (w.fbq) return; const f = w.fbq = function () { f.queue.push([...arguments]) }; f.queue = []; }(window);
fbq("init", "1"); fbq("track", "PageView");
</script>"#;

const TOLD: &str = "return { google: dataLayer.map(one => one.event ? one : [...one]), uet: uetq, matomo: _paq, meta: fbq.queue, clarity: clarity.q.map(one => [...one]) }";

#[tokio::test(flavor = "multi_thread")]
async fn vendors_hear_a_denial_before_their_tags_and_the_choice_after() -> Result<()> {
    let stage = Stage::with(VENDORS).await?;
    let page = stage.page("/", TAGS);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let denied = json!({
        "ad_personalization": "denied", "ad_storage": "denied", "ad_user_data": "denied", "analytics_storage": "denied",
        "functionality_storage": "denied", "personalization_storage": "denied", "security_storage": "granted", "wait_for_update": 500,
    });
    let told = visitor.evaluates(TOLD).await?;
    assert_eq!(
        told["google"],
        json!([["consent", "default", denied], ["js", 1]])
    );
    assert_eq!(
        told["uet"],
        json!(["consent", "default", { "ad_storage": "denied" }])
    );
    assert_eq!(
        told["clarity"],
        json!([["consentv2", { "ad_Storage": "denied", "analytics_Storage": "denied" }]])
    );
    assert_eq!(
        told["matomo"],
        json!([["requireConsent"], ["trackPageView"]])
    );
    assert_eq!(
        told["meta"],
        json!([["consent", "revoke"], ["init", "1"], ["track", "PageView"]])
    );

    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor.receives_a_receipt(None).await?;
    let told = visitor.evaluates(TOLD).await?;
    let mut granted = denied.clone();
    granted["analytics_storage"] = json!("granted");
    granted
        .as_object_mut()
        .map(|types| types.remove("wait_for_update"));
    assert_eq!(told["google"][2], json!(["consent", "update", granted]));
    let event = &told["google"][3];
    assert_eq!(event["event"], "consent_choice");
    assert_eq!(
        (&event["consent"]["analytics"], &event["consent"]["social"]),
        (&json!(true), &json!(false))
    );
    // Once, though the receipt came after the record.
    assert_eq!(told["google"].as_array().map(Vec::len), Some(4));
    assert_eq!(told["uet"].as_array().map(Vec::len), Some(6));
    assert_eq!(
        told["clarity"][1],
        json!(["consentv2", { "ad_Storage": "denied", "analytics_Storage": "granted" }])
    );
    assert_eq!(told["matomo"][2], json!(["setConsentGiven"]));
    assert_eq!(told["meta"].as_array().map(Vec::len), Some(3));

    // On the next page the default still comes first, and the update right behind it: before any tag.
    visitor.reloads().await?;
    let told = visitor.evaluates(TOLD).await?;
    let order: Vec<Value> = told["google"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one[1].clone())
        .collect();
    assert_eq!(order[..2], [json!("default"), json!("update")]);
    assert_eq!(
        told["matomo"],
        json!([["requireConsent"], ["setConsentGiven"], ["trackPageView"]])
    );

    // Taken back in the preferences, each is told so.
    visitor.reopens_by_button().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the grant", || async {
            Ok(visitor.evaluates(TOLD).await?["meta"][3] == json!(["consent", "grant"]))
        })
        .await?;
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("the revocation", || async {
            Ok(visitor.evaluates(TOLD).await?["meta"][4] == json!(["consent", "revoke"]))
        })
        .await?;
    assert_eq!(
        visitor.evaluates("return _paq.at(-1)").await?,
        json!(["forgetConsentGiven"])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

const GPC: &str = "[signals]\nglobal_privacy_control = [\"analytics\"]";
const PAGE: &str = r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>
<script type="text/plain" data-category="social" src="{third}/player.js"></script>"#;

/// Firefox has the signal itself.
#[tokio::test(flavor = "multi_thread")]
async fn global_privacy_control_is_recorded_hides_no_banner_and_yields_to_a_later_choice()
-> Result<()> {
    let stage = Stage::with(GPC).await?;
    let page = stage.page("/", PAGE);
    let on = [
        "privacy.globalprivacycontrol.enabled=true",
        "privacy.globalprivacycontrol.functionality.enabled=true",
    ];
    let visitor = Visitor::arrives_with(Engine::Gecko, &on).await?;
    visitor.opens(&page).await?;
    assert_eq!(
        visitor
            .evaluates("return navigator.globalPrivacyControl")
            .await?,
        json!(true)
    );
    visitor.sees_the_banner().await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(
        (&record["act"], &record["src"], &record["gpc"]),
        (&json!("signal"), &json!("signal"), &json!(true))
    );
    // The banner still asks: here, and on the next page, without another record.
    assert!(visitor.is_asked().await?);
    visitor.reloads().await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.acts()?, ["signal"]);
    assert_eq!(stage.seen(), [""; 0]);
    // An explicit choice wins, and stays.
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    visitor.reloads().await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 4) })
        .await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    assert_eq!(stage.acts()?, ["signal", "accept_all"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_is_turned_on_later_takes_back_what_the_policy_says_and_no_more() -> Result<()>
{
    let stage = Stage::with(GPC).await?;
    let signal = r#"<script nonce="ear">if (/signal/.test(location.search)) navigator.globalPrivacyControl = true</script>"#;
    let page = stage.page_with("/", signal, PAGE, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.opens(&format!("{page}?signal")).await?;
    visitor
        .waits_for("the signal's record", || async {
            Ok(stage.acts()?.len() == 2)
        })
        .await?;
    visitor
        .waits_for("the page", || async {
            Ok(visitor
                .evaluates("return [consent.allows('counter'), consent.allows('player')]")
                .await?
                == json!([false, true]))
        })
        .await?;
    // What ran on the page before the signal was heard ends with it.
    visitor.waits_a_moment().await;
    let before = stage
        .seen()
        .iter()
        .filter(|path| **path == "/counter.js")
        .count();
    visitor.opens(&format!("{page}?signal")).await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        stage
            .seen()
            .iter()
            .filter(|path| **path == "/counter.js")
            .count(),
        before
    );
    assert!(!visitor.is_asked().await?);
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(
        (&record["act"], &record["gpc"]),
        (&json!("signal"), &json!(true))
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}
