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

use alloc::vec::Vec;

use crate::site::{Declaration, Diagnostic};
use crate::time::UnixSeconds;

mod finding;
mod json;
mod rule;
mod rules;
mod sarif;
mod trackers;
mod wording;

pub use finding::Finding;
pub use json::{FileReport, to_json};
pub use rule::{Rule, Severity};
pub use rules::rules;
pub use sarif::to_sarif;

/// Applies every rule, as of a date; what is found comes in the order of the site's file, and then of its base.
#[must_use]
pub fn check(declaration: &Declaration, today: UnixSeconds) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules() {
        let mut found = rule::Found::default();
        (rule.look)(&declaration.site, today, &mut found);
        findings.extend(found.0.into_iter().map(|(key, problem, advice)| {
            let place = declaration.places.of(&key);
            let found = Diagnostic {
                file: declaration.places.file(&key).into(),
                line: place.line,
                column: place.column,
                problem,
                advice,
                key,
            };
            (
                declaration.places.find(&found.key).0,
                Finding { rule, found },
            )
        }));
    }
    findings.sort_by_key(|(file, Finding { rule, found })| {
        (*file, found.line, found.column, rule.severity)
    });
    findings.into_iter().map(|(_, finding)| finding).collect()
}
