//! How things look to people who do not look: axe-core on the page, and the keyboard.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::tool;
use crate::visitor::Visitor;

/// Where axe-core looks, by how a page reaches it.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// What the banner shows.
    Banner,
    /// A placeholder.
    Placeholder,
    /// The list of cookies in a page.
    Declaration,
    /// A whole page for staff.
    StaffPage,
}

impl Part {
    const fn element(self) -> &'static str {
        match self {
            Self::Banner => "consent-banner",
            Self::Placeholder => "consent-placeholder",
            Self::Declaration => "consent-declaration",
            Self::StaffPage => "html",
        }
    }
}

impl Visitor {
    /// axe-core finds nothing: every rule, every impact, best practices too. It must have looked at something.
    pub async fn finds_no_barrier(&self, part: Part) -> Result<()> {
        let engine = std::fs::read_to_string(tool::node_modules()?.join("axe-core/axe.min.js"))?;
        self.evaluates(&format!("{engine}; return 0")).await?;
        let element = part.element();
        // The page around it is the stage's own affair: only what lies inside the element counts.
        let script = format!(
            "const done = arguments[arguments.length - 1];
             axe.run({{ include: [['{element}']] }}, {{ resultTypes: ['violations', 'incomplete'] }}).then((found) => done({{
               looked: found.passes.length,
               wrong: found.violations.map((rule) => [rule.id, rule.impact, ...rule.nodes.map((node) => node.html + ' ' + node.failureSummary)].join('\\n')),
             }}), (problem) => done({{ looked: 0, wrong: ['' + problem] }}));"
        );
        let said = self.driver().execute_async(script, vec![]).await?;
        let said = said.json();
        let wrong = said["wrong"].as_array().context("no answer")?;
        ensure!(
            wrong.is_empty(),
            "axe-core on {element}:\n{}",
            wrong
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join("\n\n")
        );
        ensure!(
            said["looked"].as_u64().unwrap_or_default() > 5,
            "axe-core found nothing to look at in {element}: {said}"
        );
        Ok(())
    }

    /// What has the focus, deep in shadow trees: the action of a button, or else the element's name and id.
    pub async fn has_focus_on(&self) -> Result<String> {
        let script = "let one = document.activeElement;
            while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
            return one?.dataset?.consentAction ?? one?.dataset?.category ?? one?.dataset?.service ?? [one?.localName, one?.id].filter(Boolean).join('#')";
        Ok(self
            .evaluates(script)
            .await?
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }
}
