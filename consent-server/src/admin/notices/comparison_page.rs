//! What changed between two notices.

use super::super::overview::zone;
use super::super::page::{frame, of_site};
use super::super::visit::Visit;
use super::comparison::{Asked, Comparison, Passage, Words};
use crate::retired::Kept;
use crate::texts::NoticesTexts;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use maud::{Markup, html};

/// One of the two.
pub(super) struct Side {
    pub(super) digest: Digest,
    pub(super) language: String,
    pub(super) published: UnixSeconds,
}

/// Two notices, and what changed.
pub(super) struct Changes {
    pub(super) sides: [Side; 2],
    pub(super) comparison: Comparison,
    /// How what was asked differs.
    pub(super) asked: Vec<Asked>,
}

pub(super) fn changes(visit: &Visit, site: &Kept, changes: &Changes) -> Markup {
    let Changes {
        sides,
        comparison,
        asked,
    } = changes;
    let (reader, texts) = (&visit.reader, visit.reader.notices());
    let zone = zone(site);
    let root = "../../../";
    let title = |side: &Side| {
        html! {
            a href={ "notices/" (side.digest) } { (reader.moment(&zone, side.published)) " · " (side.language) }
        }
    };
    let [older, newer] = sides;
    let is_same = |passage: &Passage| matches!(passage, Passage::Same(_));
    let content = html! {
        (of_site(reader, site, root, texts.changes))
        p { a href="notices" { "← " (texts.title) } }
        section.verdict {
            @if comparison.is_asked_again {
                h2 { (texts.asked_again_yes) }
                @if asked.is_empty() { p { (texts.asked_otherwise) } }
                ul { @for asked in asked { li { (difference(texts, asked)) } } }
            } @else {
                h2 { (texts.asked_again_no) }
                p { (texts.asked_the_same) }
            }
            @if comparison.looks_otherwise { p { (texts.looks_otherwise) } }
            @if comparison.is_other_program { p { (texts.other_program) } }
        }
        h2 { (texts.words) }
        @if comparison.passages.iter().all(is_same) { p { (texts.same_words) } }
        div.sides {
            div.side-titles { p { (title(older)) } p { (title(newer)) } }
            @for passage in &comparison.passages {
                @match passage {
                    Passage::Same(texts_of) => {
                        details.same {
                            summary { (same(texts, texts_of.len(), &reader.desk().number(texts_of.len() as u64))) }
                            @for text in texts_of { p lang=(newer.language) { (text) } }
                        }
                    }
                    Passage::Changed(old, new) => {
                        div.pair {
                            p.nothing[old.is_empty()] lang=(older.language) data-label=(texts.older) { (side(old, true)) }
                            p.nothing[new.is_empty()] lang=(newer.language) data-label=(texts.newer) { (side(new, false)) }
                        }
                    }
                }
            }
        }
    };
    frame(reader, texts.changes, root, Some(&visit.staff), &content)
}

fn same(texts: &NoticesTexts, count: usize, number: &str) -> String {
    match count {
        1 => texts.one_same.to_owned(),
        _ => texts.many_same.replace("{count}", number),
    }
}

fn side(words: &[Words], is_older: bool) -> Markup {
    html! {
        @if words.is_empty() { span.faint { "–" } }
        @for piece in words {
            @match (piece.is_other, is_older) {
                (false, _) => (piece.text),
                (true, true) => del { (piece.text) },
                (true, false) => ins { (piece.text) },
            }
        }
    }
}

fn difference(texts: &NoticesTexts, asked: &Asked) -> String {
    let fill = |text: &str, values: &[(&str, &str)]| {
        let filled = values.iter();
        filled.fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
    };
    match asked {
        Asked::CategoryAdded(id) => fill(texts.category_added, &[("{id}", id)]),
        Asked::CategoryRemoved(id) => fill(texts.category_removed, &[("{id}", id)]),
        Asked::ServiceAdded(id, category) => fill(
            texts.service_added,
            &[("{id}", id), ("{category}", category)],
        ),
        Asked::ServiceRemoved(id, category) => fill(
            texts.service_removed,
            &[("{id}", id), ("{category}", category)],
        ),
        Asked::ProviderChanged(id, then, now) => fill(
            texts.provider_changed,
            &[("{id}", id), ("{then}", then), ("{now}", now)],
        ),
        Asked::ControllerChanged(then, now) => fill(
            texts.controller_changed,
            &[("{then}", then), ("{now}", now)],
        ),
        Asked::RevisionChanged(then, now) => fill(
            texts.revision_changed,
            &[("{then}", &then.to_string()), ("{now}", &now.to_string())],
        ),
    }
}
