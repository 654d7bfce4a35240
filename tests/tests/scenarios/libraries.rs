//! Pages whose elements belong to a library: it takes them away, keeps copies of them, brings them back, or loads them itself.

use anyhow::{Context as _, Result};
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::tool;
use consent_tests::visitor::Visitor;
use serde_json::json;
use std::fmt::Write as _;

use crate::blocking::BLOCK;
use crate::in_every_engine;

in_every_engine!(
    turbo_brings_nothing_back_that_was_withdrawn,
    htmx_brings_nothing_back_that_was_withdrawn,
    lazysizes_loads_nothing_before_it_is_granted,
    react_takes_away_what_the_gate_released_and_took_back,
);

const FILM: &str = r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>"#;

/// Puts a file of an npm package on the stage; answers with its script tag.
fn library(stage: &Stage, file: &str) -> Result<String> {
    let path = tool::page_modules().join(file);
    let script = std::fs::read(&path).with_context(|| {
        format!(
            "{} is not there: `cargo xtask test` installs it",
            path.display()
        )
    })?;
    let address = format!("/{}", file.replace('@', ""));
    stage.file(&address, &script);
    Ok(format!(r#"<script src="{address}"></script>"#))
}

async fn goes_on(visitor: &Visitor, link: &str, to: &str) -> Result<()> {
    visitor
        .evaluates(&format!("document.querySelector('{link}').click()"))
        .await?;
    arrives_at(visitor, to).await
}

async fn goes_back(visitor: &Visitor, to: &str) -> Result<()> {
    visitor.evaluates("history.back()").await?;
    arrives_at(visitor, to).await
}

async fn arrives_at(visitor: &Visitor, heading: &str) -> Result<()> {
    let is_there = format!("return document.querySelector('h2')?.textContent == '{heading}'");
    visitor.waits_until(heading, &is_there).await
}

/// Accepts on the first page, goes on within the document, withdraws, and goes back.
async fn withdraws_and_goes_back(visitor: &Visitor, stage: &Stage) -> Result<()> {
    visitor.presses("accept").await?;
    visitor
        .waits_for("the film", || async { Ok(stage.saw("/film")) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    goes_on(visitor, "#on", "Second").await?;
    // A copy that is made while all is granted may ask for a picture again.
    visitor.waits_a_moment().await;
    let seen = stage.seen();
    visitor
        .evaluates("return consent.withdraw().then(() => 1)")
        .await?;
    visitor
        .waits_until(
            "the withdrawal",
            "return document.readyState == 'complete' && consent.get()?.act == 'withdraw'",
        )
        .await?;
    goes_back(visitor, "First").await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), seen);
    Ok(())
}

async fn turbo_brings_nothing_back_that_was_withdrawn(engine: Engine) -> Result<()> {
    let stage = Stage::with("[choice]\nreload = false").await?;
    let turbo = library(&stage, "@hotwired/turbo/dist/turbo.es2017-umd.js")?;
    let first = format!(
        r#"<h2>First</h2><a id="on" href="/second">On</a>{FILM}
        <img data-service="player" data-src="{{third}}/pixel.gif" alt="">
        <script type="text/plain" data-category="analytics" src="{{third}}/body.js"></script>"#
    );
    let page = stage.page_with("/", &turbo, &first, &[]);
    let _second = stage.page_with("/second", &turbo, "<h2>Second</h2>", &[]);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    withdraws_and_goes_back(&visitor, &stage).await?;
    assert_eq!(
        visitor
            .evaluates("return document.querySelectorAll('iframe[src], img[src]').length")
            .await?,
        json!(0)
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_the_head_runs_once_over_visits_of_turbo() -> Result<()> {
    let stage = Stage::with("").await?;
    let turbo = library(&stage, "@hotwired/turbo/dist/turbo.es2017-umd.js")?;
    let head = format!(
        r#"{turbo}<script type="text/plain" data-category="analytics" src="{{third}}/head.js"></script>
        <script type="text/plain" data-category="analytics" data-src="{{third}}/also.js"></script>
        <script type="text/plain" data-category="analytics">(window.inline ??= []).push(1)</script>"#
    );
    let page = stage.page_with(
        "/",
        &head,
        r#"<h2>First</h2><a id="on" href="/second">On</a>"#,
        &[],
    );
    let _second = stage.page_with(
        "/second",
        &head,
        r#"<h2>Second</h2><a id="on" href="/">On</a>"#,
        &[],
    );
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the scripts", || async {
            Ok(stage.saw("/head.js") && stage.saw("/also.js"))
        })
        .await?;
    goes_on(&visitor, "#on", "Second").await?;
    goes_on(&visitor, "#on", "First").await?;
    goes_back(&visitor, "Second").await?;
    visitor.waits_a_moment().await;
    // Both are fetched at once: which of them arrives first is the browser's business.
    let mut seen = stage.seen();
    seen.sort();
    assert_eq!(seen, ["/also.js", "/head.js"]);
    assert_eq!(visitor.evaluates("return window.inline").await?, json!([1]));
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_stands_once_on_a_page_that_turbo_brings_back() -> Result<()> {
    let stage = Stage::with("").await?;
    let turbo = library(&stage, "@hotwired/turbo/dist/turbo.es2017-umd.js")?;
    let first = r#"<h2>First</h2><a id="on" href="/second">On</a>
        <template data-category="social"><p class="widget">A widget</p><script>(window.fed ??= []).push(1)</script></template>"#;
    let page = stage.page_with("/", &turbo, first, &[]);
    let _second = stage.page_with("/second", &turbo, "<h2>Second</h2>", &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("accept").await?;
    let widgets = "return document.querySelectorAll('.widget').length == 1 && fed.length == 1";
    visitor.waits_until("the widget", widgets).await?;
    goes_on(&visitor, "#on", "Second").await?;
    goes_back(&visitor, "First").await?;
    let again = "return document.querySelectorAll('.widget').length == 1 && fed.length == 2";
    visitor.waits_until("one widget", again).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn htmx_brings_nothing_back_that_was_withdrawn(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let htmx = library(&stage, "htmx.org/dist/htmx.js")?;
    let first = format!(
        r#"<main hx-boost="true"><h2>First</h2><a id="on" href="/second">On</a>{FILM}
        <img data-service="player" data-src="{{third}}/pixel.gif" alt=""></main>"#
    );
    let page = stage.page_with("/", &htmx, &first, &[]);
    let _second = stage.page_with("/second", &htmx, "<h2>Second</h2>", &[]);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    withdraws_and_goes_back(&visitor, &stage).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placeholder_on_a_page_that_htmx_brings_back_has_its_buttons() -> Result<()> {
    let stage = Stage::with("").await?;
    let htmx = library(&stage, "htmx.org/dist/htmx.js")?;
    let first = format!(
        r#"<main hx-boost="true"><h2>First</h2><a id="on" href="/second">On</a>{FILM}</main>"#
    );
    let page = stage.page_with("/", &htmx, &first, &[]);
    let _second = stage.page_with("/second", &htmx, "<h2>Second</h2>", &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    let covered = "const all = document.querySelectorAll('consent-placeholder'); return all.length == 1 && !!all[0].shadowRoot?.querySelector('[data-always]')";
    visitor.waits_until("a placeholder", covered).await?;
    goes_on(&visitor, "#on", "Second").await?;
    goes_back(&visitor, "First").await?;
    visitor.waits_until("a placeholder", covered).await?;
    visitor
        .evaluates("document.querySelector('consent-placeholder').shadowRoot.querySelector('[data-always]').click()")
        .await?;
    visitor
        .waits_for("the film", || async { Ok(stage.saw("/film")) })
        .await?;
    let shown = "const frame = document.querySelector('iframe'); return frame.offsetHeight > 300 && !document.querySelector('consent-placeholder')";
    visitor.waits_until("the film in sight", shown).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// As the library's own page says, with our mark on it; and one without any.
const LAZY: &str = r#"<img class="lazyload" data-service="player" data-src="{third}/lazy.gif" data-srcset="{third}/set.gif 1x" alt="">
<iframe class="lazyload" data-service="player" data-src="{third}/lazy" title="A film"></iframe>"#;

/// What is in [`LAZY`], and nothing before.
async fn asks_for_them_when_granted(stage: &Stage, page: &str, engine: Engine) -> Result<()> {
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    visitor.presses("accept").await?;
    visitor
        .waits_for("both", || async {
            Ok(stage.saw("/set.gif") && stage.saw("/lazy"))
        })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn lazysizes_loads_nothing_before_it_is_granted(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let lazysizes = library(&stage, "lazysizes/lazysizes.js")?;
    let page = stage.page("/", &format!("{LAZY}{lazysizes}"));
    asks_for_them_when_granted(&stage, &page, engine).await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_by_host_stops_what_lazysizes_would_load() -> Result<()> {
    let stage = Stage::with(BLOCK).await?;
    let lazysizes = library(&stage, "lazysizes/lazysizes.js")?;
    let unmarked = LAZY.replace(r#"data-service="player""#, "");
    let page = stage.page("/", &format!("{unmarked}{lazysizes}"));
    asks_for_them_when_granted(&stage, &page, Engine::Chromium).await
}

/// React 18 as it comes; 19 comes as modules for bundlers alone, and is put together here.
fn react(stage: &Stage, version: u8) -> Result<String> {
    if version == 18 {
        return Ok(library(stage, "react-18/umd/react.production.min.js")?
            + library(stage, "react-dom-18/umd/react-dom.production.min.js")?.as_str());
    }
    let mut script =
        String::from("(() => { const makers = { __proto__: null }, made = { __proto__: null };\n");
    for (name, file) in [
        ("react", "react/cjs/react.production.js"),
        ("scheduler", "scheduler/cjs/scheduler.production.js"),
        ("react-dom", "react-dom/cjs/react-dom.production.js"),
        (
            "react-dom/client",
            "react-dom/cjs/react-dom-client.production.js",
        ),
    ] {
        let text = std::fs::read_to_string(tool::page_modules().join(file))
            .with_context(|| format!("{file}: `cargo xtask test` installs it"))?;
        writeln!(
            script,
            "makers[{name:?}] = (module, exports, require, process) => {{\n{text}\n}};"
        )?;
    }
    script += r#"const require = (name) => {
        if (!made[name]) { made[name] = { exports: {} }; makers[name](made[name], made[name].exports, require, { env: { NODE_ENV: "production" } }) }
        return made[name].exports;
    };
    window.React = require("react"); window.ReactDOM = require("react-dom/client"); })()"#;
    stage.file("/react-19.js", script.as_bytes());
    Ok(r#"<script src="/react-19.js"></script>"#.to_owned())
}

/// A route with a film and a script of React's, and one without.
const APP: &str = r#"<div id="root"></div><script nonce="ear">
const e = React.createElement;
const Film = () => e(React.Fragment, null, e("h2", null, "First"),
  e("iframe", { "data-service": "player", "data-src": "{third}/film", width: 480, height: 320, title: "A film" }),
  e("script", { type: "text/plain", "data-category": "analytics", src: "{third}/counter.js" }),
  e("script", { type: "text/plain", "data-category": "analytics", dangerouslySetInnerHTML: { __html: "(window.inline ??= []).push(1)" } }),
  e("p", null, "Last"));
const App = () => {
  const [route, go] = React.useState("film");
  window.go = go;
  return route == "film" ? e("div", null, e(Film)) : route == "none" ? e("div", null, e("h2", null, "Second")) : null;
};
ReactDOM.createRoot(document.getElementById("root")).render(e(App));
</script>"#;

async fn react_takes_away_what_the_gate_released_and_took_back(engine: Engine) -> Result<()> {
    for version in [18, 19] {
        let stage = Stage::with("[choice]\nreload = false").await?;
        let react = react(&stage, version)?;
        let page = stage.page("/", &format!("{react}{APP}"));
        let visitor = Visitor::arrives_with(engine, &[]).await?;
        visitor.opens(&page).await?;
        arrives_at(&visitor, "First").await?;
        visitor.presses("accept").await?;
        visitor
            .waits_for("the film and the counter", || async {
                Ok(stage.saw("/film") && stage.saw("/counter.js"))
            })
            .await?;
        visitor.receives_a_receipt(None).await?;
        let held =
            "const frame = document.querySelector('iframe'); return !frame.hasAttribute('src')";
        visitor
            .evaluates("return consent.withdraw().then(() => 1)")
            .await?;
        visitor.waits_until("the end of the film", held).await?;
        // The nodes that React has made are still there for it to take away, one by one and all at once.
        visitor.evaluates("go('none')").await?;
        arrives_at(&visitor, "Second").await?;
        visitor.evaluates("go('film')").await?;
        arrives_at(&visitor, "First").await?;
        visitor.evaluates("go('nothing')").await?;
        visitor
            .waits_until(
                "an empty page",
                "return document.querySelector('#root').childNodes.length == 0",
            )
            .await?;
        assert_eq!(
            stage.seen().iter().filter(|path| *path == "/film").count(),
            1,
            "{:?}",
            stage.seen()
        );
        assert_eq!(visitor.evaluates("return window.inline").await?, json!([1]));
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}
