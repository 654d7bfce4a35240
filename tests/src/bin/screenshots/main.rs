//! Pictures of every layout for people to look at, and contact sheets of them: `cargo xtask screenshots`.

mod edges;
mod sheet;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use consent_tests::screen::Screen;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;

use crate::sheet::Sheet;

/// The layouts, by the sheets that they are shown on.
const LAYOUTS: [(&str, &[&str]); 3] = [
    ("bars", &["bar", "bar-top"]),
    (
        "boxes",
        &["box-left", "box-right", "box-top-left", "box-top-right"],
    ),
    ("dialog", &["dialog"]),
];
const THEMES: [&str; 2] = ["light", "dark"];
const LANGUAGES: [&str; 5] = ["en", "fr", "de", "ar", "ja"];
const SCREENS: [(&str, Screen); 2] = [("desktop", Screen::DESKTOP), ("phone", Screen::PHONE)];

/// Not by the pointer, which would stay where it pressed.
const CHOOSE: &str = "document.querySelector('consent-banner').shadowRoot.querySelector('[data-consent-action=choose]').click()";

const HOST: &str = include_str!("../../stage/hosts/plain.html");
const DARK: &str = "<style>html { color-scheme: dark } body { background: #14161b !important; color: #ddd !important }</style>";

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("name the folder to write to")?;
    let sheets = arguments.next().unwrap_or_else(|| folder.clone());
    for folder in [&folder, &sheets] {
        std::fs::create_dir_all(folder)?;
    }
    let visitor = Visitor::arrives().await?;
    let mut preferences = Sheet::new("preferences");
    for (name, layouts) in LAYOUTS {
        let mut first = Sheet::new(name);
        for layout in layouts {
            for theme in THEMES {
                // The preferences look the same in every layout.
                let more = (*layout == "bar").then_some(&mut preferences);
                layers(&visitor, &folder, (layout, theme), &mut first, more).await?;
            }
        }
        first.saved(&visitor, &folder, &sheets).await?;
    }
    preferences.saved(&visitor, &folder, &sheets).await?;
    let edges = edges::pictures(&visitor, &folder).await?;
    edges.saved(&visitor, &folder, &sheets).await?;
    visitor.leaves().await
}

/// The first layer of one layout in each language on each screen, and the preferences where they are asked for.
async fn layers(
    visitor: &Visitor,
    folder: &Path,
    (layout, theme): (&str, &str),
    first: &mut Sheet,
    mut preferences: Option<&mut Sheet>,
) -> Result<()> {
    let more = format!("[appearance]\nlayout = \"{layout}\"\ntheme = \"{theme}\"");
    let stage = Stage::in_languages(&format!("{LANGUAGES:?}"), &more).await?;
    first.begins(&format!("{layout}, {theme}"));
    if let Some(sheet) = &mut preferences {
        sheet.begins(theme);
    }
    for language in LANGUAGES {
        let page = page(&stage, theme, language, "");
        for (screen, size) in SCREENS {
            visitor.has_screen(size).await?;
            comes_anew(visitor, &page).await?;
            let name = format!("{layout}-{theme}-{screen}-{language}");
            takes(visitor, folder, &name, first).await?;
            if let Some(sheet) = &mut preferences {
                visitor.evaluates(CHOOSE).await?;
                visitor.sees_the_preferences().await?;
                let name = format!("preferences-{theme}-{screen}-{language}");
                takes(visitor, folder, &name, sheet).await?;
            }
        }
    }
    Ok(())
}

/// A page of the plain host in a language, with more in its body; answers with its address.
fn page(stage: &Stage, theme: &str, language: &str, body: &str) -> String {
    let look = if theme == "dark" { DARK } else { "" };
    let head = format!(
        "<meta name=\"viewport\" content=\"width=device-width\">{look}
         <script nonce=\"ear\">document.documentElement.lang = \"{language}\"</script>"
    );
    let body = format!("{HOST}{body}<div style=\"height: 60em\"></div>");
    stage.page_with("/", &head, &body, &[])
}

/// Opens a page as somebody who was never there.
async fn comes_anew(visitor: &Visitor, page: &str) -> Result<()> {
    visitor.opens(page).await?;
    visitor.driver().delete_all_cookies().await?;
    visitor.reloads().await?;
    visitor.sees_the_banner().await
}

/// Takes one picture, and puts it on a sheet.
async fn takes(visitor: &Visitor, folder: &Path, name: &str, sheet: &mut Sheet) -> Result<()> {
    visitor.waits_a_moment().await;
    let file = format!("{name}.png");
    visitor.takes_a_picture(&folder.join(&file)).await?;
    sheet.shows(&file);
    Ok(())
}
