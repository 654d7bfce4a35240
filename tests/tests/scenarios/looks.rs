//! What the banner looks like and is like to use: for people who do not see it, have no mouse, or have somebody else refuse for them; and
//! on pages that have ideas of their own.

use anyhow::{Result, ensure};
use consent_tests::browser::Engine;
use consent_tests::look::Part;
use consent_tests::stage::{Fault, Stage};
use consent_tests::tool;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    everything_can_be_done_by_keyboard_alone,
    the_preferences_can_fail_to_load_and_be_asked_for_again,
);

const TAB: &str = "\t";
const ESCAPE: &str = "\u{e00c}";

const COUNTER: &str =
    r#"<script type="text/plain" data-category="analytics" src="{third}/counter.js"></script>"#;

/// Presses Tab until something has the focus.
async fn tabs_to(visitor: &Visitor, wanted: &str, keys: &str) -> Result<()> {
    let mut seen = Vec::new();
    for _ in 0..40 {
        visitor.types(keys).await?;
        let now = visitor.has_focus_on().await?;
        if now == wanted {
            return Ok(());
        }
        seen.push(now);
    }
    anyhow::bail!("{wanted} never had the focus: {seen:?}")
}

async fn says(visitor: &Visitor, words: &str) -> Result<()> {
    let status = "return document.querySelector('consent-banner').shadowRoot.querySelector('[role=status]').textContent";
    visitor
        .waits_for(words, || async {
            Ok(visitor.evaluates(status).await? == json!(words))
        })
        .await
}

async fn everything_can_be_done_by_keyboard_alone(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let body = format!(r#"{COUNTER}<p style="height: 2000px"><button id="own">Own</button></p>"#);
    let page = stage.page("/", &body);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    // Said when it appears; it takes no focus away.
    says(&visitor, "Your choice about cookies").await?;
    assert_eq!(visitor.has_focus_on().await?, "body");
    // The first thing that the keyboard reaches, refusing before accepting, and no trap.
    tabs_to(&visitor, "refuse", TAB).await?;
    visitor.types(TAB).await?;
    assert_eq!(visitor.has_focus_on().await?, "accept");
    visitor.types(TAB).await?;
    assert_eq!(visitor.has_focus_on().await?, "choose");
    tabs_to(&visitor, "button#own", TAB).await?;
    // What has the focus is not hidden behind the banner.
    let hidden = "const own = document.querySelector('#own').getBoundingClientRect();
        const banner = document.querySelector('consent-banner').shadowRoot.querySelector('.banner').getBoundingClientRect();
        return own.top >= banner.top";
    assert_eq!(visitor.evaluates(hidden).await?, json!(false));
    // And back again.
    visitor
        .waits_for("the way back", || async {
            visitor.tabs_back().await?;
            Ok(visitor.has_focus_on().await? == "choose")
        })
        .await?;
    visitor.types("\n").await?;
    visitor.sees_the_preferences().await?;
    assert_eq!(
        visitor.has_focus_on().await?,
        "h2#consent-preferences-title"
    );
    // Escape closes, decides nothing, and gives the focus back.
    visitor.types(ESCAPE).await?;
    visitor.sees_the_banner().await?;
    visitor
        .waits_for("the focus", || async {
            Ok(visitor.has_focus_on().await? == "choose")
        })
        .await?;
    assert_eq!(visitor.cookie("eu-consent").await?, None);
    visitor.types("\n").await?;
    visitor.sees_the_preferences().await?;
    tabs_to(&visitor, "analytics", TAB).await?;
    visitor.types(" ").await?;
    visitor
        .waits_for("the switches", || async {
            Ok(visitor.finds_on("counter").await? && visitor.finds_on("tester").await?)
        })
        .await?;
    assert!(!visitor.finds_on("social").await?);
    tabs_to(&visitor, "save", TAB).await?;
    visitor.types("\n").await?;
    visitor.is_left_alone().await?;
    says(&visitor, "Your choice is saved.").await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["custom"]);
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

async fn the_preferences_can_fail_to_load_and_be_asked_for_again(engine: Engine) -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", COUNTER);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    // What decides is there before the server goes.
    visitor
        .waits_for("the module", || async {
            let loaded = visitor.loaded().await?;
            Ok(loaded.iter().any(|url| url.ends_with("banner.wasm")))
        })
        .await?;
    visitor.waits_a_moment().await;
    stage.suffers(Fault::Blocked);
    visitor.presses("choose").await?;
    says(
        &visitor,
        "The settings could not be loaded. Check your connection, and try again.",
    )
    .await?;
    assert!(visitor.is_asked().await?);
    let seen = "return document.querySelector('consent-banner').shadowRoot.querySelector('[role=status]').offsetHeight > 20";
    assert_eq!(visitor.evaluates(seen).await?, json!(true));
    stage.suffers(Fault::None);
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    visitor.turns("player", true).await?;
    visitor.presses("save").await?;
    visitor.receives_a_receipt(None).await?;
    assert_eq!(stage.acts()?, ["custom"]);
    visitor.leaves_behind(&["403", "preferences"]).await
}

/// Refusing costs nothing that accepting does not: neither needs the preferences.
#[tokio::test(flavor = "multi_thread")]
async fn refusing_and_accepting_load_nothing_more() -> Result<()> {
    for action in ["refuse", "accept"] {
        let stage = Stage::with("").await?;
        let page = stage.page("/", COUNTER);
        let visitor = Visitor::arrives().await?;
        visitor.opens(&page).await?;
        visitor.presses(action).await?;
        visitor.receives_a_receipt(None).await?;
        let loaded = visitor.loaded().await?;
        ensure!(
            !loaded.iter().any(|url| url.contains("preferences")),
            "{loaded:?}"
        );
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}

const FRAME: &str = r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>"#;

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_no_barrier_in_light_and_dark_and_from_right_to_left() -> Result<()> {
    for (theme, direction) in [("light", "ltr"), ("dark", "ltr"), ("light", "rtl")] {
        let more = format!(
            "[markup]\ndeclaration = true\n[appearance]\ntheme = \"{theme}\"\nclose_button = true\n[signals]\nglobal_privacy_control = [\"social\"]"
        );
        let stage = Stage::with(&more).await?;
        let body = format!("{FRAME}<consent-declaration></consent-declaration>");
        let page = stage.page("/", &body);
        let visitor = Visitor::arrives().await?;
        visitor.opens(&page).await?;
        visitor.sees_the_banner().await?;
        visitor
            .waits_for("the list", || async {
                let list = "return !!document.querySelector('consent-declaration').shadowRoot && !!document.querySelector('consent-placeholder')";
                Ok(visitor.evaluates(list).await? == json!(true))
            })
            .await?;
        let turned = format!(
            "for (const one of document.querySelectorAll('consent-banner, consent-declaration'))
               for (const box of one.shadowRoot.querySelectorAll('[dir]')) box.dir = '{direction}';
             document.querySelector('consent-placeholder').dir = '{direction}'"
        );
        visitor.evaluates(&turned).await?;
        for part in [Part::Banner, Part::Placeholder, Part::Declaration] {
            visitor.finds_no_barrier(part).await?;
        }
        visitor.presses("list").await?;
        visitor.sees_the_preferences().await?;
        visitor.evaluates(&turned).await?;
        visitor.finds_no_barrier(Part::Banner).await?;
        visitor.presses("accept").await?;
        visitor.receives_a_receipt(None).await?;
        // With a choice that can be taken back and a receipt to be had.
        visitor.reopens_by_button().await?;
        visitor.finds_no_barrier(Part::Banner).await?;
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_cookies_holds_the_choice_in_its_place() -> Result<()> {
    let stage = Stage::with("[markup]\ndeclaration = true").await?;
    let body = format!("{COUNTER}<consent-declaration><p>The list.</p></consent-declaration>");
    let page = stage.page("/cookies", &body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    visitor.reloads().await?;
    let list = "document.querySelector('consent-declaration').shadowRoot";
    visitor
        .waits_for("the list", || async {
            let there = format!("return !!{list}?.querySelector('input[data-category=analytics]')");
            Ok(visitor.evaluates(&there).await? == json!(true))
        })
        .await?;
    let read = format!(
        "const root = {list}; return ['analytics', 'counter', 'social'].map(name => root.querySelector(`[data-category=${{name}}],[data-service=${{name}}]`).checked)"
    );
    assert_eq!(
        visitor.evaluates(&read).await?,
        json!([false, false, false])
    );
    visitor
        .evaluates(&format!(
            "{list}.querySelector('[data-category=analytics]').click()"
        ))
        .await?;
    visitor
        .waits_for("its services", || async {
            Ok(visitor.evaluates(&read).await? == json!([true, true, false]))
        })
        .await?;
    visitor
        .evaluates(&format!(
            "{list}.querySelector('[data-consent-action=save]').click()"
        ))
        .await?;
    visitor
        .waits_for("the counter", || async { Ok(stage.saw("/counter.js")) })
        .await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    // The choice and its reference are said; taking it back is a button there.
    let said = format!(
        "return [{list}.textContent.includes(consent.get().sub), {list}.querySelector('[data-consent-action=withdraw]').checkVisibility(), {list}.querySelector('[data-undecided]').hidden]"
    );
    assert_eq!(visitor.evaluates(&said).await?, json!([true, true, true]));
    visitor
        .evaluates(&format!(
            "{list}.querySelector('[data-consent-action=withdraw]').click()"
        ))
        .await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 3) })
        .await?;
    assert_eq!(stage.acts()?, ["refuse_all", "custom", "withdraw"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_draws_its_own_first_layer() -> Result<()> {
    let stage = Stage::with("[appearance]\nlayout = \"none\"\nreopen = \"none\"").await?;
    let body = format!(
        r#"{COUNTER}{FRAME}<div data-consent-banner hidden><h2>Ours</h2>
        <label><input type="checkbox" data-consent-switch="analytics"> Counting</label>
        <label><input type="checkbox" data-consent-switch="tester"> Trying out</label>
        <button data-consent-action="refuse">No</button> <button data-consent-action="accept">Yes</button>
        <a href="/elsewhere" data-consent-action="save">Save</a> <button data-consent-action="choose">More</button></div>
        <button data-consent-action="withdraw">Take it back</button>"#
    );
    let page = stage.page("/", &body);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    let shown = "return !document.querySelector('[data-consent-banner]').hidden";
    let press =
        |action: &str| format!("document.querySelector('[data-consent-action={action}]').click()");
    visitor
        .waits_for("their banner", || async {
            Ok(visitor.evaluates(shown).await? == json!(true))
        })
        .await?;
    visitor.waits_a_moment().await;
    assert!(!visitor.is_asked().await?, "ours is there too");
    // All of the category but one of its services.
    visitor
        .evaluates("document.querySelector('[data-consent-switch=analytics]').click()")
        .await?;
    visitor.evaluates(&press("save")).await?;
    visitor.receives_a_receipt(None).await?;
    let allowed = "return ['analytics', 'counter', 'tester', 'player'].map(consent.allows)";
    assert_eq!(
        visitor.evaluates(allowed).await?,
        json!([true, true, false, false])
    );
    assert_eq!(visitor.evaluates(shown).await?, json!(false));
    visitor.evaluates(&press("choose")).await?;
    visitor.sees_the_preferences().await?;
    assert!(visitor.finds_on("counter").await? && !visitor.finds_on("tester").await?);
    visitor.presses("close").await?;
    visitor.evaluates(&press("withdraw")).await?;
    visitor
        .waits_for("the record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    visitor
        .waits_for("the fresh page", || async {
            Ok(visitor
                .evaluates("return !window.ran && !!window.consent && !consent.allows('counter')")
                .await?
                == json!(true))
        })
        .await?;
    assert_eq!(
        visitor.evaluates("return location.pathname").await?,
        json!("/")
    );
    assert_eq!(stage.acts()?, ["custom", "withdraw"]);
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// `DuckDuckGo`'s autoconsent, as their browsers run it, with the rule that is in `examples/autoconsent`.
#[tokio::test(flavor = "multi_thread")]
async fn autoconsent_refuses_for_the_visitor() -> Result<()> {
    let stage = Stage::with("").await?;
    let page = stage.page("/", COUNTER);
    let visitor = Visitor::arrives().await?;
    let script =
        tool::node_modules()?.join("@duckduckgo/autoconsent/dist/autoconsent.standalone.js");
    let script = std::fs::read_to_string(script)?;
    let rule = include_str!("../../../examples/autoconsent/rule.json");
    let with_rule = script.replacen("autoconsent: [],", &format!("autoconsent: [{rule}],"), 1);
    ensure!(with_rule != script, "autoconsent takes rules in a new way");
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.evaluates(&with_rule).await?;
    visitor.receives_a_receipt(None).await?;
    visitor.is_left_alone().await?;
    visitor
        .waits_for("autoconsent's word", || async {
            let said = "return autoconsentStandalone.messages.some(one => one.type == 'optOutResult' && one.cmp == 'consent-banner' && one.result)";
            Ok(visitor.evaluates(said).await? == json!(true))
        })
        .await?;
    assert_eq!(stage.acts()?, ["refuse_all"]);
    assert_eq!(stage.seen(), [""; 0]);
    stage.ends_quietly()?;
    visitor.leaves_behind(&["console-api", "autoconsent"]).await
}

const HOSTS: [(&str, &str); 6] = [
    ("plain", include_str!("../../src/stage/hosts/plain.html")),
    ("cms", include_str!("../../src/stage/hosts/cms.html")),
    ("app", include_str!("../../src/stage/hosts/app.html")),
    ("owl", include_str!("../../src/stage/hosts/owl.html")),
    (
        "magazine",
        include_str!("../../src/stage/hosts/magazine.html"),
    ),
    (
        "hostile",
        include_str!("../../src/stage/hosts/hostile.html"),
    ),
];

/// Every style and the place of every element below a root, as the browser computes them, when nothing moves any more.
///
/// What has come to its end lets what inherits from it begin to move, and so on down the page.
const COMPUTED: &str = "for (let round = 0; round < 20; round++) for (const moving of document.getAnimations()) moving.finish();
    const styles = (root) => [...root.querySelectorAll('*')].filter(one => one.localName != 'style').map(one => {
        const style = getComputedStyle(one), { x, y, width, height } = one.getBoundingClientRect();
        return one.localName + '.' + one.className + ' ' + [x, y, width, height].map(Math.round) + ' '
          + ['', '::before', '::after'].map(part => { const style = getComputedStyle(one, part || null); return [...style].map(name => name + ':' + style[name]).join(';') }).join('|');
      });";

#[tokio::test(flavor = "multi_thread")]
async fn banner_and_page_each_look_as_they_do_alone() -> Result<()> {
    let stage = Stage::with("[appearance]\ntheme = \"light\"").await?;
    let visitor = Visitor::arrives().await?;
    let mut alone: Option<serde_json::Value> = None;
    let tall = r#"<div style="height: 1500px !important"></div>"#;
    for (name, host) in HOSTS {
        let body = format!("{host}{tall}");
        let without = stage.raw_page(&format!("/{name}-alone"), "", &body, &[]);
        let with = stage.page(&format!("/{name}"), &body);
        let page = format!("{COMPUTED} return styles(document.body)");
        visitor.opens(&without).await?;
        visitor.waits_a_moment().await;
        let expected = visitor.evaluates(&page).await?;
        visitor.opens(&with).await?;
        visitor.sees_the_banner().await?;
        visitor.waits_a_moment().await;
        same(
            &format!("the page {name}"),
            &expected,
            &visitor.evaluates(&page).await?,
        )?;
        visitor.presses("choose").await?;
        visitor.sees_the_preferences().await?;
        visitor.presses("close").await?;
        visitor.sees_the_banner().await?;
        // As seen on the plain page; what has been focused and pointed at is let go.
        visitor.evaluates("document.activeElement?.blur()").await?;
        let banner = format!(
            "{COMPUTED} const root = document.querySelector('consent-banner').shadowRoot;
             root.querySelector('dialog').show(); const all = styles(root); root.querySelector('dialog').close(); return all"
        );
        let seen = visitor.evaluates(&banner).await?;
        match &alone {
            None => alone = Some(seen),
            Some(expected) => same(&format!("the banner on {name}"), expected, &seen)?,
        }
    }
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_small_button_is_the_same_on_each_sites_pages_and_opens_the_preferences() -> Result<()>
{
    let stage = Stage::with("[appearance]\ntheme = \"light\"\nreopen = \"left\"").await?;
    let visitor = Visitor::arrives().await?;
    let mut alone: Option<serde_json::Value> = None;
    let tall = r#"<div style="height: 1500px !important"></div>"#;
    // A page that hides and fades everything hides and fades the small button, too: it has no style sheet to say otherwise.
    for (name, host) in HOSTS.into_iter().filter(|(name, _)| *name != "hostile") {
        visitor
            .opens(&stage.page(&format!("/{name}"), &format!("{host}{tall}")))
            .await?;
        visitor.sees_the_banner().await?;
        visitor.presses("refuse").await?;
        visitor.receives_a_receipt(None).await?;
        visitor.reloads().await?;
        // Where it stands and how it is written; its colours follow the page's light and dark. What is in front of everything is seen there.
        let look = "const host = document.querySelector('consent-reopen'), button = host?.shadowRoot.querySelector('button');
            if (!button) return null;
            const { left, width, height, bottom } = button.getBoundingClientRect(), style = getComputedStyle(button);
            const names = ['font', 'letterSpacing', 'wordSpacing', 'textTransform', 'textIndent', 'textShadow', 'padding', 'opacity', 'visibility', 'pointerEvents', 'direction', 'whiteSpace', 'transform', 'borderRadius', 'float'];
            return [[left, width, height, innerHeight - bottom].map(Math.round), names.map(name => name + ':' + style[name]), getComputedStyle(host).opacity]";
        visitor
            .waits_for("the small button", || async {
                Ok(visitor.evaluates(look).await? != json!(null))
            })
            .await?;
        let seen = visitor.evaluates(look).await?;
        let expected = alone.get_or_insert_with(|| seen.clone());
        ensure!(seen == *expected, "on {name}: {seen}\nnot {expected}");
        visitor.reopens().await?;
        visitor.presses("close").await?;
        visitor.driver().delete_all_cookies().await?;
        visitor.evaluates("localStorage.clear()").await?;
    }
    visitor.leaves().await
}

/// Says in a line where two lists of styles part.
fn same(what: &str, expected: &serde_json::Value, seen: &serde_json::Value) -> Result<()> {
    let empty = Vec::new();
    let lists = [expected, seen].map(|list| list.as_array().unwrap_or(&empty));
    ensure!(
        lists[0].len() > 3 && lists[0].len() == lists[1].len(),
        "{what}: other elements"
    );
    for (expected, seen) in lists[0].iter().zip(lists[1]) {
        if expected != seen {
            let texts = [expected, seen].map(|text| text.as_str().unwrap_or_default());
            let parts = texts.map(|text| text.split(';').collect::<Vec<_>>());
            let differing: Vec<_> = parts[0]
                .iter()
                .zip(&parts[1])
                .filter(|(one, other)| one != other)
                .take(8)
                .collect();
            anyhow::bail!("{what}: {differing:#?}");
        }
    }
    Ok(())
}
