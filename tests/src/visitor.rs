//! What a visitor does on a page, and what they see: the verbs of the scenarios.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use thirtyfour::common::print::PrintParameters;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use crate::browser::{Browser, Engine};
use crate::screen::decoded;

/// How long the page may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// Somebody in front of a browser.
pub struct Visitor {
    browser: Browser,
}

impl Visitor {
    /// Somebody with a fresh Chromium.
    pub async fn arrives() -> Result<Self> {
        Self::arrives_with(Engine::Chromium, &[]).await
    }

    /// Somebody with a fresh browser, set up as [`Browser::start`] says.
    pub async fn arrives_with(engine: Engine, more: &[&str]) -> Result<Self> {
        let browser = Browser::start(engine, more).await?;
        Ok(Self { browser })
    }

    /// The session, for what these verbs do not say.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.browser.driver
    }

    /// Opens a page.
    pub async fn opens(&self, url: &str) -> Result<()> {
        Ok(self.browser.driver.goto(url).await?)
    }

    /// Loads the page again.
    pub async fn reloads(&self) -> Result<()> {
        Ok(self.browser.driver.refresh().await?)
    }

    /// Waits until the first layer is on the screen and wired.
    pub async fn sees_the_banner(&self) -> Result<()> {
        self.waits_for("the banner", || self.shows("[data-layer=first]"))
            .await
    }

    /// Whether the first layer is on the screen.
    pub async fn is_asked(&self) -> Result<bool> {
        self.shows("[data-layer=first]").await
    }

    /// Presses one of the banner's buttons that is on the screen.
    pub async fn presses(&self, action: &str) -> Result<()> {
        let selector = format!("[data-consent-action={action}]");
        self.waits_for(&selector, || self.shows(&selector)).await?;
        Ok(self.in_banner(&selector).await?.click().await?)
    }

    /// Waits until the preferences are on the screen.
    pub async fn sees_the_preferences(&self) -> Result<()> {
        self.waits_for("the preferences", || self.shows("dialog[open]"))
            .await
    }

    /// Turns a switch of the preferences on or off.
    pub async fn turns(&self, name: &str, on: bool) -> Result<()> {
        let selector = format!("input[data-category={name}], input[data-service={name}]");
        self.waits_for(&selector, || self.shows(&selector)).await?;
        let switch = self.in_banner(&selector).await?;
        if switch.is_selected().await? != on {
            switch.click().await?;
        }
        ensure!(
            switch.is_selected().await? == on,
            "the switch of {name} did not move"
        );
        Ok(())
    }

    /// Whether a switch of the preferences is on.
    pub async fn finds_on(&self, name: &str) -> Result<bool> {
        let selector = format!("input[data-category={name}], input[data-service={name}]");
        Ok(self.in_banner(&selector).await?.is_selected().await?)
    }

    /// Opens the preferences with the page's own link, or else the small button.
    pub async fn reopens(&self) -> Result<()> {
        let link = "return document.querySelector('[data-consent-open]') ?? document.querySelector('consent-reopen').shadowRoot.querySelector('button')";
        let link = self.browser.driver.execute(link, vec![]).await?.element()?;
        // At once: a page may scroll smoothly, and a click must not fall on what passes by.
        let script = "arguments[0].scrollIntoView({ behavior: 'instant', block: 'center' })";
        self.browser
            .driver
            .execute(script, vec![link.to_json()?])
            .await?;
        link.click().await?;
        self.sees_the_preferences().await
    }

    /// Opens the preferences as the small button does, wherever the page has been scrolled to.
    pub async fn reopens_by_button(&self) -> Result<()> {
        let button = "const button = document.querySelector('consent-reopen')?.shadowRoot.querySelector('button') ?? document.querySelector('button[data-consent-open]'); button?.click(); return !!button";
        self.waits_for("the small button", || async {
            Ok(self.evaluates(button).await? == serde_json::Value::Bool(true))
        })
        .await?;
        self.sees_the_preferences().await
    }

    /// Types on the keyboard, into whatever has the focus.
    pub async fn types(&self, keys: &str) -> Result<()> {
        let keys = keys.replace('\n', "\u{e007}").replace('\t', "\u{e004}");
        let chain = self.browser.driver.action_chain();
        Ok(chain.send_keys(keys).perform().await?)
    }

    /// Goes back with Shift and Tab.
    pub async fn tabs_back(&self) -> Result<()> {
        let chain = self.browser.driver.action_chain().key_down(Key::Shift);
        Ok(chain
            .send_keys(Key::Tab)
            .key_up(Key::Shift)
            .perform()
            .await?)
    }

    /// The text of an element of the banner.
    pub async fn reads(&self, selector: &str) -> Result<String> {
        Ok(self.in_banner(selector).await?.text().await?)
    }

    /// Waits until the banner and the dialog are gone from the screen.
    pub async fn is_left_alone(&self) -> Result<()> {
        self.waits_for("quiet", || async {
            Ok(!self.shows("[data-layer=first]").await? && !self.shows("dialog[open]").await?)
        })
        .await
    }

    /// The value of a cookie that the page can read.
    pub async fn cookie(&self, name: &str) -> Result<Option<String>> {
        let all = self.evaluates("return document.cookie").await?;
        let all = all.as_str().unwrap_or_default();
        let value = all
            .split("; ")
            .filter_map(|pair| pair.split_once('='))
            .find(|(n, _)| *n == name);
        Ok(value.map(|(_, value)| value.to_owned()))
    }

    /// The receipt, as soon as the server's answer is in the cookie; another than `not`.
    pub async fn receives_a_receipt(&self, not: Option<&str>) -> Result<String> {
        let is_new = |value: &str| value.split('.').count() == 3 && Some(value) != not;
        self.waits_for("a receipt", || async {
            Ok(self
                .cookie("eu-consent")
                .await?
                .is_some_and(|value| is_new(&value)))
        })
        .await?;
        self.cookie("eu-consent")
            .await?
            .context("the receipt is gone")
    }

    /// The files that the page has loaded, by their addresses.
    pub async fn loaded(&self) -> Result<Vec<String>> {
        let script = "return performance.getEntriesByType('resource').map(entry => entry.name)";
        Ok(serde_json::from_value(self.evaluates(script).await?)?)
    }

    /// The result of a script in the page.
    pub async fn evaluates(&self, script: &str) -> Result<serde_json::Value> {
        Ok(self
            .browser
            .driver
            .execute(script, vec![])
            .await?
            .json()
            .clone())
    }

    /// Waits until something is so.
    pub async fn waits_for<F>(&self, what: &str, so: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        self.waits(PATIENCE, what, so).await
    }

    /// Waits until a script in the page returns true.
    pub async fn waits_until(&self, what: &str, script: &str) -> Result<()> {
        self.waits_for(what, || async { Ok(self.evaluates(script).await? == true) })
            .await
    }

    /// Waits until something is so that comes by itself after a pause.
    pub async fn waits_for_long<F>(&self, what: &str, so: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        self.waits(PATIENCE * 4, what, so).await
    }

    async fn waits<F>(&self, most: Duration, what: &str, mut so: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = Result<bool>>,
    {
        let start = Instant::now();
        while start.elapsed() < most {
            match so().await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) if was_asked_of_a_page_that_left(&error) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!(
            "waited for {what} in vain; the console says {:?}",
            self.browser.console().await?
        )
    }

    /// Gives everything on the page the time to go wrong.
    pub async fn waits_a_moment(&self) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    /// Saves what is on the screen, for people.
    pub async fn takes_a_picture(&self, file: &std::path::Path) -> Result<()> {
        Ok(self.browser.driver.screenshot(file).await?)
    }

    /// Prints the page, and answers with its PDF: what is on the paper, with nothing for readers of the file.
    pub async fn prints(&self) -> Result<Vec<u8>> {
        if self.browser.engine() == Engine::Chromium {
            let plain = serde_json::json!({ "generateTaggedPDF": false });
            return decoded(&self.commands("Page.printToPDF", plain).await?);
        }
        let paper = PrintParameters::default();
        Ok(self.browser.driver.print_page(paper).await?)
    }

    /// Leaves. The console must have stayed empty.
    pub async fn leaves(self) -> Result<()> {
        self.leaves_behind(&[]).await
    }

    /// Leaves. Nothing stands in the console but lines with these words.
    pub async fn leaves_behind(self, words: &[&str]) -> Result<()> {
        let mut console = self.browser.console().await?;
        console.retain(|line| !words.iter().any(|word| line.contains(word)));
        self.browser.quit().await?;
        ensure!(
            console.is_empty(),
            "the console is not empty:\n{}",
            console.join("\n")
        );
        Ok(())
    }

    async fn shows(&self, selector: &str) -> Result<bool> {
        let Ok(element) = self.in_banner(selector).await else {
            return Ok(false);
        };
        match element.is_displayed().await {
            // The page was loaded again meanwhile, and has yet to show anything.
            Err(error)
                if matches!(
                    error.as_inner(),
                    WebDriverErrorInner::StaleElementReference(_)
                ) =>
            {
                Ok(false)
            }
            shown => Ok(shown?),
        }
    }

    /// The element of the banner that a visitor would find: one on the screen before one that is not.
    async fn in_banner(&self, selector: &str) -> Result<WebElement> {
        let script = "const root = document.querySelector('consent-banner')?.shadowRoot;
            const all = [...(root?.querySelectorAll(arguments[0]) ?? [])];
            return all.find(element => element.checkVisibility()) ?? all[0] ?? null";
        let found = self
            .browser
            .driver
            .execute(script, vec![selector.into()])
            .await?;
        found
            .element()
            .with_context(|| format!("the banner has no {selector}"))
    }
}

/// Whether a browser could not say because the page made room for the next one in between; each says so in its own words.
fn was_asked_of_a_page_that_left(error: &anyhow::Error) -> bool {
    let said = format!("{error:#}");
    [
        "Callback was not called before the unload event",
        "Document was unloaded",
        "aborted by navigation",
    ]
    .iter()
    .any(|words| said.contains(words))
}
