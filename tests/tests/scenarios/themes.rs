//! What a site makes of the looks: colours, fonts, parts, a logo, light and dark as the page is. And a receipt that visitors keep.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use consent_tests::http;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::{Value, json};

const BANNER: &str = "const shadow = document.querySelector('consent-banner').shadowRoot;";

/// Each documented custom property: a value, whom it reaches, and what is then computed there.
const PROPERTIES: [(&str, &str, &str, &str, &str); 20] = [
    (
        "paper",
        "#fffdf8",
        ".banner",
        "background-color",
        "rgb(255, 253, 248)",
    ),
    (
        "well",
        "#112233",
        ".present",
        "background-color",
        "rgb(17, 34, 51)",
    ),
    (
        "ink",
        "#221100",
        ".banner strong",
        "color",
        "rgb(34, 17, 0)",
    ),
    ("soft", "#554433", ".banner p", "color", "rgb(85, 68, 51)"),
    (
        "line",
        "#aabbcc",
        ".category",
        "border-top-color",
        "rgb(170, 187, 204)",
    ),
    (
        "button",
        "#0b5d4e",
        ".actions button",
        "background-color",
        "rgb(11, 93, 78)",
    ),
    (
        "button-ink",
        "#fefefe",
        ".actions button",
        "color",
        "rgb(254, 254, 254)",
    ),
    (
        "on",
        "#006400",
        "[role=switch]:checked",
        "background-color",
        "rgb(0, 100, 0)",
    ),
    (
        "off",
        "#640000",
        "[role=switch]:not(:checked)",
        "background-color",
        "rgb(100, 0, 0)",
    ),
    (
        "focus",
        "#0000ee",
        "dialog .close",
        "outline-color",
        "rgb(0, 0, 238)",
    ),
    ("font", "Georgia", ".banner p", "font-family", "Georgia"),
    (
        "font",
        "Georgia",
        ".actions button",
        "font-family",
        "Georgia",
    ),
    ("size", "21px", ".banner", "font-size", "21px"),
    ("radius", "3px", ".banner", "border-top-left-radius", "3px"),
    (
        "button-radius",
        "5px",
        ".actions button",
        "border-top-left-radius",
        "5px",
    ),
    ("gap", "33px", ".banner", "bottom", "33px"),
    ("width", "300px", ".banner", "width", "300px"),
    ("preferences-width", "400px", "dialog", "width", "400px"),
    ("shadow", "none", ".banner", "box-shadow", "none"),
    ("z", "77", ".banner", "z-index", "77"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_custom_property_of_the_manual_has_its_effect() -> Result<()> {
    let stage = Stage::with("[appearance]\nlayout = \"box-right\"\ntheme = \"light\"").await?;
    let visitor = Visitor::arrives().await?;
    visitor.opens(&stage.page("/", "")).await?;
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    visitor.turns("analytics", true).await?;
    // The keyboard shows where it is; the first layer is looked at beside the dialog.
    visitor.types("\t").await?;
    let still = format!(
        "{BANNER} const sheet = new CSSStyleSheet(); sheet.replaceSync('* {{ transition: none !important }}');
         shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet]; shadow.querySelector('.banner').hidden = false; shadow.querySelector('dialog .close').focus()"
    );
    visitor.evaluates(&still).await?;
    let look = async |selector: &str, style: &str| {
        let one = format!(
            "{BANNER} return getComputedStyle(shadow.querySelector('{selector}')).getPropertyValue('{style}')"
        );
        visitor.evaluates(&one).await
    };
    let set = async |name: &str, value: &str| {
        let script =
            format!("document.documentElement.style.setProperty('--consent-{name}', '{value}')");
        visitor.evaluates(&script).await
    };
    for (name, value, selector, style, expected) in PROPERTIES {
        let before = look(selector, style).await?;
        ensure!(before != json!(expected), "{name} shows nothing: {before}");
        set(name, value).await?;
        let after = look(selector, style).await?;
        ensure!(after == json!(expected), "{name}: {after}, not {expected}");
        set(name, "").await?;
        ensure!(look(selector, style).await? == before, "{name} stays");
    }
    // Those are all that the style sheets read, and the manual names them.
    let read = format!(
        "{BANNER} return [...shadow.adoptedStyleSheets].flatMap(sheet => [...sheet.cssRules]).flatMap(rule => rule.cssText.match(/--consent-[a-z-]+/g) ?? [])"
    );
    let read: BTreeSet<String> = serde_json::from_value(visitor.evaluates(&read).await?)?;
    let tried = PROPERTIES.map(|(name, ..)| format!("--consent-{name}"));
    assert_eq!(read, BTreeSet::from(tried));
    let manual = include_str!("../../../docs/appearance.md");
    for (name, ..) in PROPERTIES {
        let names = [name.replace('-', "_"), format!("-{name}")];
        ensure!(
            names
                .iter()
                .any(|name| manual.contains(&format!("`{name}`")))
                || manual.contains(&format!("`--consent-{name}`")),
            "docs/appearance.md does not name {name}"
        );
    }
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_of_the_manual_is_in_reach_of_the_page_and_no_answer_alone() -> Result<()> {
    let parts = [
        "banner",
        "preferences",
        "title",
        "actions",
        "close",
        "button",
        "present",
        "tool",
        "category",
        "service",
    ];
    let rules: String = parts
        .iter()
        .enumerate()
        .flat_map(|(number, part)| {
            ["consent-banner", "consent-placeholder"]
                .map(|host| format!("{host}::part({part}) {{ text-indent: {}px }}", number + 3))
        })
        .collect();
    // What would single out an answer must not be valid.
    let single = "consent-banner::part(button):first-child { opacity: .1 } consent-banner::part(button):nth-child(2) { font-size: 40px }
        consent-banner::part(actions) button { opacity: .2 } consent-banner button { opacity: .3 }";
    let head = format!("<style>{rules} {single}</style>");
    let frame = r#"<iframe data-service="player" data-src="{third}/film" width="480" height="320" title="A film"></iframe>"#;
    let stage = Stage::with("[appearance]\nclose_button = true").await?;
    let visitor = Visitor::arrives().await?;
    visitor
        .opens(&stage.page_with("/", &head, frame, &[]))
        .await?;
    visitor.presses("choose").await?;
    visitor.sees_the_preferences().await?;
    let indents = |part: &str| {
        format!(
            "{BANNER} return [...new Set([...shadow.querySelectorAll('[part={part}]')].map(one => getComputedStyle(one).textIndent))]"
        )
    };
    for (number, part) in parts.iter().enumerate() {
        let expected = json!([format!("{}px", number + 3)]);
        let seen = visitor.evaluates(&indents(part)).await?;
        ensure!(seen == expected, "{part}: {seen}");
    }
    let answers = format!(
        "{BANNER} return [...new Set([...shadow.querySelectorAll('.actions button')].map(one => {{ const {{ opacity, fontSize, textIndent }} = getComputedStyle(one); return [opacity, fontSize, textIndent].join() }}))].length"
    );
    assert_eq!(visitor.evaluates(&answers).await?, json!(1));
    let cover = "return getComputedStyle(document.querySelector('consent-placeholder').shadowRoot.querySelector('button')).textIndent";
    assert_eq!(visitor.evaluates(cover).await?, json!("8px"));
    stage.ends_quietly()?;
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_follow_the_page_when_it_turns_dark_and_light_again() -> Result<()> {
    let stage = Stage::with("[markup]\ndeclaration = true\n[appearance]\ntheme = \"page\"").await?;
    let style = "<style>body { background: #fff; transition: background 0.2s } .night body { background: #101318 }</style>";
    let list = "<consent-declaration></consent-declaration>";
    let page = stage.page_with("/", style, list, &[]);
    let visitor = Visitor::arrives().await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    let grounds = "return ['consent-banner', 'consent-declaration'].map(name => { const one = document.querySelector(name).shadowRoot?.querySelector('.banner, .declaration'); return one ? getComputedStyle(one).backgroundColor : '' })";
    let light = json!(["rgb(255, 255, 255)", "rgb(255, 255, 255)"]);
    let dark = json!(["rgb(27, 30, 36)", "rgb(27, 30, 36)"]);
    for (turn, expected) in [("remove", &light), ("add", &dark), ("remove", &light)] {
        let script = format!("document.documentElement.classList.{turn}('night')");
        visitor.evaluates(&script).await?;
        visitor
            .waits_for(turn, || async {
                Ok(visitor.evaluates(grounds).await? == *expected)
            })
            .await?;
    }
    // A page that is dark from the start.
    let page = stage.page_with(
        "/dark",
        "<style>body { background: #101318 }</style>",
        list,
        &[],
    );
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor
        .waits_for("dark colours", || async {
            Ok(visitor.evaluates(grounds).await? == dark)
        })
        .await?;
    stage.ends_quietly()?;
    visitor.leaves().await
}

const SQUARE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="120" height="30"><rect width="120" height="30"/></svg>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_sites_own_logo_stands_above_the_title_and_comes_from_nowhere_else() -> Result<()> {
    // The same as an address of the site, and written out: the base64 of a square of 2 by 2 pixels.
    let written =
        "data:image/gif;base64,R0lGODlhAgACAIAAAAAAAP///yH5BAAAAAAALAAAAAACAAIAAAIChFEAOw==";
    for logo in ["/logo.svg", written] {
        let stage = Stage::with(&format!("[appearance]\nlogo = \"{logo}\"")).await?;
        stage.file("/logo.svg", SQUARE.as_bytes());
        let visitor = Visitor::arrives().await?;
        visitor.opens(&stage.page("/", "")).await?;
        visitor.sees_the_banner().await?;
        let there = format!(
            "{BANNER} const one = shadow.querySelector('.banner img'), title = shadow.querySelector('.banner h2').getBoundingClientRect(), {{ bottom, height }} = one.getBoundingClientRect();
             return [one.complete && one.naturalWidth > 1, one.alt, bottom <= title.top, height > 1 && height <= 41]"
        );
        visitor
            .waits_for("the logo", || async {
                Ok(visitor.evaluates(&there).await? == json!([true, "", true, true]))
            })
            .await?;
        let others = "return performance.getEntriesByType('resource').filter(one => !one.name.startsWith(location.origin) && !one.name.startsWith('data:')).length";
        assert_eq!(visitor.evaluates(others).await?, json!(0));
        stage.ends_quietly()?;
        visitor.leaves().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_that_a_visitor_downloads_is_the_one_that_verifies() -> Result<()> {
    let stage = Stage::with("[markup]\ndeclaration = true").await?;
    let page = stage.page("/", "<consent-declaration></consent-declaration>");
    let visitor = Visitor::arrives().await?;
    let folder = tempfile::tempdir()?;
    let to = json!({ "behavior": "allow", "downloadPath": folder.path() });
    visitor.commands("Browser.setDownloadBehavior", to).await?;
    visitor.opens(&page).await?;
    visitor.presses("refuse").await?;
    let receipt = visitor.receives_a_receipt(None).await?;
    let id = visitor.evaluates("return consent.get().jti").await?;
    let id = id.as_str().context("no id")?;
    let file = folder.path().join(format!("consent-stage-{id}.jwt"));
    // From the preferences, and from the list in the page.
    visitor.reopens_by_button().await?;
    visitor.presses("receipt").await?;
    for round in 0..2 {
        visitor
            .waits_for("the file", || async {
                Ok(std::fs::read_to_string(&file).is_ok_and(|text| text == receipt))
            })
            .await?;
        std::fs::remove_file(&file)?;
        let press = "document.querySelector('consent-declaration').shadowRoot.querySelector('[data-consent-action=receipt]').click()";
        if round == 0 {
            visitor.evaluates(press).await?;
        }
    }
    let (status, verdict) = http::post(
        &format!("{}/v1/verify", stage.url),
        &json!({ "receipt": receipt, "site": "stage" }).to_string(),
    )?;
    let verdict: Value = serde_json::from_str(&verdict)?;
    ensure!(status == 200, "{status}: {verdict}");
    ensure!(verdict["valid"] == json!(true), "{verdict}");
    stage.ends_quietly()?;
    visitor.leaves().await
}
