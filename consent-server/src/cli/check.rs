//! `consent check`

use super::{Answer, say};

use anyhow::{Context as _, Result};
use consent_core::check::{Finding, Severity, check, to_sarif};
use consent_core::site::{Declaration, Diagnostic};
use consent_server::clock::Clock;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Declarations of sites (site.toml).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to write what is found.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line each, for people.
    Text,
    /// SARIF 2.1.0, for code review tools.
    Sarif,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let today = Clock::system().now();
    let (mut broken, mut findings) = (Vec::<Diagnostic>::new(), Vec::<Finding>::new());
    for path in &args.files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{name}: cannot be read as a text file"))?;
        match Declaration::parse(&name, &text) {
            Ok(declaration) => findings.extend(check(&declaration, today)),
            Err(diagnostics) => broken.extend(diagnostics),
        }
    }
    match args.format {
        Format::Text => {
            for diagnostic in &broken {
                say(diagnostic)?;
            }
            for finding in &findings {
                say(finding)?;
            }
        }
        Format::Sarif => say(to_sarif(&broken, &findings))?,
    }
    Ok(sum_up(args.files.len(), &broken, &findings))
}

/// Only what breaks the format or the law fails the check; the rest is for the owner to weigh.
fn sum_up(files: usize, broken: &[Diagnostic], findings: &[Finding]) -> Answer {
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.rule.severity == severity)
            .count()
    };
    let errors = broken.len() + count(Severity::Error);
    let (warnings, advice) = (count(Severity::Warning), count(Severity::Advice));
    if errors + warnings + advice == 0 {
        eprintln!("{files} checked, nothing found.");
    } else {
        eprintln!(
            "{files} checked: {errors} to mend, {warnings} warnings, {advice} pieces of advice."
        );
    }
    if errors == 0 { Answer::Yes } else { Answer::No }
}
