//! When things fail, the visitor's choice is in force, no record is lost, and nothing is released that was not agreed to.

use anyhow::Result;
use consent_core::time::UnixSeconds;
use consent_tests::browser::Engine;
use consent_tests::stage::{Fault, Stage};
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    records_wait_for_a_server_that_is_away_and_reach_it_once,
    a_browser_without_webassembly_gets_the_same_banner,
    a_strict_policy_for_contents_is_enough,
);

const PAGE: &str = r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>
<script type="text/plain" data-category="social" src="{third}/player.js"></script>"#;

async fn records_wait_for_a_server_that_is_away_and_reach_it_once(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    stage.suffers(Fault::Away);
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    // Three choices while nobody listens: each is in force, on this page and the next.
    visitor.reopens_by_button().await?;
    visitor.turns("social", false).await?;
    visitor.presses("save").await?;
    // What ran is refused, so the page is loaded again, and only the counter runs.
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 3) })
        .await?;
    assert_eq!(stage.seen()[2], "/counter.js");
    visitor.opens(&page).await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 4) })
        .await?;
    assert_eq!(stage.seen()[3], "/counter.js");
    visitor.reopens_by_button().await?;
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.acts()?, [""; 0]);
    assert!(
        visitor
            .cookie("eu-consent")
            .await?
            .is_some_and(|value| !value.contains('.'))
    );

    // The server takes the first and its answer gets lost; then all is well. Nothing asks it to hurry: the page tries by itself.
    stage.suffers(Fault::Deaf);
    let before = stage.posts().len();
    visitor
        .waits_for_long("another try", || async { Ok(stage.posts().len() > before) })
        .await?;
    stage.suffers(Fault::None);
    visitor.opens(&page).await?;
    visitor
        .waits_for_long("a receipt", || async {
            Ok(visitor
                .cookie("eu-consent")
                .await?
                .is_some_and(|value| value.contains('.')))
        })
        .await?;
    assert_eq!(stage.acts()?, ["accept_all", "custom", "refuse_all"]);
    assert_eq!(
        visitor
            .evaluates("return Object.keys(localStorage).length")
            .await?,
        json!(0)
    );
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen().len(), 4);
    visitor.leaves_behind(&["502"]).await
}

async fn a_browser_without_webassembly_gets_the_same_banner(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page_with(
        "/",
        r#"<script nonce="ear">delete window.WebAssembly</script>"#,
        PAGE,
        &[],
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor.is_left_alone().await?;
    visitor.receives_a_receipt(None).await?;
    assert!(
        visitor
            .loaded()
            .await?
            .iter()
            .any(|url| url.ends_with("/plain.js"))
    );
    assert_eq!(stage.seen(), ["/counter.js"]);
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(
        (&record["act"], &record["src"]),
        (&json!("custom"), &json!("preferences"))
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// What docs/csp.md names, and the icon that browsers ask for.
const POLICY: &str = "default-src 'none'; script-src 'self' 'nonce-ear' 'nonce-page' 'wasm-unsafe-eval' {third}; connect-src 'self'; img-src 'self'";

async fn a_strict_policy_for_contents_is_enough(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let policy = POLICY.replace("{third}", &stage.third);
    let body = r#"<script type="text/plain" data-category="analytics" nonce="page">(window.ran ??= []).push("inline")</script>
        <script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#;
    let page = stage.page_with("/", "", body, &[("content-security-policy", &policy)]);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    // The style took effect: the banner is where it belongs.
    let fixed = "return getComputedStyle(document.querySelector('consent-banner').shadowRoot.querySelector('.banner')).position";
    assert_eq!(visitor.evaluates(fixed).await?, json!("fixed"));
    visitor.presses("accept").await?;
    visitor
        .waits_for("both scripts", || async {
            Ok(visitor.evaluates("return window.ran?.length").await? == json!(2))
        })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor
        .waits_for("both scripts", || async {
            Ok(visitor.evaluates("return window.ran?.length").await? == json!(2))
        })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_policy_forbids_webassembly_plain_javascript_takes_over() -> Result<()> {
    let stage = Stage::with("").await?;
    let policy = POLICY
        .replace("{third}", &stage.third)
        .replace("'wasm-unsafe-eval' ", "");
    let page = stage.page_with("/", "", PAGE, &[("content-security-policy", &policy)]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["refuse_all"]);
    assert_eq!(stage.seen(), [""; 0]);
    // Browsers say that they were not allowed to, and that is all.
    visitor
        .leaves_behind(&["wasm-unsafe-eval", "WebAssembly"])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_module_is_made_up_for_by_plain_javascript() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::NoWasm);
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.seen().len(), 2);
    visitor.leaves_behind(&["banner.wasm"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocker_that_blocks_the_banner_releases_nothing() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::Blocked);
    visitor.opens(&page).await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor
            .evaluates("return [!!window.consent, consent.get(), consent.allows('counter')]")
            .await?,
        json!([true, null, false])
    );
    let rejected = "return consent.open().then(() => 'opened', () => 'rejected')";
    assert_eq!(visitor.evaluates(rejected).await?, json!("rejected"));
    assert_eq!(stage.seen(), [""; 0]);
    // The blocker is turned off, and the page's own link works again without the page being loaded anew.
    stage.suffers(Fault::None);
    assert_eq!(
        visitor
            .evaluates("return consent.open().then(() => 'opened', () => 'rejected')")
            .await?,
        json!("opened")
    );
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.leaves_behind(&["403"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_nonsense_is_asked_again() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::Nonsense);
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor
        .waits_for("the record", || async { Ok(!stage.posts().is_empty()) })
        .await?;
    visitor.waits_a_moment().await;
    assert!(
        visitor
            .cookie("eu-consent")
            .await?
            .is_some_and(|value| !value.contains('.'))
    );
    stage.suffers(Fault::None);
    visitor
        .waits_for_long("a receipt", || async {
            Ok(visitor
                .cookie("eu-consent")
                .await?
                .is_some_and(|value| value.contains('.')))
        })
        .await?;
    assert_eq!(stage.acts()?, ["accept_all"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_keeps_nobody_waiting() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::Slow);
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor.is_left_alone().await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    assert_eq!(
        visitor.evaluates("return consent.receipt()").await?,
        json!(null)
    );
    assert_eq!(
        visitor
            .evaluates("return consent.allows('counter')")
            .await?,
        json!(true)
    );
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_older_choice_does_not_bring_it_back() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", "");
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::Slow);
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the record", || async { Ok(stage.posts().len() == 1) })
        .await?;
    visitor.reopens_by_button().await?;
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    visitor
        .waits_for("the answers", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    visitor
        .waits_for("the second receipt", || async {
            let receipt = visitor
                .evaluates("return consent.receipt() && consent.get().act")
                .await?;
            Ok(receipt == json!("refuse_all"))
        })
        .await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor.evaluates("return consent.get().act").await?,
        json!("refuse_all")
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_storage_loses_no_record() -> Result<()> {
    let stage = Stage::with("").await?;
    let deny = r#"<script nonce="ear">for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError") } })</script>"#;
    let page = stage.page_with("/", deny, PAGE, &[]);
    let visitor = Visitor::arrives().await?;
    stage.suffers(Fault::Away);
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.is_left_alone().await?;
    visitor.waits_a_moment().await;
    stage.suffers(Fault::None);
    // The cookie holds the record, and the next page sends it.
    visitor.reloads().await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["refuse_all"]);
    assert_eq!(stage.seen(), [""; 0]);
    visitor.leaves_behind(&["502"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn full_storage_loses_no_record() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor
        .evaluates("let size = 1 << 20; for (let n = 0; size >= 1; n++) { try { localStorage['x' + n] = 'x'.repeat(size) } catch { size >>= 1 } }")
        .await?;
    stage.suffers(Fault::Away);
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    stage.suffers(Fault::None);
    visitor.reloads().await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["accept_all"]);
    visitor.leaves_behind(&["502"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_cookies_leave_the_choice_in_force_until_the_page_is_left() -> Result<()> {
    let stage = Stage::with("").await?;
    let deny = r#"<script nonce="ear">Object.defineProperty(Document.prototype, "cookie", { get() { throw new DOMException("no", "SecurityError") }, set() { throw new DOMException("no", "SecurityError") } })</script>"#;
    let page = stage.page_with("/", deny, PAGE, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    // Looking away and back forgets nothing.
    visitor
        .evaluates("document.dispatchEvent(new Event('visibilitychange'))")
        .await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    assert_eq!(
        visitor
            .evaluates("return consent.allows('counter')")
            .await?,
        json!(true)
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_cookie_is_no_choice() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    let good = visitor.receives_a_receipt(None).await?;
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    let [head, payload, signature]: [&str; 3] = good
        .split('.')
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_default();
    let claims = consent_tests::record::decoded(payload)?;
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        format!(
            "{head}.{}.{signature}",
            consent_tests::record::encoded(&claims)
        )
    };
    let without = |name: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().map(|claims| claims.remove(name));
        format!(
            "{head}.{}.{signature}",
            consent_tests::record::encoded(&claims)
        )
    };
    let now = UnixSeconds::new(std::time::UNIX_EPOCH.elapsed()?.as_secs().try_into()?)?;
    let cases = [
        ("cut off behind the payload", format!("{head}.{payload}")),
        (
            "cut off inside the payload",
            format!("{head}.{}", &payload[..payload.len() / 2]),
        ),
        (
            "cut off inside the payload, with an end",
            format!("{head}.{}.{signature}", &payload[..payload.len() / 2]),
        ),
        ("empty", String::new()),
        ("of another tool", "yes".into()),
        ("of another tool, in JSON", "{%22analytics%22:true}".into()),
        ("too long a chain", format!("{good}.{signature}")),
        (
            "of an older scope",
            with(
                "scope",
                json!("zJnIFh8jyYCgvgbYCCqzbNHhs8eYMmOYnAB0aZ6YzKc"),
            ),
        ),
        ("without a scope", without("scope")),
        ("ended", with("exp", json!(now.get() - 1))),
        ("without an end", without("exp")),
        ("without choices", without("choices")),
        ("with other choices", with("choices", json!("all"))),
        (
            "with a truth that is none",
            with("choices", json!({ "analytics": "false", "social": 1 })),
        ),
    ];
    for (case, value) in cases {
        visitor
            .evaluates(&format!(
                "document.cookie = 'eu-consent={value}; path=/; max-age=9999'; localStorage.clear()"
            ))
            .await?;
        visitor.opens(&page).await?;
        visitor
            .waits_for("the page", || async {
                Ok(visitor.evaluates("return document.readyState").await? == json!("complete"))
            })
            .await?;
        let allowed = visitor
            .evaluates("return [consent.allows('counter'), consent.allows('social')]")
            .await?;
        assert_eq!(allowed, json!([false, false]), "{case}");
    }
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen().len(), 2, "{:?}", stage.seen());
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_a_year_off_changes_nothing() -> Result<()> {
    for days in [-366, 366] {
        let stage = Stage::with("").await?;
        let clock = format!(
            r#"<script nonce="ear">{{ const Real = Date, off = {days} * 864e5;
            window.Date = class extends Real {{ constructor(...v) {{ v.length ? super(...v) : super(Real.now() + off) }} static now() {{ return Real.now() + off }} }} }}</script>"#
        );
        let page = stage.page_with("/", &clock, PAGE, &[]);
        let visitor = Visitor::arrives().await?;
        visitor.opens(&page).await?;
        visitor.presses("choose").await?;
        visitor.turns("analytics", true).await?;
        visitor.presses("save").await?;
        visitor.receives_a_receipt(None).await?;
        visitor.opens(&page).await?;
        visitor
            .waits_for("the counter", || async { Ok(stage.seen().len() == 2) })
            .await?;
        assert!(!visitor.is_asked().await?, "{days} days off");
        assert_eq!(stage.seen(), ["/counter.js", "/counter.js"]);
        let record = stage.records()?.pop().unwrap_or_default();
        assert_eq!(record["act"], "custom");
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_early_click_waits_for_the_module_and_counts() -> Result<()> {
    let stage = Stage::with("").await?;
    // The module is slow; the notice is not.
    let slow = r#"<script nonce="ear">{ const real = fetch; window.fetch = async (...v) => { if (/wasm$/.test(v[0])) await new Promise(done => setTimeout(done, 2000)); return real(...v) } }</script>"#;
    let page = stage.page_with("/", slow, PAGE, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    // The banner goes at once, though nothing can be decided yet.
    visitor.is_left_alone().await?;
    assert_eq!(
        visitor.evaluates("return consent.get()").await?,
        json!(null)
    );
    assert_eq!(stage.seen(), [""; 0]);
    visitor
        .waits_for("the scripts", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}
