//! `consent check`

use super::{Answer, say};

use anyhow::Result;
use consent_core::check::{FileReport, Finding, Severity, check, to_json, to_sarif};
use consent_core::site::Diagnostic;
use consent_server::clock::Clock;
use consent_server::declarations::read_files;
use std::path::PathBuf;

/// Check declarations of sites: their format, and what law and guidelines say.
///
/// A file that another one names as its `base` is checked as a part of that one.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// Declarations of sites (site.toml).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to write what is found.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const AFTER_HELP: &str = "\
With --format json, stdout is one object: {\"files\": [{\"file\", \"errors\": […], \"findings\": […]}]}.
Each error and finding has: rule, severity (error, warning, advice), source, key, file, line, column, message, advice.
Errors are breaches of the format (rule \"format\"); a file that has any is not checked further.

Exit codes: 0 nothing to mend (warnings and advice may be there), 1 something to mend, 2 a file cannot be read.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line each, for people.
    Text,
    /// One object, for scripts.
    Json,
    /// SARIF 2.1.0, for code review tools.
    Sarif,
}

/// What was found in one file.
struct CheckedFile {
    file: String,
    errors: Vec<Diagnostic>,
    findings: Vec<Finding>,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let today = Clock::system().now();
    let mut all = Vec::new();
    for declared in read_files(&args.files)? {
        let (errors, findings) = match declared.read {
            Ok(declaration) => (Vec::new(), check(&declaration, today)),
            Err(diagnostics) => (diagnostics, Vec::new()),
        };
        all.push(CheckedFile {
            file: declared.file,
            errors,
            findings,
        });
    }
    if args.format == Format::Json {
        say(to_json(
            &all.iter().map(CheckedFile::report).collect::<Vec<_>>(),
        ))?;
    }
    let files = all.len();
    let (broken, findings) = said_once(all);
    match args.format {
        Format::Text => {
            for diagnostic in &broken {
                say(diagnostic)?;
            }
            for finding in &findings {
                say(finding)?;
            }
        }
        Format::Json => {}
        Format::Sarif => say(to_sarif(&broken, &findings))?,
    }
    Ok(sum_up(files, &broken, &findings))
}

impl CheckedFile {
    fn report(&self) -> FileReport<'_> {
        FileReport {
            file: &self.file,
            errors: &self.errors,
            findings: &self.findings,
        }
    }
}

/// What is found in a base is found for each of its sites.
fn said_once(all: Vec<CheckedFile>) -> (Vec<Diagnostic>, Vec<Finding>) {
    let (mut broken, mut findings) = (Vec::<Diagnostic>::new(), Vec::<Finding>::new());
    for checked in all {
        for diagnostic in checked.errors {
            if !broken.contains(&diagnostic) {
                broken.push(diagnostic);
            }
        }
        for finding in checked.findings {
            if !findings.iter().any(|said| is_same(said, &finding)) {
                findings.push(finding);
            }
        }
    }
    (broken, findings)
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    let place = |Finding { rule, found }: &Finding| (rule.id, found.line, found.column);
    let (said, saying) = (&one.found, &other.found);
    place(one) == place(other) && said.file == saying.file && said.problem == saying.problem
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
            "{files} checked: {errors} to mend, {warnings} {}, {advice} {}.",
            if warnings == 1 { "warning" } else { "warnings" },
            if advice == 1 {
                "piece of advice"
            } else {
                "pieces of advice"
            }
        );
    }
    if errors == 0 { Answer::Yes } else { Answer::No }
}
