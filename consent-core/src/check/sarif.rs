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
            short_description: Message {
                text: rule.summary.into(),
            },
            help: Message {
                text: rule.source.into(),
            },
        })
        .collect();
    rules.push(Descriptor {
        id: FORMAT,
        short_description: Message {
            text: "The file keeps to the format of a declaration.".into(),
        },
        help: Message {
            text: FORMAT_SOURCE.into(),
        },
    });
    let results = broken
        .iter()
        .map(of_error)
        .chain(findings.iter().map(of_finding))
        .collect();
    let log = Sarif {
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

fn of_error(error: &Diagnostic) -> SarifResult<'_> {
    let Diagnostic {
        key,
        problem,
        advice,
        ..
    } = error;
    SarifResult {
        rule_id: FORMAT,
        level: "error",
        message: Message {
            text: alloc::format!("{key}: {problem}; {advice}"),
        },
        locations: [place(error)],
    }
}

fn of_finding(Finding { rule, found }: &Finding) -> SarifResult<'_> {
    let Diagnostic {
        key,
        problem,
        advice,
        ..
    } = found;
    SarifResult {
        rule_id: rule.id,
        level: match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "note",
        },
        message: Message {
            text: alloc::format!("{key}: {problem}; {advice} ({})", rule.source),
        },
        locations: [place(found)],
    }
}

fn place(found: &Diagnostic) -> Location<'_> {
    Location {
        physical_location: Physical {
            artifact_location: Artifact { uri: &found.file },
            region: Region {
                start_line: found.line,
                start_column: found.column,
            },
        },
    }
}

#[derive(Serialize)]
struct Sarif<'a> {
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
    results: Vec<SarifResult<'a>>,
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
    short_description: Message,
    help: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
}

#[derive(Serialize)]
struct Message {
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
