//! A contact sheet: pictures side by side, at one height, under headings.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use consent_tests::screen::Screen;
use consent_tests::visitor::Visitor;

/// Of a WebP: what is small stays readable, and a sheet stays well below what a page of documentation may weigh.
const QUALITY: u32 = 50;

const STYLE: &str = "body { margin: 8px; font: 13px system-ui, sans-serif; color: #333; background: #fff; width: max-content }
    div { display: flex; flex-wrap: wrap; gap: 6px; margin: 2px 0 10px; max-width: 2040px } img { height: 190px; outline: 1px solid #bbb }";

/// A sheet that grows.
pub(crate) struct Sheet {
    name: String,
    html: String,
}

impl Sheet {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            html: String::new(),
        }
    }

    /// Begins a row.
    pub(crate) fn begins(&mut self, heading: &str) {
        let end = if self.html.is_empty() { "" } else { "</div>" };
        // Writing to a string cannot fail.
        let _ = write!(self.html, "{end}{heading}<div>");
    }

    /// Adds a picture of the same folder to the row.
    pub(crate) fn shows(&mut self, file: &str) {
        let _ = write!(self.html, "<img src=\"{file}\" alt=\"\">");
    }

    /// Writes it as a page beside its pictures, and as one picture.
    pub(crate) async fn saved(self, visitor: &Visitor, folder: &Path, sheets: &Path) -> Result<()> {
        let page = folder.join(format!("{}.html", self.name));
        let html = format!(
            "<!doctype html><meta charset=utf-8><style>{STYLE}</style>{}",
            self.html
        );
        std::fs::write(&page, html)?;
        let address = format!("file://{}", page.canonicalize()?.display());
        visitor.has_screen(Screen::DESKTOP).await?;
        visitor.opens(&address).await?;
        let size = visitor
            .evaluates("return [document.body.offsetWidth + 16, document.body.offsetHeight + 16]")
            .await?;
        let [width, height] = serde_json::from_value::<[u32; 2]>(size).context("no size")?;
        visitor.has_screen(Screen::of(width, height)).await?;
        let file = sheets.join(format!("{}.webp", self.name));
        visitor.saves_the_screen(&file, QUALITY).await?;
        println!("{}", file.display());
        Ok(())
    }
}
