//! Changes as plain JSON, for scripts.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::change::Change;
use crate::digest::Digest;
use crate::language::Language;

pub(super) fn to_json(asks_again: bool, scopes: [Digest; 2], changes: &[Change]) -> String {
    let all = All {
        asks_again,
        scopes: scopes.map(Digest::to_text),
        changes: changes.iter().map(entry).collect(),
    };
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

fn entry(change: &Change) -> ChangeEntry<'_> {
    ChangeEntry {
        key: &change.key,
        languages: change.languages.iter().map(Language::as_str).collect(),
        effect: change.effect.as_str(),
        old: change.old.as_deref(),
        new: change.new.as_deref(),
    }
}

#[derive(Serialize)]
struct All<'a> {
    asks_again: bool,
    scopes: [String; 2],
    changes: Vec<ChangeEntry<'a>>,
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    key: &'a str,
    languages: Vec<&'a str>,
    effect: &'static str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}
