//! An owner tries a declaration while writing it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use consent_tests::tool;
use consent_tests::visitor::Visitor;

/// What the sample page's banner says, seen from the page around it.
const BANNER: &str = "document.querySelector('iframe').contentDocument";

/// Ends with the scenario, however that ends.
struct Trial(Child);

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_change_is_on_the_page_without_a_reload_by_hand() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("site.toml");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sites/cime.toml");
    let text = std::fs::read_to_string(example)?;
    std::fs::write(&file, &text)?;
    let program = Command::new(tool::consent()?)
        .args(["try", "--port", "0"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut program = Trial(program);
    let stdout = program.0.stdout.take().context("its output")?;
    let mut url = String::new();
    BufReader::new(stdout).read_line(&mut url)?;

    let visitor = Visitor::arrives().await?;
    visitor.opens(url.trim()).await?;
    let is_asked = format!("return !!{BANNER}?.querySelector('consent-banner')");
    visitor.waits_until("the banner", &is_asked).await?;
    let other = text.replacen("name = { en = \"", "name = { en = \"Brand new ", 1);
    std::fs::write(&file, other)?;
    let is_other = format!("return !!{BANNER}?.body?.textContent.includes('Brand new')");
    visitor.waits_until("the changed name", &is_other).await?;
    std::fs::write(&file, "id = 1\n")?;
    let is_said =
        "return document.querySelector('[role=alert]')?.textContent.includes('site.toml:1:')";
    visitor.waits_until("what is wrong", is_said).await?;
    visitor.leaves().await
}
