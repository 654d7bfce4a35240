//! What a privacy lawyer would say about a declaration: rules of law and guidelines, each with its source.
//!
//! A file that breaks the format is refused before it comes here, by [`Declaration::parse`]. [`rules`] lists the rules;
//! [`to_json`] and [`to_sarif`] write what they found for programs. Nothing found is no proof of being lawful: a rule sees
//! what is declared, not what the pages do.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use consent_core::check::{Severity, check};
//! use consent_core::site::Declaration;
//! use consent_core::time::UnixSeconds;
//!
//! let text = std::fs::read_to_string("site.toml")?;
//! let declaration = Declaration::parse("site.toml", &text).map_err(|wrong| wrong[0].to_string())?;
//! let today = UnixSeconds::from_rfc3339("2026-11-22")?;
//! for finding in check(&declaration, today) {
//!     println!("{finding}");
//! }
//! # Ok(())
//! # }
//! ```

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use crate::site::{Declaration, Site};
use crate::time::UnixSeconds;

mod json;
mod rules;
mod sarif;
mod trackers;
mod wording;

pub use json::{Report, to_json};
pub use rules::rules;
pub use sarif::to_sarif;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Unlawful, or very likely so.
    Error,
    /// Against a guideline, or a risk.
    Warning,
    /// Good practice.
    Advice,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// A rule of law or of a guideline.
#[derive(Debug)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it asks for, in a sentence.
    pub summary: &'static str,
    /// The law or guideline, with its paragraph.
    pub source: &'static str,
    look: fn(&Site, UnixSeconds, &mut Found),
}

/// One thing that a rule found in a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The name of the file, the site's own or its base, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The key, from the file's root.
    pub key: String,
    /// What was found.
    pub problem: String,
    /// How to mend it.
    pub advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            file,
            line,
            column,
            key,
            problem,
            advice,
        } = self;
        writeln!(
            f,
            "{file}:{line}:{column}: {} [{}] {key}: {problem}; {advice}",
            rule.severity.as_str(),
            rule.id
        )?;
        write!(f, "    {}", rule.source)
    }
}

/// Applies every rule, as of a date; what is found comes in the order of the site's file, and then of its base.
#[must_use]
pub fn check(declaration: &Declaration, today: UnixSeconds) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules() {
        let mut found = Found(Vec::new());
        (rule.look)(&declaration.site, today, &mut found);
        findings.extend(found.0.into_iter().map(|(key, problem, advice)| {
            let place = declaration.places.of(&key);
            let finding = Finding {
                rule,
                file: declaration.places.file(&key).into(),
                line: place.line,
                column: place.column,
                problem,
                advice,
                key,
            };
            (declaration.places.find(&finding.key).0, finding)
        }));
    }
    findings.sort_by_key(|(file, finding)| {
        (*file, finding.line, finding.column, finding.rule.severity)
    });
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// What one rule has found so far: key, problem, advice.
struct Found(Vec<(String, String, String)>);

impl Found {
    fn push(
        &mut self,
        key: impl Into<String>,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push((key.into(), problem.into(), advice.into()));
    }
}
