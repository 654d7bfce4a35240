//! The screen in front of a visitor: its size and magnification, the colours and the paper that they ask for. Chromium's alone.

use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::visitor::Visitor;

/// A screen.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    /// In CSS pixels.
    pub height: u32,
    /// In per cent, as browsers zoom: at 200, a page of 1280 by 800 pixels has 640 by 400 of its own.
    pub zoom: u32,
}

impl Screen {
    /// A desk's.
    pub const DESKTOP: Self = Self::of(1280, 800);
    /// A phone held upright.
    pub const PHONE: Self = Self::of(390, 844);
    /// A small phone on its side.
    pub const LANDSCAPE: Self = Self::of(740, 360);
    /// What WCAG's 1.4.10 asks pages to fit into.
    pub const NARROW: Self = Self::of(320, 568);
    /// A desk's at 200 %.
    pub const ZOOMED: Self = Self {
        zoom: 200,
        ..Self::DESKTOP
    };

    /// A screen that magnifies nothing.
    #[must_use]
    pub const fn of(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            zoom: 100,
        }
    }
}

impl Visitor {
    /// Sits down in front of another screen.
    pub async fn has_screen(&self, screen: Screen) -> Result<()> {
        let metrics = json!({
            "width": screen.width * 100 / screen.zoom,
            "height": screen.height * 100 / screen.zoom,
            "deviceScaleFactor": f64::from(screen.zoom) / 100.0,
            "mobile": screen.width < 600,
        });
        self.commands("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// Has a wish that style sheets hear of, such as `forced-colors: active`; none with an empty name.
    pub async fn wishes(&self, feature: &str, value: &str) -> Result<()> {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.commands("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// Saves the screen, or all of a page that is larger, as a WebP of this quality.
    pub async fn saves_the_screen(&self, file: &Path, quality: u32) -> Result<()> {
        let how = json!({ "format": "webp", "quality": quality, "captureBeyondViewport": true });
        let taken = self.commands("Page.captureScreenshot", how).await?;
        std::fs::write(file, decoded(&taken)?)?;
        Ok(())
    }

    /// Gives Chromium a command of its `DevTools` protocol.
    pub async fn commands(&self, command: &str, values: Value) -> Result<Value> {
        Ok(self.driver().cdp().send_raw(command, values).await?)
    }
}

/// The file in an answer.
pub(crate) fn decoded(answer: &Value) -> Result<Vec<u8>> {
    let data = answer["data"].as_str().context("no data")?;
    Ok(STANDARD.decode(data)?)
}
