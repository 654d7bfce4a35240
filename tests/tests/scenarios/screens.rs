//! Small screens, large letters, few colours, and paper: nothing is lost, and the page stays in reach.

use anyhow::{Result, ensure};
use consent_tests::browser::Engine;
use consent_tests::screen::Screen;
use consent_tests::stage::{Stage, many_services};
use consent_tests::visitor::Visitor;
use serde_json::{Value, json};

/// What WCAG's 1.4.10 comes to on a desk: 1280 by 1024 pixels at 400 %.
const LARGEST: Screen = Screen {
    zoom: 400,
    ..Screen::of(1280, 1024)
};

const SCREENS: [Screen; 5] = [
    Screen::NARROW,
    LARGEST,
    Screen::LANDSCAPE,
    Screen::ZOOMED,
    Screen::PHONE,
];

const BANNER: &str = "const shadow = document.querySelector('consent-banner').shadowRoot;";

/// Gives the focus to every control of a layer in turn. Answers with those that are then not whole on the screen, or under something.
fn out_of_reach(layer: &str) -> String {
    format!(
        "{BANNER} const layer = shadow.querySelector('{layer}'), lost = [];
         for (const one of layer.querySelectorAll('a, button, input, summary, [tabindex=\"0\"]')) {{
           if (!one.checkVisibility()) continue;
           one.focus();
           const box = one.getClientRects()[0];
           const isTable = one.localName == 'div'; // it may be higher than the screen: a part of it is enough
           const x = (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2;
           const hits = (y) => {{ const hit = shadow.elementFromPoint(x, y); return hit && (one.contains(hit) || hit.contains(one) && hit.localName == 'label') }};
           let seen = hits(Math.min(box.top + box.height / 2, box.top + 20));
           for (let y = box.top + 1; isTable && !seen && y < box.bottom; y += 10) seen = hits(y);
           const whole = isTable || box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
           if (shadow.activeElement != one || !whole || !seen)
             lost.push([one.outerHTML.slice(0, 90), box.top, box.bottom].join(' '));
         }}
         return lost"
    )
}

/// Answers with what is wider than its place, or cut off.
fn cut_off(layer: &str) -> String {
    format!(
        "{BANNER} const cut = [];
         for (const one of shadow.querySelectorAll('{layer}, {layer} *')) {{
           if (!one.checkVisibility() || one.closest('.table') || one.matches('.unseen, .unseen *')) continue;
           const isClipped = getComputedStyle(one).overflowY == 'hidden' && one.scrollHeight > one.clientHeight + 1;
           // Two scrollbars, one in the other, are for screens that have no room for the text at all.
           if (one.matches('{layer}') && innerHeight > 300 && one.scrollHeight > one.clientHeight + 1) cut.push('two scrollbars');
           if (one.clientWidth && one.scrollWidth > one.clientWidth + 1 || isClipped) cut.push(one.outerHTML.slice(0, 90) + one.scrollWidth + '>' + one.clientWidth);
         }}
         if (document.documentElement.scrollWidth > innerWidth) cut.push('the page is wider than the screen');
         return cut"
    )
}

/// Gives the focus to the page's own buttons in turn. Answers with those that no part is seen of.
const HIDDEN: &str = "const hidden = [];
    for (const one of document.querySelectorAll('main button')) {
      one.focus();
      const { left, top, right, bottom } = one.getBoundingClientRect();
      let seen = 0;
      for (let y = top + 1; y < bottom; y += 2) seen += document.elementFromPoint((left + right) / 2, y) == one;
      if (!seen) hidden.push(one.textContent + ' ' + top);
    }
    return hidden";

async fn finds_none(visitor: &Visitor, script: &str, what: &str) -> Result<()> {
    let found = visitor.evaluates(script).await?;
    ensure!(found == json!([]), "{what}: {found:#}");
    Ok(())
}

/// A long page with buttons, in a language.
fn long_page(stage: &Stage, language: &str) -> String {
    let head = format!(
        "<meta name=\"viewport\" content=\"width=device-width\"><script nonce=\"ear\">document.documentElement.lang = \"{language}\"</script>"
    );
    let button = |number| format!("<p style=\"height: 90px\"><button>Button {number}</button></p>");
    let buttons = (0..20).map(button).collect::<Vec<_>>().concat();
    stage.page_with("/", &head, &format!("<main>{buttons}</main>"), &[])
}

#[tokio::test(flavor = "multi_thread")]
async fn on_small_screens_every_control_is_in_reach_and_so_is_the_page() -> Result<()> {
    let visitor = Visitor::arrives().await?;
    for layout in ["bar", "bar-top", "box-right", "dialog"] {
        let more = format!("[appearance]\nlayout = \"{layout}\"\nclose_button = true");
        let stage = Stage::in_languages(r#"["de", "bg"]"#, &more).await?;
        for language in ["de", "bg"] {
            let page = long_page(&stage, language);
            for screen in SCREENS {
                let what = |what: &str| format!("{layout}, {language}, {screen:?}: {what}");
                visitor.has_screen(screen).await?;
                visitor.opens(&page).await?;
                visitor.sees_the_banner().await?;
                finds_none(&visitor, &out_of_reach(".banner"), &what("out of reach")).await?;
                finds_none(&visitor, &cut_off(".banner"), &what("cut off")).await?;
                // What is at the very top of a page lies under a bar there until that is answered.
                let within = if layout == "bar-top" {
                    HIDDEN.replace("main button", "p:nth-child(n + 7) button")
                } else {
                    HIDDEN.into()
                };
                finds_none(&visitor, &within, &what("under the banner")).await?;
            }
        }
        stage.ends_quietly()?;
    }
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_of_sixty_services_more_are_in_reach_on_every_screen() -> Result<()> {
    let stage = Stage::in_languages(r#"["de", "bg"]"#, &many_services(60)).await?;
    let visitor = Visitor::arrives().await?;
    for (screen, language) in SCREENS.into_iter().zip(["de", "bg"].into_iter().cycle()) {
        let what = |what: &str| format!("{language}, {screen:?}: {what}");
        visitor.has_screen(screen).await?;
        visitor.opens(&long_page(&stage, language)).await?;
        visitor.presses("list").await?;
        visitor.sees_the_preferences().await?;
        // All of them are listed, with their details open.
        let count = format!(
            "{BANNER} return [shadow.querySelectorAll('dialog .service').length, [...shadow.querySelectorAll('dialog details')].every(one => one.open)]"
        );
        assert_eq!(visitor.evaluates(&count).await?, json!([64, true]));
        finds_none(&visitor, &out_of_reach("dialog"), &what("out of reach")).await?;
        finds_none(&visitor, &cut_off("dialog"), &what("cut off")).await?;
        visitor.presses("close").await?;
        visitor.sees_the_banner().await?;
    }
    // One of many, and no other.
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    visitor.turns("m56", true).await?;
    visitor.presses("save").await?;
    visitor.receives_a_receipt(None).await?;
    let allowed = "return ['m56', 'm49', 'm2', 'social', 'analytics'].map(consent.allows)";
    assert_eq!(
        visitor.evaluates(allowed).await?,
        json!([true, false, true, false, false])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// WCAG 1.4.12: lines, paragraphs, letters and words further apart than any style sheet would have them.
const SPACED: &str = "const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p, li { margin-bottom: 2em !important }');
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];";

#[tokio::test(flavor = "multi_thread")]
async fn letters_and_lines_may_be_set_far_apart_and_nothing_is_lost() -> Result<()> {
    let visitor = Visitor::arrives().await?;
    for layout in ["bar", "box-left", "dialog"] {
        let more = format!("[appearance]\nlayout = \"{layout}\"\nclose_button = true");
        let stage = Stage::in_languages(r#"["fi", "bg"]"#, &more).await?;
        for (language, screen) in [
            ("fi", Screen::DESKTOP),
            ("bg", Screen::NARROW),
            ("fi", Screen::LANDSCAPE),
            ("bg", LARGEST),
        ] {
            let what = |what: &str| format!("{layout}, {language}, {screen:?}: {what}");
            visitor.has_screen(screen).await?;
            visitor.opens(&long_page(&stage, language)).await?;
            visitor.sees_the_banner().await?;
            visitor.evaluates(&format!("{BANNER} {SPACED}")).await?;
            finds_none(&visitor, &out_of_reach(".banner"), &what("out of reach")).await?;
            finds_none(&visitor, &cut_off(".banner"), &what("cut off")).await?;
            visitor.presses("list").await?;
            visitor.sees_the_preferences().await?;
            visitor.evaluates(&format!("{BANNER} {SPACED}")).await?;
            finds_none(&visitor, &out_of_reach("dialog"), &what("out of reach")).await?;
            finds_none(&visitor, &cut_off("dialog"), &what("cut off")).await?;
        }
        stage.ends_quietly()?;
    }
    visitor.leaves().await
}

/// The picture of an element of the banner.
async fn looks_at(visitor: &Visitor, selector: &str) -> Result<Vec<u8>> {
    let script = format!(
        "{BANNER} const one = shadow.querySelector('{selector}'); one.scrollIntoView({{ block: 'center' }}); return one"
    );
    let element = visitor.driver().execute(script, vec![]).await?.element()?;
    Ok(element.screenshot_as_png().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_visitors_own_few_colours_everything_can_be_told_apart() -> Result<()> {
    let stage = Stage::with("").await?;
    let visitor = Visitor::arrives().await?;
    visitor.wishes("forced-colors", "active").await?;
    visitor.opens(&stage.page("/", "")).await?;
    visitor.sees_the_banner().await?;
    let forced = "return matchMedia('(forced-colors: active)').matches";
    assert_eq!(visitor.evaluates(forced).await?, json!(true));
    // The ground of a button is the layer's then: its edge is what is left of it.
    let edges = format!(
        "{BANNER} return [...shadow.querySelectorAll('.banner, .banner .actions button')].map(one => {{
           const style = getComputedStyle(one); return parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle == 'solid' && style.borderTopColor != style.backgroundColor }})"
    );
    assert_eq!(
        visitor.evaluates(&edges).await?,
        json!([true, true, true, true])
    );
    visitor.types("\t").await?;
    let ring = format!(
        "{BANNER} const one = shadow.activeElement, style = getComputedStyle(one); return [one.matches(':focus-visible'), style.outlineStyle, parseFloat(style.outlineWidth) >= 2, style.outlineColor != style.backgroundColor]"
    );
    let seen = json!([true, "solid", true, true]);
    assert_eq!(visitor.evaluates(&ring).await?, seen);

    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    let switch = "dialog [data-category=analytics]";
    let service = "dialog [data-service=counter]";
    for one in [switch, service] {
        let off = looks_at(&visitor, one).await?;
        let turn = format!("{BANNER} shadow.querySelector('{one}').click()");
        visitor.evaluates(&turn).await?;
        visitor.waits_a_moment().await;
        let on = looks_at(&visitor, one).await?;
        visitor.evaluates(&turn).await?;
        visitor.waits_a_moment().await;
        ensure!(off != on, "{one} looks the same on and off");
        ensure!(
            off == looks_at(&visitor, one).await?,
            "{one} does not look as before"
        );
    }
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_has_the_page_on_it_and_nothing_of_ours() -> Result<()> {
    let body = "<p>A page that somebody prints.</p>";
    for engine in [Engine::Chromium, Engine::Gecko] {
        let stage = Stage::with("[appearance]\nreopen = \"right\"").await?;
        let visitor = Visitor::arrives_with(engine, &[]).await?;
        visitor
            .opens(&stage.raw_page("/alone", "", body, &[]))
            .await?;
        let alone = visitor.prints().await?.len();
        let prints_alone = async |what: &str| -> Result<()> {
            // Times and ids in it take a few bytes more or less; one more word brings letters of its own, hundreds of bytes.
            let more = visitor.prints().await?.len().abs_diff(alone);
            ensure!(
                more < 50,
                "{engine:?} prints more than the page beside {what}: {more} bytes"
            );
            Ok(())
        };
        visitor.opens(&stage.page("/", body)).await?;
        visitor.sees_the_banner().await?;
        prints_alone("the first layer").await?;
        visitor.presses("choose").await?;
        visitor.sees_the_preferences().await?;
        prints_alone("the preferences").await?;
        visitor.presses("refuse").await?;
        visitor.receives_a_receipt(None).await?;
        visitor.reloads().await?;
        let button = "return document.querySelector('consent-reopen')?.shadowRoot.querySelector('button').checkVisibility() ?? false";
        let is_there =
            async || -> Result<bool> { Ok(visitor.evaluates(button).await? == Value::Bool(true)) };
        visitor.waits_for("the small button", &is_there).await?;
        prints_alone("the small button").await?;
        // It comes back.
        visitor.waits_for("the small button", &is_there).await?;
        visitor.reopens_by_button().await?;
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}
