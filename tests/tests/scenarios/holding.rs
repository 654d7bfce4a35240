//! Nothing runs that was not agreed to, and everything that was, does.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    everything_that_is_marked_waits_for_consent_and_then_runs_in_order,
    what_the_page_adds_later_waits_too,
    one_service_of_a_category_runs_without_the_others,
);

/// Every kind of element, in an order that is easy to get wrong. What is in a template carries data-src as well: Firefox looks into
/// templates for scripts to load early.
const PAGE: &str = r#"
<script type="text/plain" data-category="analytics">(window.ran ??= []).push("inline1");</script>
<script type="text/plain" data-category="analytics" src="{third}/slow.js?wait=400"></script>
<script type="text/plain" data-category="analytics">ran.push("inline2");</script>
<script type="text/plain" data-category="analytics" src="{third}/missing.js" onerror="(window.ran ??= []).push('failed')"></script>
<script type="text/plain" data-category="analytics">throw new Error("thrown on purpose");</script>
<script type="text/plain" data-category="analytics" data-src="{third}/after.js" onload="ran.push('onload')"></script>
<script type="text/plain" data-category="analytics" data-src="{third}/async.js" async></script>
<script type="text/plain" data-category="analytics" src="{third}/deferred.js" defer></script>
<script type="text/plain" data-category="analytics" data-type="module">ran.push("module");</script>
<script type="text/plain" data-category="analytics" src="{third}/whole.js" integrity="{integrity}" crossorigin="anonymous"></script>
<script type="text/plain" data-category="analytics" src="{third}/forged.js" integrity="sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" crossorigin="anonymous"></script>
<iframe data-category="social" data-src="{third}/frame" title="A frame"></iframe>
<img data-category="social" data-src="{third}/pixel.gif" alt="">
<video data-category="social" data-src="{third}/film.gif"></video>
<link rel="stylesheet" data-category="social" data-href="{third}/sheet.css">
<template data-category="social"><p id="widget">A widget</p><script data-src="{third}/inside.js"></script><script>(window.ran ??= []).push("inline3");</script></template>
<script type="text/plain" data-category="operation">(window.ran ??= []).push("needed");</script>
<script type="text/plain" data-category="unheard-of" src="{third}/unknown.js"></script>
"#;

async fn everything_that_is_marked_waits_for_consent_and_then_runs_in_order(
    engine: Engine,
) -> Result<()> {
    use base64::Engine as _;
    let stage = Stage::with("").await?;
    let whole = consent_core::digest::Digest::of(b"(window.ran ??= []).push('whole');");
    let integrity = base64::engine::general_purpose::STANDARD.encode(whole.as_bytes());
    let page = PAGE.replace("{integrity}", &format!("sha256-{integrity}"));
    let page = stage.page("/", &page);

    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    // What needs no consent does not wait.
    assert_eq!(
        visitor.evaluates("return window.ran").await?,
        json!(["needed"])
    );

    visitor.presses("accept").await?;
    visitor
        .waits_for("the last script", || async {
            let ran = visitor.evaluates("return window.ran").await?;
            let ran = ran.as_array().map_or(0, Vec::len);
            Ok(ran == 13
                && stage.saw("/film.gif")
                && stage.saw("/frame")
                && stage.saw("/sheet.css"))
        })
        .await?;
    let ran = visitor.evaluates("return window.ran").await?;
    let ran: Vec<&str> = ran.as_array().map_or(vec![], |ran| {
        ran.iter().filter_map(|name| name.as_str()).collect()
    });
    let place = |name: &str| {
        ran.iter()
            .position(|ran| *ran == name)
            .unwrap_or_else(|| panic!("no {name} in {ran:?}"))
    };
    for (first, then) in [
        ("inline1", "slow"),
        ("slow", "inline2"),
        ("inline2", "after"),
        ("after", "onload"),
        ("after", "whole"),
        ("inside", "inline3"),
    ] {
        assert!(
            place(first) < place(then),
            "{first} after {then} in {ran:?}"
        );
    }
    assert!(place("async") > 0 && place("module") > 0 && place("deferred") > 0);
    for path in ["/pixel.gif", "/forged.js", "/missing.js"] {
        assert!(stage.saw(path), "{path}: {:?}", stage.seen());
    }
    assert!(!stage.saw("/unknown.js"));
    let widget = visitor
        .evaluates("return !!document.querySelector('#widget')")
        .await?;
    assert_eq!(widget, json!(true));

    // A returning visitor gets all of it at once.
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor
        .waits_for("the last script", || async {
            Ok(visitor.evaluates("return window.ran?.length").await? == json!(13))
        })
        .await?;
    assert!(!visitor.is_asked().await?);
    assert!(!stage.saw("/unknown.js"));
    // These three were made to fail; nothing else did.
    visitor
        .leaves_behind(&["thrown on purpose", "missing.js", "forged.js"])
        .await?;
    let console = stage.console();
    assert!(
        console
            .iter()
            .all(|line| line.contains("thrown on purpose") || line.contains("Script error")),
        "{console:?}"
    );
    Ok(())
}

async fn what_the_page_adds_later_waits_too(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", "<main></main>");
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let add = |name: &str| {
        format!(
            "const script = document.createElement('script');
            script.type = 'text/plain'; script.dataset.category = 'analytics'; script.dataset.src = '{}/{name}.js';
            const image = new Image(); image.dataset.category = 'social'; image.dataset.src = '{}/{name}.gif';
            document.querySelector('main').append(script, image);",
            stage.third, stage.third
        )
    };
    visitor.evaluates(&add("before")).await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor
        .waits_for("the script", || async { Ok(stage.saw("/before.js")) })
        .await?;
    visitor.evaluates(&add("after")).await?;
    visitor
        .waits_for("the later script", || async { Ok(stage.saw("/after.js")) })
        .await?;
    assert_eq!(stage.seen(), ["/before.js", "/after.js"]);

    // A single-page app takes its elements away, and brings others with the next view.
    visitor
        .evaluates(
            "history.pushState({}, '', '/next'); document.querySelector('main').replaceChildren()",
        )
        .await?;
    visitor.evaluates(&add("next")).await?;
    visitor
        .waits_for("the next view's script", || async {
            Ok(stage.saw("/next.js"))
        })
        .await?;
    assert_eq!(stage.seen(), ["/before.js", "/after.js", "/next.js"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn one_service_of_a_category_runs_without_the_others(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<script type="text/plain" data-service="counter" src="{third}/counter.js"></script>
        <script type="text/plain" data-category="analytics" data-service="tester" src="{third}/tester.js"></script>"#,
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.presses("choose").await?;
    visitor.turns("tester", true).await?;
    visitor.presses("save").await?;
    visitor
        .waits_for("the script", || async { Ok(stage.saw("/tester.js")) })
        .await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), ["/tester.js", "/tester.js"]);
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(record["act"], "custom");
    let says = "return ['analytics', 'counter', 'tester', 'social', 'choice', 'operation', 'toString'].map(consent.allows)";
    assert_eq!(
        visitor.evaluates(says).await?,
        json!([false, false, true, false, true, true, false])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}
