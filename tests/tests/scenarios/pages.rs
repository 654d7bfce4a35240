//! The gate on pages that come and go: kept, made ready unseen, changed from within, on several hosts, or served as files.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::{Fault, Stage};
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    a_page_that_comes_back_has_heard_of_the_choice,
    a_page_that_changes_its_whole_body_keeps_the_banner,
    the_page_s_own_calls_do_what_they_say,
);

const COUNTER: &str =
    r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#;

async fn a_page_that_comes_back_has_heard_of_the_choice(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let first = stage.page("/first", COUNTER);
    let second = stage.page("/second", "");
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&first).await?;
    visitor.sees_the_banner().await?;
    visitor.evaluates("window.kept = true").await?;
    visitor.opens(&second).await?;
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.seen(), [""; 0]);
    visitor.driver().back().await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("the end of the question", || async {
            Ok(!visitor.is_asked().await?)
        })
        .await?;
    assert_eq!(stage.seen(), ["/counter.js"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn a_page_that_changes_its_whole_body_keeps_the_banner(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", "");
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let next = "history.pushState({}, '', '/next');
        const body = document.createElement('body'); body.innerHTML = '<h1>Next</h1>';
        document.body.replaceWith(body)";
    visitor.evaluates(next).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    visitor
        .evaluates("document.body.innerHTML = '<h1>Last</h1>'")
        .await?;
    visitor
        .waits_for("one banner", || async {
            Ok(visitor
                .evaluates("return document.querySelectorAll('consent-banner').length")
                .await?
                == json!(1))
        })
        .await?;
    visitor.evaluates("consent.refuse()").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.is_left_alone().await?;
    // Nor is the small button lost with a body.
    visitor.evaluates("document.body.innerHTML = '<h1>After</h1>'; document.body.replaceWith(document.createElement('body'))").await?;
    visitor.reopens_by_button().await?;
    assert_eq!(stage.acts()?, ["refuse_all"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn the_page_s_own_calls_do_what_they_say(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<button id="own">All fine</button><a href="/elsewhere" data-consent-open>Cookies</a>
        <script nonce="ear">
        window.told = [];
        for (const name of ["ready", "change"]) consent.on(name, choice => told.push([name, choice?.act ?? null]));
        document.addEventListener("consent:change", event => told.push(["event", event.detail.act]));
        consent.when("counter").then(() => told.push(["when"]));
        document.getElementById("own").addEventListener("click", consent.accept);
        </script>"#,
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    assert_eq!(
        visitor
            .evaluates("return [consent.get(), consent.receipt(), told]")
            .await?,
        json!([null, null, []])
    );
    // One name adds to what was granted: here to nothing.
    visitor.evaluates("consent.accept(['counter'])").await?;
    visitor.receives_a_receipt(None).await?;
    let allowed = "return ['counter', 'tester', 'player'].map(consent.allows)";
    assert_eq!(
        visitor.evaluates(allowed).await?,
        json!([true, false, false])
    );
    let told = visitor
        .evaluates("return told.map(one => one.join(' ')).sort()")
        .await?;
    assert_eq!(
        told,
        json!(["change custom", "event custom", "ready custom", "when"])
    );
    visitor.evaluates("consent.accept('player')").await?;
    visitor
        .waits_for("the player", || async {
            Ok(visitor.evaluates(allowed).await? == json!([true, false, true]))
        })
        .await?;
    // A name that nobody is asked about is no choice.
    let strange = "return consent.accept(['nobody']).then(() => 'taken', error => error.message)";
    let said = visitor.evaluates(strange).await?;
    assert!(
        said.as_str()
            .is_some_and(|said| said.contains("\"nobody\"")),
        "{said}"
    );
    // A function given to a button as it is takes the event for no list of names.
    visitor
        .evaluates("document.querySelector('#own').click()")
        .await?;
    visitor
        .waits_for("everything", || async {
            Ok(visitor.evaluates(allowed).await? == json!([true, true, true]))
        })
        .await?;
    visitor.evaluates("consent.withdraw()").await?;
    visitor
        .waits_for("nothing", || async {
            Ok(visitor.evaluates(allowed).await? == json!([false, false, false]))
        })
        .await?;
    visitor
        .waits_for("four records", || async { Ok(stage.acts()?.len() == 4) })
        .await?;
    assert_eq!(
        stage.acts()?,
        ["custom", "custom", "accept_all", "withdraw"]
    );
    visitor.reopens().await?;
    assert!(visitor.evaluates("return location.pathname").await? == json!("/"));
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refused_everything_is_asked_again_when_the_site_says_so_and_not_before() -> Result<()>
{
    let stage = Stage::with("[choice]\nask_again_months = 6").await?;
    // The page's clock is as many days ahead as its address says.
    let clock = r#"<script nonce="ear">{ const Real = Date, off = location.search.slice(1) * 864e5;
        window.Date = class extends Real { constructor(...v) { v.length ? super(...v) : super(Real.now() + off) } static now() { return Real.now() + off } } }</script>"#;
    let page = stage.page_with("/", clock, COUNTER, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    let refusal = visitor.receives_a_receipt(None).await?;
    visitor.opens(&format!("{page}?185")).await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);

    // The refusal stands while they are asked, and nobody hears anything.
    visitor.opens(&format!("{page}?187")).await?;
    visitor.sees_the_banner().await?;
    assert_eq!(
        visitor.evaluates("return consent.get().act").await?,
        "refuse_all"
    );
    assert_eq!(stage.acts()?, ["refuse_all"]);
    assert_eq!(stage.seen(), [""; 0]);

    // An answer is an answer: here a consent, to one thing.
    visitor.opens(&page).await?;
    visitor.reopens_by_button().await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor.receives_a_receipt(Some(&refusal)).await?;
    visitor.opens(&format!("{page}?187")).await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gates_on_one_page_are_one() -> Result<()> {
    let stage = Stage::with("").await?;
    let body = format!(r#"<script src="/s/stage/consent.js"></script>{COUNTER}"#);
    let page = stage.page("/", &body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor
            .evaluates("return document.querySelectorAll('consent-banner').length")
            .await?,
        json!(1)
    );
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), ["/counter.js"]);
    assert_eq!(stage.posts().len(), 1);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_made_ready_unseen_follows_the_choice_when_it_is_shown() -> Result<()> {
    let stage = Stage::with("").await?;
    let next = stage.page("/next", COUNTER);
    let rules = format!(
        r#"<script type="speculationrules">{{"prerender": [{{"urls": ["{next}"], "eagerness": "immediate"}}]}}</script>"#
    );
    let page = stage.page("/", &rules);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    visitor
        .evaluates(&format!("location.href = '{next}'"))
        .await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    let started = visitor
        .evaluates("return performance.getEntriesByType('navigation')[0].activationStart > 0")
        .await?;
    assert_eq!(started, json!(true), "the browser made nothing ready");
    assert!(!visitor.is_asked().await?);
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), ["/counter.js"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_inside_web_components_wait_too() -> Result<()> {
    let stage = Stage::with("[markup]\nshadow_roots = true").await?;
    let page = stage.page(
        "/",
        r#"<x-parsed><template shadowrootmode="open"><img data-category="social" data-src="{third}/parsed.gif" alt=""></template></x-parsed>
        <x-closed></x-closed>
        <script nonce="ear">
        customElements.define("x-closed", class extends HTMLElement {
          constructor() { super(); const root = this.attachShadow({ mode: "closed" });
            root.innerHTML = `<script type="text/plain" data-category="analytics" data-src="{third}/closed.js"><\/script>
              <button data-consent-open>Cookies</button>`;
            window.inner = root.querySelector("button"); } });
        </script>"#,
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    visitor.presses("accept").await?;
    visitor
        .waits_for("both", || async {
            Ok(stage.saw("/parsed.gif") && stage.saw("/closed.js"))
        })
        .await?;
    visitor.receives_a_receipt(None).await?;
    // The banner's own shadow root is not the page's: its switches are still there.
    visitor.reopens_by_button().await?;
    assert!(visitor.finds_on("analytics").await?);
    visitor.presses("refuse").await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn subdomains_share_one_choice() -> Result<()> {
    let more = "[cookie]\ndomain = \"stage.test\"";
    let stage = Stage::on("www.stage.test", more).await?;
    let page = stage.page("/", COUNTER);
    let visitor = Visitor::arrives_with(
        Engine::Chromium,
        &["--host-resolver-rules=MAP *.stage.test 127.0.0.1"],
    )
    .await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("a receipt", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 1) })
        .await?;
    // The counter has marked the whole domain, as such tools do, and a path of this host.
    visitor
        .evaluates("document.cookie = '_count_all=1; domain=stage.test; path=/'; document.cookie = '_count_old=1; domain=www.stage.test; path=/'")
        .await?;
    // A tab on the other host is there already when the choice is taken back on the first.
    let driver = visitor.driver();
    let first = driver.window().await?;
    let second = driver.new_tab().await?;
    driver.switch_to_window(second.clone()).await?;
    visitor.opens(&page.replace("www.", "shop.")).await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 2) })
        .await?;
    assert!(!visitor.is_asked().await?);
    driver.switch_to_window(first).await?;
    visitor.evaluates("consent.withdraw()").await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    assert_eq!(visitor.cookie("_count_all").await?, None);
    assert_eq!(visitor.cookie("_count_old").await?, None);
    // Hosts do not hear of each other: the other one looks when it is looked at.
    driver.switch_to_window(second).await?;
    visitor
        .evaluates("document.dispatchEvent(new Event('visibilitychange'))")
        .await?;
    visitor
        .waits_until(
            "the fresh page",
            "return !window.ran && !!window.consent && !consent.allows('counter')",
        )
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen().len(), 2);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_why_each_element_waits_or_runs() -> Result<()> {
    let stage = Stage::with("").await?;
    let body = format!(
        r#"<script nonce="ear">window.said = []; {{ const info = console.info; console.info = (...v) => said.push(v.slice(0, 2).join(" ")) }}</script>
        {COUNTER}<img alt="" data-category="socials" data-src="{{third}}/pixel.gif">
        <script data-category="social">window.early = 1</script>
        <script type="text/plain" data-category="operation">window.needed = 1</script>"#
    );
    let page = stage.page("/", &body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&format!("{page}#consent-log")).await?;
    visitor.sees_the_banner().await?;
    let said = async |words: &str| -> Result<bool> {
        let said = visitor.evaluates("return said.join('\\n')").await?;
        Ok(said.as_str().is_some_and(|said| said.contains(words)))
    };
    for words in [
        "held back: there is no choice yet about \"analytics\"",
        "held back: the site declares no category or service \"socials\"",
        "held back: not at all, whatever \"social\" says",
        "released: \"operation\" needs no consent",
    ] {
        visitor.waits_for(words, || said(words)).await?;
    }
    visitor.presses("accept").await?;
    visitor
        .waits_for("why", || said("released: \"analytics\" was granted on 20"))
        .await?;
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_host_is_enough() -> Result<()> {
    let stage = Stage::with("").await?;
    stage.build()?;
    let head = r#"<script src="/static/consent.js"></script>"#;
    let page = stage.raw_page("/", head, COUNTER, &[]);
    // No server of ours stands behind these pages.
    stage.suffers(Fault::Blocked);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor.waits_a_moment().await;
    visitor.reloads().await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?);
    assert_eq!(stage.posts(), [""; 0]);
    assert_eq!(
        visitor
            .evaluates("return [consent.receipt(), consent.get().act, Object.keys(localStorage)]")
            .await?,
        json!([null, "custom", []])
    );
    // A returning visit is one request here, too.
    let loaded = visitor.loaded().await?;
    assert_eq!(
        loaded.iter().filter(|url| url.contains("/static/")).count(),
        1,
        "{loaded:?}"
    );
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_until(
            "the fresh page",
            "return !window.ran && !!window.consent && consent.get().act == 'withdraw'",
        )
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}
