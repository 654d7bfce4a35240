//! Pages that others write into: names of elements, variables and members of prototypes, addresses that are scripts, clicks that no
//! visitor made. Nothing of it grants or records what the visitor did not choose.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    markup_that_a_sanitizer_lets_through_becomes_no_script,
    a_scripted_click_is_recorded_as_a_call_of_the_page,
);

/// What a sanitizer leaves as it is: attributes with `data-` on harmless elements. All of them are `operation`, which is always allowed.
const MARKUP: &str = r#"<div id="comment">
<a id="link" data-category="operation" data-href="javascript:void(window.pwned='link')">A link</a>
<a id="src" data-category="operation" data-src="{third}/a" data-href="{third}/b" data-onclick="window.pwned='click'">A link</a>
<svg><a data-category="operation" data-href="javascript:window.pwned='svg'"><text y="20">A link</text></a><use data-category="operation" data-href="{third}/use"></use></svg>
<form data-category="operation" data-action="javascript:window.pwned='form'"><input name="content"><input name="after"><input name="getAttribute"><input name="cloneNode"></form>
<form><input name="querySelectorAll"><input name="matches"></form>
<map><area data-category="operation" data-href="javascript:window.pwned='area'"></map>
<iframe class="frame" data-category="operation" data-src="javascript:void(parent.pwned='frame')"></iframe>
<iframe class="frame" data-category="operation" data-src=" &#1;JaVa&#9;Scri&#10;pt:void(parent.pwned='spelled')"></iframe>
<iframe class="frame" data-category="operation" data-src="data:text/html,<script>parent.pwned='data'</script>"></iframe>
<iframe class="frame" data-category="operation" data-srcdoc="<script>parent.pwned='srcdoc'</script>"></iframe>
<embed class="frame" data-category="operation" data-src="java&#13;script:void(parent.pwned='embed')">
<script type="text/plain" data-category="operation" data-src="data:text/javascript,window.pwned='script'"></script>
<section id="section" data-category="operation" data-src="{third}/section"></section>
<img data-category="operation" data-src="{third}/honest.gif" data-srcset="{third}/honest.gif?a 1x, {third}/honest.gif?b 2x" alt="">
</div>"#;

async fn markup_that_a_sanitizer_lets_through_becomes_no_script(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", MARKUP);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor
        .waits_for("the image", || async { Ok(stage.saw("/honest.gif")) })
        .await?;
    visitor
        .evaluates("for (const link of document.querySelectorAll('a, area')) link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))")
        .await?;
    visitor.waits_a_moment().await;
    let set = "return [window.pwned ?? null, [...document.querySelectorAll('#comment :is(a, area, form, use, section, .frame)')]
        .filter(one => ['href', 'src', 'srcdoc', 'action', 'xlink:href'].some(name => one.hasAttribute(name))).map(one => one.outerHTML)]";
    assert_eq!(visitor.evaluates(set).await?, json!([null, []]));
    assert!(!stage.seen().iter().any(|path| path != "/honest.gif"));
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marks_of_other_tools_become_no_script_either() -> Result<()> {
    let more = "[markup]\ndialects = [\"cookiebot\", \"klaro\", \"orejime\", \"orestbida\"]\n[markup.names]\nnecessary = \"operation\"";
    let stage = Stage::with(more).await?;
    let body = r#"<a data-cookieconsent="necessary" data-href="javascript:window.pwned=1" data-cookieblock-src="javascript:window.pwned=2">A link</a>
        <iframe data-cookieconsent="necessary" data-cookieblock-src="javascript:void(parent.pwned=3)"></iframe>
        <iframe data-name="choice" data-src="javascript:void(parent.pwned=4)"></iframe>
        <a data-name="choice" data-src="x" data-href="javascript:window.pwned=5">A link</a>
        <a type="opt-in" data-name="choice" href="/x">A link</a>"#;
    let page = stage.page("/", body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    let set = "return [window.pwned ?? null, document.querySelectorAll(':is(a, iframe):is([href^=javascript], [src])').length, document.querySelectorAll('[type=opt-in]').length]";
    assert_eq!(visitor.evaluates(set).await?, json!([null, 0, 1]));
    visitor.leaves_behind(&["404"]).await
}

/// Elements whose names stand before what the document, the window and forms have themselves.
const NAMES: &str = r#"<img name="currentScript" src="{third}/evil/x.js" alt="">
<form id="consent"><input name="when"><input name="on"><input name="allows"></form><a id="consent:" href="/x">x</a>
<img name="cookie" alt="">
<img name="createElement" alt=""><img name="createRange" alt=""><img name="dispatchEvent" alt=""><img name="addEventListener" alt="">
<img name="readyState" alt=""><img name="adoptedStyleSheets" alt="">"#;

#[tokio::test(flavor = "multi_thread")]
async fn elements_with_our_names_neither_lead_the_banner_astray_nor_stop_it() -> Result<()> {
    let stage = Stage::with("").await?;
    // Above the gate: all of it is there when it starts.
    let body = format!(
        r#"{NAMES}<script src="/s/stage/consent.js"></script>
        <script type="text/plain" data-category="analytics" src="{{third}}/counter.js"></script>"#
    );
    let page = stage.raw_page("/", "", &body, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 1) })
        .await?;
    // Its withdrawal is in the cookie.
    visitor.evaluates("window.consent.withdraw()").await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    let kept =
        "return Object.getOwnPropertyDescriptor(Document.prototype, 'cookie').get.call(document)";
    let kept = visitor.evaluates(kept).await?;
    let value = kept
        .as_str()
        .and_then(|kept| kept.split_once("eu-consent="))
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default();
    let part = value.split('.').nth(1).unwrap_or(&value);
    assert_eq!(consent_tests::record::decoded(part)?["act"], "withdraw");
    // Nobody else was asked for a script.
    let asked: Vec<_> = stage.seen();
    assert!(
        !asked
            .iter()
            .any(|path| path.contains("banner") || path.contains("plain")),
        "{asked:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_of_the_page_with_our_name_change_nothing() -> Result<()> {
    let stage = Stage::with("").await?;
    let before = r#"<script nonce="ear">var consent = "pending";</script>"#;
    let after = r#"<script nonce="ear">function consent() { return "theirs" }</script>
        <script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>
        <script src="/s/stage/consent.js"></script><a href="/x" data-consent-open>Cookies</a>"#;
    let page = stage.page_with("/", before, after, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("accept").await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    let agreement = visitor.receives_a_receipt(None).await?;
    visitor.reopens().await?;
    assert!(visitor.finds_on("analytics").await?);
    visitor.presses("withdraw").await?;
    visitor.receives_a_receipt(Some(&agreement)).await?;
    assert_eq!(stage.acts()?, ["accept_all", "withdraw"]);
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen().len(), 1);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_prototypes_have_grants_nothing() -> Result<()> {
    let stage = Stage::with("").await?;
    let body = r#"<script nonce="ear">for (const [name, value] of Object.entries({
            services: { social: true, player: true, tester: true }, choices: { social: true, undefined: true }, player: true, social: true,
            other: 1, undeclared: "analytics", category: "operation", src: "{third}/evil.js", type: "module", service: "choice" })) Object.defineProperty(Object.prototype, name, { value, writable: true, configurable: true });</script>
        <script type="text/plain" data-category="social" src="{third}/social.js"></script>
        <img data-category="other" data-src="{third}/other.gif" alt=""><img data-category="undeclared" data-src="{third}/undeclared.gif" alt="">
        <script type="text/plain" data-category="analytics">(window.ran ??= []).push("inline")</script>"#;
    let page = stage.page("/", body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("choose").await?;
    visitor.turns("analytics", true).await?;
    visitor.presses("save").await?;
    visitor
        .waits_until(
            "the agreement",
            "return consent.allows('analytics') && window.ran?.length == 1",
        )
        .await?;
    let names = "return ['social', 'player', 'other', 'undeclared', 'toString', '__proto__', 'constructor', 'hasOwnProperty', 'undefined', ''].map(name => consent.allows(name))";
    assert_eq!(
        visitor.evaluates(names).await?,
        json!([
            false, false, false, false, false, false, false, false, false, false
        ])
    );
    visitor.waits_a_moment().await;
    assert_eq!(stage.seen(), [""; 0]);
    Ok(())
}

async fn a_scripted_click_is_recorded_as_a_call_of_the_page(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page(
        "/",
        r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>"#,
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let inside = "const root = document.querySelector('consent-banner').shadowRoot;";
    let sources = || -> Result<Vec<String>> {
        let records = stage.records()?.into_iter();
        Ok(records
            .map(|row| row["src"].as_str().unwrap_or_default().to_owned())
            .collect())
    };
    visitor
        .evaluates(&format!(
            "{inside} root.querySelector('.banner [data-consent-action=accept]').click()"
        ))
        .await?;
    visitor
        .waits_for("its record", || async { Ok(sources()?.len() == 1) })
        .await?;
    // In the preferences, with switches that a script has turned.
    visitor.evaluates("consent.open()").await?;
    visitor.sees_the_preferences().await?;
    visitor
        .evaluates(&format!(
            "{inside} for (const input of root.querySelectorAll('dialog input')) input.checked = false;
            root.querySelector('dialog [data-consent-action=refuse]').dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))"
        ))
        .await?;
    visitor
        .waits_for("its record", || async { Ok(sources()?.len() == 2) })
        .await?;
    // In place of the frame.
    visitor
        .waits_until(
            "the placeholder",
            "return !!document.querySelector('consent-placeholder')?.shadowRoot?.querySelector('[data-always]')",
        )
        .await?;
    visitor
        .evaluates("document.querySelector('consent-placeholder').shadowRoot.querySelector('[data-always]').click()")
        .await?;
    visitor
        .waits_for("its record", || async { Ok(sources()?.len() == 3) })
        .await?;
    assert_eq!(sources()?, ["api", "api", "api"]);
    // A visitor's own, by pointer and by keyboard.
    visitor.evaluates("consent.open()").await?;
    visitor.sees_the_preferences().await?;
    visitor.presses("refuse").await?;
    visitor
        .waits_for("its record", || async { Ok(sources()?.len() == 4) })
        .await?;
    visitor.evaluates("consent.open()").await?;
    visitor.sees_the_preferences().await?;
    visitor
        .evaluates(&format!(
            "{inside} root.querySelector('dialog [data-consent-action=accept]').focus()"
        ))
        .await?;
    visitor.types("\n").await?;
    visitor
        .waits_for("its record", || async { Ok(sources()?.len() == 5) })
        .await?;
    assert_eq!(sources()?[3..], ["preferences", "preferences"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}
