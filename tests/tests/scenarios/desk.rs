//! The pages for staff, as somebody reads them who answers a question and is no programmer.

use anyhow::{Context as _, Result, ensure};
use consent_tests::browser::Engine;
use consent_tests::demo::Demo;
use consent_tests::look::Part;
use consent_tests::record;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(an_officer_answers_three_questions_in_french_with_a_few_clicks);

/// Somebody who counts their clicks.
struct Officer {
    visitor: Visitor,
    clicks: u32,
}

impl Officer {
    /// Clicks on the link or button that says this, and waits until the next page says that.
    async fn clicks(&mut self, text: &str, then: &str) -> Result<()> {
        self.presses("a, button", text).await?;
        self.arrives(then).await
    }

    /// Unfolds what has this heading, and waits until that is seen.
    async fn unfolds(&mut self, text: &str, then: &str) -> Result<()> {
        self.presses("summary", text).await?;
        self.sees(then).await
    }

    async fn presses(&mut self, what: &str, text: &str) -> Result<()> {
        let press = format!(
            "const found = [...document.querySelectorAll({})].filter((one) => one.checkVisibility() && one.textContent.trim() == {});
             if (found.length == 1) {{ window.isLeft = true; found[0].click() }}
             return found.length",
            json!(what),
            json!(text)
        );
        let found = self.visitor.evaluates(&press).await?;
        ensure!(found == json!(1), "{text}: {found}");
        self.clicks += 1;
        Ok(())
    }

    /// Does what leads to another page, and waits until that says this.
    async fn goes_on_by(&self, script: &str, then: &str) -> Result<()> {
        let script = format!("window.isLeft = true; {script}");
        self.visitor.evaluates(&script).await?;
        self.arrives(then).await
    }

    /// The page before may have the same words.
    async fn arrives(&self, text: &str) -> Result<()> {
        let is_there = "return !window.isLeft && document.readyState == 'complete'";
        self.visitor.waits_until("the next page", is_there).await?;
        self.sees(text).await
    }

    async fn opens(&self, address: &str) -> Result<()> {
        self.visitor.opens(address).await
    }

    async fn sees(&self, text: &str) -> Result<()> {
        let says = format!("return document.body.innerText.includes({})", json!(text));
        self.visitor.waits_until(text, &says).await
    }

    /// What a table row with this heading says, cell by cell.
    async fn reads(&self, heading: &str) -> Result<Vec<String>> {
        let read = format!(
            "const row = [...document.querySelectorAll('tr')].find((row) => row.checkVisibility() && row.querySelector('th')?.textContent.trim().startsWith({}));
             return row ? [...row.querySelectorAll('td')].map((cell) => cell.textContent.trim()) : null",
            json!(heading)
        );
        let cells = self.visitor.evaluates(&read).await?;
        let cells = cells
            .as_array()
            .with_context(|| format!("no row {heading}"))?;
        Ok(cells
            .iter()
            .filter_map(|cell| cell.as_str())
            .map(str::to_owned)
            .collect())
    }
}

/// Of the ten questions: how many refused, per site and language; what share agreed to a purpose; and what was decided last.
async fn an_officer_answers_three_questions_in_french_with_a_few_clicks(
    engine: Engine,
) -> Result<()> {
    let demo = Demo::start()?;
    let mut receipt = String::new();
    for granted in [true, true, true, false] {
        let record = record::choice(&demo.facts.url, "lacassagne", granted)?;
        receipt = record::receipt(&demo.facts.url, &record)?;
    }
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    let staff = &demo.facts.staff_url;
    visitor.opens(&format!("{staff}/admin?lang=fr")).await?;
    let mut officer = Officer { visitor, clicks: 0 };
    officer.sees("Votre jeton").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    let token = format!("{}\n", demo.facts.token);
    officer.visitor.types(&token).await?;
    officer.sees("Se déconnecter").await?;

    // Which sites got answers, and what share agreed? Nothing to click.
    let line = officer.reads("Centre Antoine Lacassagne").await?;
    ensure!(line == ["4", "75\u{202f}%", "–"], "{line:?}");
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;

    // How many refused this month, and in which language?
    officer
        .clicks("Centre Antoine Lacassagne", "Vue d’ensemble")
        .await?;
    officer.clicks("Ce mois-ci", "Vue d’ensemble").await?;
    let line = officer.reads("fr").await?;
    ensure!(line == ["4", "1", "75\u{202f}%"], "{line:?}");
    ensure!(officer.clicks == 2, "{} clicks", officer.clicks);

    // What share agreed to what?
    let agreed = "return [...document.querySelectorAll('.agreed tbody tr')].map((row) => row.cells[3].textContent)";
    let agreed = officer.visitor.evaluates(agreed).await?;
    let agreed = agreed.as_array().context("no table")?;
    ensure!(
        !agreed.is_empty() && agreed.iter().all(|share| *share == "75\u{202f}%"),
        "{agreed:?}"
    );
    ensure!(officer.clicks == 2, "{} clicks", officer.clicks);
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;

    // What the visitors saw, as they saw it.
    officer
        .clicks("Ce que les visiteurs ont vu", "Publiée le")
        .await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    let shown = "window.isLeft = true; document.querySelector('a[href^=\"notices/\"]').click()";
    officer.visitor.evaluates(shown).await?;
    let is_shown = "return !window.isLeft && document.querySelector('template, main > div')?.shadowRoot?.querySelector('.banner')?.checkVisibility()";
    officer.visitor.waits_until("the notice", is_shown).await?;

    // What a receipt is worth, and what is kept of whoever has it; who looked; and what keeps it whole.
    officer.opens(&format!("{staff}/admin/proof")).await?;
    let paste = format!(
        "document.querySelector('.finder input').value = {};
         document.querySelector('.finder').requestSubmit()",
        json!(receipt)
    );
    officer.goes_on_by(&paste, "4 enregistrements").await?;
    officer.sees("Valable").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    officer.unfolds("Effacer cet historique", "Motif").await?;
    let ask = "const form = document.querySelector('.erase form');
         form.elements.reason.value = 'request'; form.requestSubmit()";
    officer.goes_on_by(ask, "Effacer 4 enregistrements").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    officer
        .clicks("Revenir sans rien effacer", "4 enregistrements")
        .await?;
    officer.clicks("Accès", "a cherché une preuve").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    officer.clicks("Intégrité", "signe actuellement").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    let site = format!("{staff}/admin/sites/lacassagne");
    officer.opens(&format!("{site}/declaration")).await?;
    officer.sees("Contrôle de la déclaration").await?;
    officer.visitor.finds_no_barrier(Part::StaffPage).await?;
    officer.opens(&site).await?;

    // The same in English, with one click, and it stays so.
    officer.clicks("English", "Overview").await?;
    officer.clicks("← Sites", "Agreed to something").await?;
    // Chromium would have a name beside each password; a token is one's name, too.
    let advice = ["Password forms should have"];
    officer.visitor.leaves_behind(&advice).await
}
