//! Findings as SARIF 2.1.0, for code review tools.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::json::{FORMAT, FORMAT_SOURCE};
use super::{Finding, Severity, rules};
use crate::site::Diagnostic;

/// Diagnostics and findings as one SARIF log (OASIS SARIF 2.1.0, §3.13).
#[must_use]
pub fn to_sarif(broken: &[Diagnostic], findings: &[Finding]) -> String {
    let mut rules: Vec<_> = rules()
        .map(|rule| Descriptor {
            id: rule.id,
            short_description: Text {
                text: rule.summary.into(),
            },
            help: Text {
                text: rule.source.into(),
            },
        })
        .collect();
    rules.push(Descriptor {
        id: FORMAT,
        short_description: Text {
            text: "The file keeps to the format of a declaration.".into(),
        },
        help: Text {
            text: FORMAT_SOURCE.into(),
        },
    });
    let results = broken
        .iter()
        .map(of_diagnostic)
        .chain(findings.iter().map(of_finding))
        .collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: BTreeMap::from([(
                "driver",
                Driver {
                    name: "consent",
                    rules,
                },
            )]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn of_diagnostic(broken: &Diagnostic) -> Outcome<'_> {
    let Diagnostic {
        file,
        line,
        column,
        key,
        problem,
        advice,
    } = broken;
    Outcome {
        rule_id: FORMAT,
        level: "error",
        message: Text {
            text: alloc::format!("{key}: {problem}; {advice}"),
        },
        locations: [place(file, *line, *column)],
    }
}

fn of_finding(finding: &Finding) -> Outcome<'_> {
    let Finding {
        rule,
        file,
        line,
        column,
        key,
        problem,
        advice,
    } = finding;
    Outcome {
        rule_id: rule.id,
        level: match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "note",
        },
        message: Text {
            text: alloc::format!("{key}: {problem}; {advice} ({})", rule.source),
        },
        locations: [place(file, *line, *column)],
    }
}

fn place(file: &str, line: usize, column: usize) -> Location<'_> {
    Location {
        physical_location: Physical {
            artifact_location: Artifact { uri: file },
            region: Region {
                start_line: line,
                start_column: column,
            },
        },
    }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: BTreeMap<&'static str, Driver>,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    help: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'static str,
    level: &'static str,
    message: Text,
    locations: [Location<'a>; 1],
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    region: Region,
}

#[derive(Serialize)]
struct Artifact<'a> {
    uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}
