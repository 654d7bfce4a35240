//! Pages as people build them: with old scripts, forms, frames of their own and odd styles.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    the_browser_s_own_history_brings_no_film_back_that_was_withdrawn,
    a_withdrawal_sends_no_form_again,
    a_script_that_writes_into_the_document_leaves_the_page_there,
);

async fn accepts_and_sees(visitor: &Visitor, stage: &Stage, path: &str) -> Result<()> {
    visitor.presses("accept").await?;
    visitor
        .waits_for(path, || async { Ok(stage.saw(path)) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    Ok(())
}

async fn the_browser_s_own_history_brings_no_film_back_that_was_withdrawn(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with("").await?;
    // A frame with a name of its own is found again by it.
    let films = r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>
        <iframe name="clip" data-service="player" data-src="{third}/clip" width="480" height="320" title="A clip"></iframe>"#;
    // A page that no browser keeps: what it goes back to is made anew.
    let unkept = [("cache-control", "no-store")];
    let first = stage.page_with("/", "", films, &unkept);
    let second = stage.page("/second", "");
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&first).await?;
    accepts_and_sees(&visitor, &stage, "/clip").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.saw("/film")) })
        .await?;
    let seen = stage.seen();
    visitor.opens(&second).await?;
    visitor
        .evaluates("return consent.withdraw().then(() => 1)")
        .await?;
    visitor.driver().back().await?;
    visitor
        .waits_until(
            "the first page",
            "return location.pathname == '/' && document.readyState == 'complete' && !!document.querySelector('iframe')",
        )
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), seen);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn a_withdrawal_sends_no_form_again(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let counter =
        r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#;
    let page = stage.page(
        "/",
        r#"<form method="post" action="/order"><button>Buy</button></form>"#,
    );
    let _order = stage.page("/order", counter);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    accepts_and_sees_nothing(&visitor).await?;
    visitor
        .evaluates("document.querySelector('form').submit()")
        .await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    assert_eq!(stage.forms(), 1);
    visitor
        .evaluates("window.sameDocument = true; consent.withdraw(); return 1")
        .await?;
    visitor
        .waits_until(
            "a fresh page",
            "return !window.sameDocument && document.readyState == 'complete' && location.pathname == '/order'",
        )
        .await?;
    assert_eq!(stage.forms(), 1);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn accepts_and_sees_nothing(visitor: &Visitor) -> Result<()> {
    visitor.presses("accept").await?;
    visitor.receives_a_receipt(None).await?;
    Ok(())
}

async fn a_script_that_writes_into_the_document_leaves_the_page_there(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<p id="mine">Mine</p><script>document.write("<p id=parsed>Parsed</p>")</script>
        <script type="text/plain" data-category="analytics">document.write("<p>Old</p>"); window.wrote = 1</script>
        <script type="text/plain" data-category="analytics" src="{third}/counter.js"></script><p>End</p>"#,
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    accepts_and_sees(&visitor, &stage, "/counter.js").await?;
    let whole = "return document.readyState == 'complete' && window.wrote == 1 && !!document.querySelector('#mine') && !!document.querySelector('#parsed') && window.ran?.length == 1";
    visitor.waits_until("the page as it was", whole).await?;
    visitor.reloads().await?;
    visitor.waits_until("the page as it was", whole).await?;
    let native = "return /native/.test(document.write) && !Object.keys(document).includes('write')";
    assert_eq!(visitor.evaluates(native).await?, json!(true));
    // What was not written is said in the console.
    visitor.leaves_behind(&["Old"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_never_loads_stops_nobody_behind_it() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<script type="text/plain" data-category="analytics" data-type="text/partytown" src="{third}/worker.js"></script>
        <script type="text/plain" data-category="analytics" data-type="text/typescript" src="{third}/typed.js"></script>
        <script type="text/plain" data-category="analytics">(window.ran ??= []).push("inline")</script>
        <script type="text/plain" data-category="analytics" data-type="application/javascript" src="{third}/slow.js?wait=300"></script>
        <script type="text/plain" data-category="analytics">ran.push("last")</script>"#,
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_until(
            "all that browsers run",
            "return window.ran?.join() == 'inline,slow,last'",
        )
        .await?;
    // Who runs the others finds them.
    let others = "return document.querySelectorAll('script[type=\"text/partytown\"][src]').length";
    assert_eq!(visitor.evaluates(others).await?, json!(1));
    assert_eq!(stage.seen(), ["/slow.js"]);
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_nothing_to_hold_is_left_alone() -> Result<()> {
    let stage = Stage::with("[choice]\nreload = false").await?;
    let page = stage.page(
        "/",
        r#"<section data-category="social"><input id="typed"></section>
        <video data-category="social" src="/own.mp4"></video>
        <iframe data-category="social" src="/own" title="Own"></iframe>
        <a data-category="social" data-href="https://shop.example/">Shop</a>"#,
    );
    let _own = stage.page(
        "/own",
        "<script>parent.loads = (parent.loads ?? 0) + 1</script>",
    );
    stage.file("/own.mp4", b"");
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor
        .evaluates("window.all = [...document.querySelectorAll('[data-category], #typed')]; document.querySelector('#typed').value = 'mine'; all.forEach(one => one.mine = 1)")
        .await?;
    accepts_and_sees_nothing(&visitor).await?;
    visitor
        .evaluates("return consent.withdraw().then(() => 1)")
        .await?;
    visitor.waits_a_moment().await;
    let same = "return [all.every((one, place) => one.isConnected && document.querySelectorAll('[data-category], #typed')[place] == one && one.mine), document.querySelector('#typed').value, loads, document.querySelector('a').href]";
    assert_eq!(visitor.evaluates(same).await?, json!([true, "mine", 1, ""]));
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_and_its_own_marks_are_the_same_element_after_each_choice() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>
        <video data-service="player" data-src="{third}/video.gif"></video>
        <img src="/own.gif" data-service="player" data-src="{third}/image.gif" alt="">"#,
    );
    stage.file("/own.gif", b"GIF89a");
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor
        .evaluates("window.all = [...document.querySelectorAll('[data-service]')]")
        .await?;
    accepts_and_sees(&visitor, &stage, "/film").await?;
    visitor
        .evaluates("all[0].src += '?by=a-player'; return consent.withdraw().then(() => 1)")
        .await?;
    let stopped = "return all.every(one => one.isConnected && !/localhost/.test(one.src)) && !all[0].hasAttribute('src')";
    visitor.waits_until("the end of all", stopped).await?;
    visitor
        .evaluates("return consent.accept().then(() => 1)")
        .await?;
    let back = "return all.every(one => one.isConnected && /localhost/.test(one.getAttribute('src'))) && !document.querySelector('consent-placeholder')";
    visitor.waits_until("all again", back).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_style_of_the_page_s_root_stays_the_page_s() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<script nonce="ear">document.documentElement.style.scrollPadding = "80px 0 10px"</script><p>Text</p>"#,
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    let padding = "const is = getComputedStyle(document.documentElement); return [parseFloat(is.scrollPaddingTop), parseFloat(is.scrollPaddingBottom) > 100]";
    visitor
        .waits_until(
            "room for the banner",
            "return parseFloat(getComputedStyle(document.documentElement).scrollPaddingBottom) > 100",
        )
        .await
        .or_else(|_| anyhow::Ok(()))?;
    assert_eq!(visitor.evaluates(padding).await?, json!([80, true]));
    visitor.presses("refuse").await?;
    visitor
        .waits_until(
            "the page's own",
            "return getComputedStyle(document.documentElement).scrollPadding == '80px 0px 10px'",
        )
        .await?;
    let own = "return document.documentElement.getAttribute('style')";
    assert_eq!(
        visitor.evaluates(own).await?,
        json!("scroll-padding: 80px 0px 10px;")
    );
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_with_a_shadow_root_of_its_own_opens_the_preferences() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<ds-button data-consent-open>Cookies</ds-button><script nonce="ear">
        customElements.define("ds-button", class extends HTMLElement {
          constructor() { super(); this.attachShadow({ mode: "open" }).innerHTML = "<button><span>Label</span><slot></slot></button>" } });
        </script>"#,
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    visitor
        .evaluates("document.querySelector('ds-button').shadowRoot.querySelector('span').click()")
        .await?;
    visitor.sees_the_preferences().await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_frame_of_its_own_site_asks_nothing_that_is_asked_around_it() -> Result<()> {
    let stage = Stage::with("").await?;
    let counter =
        r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#;
    let _inner = stage.page("/inner", counter);
    let _between = stage.raw_page(
        "/between",
        "",
        r#"<iframe src="/inner" width="600" height="500"></iframe>"#,
        &[],
    );
    let page = stage.page("/", r#"<iframe id="direct" src="/inner" width="600" height="500"></iframe><iframe src="/between" width="700" height="600"></iframe>"#);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let asked = "const seen = page => { const layer = page.document.querySelector('consent-banner')?.shadowRoot.querySelector('.banner'); return !!layer && !layer.hidden };
        return [seen(window), seen(frames[0]), seen(frames[1].frames[0])]";
    visitor.waits_a_moment().await;
    assert_eq!(visitor.evaluates(asked).await?, json!([true, false, false]));
    visitor.presses("accept").await?;
    visitor
        .waits_for("both counters", || async { Ok(stage.seen().len() == 2) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["accept_all"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banner_is_in_sight_on_a_page_whose_root_is_transformed() -> Result<()> {
    for style in [
        "html { transform: translateZ(0) }",
        "html { contain: paint }",
    ] {
        let stage = Stage::with("").await?;
        let page = stage.page_with(
            "/",
            &format!("<style>{style}</style>"),
            r#"<div style="height: 5000px"></div>"#,
            &[],
        );
        let visitor = Visitor::arrives().await?;
        visitor.opens(&page).await?;
        let in_sight = "const is = document.querySelector('consent-banner')?.shadowRoot.querySelector('.banner:not([hidden])')?.getBoundingClientRect(); return !!is && is.height > 0 && is.top >= 0 && is.bottom <= innerHeight";
        visitor.waits_until(style, in_sight).await?;
        visitor.presses("refuse").await?;
        visitor.is_left_alone().await?;
        visitor.receives_a_receipt(None).await?;
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_stands_where_something_is_seen_and_follows_its_size() -> Result<()> {
    let stage = Stage::with("").await?;
    let frame = |style: &str| {
        format!(
            r#"<iframe data-service="player" data-src="{{third}}/film" style="border:0;{style}" title="A film"></iframe>"#
        )
    };
    let hidden: String = [
        "width:1px;height:1px",
        "width:0;height:0",
        "visibility:hidden",
        "opacity:0",
        "width:300px;height:2px",
    ]
    .into_iter()
    .map(frame)
    .collect();
    let page = stage.page(
        "/",
        &format!(
            r#"{hidden}<div id="room" style="width:800px">{}</div>"#,
            frame("width:100%;aspect-ratio:2;display:block")
        ),
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    let sizes = |width: u16, height: u16| {
        format!(
            "const all = document.querySelectorAll('consent-placeholder'); return all.length == 1 && all[0].offsetWidth == {width} && Math.abs(all[0].offsetHeight - {height}) < 8"
        )
    };
    visitor
        .waits_until("one placeholder", &sizes(800, 400))
        .await?;
    visitor
        .evaluates("document.querySelector('#room').style.width = '600px'")
        .await?;
    visitor
        .waits_until("a smaller one", &sizes(600, 300))
        .await?;
    assert_eq!(stage.seen(), [""; 0]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_browser_gives_no_locks_a_record_is_posted() -> Result<()> {
    let stage = Stage::with("").await?;
    let refusing = r#"<script nonce="ear">navigator.locks.request = () => Promise.reject(new DOMException("no", "SecurityError"));
        Object.defineProperty(Document.prototype, "cookie", { configurable: true, get: () => "", set() {} });</script>"#;
    let page = stage.page_with(
        "/",
        refusing,
        r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#,
        &[],
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the record", || async {
            Ok(stage.acts()? == ["accept_all"])
        })
        .await?;
    assert!(stage.saw("/counter.js"));
    visitor
        .evaluates("return consent.accept(['player']).then(() => 1)")
        .await?;
    visitor
        .waits_for("the second record", || async {
            Ok(stage.acts()?.len() == 2)
        })
        .await?;
    assert_eq!(
        visitor
            .evaluates("return [consent.allows('counter'), !!consent.receipt()]")
            .await?,
        json!([true, true])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}
