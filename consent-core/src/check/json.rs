//! Findings as plain JSON, for scripts.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::{Finding, Severity};
use crate::site::Diagnostic;

/// The id under which breaches of the format itself are reported.
pub(super) const FORMAT: &str = "format";
/// Where they come from.
pub(super) const FORMAT_SOURCE: &str = "The format of site.toml";

/// What was found in one file, and in its base.
#[derive(Clone, Copy, Debug)]
pub struct FileReport<'a> {
    /// The file's name, as it was given.
    pub file: &'a str,
    /// Breaches of the format. Where there are any, the file was not checked further.
    pub errors: &'a [Diagnostic],
    /// What the rules found.
    pub findings: &'a [Finding],
}

/// What was found in each file, as one JSON object:
///
/// ```json
/// {"files": [{"file": "site.toml", "errors": [], "findings": [{
///     "rule": "no-authority", "severity": "advice", "source": "GDPR art. 13(2)(d)",
///     "key": "controller.authority", "file": "site.toml", "line": 7, "column": 2,
///     "message": "is missing", "advice": "name the authority to complain to" }]}]}
/// ```
///
/// `severity` is `error`, `warning` or `advice`; lines and columns (in characters) count from 1. Errors have the same
/// members as findings, with the rule `format`. Their `file` is the base where the fault is there.
#[must_use]
pub fn to_json<'a>(reports: &[FileReport<'a>]) -> String {
    let file = |report: &FileReport<'a>| InFile {
        file: report.file,
        errors: report.errors.iter().map(of_error).collect(),
        findings: report.findings.iter().map(of_finding).collect(),
    };
    let files = reports.iter().map(file).collect();
    serde_json::to_string_pretty(&Files { files }).unwrap_or_default()
}

fn of_error(error: &Diagnostic) -> Entry<'_> {
    entry(FORMAT, Severity::Error, FORMAT_SOURCE, error)
}

fn of_finding(Finding { rule, found }: &Finding) -> Entry<'_> {
    entry(rule.id, rule.severity, rule.source, found)
}

fn entry<'a>(
    rule: &'static str,
    severity: Severity,
    source: &'static str,
    found: &'a Diagnostic,
) -> Entry<'a> {
    Entry {
        rule,
        severity: severity.as_str(),
        source,
        key: &found.key,
        file: &found.file,
        line: found.line,
        column: found.column,
        message: &found.problem,
        advice: &found.advice,
    }
}

#[derive(Serialize)]
struct Files<'a> {
    files: Vec<InFile<'a>>,
}

#[derive(Serialize)]
struct InFile<'a> {
    file: &'a str,
    errors: Vec<Entry<'a>>,
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'static str,
    severity: &'static str,
    source: &'static str,
    key: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    advice: &'a str,
}
