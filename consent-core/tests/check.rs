//! Each rule fires where it should, and nowhere else: one file of `tests/broken` a case, which says on its first line what to expect.
#![cfg(feature = "site")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use consent_core::check::{Severity, check, rules, to_sarif};
use consent_core::site::{Declaration, Diagnostic};
use consent_core::time::UnixSeconds;

fn today() -> UnixSeconds {
    UnixSeconds::from_rfc3339("2026-11-22").unwrap()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

/// What is found in a file: rule and line.
fn found(file: &Path) -> BTreeSet<(String, usize)> {
    let text = std::fs::read_to_string(file).unwrap();
    match Declaration::parse("site.toml", &text) {
        Ok(declaration) => {
            let findings = check(&declaration, today());
            findings
                .iter()
                .map(|finding| (finding.rule.id.to_owned(), finding.found.line))
                .collect()
        }
        Err(wrong) => wrong
            .iter()
            .map(|wrong| ("format".to_owned(), wrong.line))
            .collect(),
    }
}

#[test]
fn the_right_rule_fires_at_the_right_line_and_no_other_does() {
    let files = files(&folder("tests/broken"));
    assert!(files.len() > 20);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = text.lines().next().and_then(|line| {
            let (rule, line) = line.strip_prefix("# Expect: ")?.split_once(" at line ")?;
            Some((rule.to_owned(), line.parse::<usize>().unwrap()))
        });
        let found = found(&file);
        match &expected {
            Some(expected) => assert!(found.contains(expected), "{}: {found:?}", file.display()),
            None => assert!(found.is_empty(), "{}: {found:?}", file.display()),
        }
        let rules: BTreeSet<_> = found.iter().map(|(rule, _)| rule).collect();
        assert_eq!(
            rules,
            expected.iter().map(|(rule, _)| rule).collect(),
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_rule_has_a_file_that_breaks_it() {
    let broken: BTreeSet<_> = files(&folder("tests/broken"))
        .iter()
        .flat_map(|file| found(file))
        .map(|(rule, _)| rule)
        .collect();
    for rule in rules() {
        assert!(broken.contains(rule.id), "{}", rule.id);
        assert!(
            !rule.source.is_empty() && rule.summary.ends_with('.'),
            "{}",
            rule.id
        );
    }
}

#[test]
fn no_regime_breaks_the_law() {
    for file in files(&folder("../examples/sites")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let declaration = Declaration::parse("site.toml", &text).unwrap();
        for finding in check(&declaration, today()) {
            assert_ne!(
                finding.rule.severity,
                Severity::Error,
                "{}: {finding}",
                file.display()
            );
        }
    }
}

#[test]
fn sixteen_usual_services_take_forty_lines_and_break_no_rule() {
    let text = std::fs::read_to_string(folder("../examples/catalogue/site.toml")).unwrap();
    assert!(text.lines().count() <= 40);
    let declaration = Declaration::parse("site.toml", &text).unwrap();
    let asked = declaration
        .site
        .asked()
        .flat_map(|category| &category.services);
    let like = declaration
        .site
        .categories
        .iter()
        .flat_map(|category| &category.services);
    let like = like.filter(|service| service.like.is_some_and(|id| id != "consent-choice"));
    assert_eq!((asked.count(), like.count()), (15, 16));
    let findings = check(&declaration, today());
    let errors = findings
        .iter()
        .filter(|finding| finding.rule.severity == Severity::Error);
    let errors: Vec<_> = errors.map(ToString::to_string).collect();
    assert_eq!(errors, [""; 0]);
    // A pixel of a network serves advertising, like the other services of its category.
    let warnings = findings
        .iter()
        .filter(|finding| finding.rule.severity == Severity::Warning);
    let warnings: BTreeSet<_> = warnings.map(|finding| finding.rule.id).collect();
    assert_eq!(warnings, ["cookie-over-13-months"].into());
    // What stands in the catalogue is found where the declaration names it.
    let place = declaration.places.of("services.hotjar.cookies[0].lifetime");
    assert_eq!(
        text.lines().nth(place.line - 1),
        Some("hotjar.like = \"hotjar\"")
    );
}

#[test]
fn findings_are_written_as_one_line_with_their_source_below() {
    let text =
        std::fs::read_to_string(folder("tests/broken/01-choice-over-6-months.toml")).unwrap();
    let declaration = Declaration::parse("site.toml", &text).unwrap();
    assert_eq!(
        check(&declaration, today())[0].to_string(),
        "site.toml:20:16: advice [choice-over-6-months] choice.valid_months: choices are kept for 13 months; \
         6 months is good practice for acceptances and refusals alike; up to 13 is allowed here\n    \
         CNIL recommendation 2020-092, §38-39 (good practice, not binding)"
    );
}

#[test]
fn sarif_names_rule_file_line_and_column() {
    let text =
        std::fs::read_to_string(folder("tests/broken/01-choice-over-6-months.toml")).unwrap();
    let declaration = Declaration::parse("site.toml", &text).unwrap();
    let broken = Diagnostic {
        file: "other.toml".into(),
        line: 2,
        column: 3,
        key: "id".into(),
        problem: "is missing".into(),
        advice: "write it".into(),
    };
    let sarif: serde_json::Value =
        serde_json::from_str(&to_sarif(&[broken], &check(&declaration, today()))).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(
        run["tool"]["driver"]["rules"].as_array().unwrap().len(),
        rules().count() + 1
    );
    let [format, choice] = [0, 1].map(|n| &run["results"][n]);
    assert_eq!(format["ruleId"], "format");
    assert_eq!(format["message"]["text"], "id: is missing; write it");
    assert_eq!(choice["ruleId"], "choice-over-6-months");
    assert_eq!(choice["level"], "note");
    let place = &choice["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "site.toml");
    assert_eq!(
        place["region"],
        serde_json::json!({ "startLine": 20, "startColumn": 16 })
    );
}
