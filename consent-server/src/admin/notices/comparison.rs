//! Two notices side by side: their passages, word by word, and what was asked.

use super::passages::passages;
use serde::Deserialize;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::collections::BTreeMap;

/// The parts of a notice that are compared.
#[derive(Deserialize)]
pub(super) struct Shown {
    pub(super) language: String,
    pub(super) scope: String,
    html: String,
    style: String,
    bundle: String,
}

/// What consent was asked for, as it was hashed.
#[derive(Deserialize)]
pub(super) struct AskedFor {
    controller: String,
    revision: u32,
    /// The providers of services, by service and category.
    categories: BTreeMap<String, BTreeMap<String, String>>,
}

/// A piece of a passage.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    /// Whether the other side has it not.
    pub(super) is_other: bool,
}

/// A row of the comparison.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// On both sides, in these words.
    Same(Vec<String>),
    /// On the older side, and on the newer one. Either may have nothing.
    Changed(Vec<Words>, Vec<Words>),
}

/// A difference between what was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    CategoryAdded(String),
    CategoryRemoved(String),
    /// With its category.
    ServiceAdded(String, String),
    ServiceRemoved(String, String),
    /// With its providers then and now.
    ProviderChanged(String, String, String),
    ControllerChanged(String, String),
    RevisionChanged(u32, u32),
}

pub(super) struct Comparison {
    pub(super) passages: Vec<Passage>,
    pub(super) looks_otherwise: bool,
    pub(super) is_other_program: bool,
    pub(super) is_asked_again: bool,
}

impl Comparison {
    pub(super) fn of(older: &Shown, newer: &Shown) -> Self {
        Self {
            passages: compared(&passages(&older.html), &passages(&newer.html)),
            looks_otherwise: older.style != newer.style,
            is_other_program: older.bundle != newer.bundle,
            is_asked_again: older.scope != newer.scope,
        }
    }
}

fn compared(older: &[String], newer: &[String]) -> Vec<Passage> {
    let mut rows = Vec::new();
    for op in capture_diff_slices(Algorithm::Patience, older, newer) {
        let (old, new) = (&older[op.old_range()], &newer[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            rows.push(Passage::Same(old.to_vec()));
            continue;
        }
        for place in 0..old.len().max(new.len()) {
            let side = |passages: &[String]| passages.get(place).cloned().unwrap_or_default();
            let (old, new) = word_by_word(&side(old), &side(new));
            rows.push(Passage::Changed(old, new));
        }
    }
    rows
}

fn word_by_word(older: &str, newer: &str) -> (Vec<Words>, Vec<Words>) {
    let (older, newer) = (words(older), words(newer));
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &older, &newer) {
        let is_other = !matches!(op, DiffOp::Equal { .. });
        for (side, words) in [
            (&mut old, &older[op.old_range()]),
            (&mut new, &newer[op.new_range()]),
        ] {
            if !words.is_empty() {
                let text = words.concat();
                side.push(Words { text, is_other });
            }
        }
    }
    (old, new)
}

/// Words with the space after each.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(' ').collect()
}

/// How what was asked differs, in the order of the declaration's ids.
pub(super) fn differences(older: &AskedFor, newer: &AskedFor) -> Vec<Asked> {
    let mut found = Vec::new();
    if older.controller != newer.controller {
        let (then, now) = (older.controller.clone(), newer.controller.clone());
        found.push(Asked::ControllerChanged(then, now));
    }
    if older.revision != newer.revision {
        found.push(Asked::RevisionChanged(older.revision, newer.revision));
    }
    let none = BTreeMap::new();
    for (id, services) in &newer.categories {
        let then = older.categories.get(id);
        if then.is_none() {
            found.push(Asked::CategoryAdded(id.clone()));
        }
        for (service, provider) in services {
            match then.unwrap_or(&none).get(service) {
                None => found.push(Asked::ServiceAdded(service.clone(), id.clone())),
                Some(then) if then != provider => {
                    let (then, now) = (then.clone(), provider.clone());
                    found.push(Asked::ProviderChanged(service.clone(), then, now));
                }
                Some(_) => {}
            }
        }
    }
    for (id, services) in &older.categories {
        let now = newer.categories.get(id);
        if now.is_none() {
            found.push(Asked::CategoryRemoved(id.clone()));
        }
        for service in services.keys() {
            if !now.unwrap_or(&none).contains_key(service) {
                found.push(Asked::ServiceRemoved(service.clone(), id.clone()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn piece(text: &str, is_other: bool) -> Words {
        let text = text.to_owned();
        Words { text, is_other }
    }

    #[test]
    fn passages_are_told_apart_word_by_word() {
        let rows = compared(
            &owned(&["Title", "We use cookies to count.", "Accept"]),
            &owned(&[
                "Title",
                "We use cookies to count visits.",
                "Accept",
                "Refuse",
            ]),
        );
        assert_eq!(
            rows,
            [
                Passage::Same(owned(&["Title"])),
                Passage::Changed(
                    vec![piece("We use cookies to ", false), piece("count.", true)],
                    vec![
                        piece("We use cookies to ", false),
                        piece("count visits.", true)
                    ],
                ),
                Passage::Same(owned(&["Accept"])),
                Passage::Changed(vec![], vec![piece("Refuse", true)]),
            ]
        );
    }

    #[test]
    fn each_difference_of_what_was_asked_is_named() {
        let scope = |json: &str| -> AskedFor { serde_json::from_str(json).unwrap() };
        let older = scope(
            r#"{"site":"s","controller":"A","revision":1,"categories":{"social":{"x":"X","y":"Y"},"ads":{"z":"Z"}}}"#,
        );
        let newer = scope(
            r#"{"site":"s","controller":"B","revision":2,"categories":{"social":{"x":"X2","w":"W"},"analytics":{}}}"#,
        );
        let text = str::to_owned;
        assert_eq!(
            differences(&older, &newer),
            [
                Asked::ControllerChanged(text("A"), text("B")),
                Asked::RevisionChanged(1, 2),
                Asked::CategoryAdded(text("analytics")),
                Asked::ServiceAdded(text("w"), text("social")),
                Asked::ProviderChanged(text("x"), text("X"), text("X2")),
                Asked::CategoryRemoved(text("ads")),
                Asked::ServiceRemoved(text("z"), text("ads")),
                Asked::ServiceRemoved(text("y"), text("social")),
            ]
        );
        assert_eq!(differences(&older, &older), []);
    }
}
