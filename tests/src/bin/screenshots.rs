//! Pictures of every layout for people to look at: `cargo xtask screenshots`. A folder of them, and all on one sheet.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use consent_core::i18n;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

const LAYOUTS: [&str; 4] = ["bar", "bar-top", "box-right", "dialog"];
const THEMES: [&str; 2] = ["light", "dark"];
const LANGUAGES: [&str; 5] = ["en", "fr", "de", "ar", "ja"];

/// Name, width and height in CSS pixels.
const SCREENS: [(&str, u32, u32); 2] = [("desktop", 1280, 800), ("phone", 390, 844)];

const HOST: &str = include_str!("../stage/hosts/plain.html");

#[tokio::main]
async fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os()
        .nth(1)
        .context("name the folder to write to")?
        .into();
    std::fs::create_dir_all(&folder)?;
    let known: Vec<_> = i18n::languages().collect();
    let languages: Vec<_> = LANGUAGES
        .into_iter()
        .filter(|language| known.contains(language))
        .collect();
    let visitor = Visitor::arrives().await?;
    let mut taken = Vec::new();
    for layout in LAYOUTS {
        for theme in THEMES {
            let more = format!("[appearance]\nlayout = \"{layout}\"\ntheme = \"{theme}\"");
            let stage = Stage::in_languages(&format!("{languages:?}"), &more).await?;
            for language in &languages {
                let look = if theme == "dark" {
                    "<style>html { color-scheme: dark } body { background: #14161b !important; color: #ddd !important }</style>"
                } else {
                    ""
                };
                let head = format!(
                    "<meta name=\"viewport\" content=\"width=device-width\">{look}
                     <script nonce=\"ear\">document.documentElement.lang = \"{language}\"</script>"
                );
                let body = format!("{HOST}<div style=\"height: 60em\"></div>");
                let page = stage.page_with("/", &head, &body, &[]);
                for (screen, width, height) in SCREENS {
                    resize(&visitor, width, height).await?;
                    forget(&visitor, &page).await?;
                    visitor.sees_the_banner().await?;
                    visitor.waits_a_moment().await;
                    let name = format!("{layout}-{theme}-{screen}-{language}");
                    picture(&visitor, &folder, &name, &mut taken).await?;
                    // The preferences look the same in every layout.
                    if layout == LAYOUTS[0] {
                        visitor.presses("choose").await?;
                        visitor.sees_the_preferences().await?;
                        visitor.waits_a_moment().await;
                        let name = format!("preferences-{theme}-{screen}-{language}");
                        picture(&visitor, &folder, &name, &mut taken).await?;
                    }
                }
            }
        }
    }
    sheet(&visitor, &folder, &taken).await?;
    visitor.leaves().await
}

async fn picture(
    visitor: &Visitor,
    folder: &Path,
    name: &str,
    taken: &mut Vec<String>,
) -> Result<()> {
    visitor
        .takes_a_picture(&folder.join(format!("{name}.png")))
        .await?;
    taken.push(name.into());
    Ok(())
}

/// Opens a page as somebody who was never there.
async fn forget(visitor: &Visitor, page: &str) -> Result<()> {
    visitor.opens(page).await?;
    visitor.driver().delete_all_cookies().await?;
    visitor.reloads().await
}

async fn resize(visitor: &Visitor, width: u32, height: u32) -> Result<()> {
    let metrics =
        json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
    visitor
        .driver()
        .cdp()
        .send_raw("Emulation.setDeviceMetricsOverride", metrics)
        .await?;
    Ok(())
}

/// All of them small on one sheet, a language a column.
async fn sheet(visitor: &Visitor, folder: &Path, taken: &[String]) -> Result<()> {
    let mut rows = std::collections::BTreeMap::<&str, String>::new();
    let mut order = Vec::new();
    for name in taken {
        let (row, _) = name.rsplit_once('-').context("a name without a language")?;
        if !rows.contains_key(row) {
            order.push(row);
        }
        write!(
            rows.entry(row).or_default(),
            "<img src=\"{name}.png\" alt=\"\">"
        )?;
    }
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><style>body { margin: 8px; font: 11px system-ui; background: #fff; width: max-content } div { margin-bottom: 6px }
         img { height: 150px; margin: 2px 4px 0 0; border: 1px solid #bbb; vertical-align: top }</style>",
    );
    for row in order {
        write!(html, "<div>{row}<br>{}</div>", rows[row])?;
    }
    let page = folder.join("sheet.html");
    std::fs::write(&page, html)?;
    visitor
        .opens(&format!("file://{}", page.canonicalize()?.display()))
        .await?;
    let size = visitor
        .evaluates("return [document.body.offsetWidth + 16, document.documentElement.scrollHeight]")
        .await?;
    let of = |place: usize| u32::try_from(size[place].as_u64().unwrap_or(1000)).unwrap_or(1000);
    resize(visitor, of(0), of(1)).await?;
    visitor.takes_a_picture(&folder.join("sheet.png")).await?;
    println!("{}", folder.join("sheet.png").display());
    Ok(())
}
