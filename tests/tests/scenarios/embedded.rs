//! A program of one's own with a consent server in it: `examples/embedded`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_tests::visitor::Visitor;
use consent_tests::{http, tool};
use serde_json::json;
use tempfile::TempDir;

/// The program, with the address of its page and that of its staff.
struct Program {
    process: Child,
    page: String,
    staff: String,
    _data: TempDir,
}

impl Program {
    fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let sites = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/sites");
        let mut process = Command::new(tool::example("embedded")?)
            .env("SITES", sites)
            .env("SITE", "lacassagne")
            .env("DATA", data.path().join("data"))
            .env("LISTEN", "127.0.0.1:0")
            .env("STAFF", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .context("examples/embedded does not start")?;
        let mut said = String::new();
        let out = process.stdout.take().context("no output")?;
        BufReader::new(out).read_line(&mut said)?;
        let (page, staff) = said
            .trim_end()
            .split_once(" (staff: ")
            .with_context(|| format!("it says {said:?}"))?;
        Ok(Self {
            process,
            page: page.to_owned(),
            staff: staff.trim_end_matches(')').to_owned(),
            _data: data,
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_a_program_of_ones_own_asks_records_and_proves() -> Result<()> {
    let program = Program::start()?;
    let visitor = Visitor::arrives().await?;
    visitor.opens(&program.page).await?;
    visitor.sees_the_banner().await?;
    let heading = "return document.querySelector('h1').textContent";
    assert_eq!(visitor.evaluates(heading).await?, json!("A page of my own"));
    visitor.presses("accept").await?;
    let receipt = visitor.receives_a_receipt(None).await?;
    visitor
        .waits_until(
            "what was agreed to",
            "return document.querySelector('h1').textContent == 'Counted'",
        )
        .await?;
    // The next page releases it at once.
    visitor.opens(&program.page).await?;
    visitor.is_left_alone().await?;
    assert_eq!(visitor.evaluates(heading).await?, json!("Counted"));
    visitor.leaves().await?;

    // The server under its path knows the receipt, and nothing of it is anywhere else.
    let answer = ureq::post(format!("{}consent/v1/verify", program.page))
        .send(receipt.as_str())?
        .body_mut()
        .read_to_string()?;
    ensure!(answer.contains("\"valid\""), "{answer}");
    ensure!(
        http::get(&format!("{}consent/log/checkpoint", program.page), None)?
            .contains("/consent/log\n")
    );
    ensure!(http::get(&format!("{}v1/verify", program.page), None).is_err());
    ensure!(http::get(&program.staff, None)?.contains("Your token"));
    ensure!(http::get(&format!("{}consent/admin", program.page), None).is_err());
    Ok(())
}
