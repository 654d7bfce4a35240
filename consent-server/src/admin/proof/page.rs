//! The page of a history: what a pasted receipt is worth, and each record of its consent id.

use super::super::names::Names;
use super::super::overview::zone;
use super::super::page::frame;
use super::super::reader::Reader;
use super::super::visit::Visit;
use super::asked::Unclear;
use super::erasure_page;
use super::history::{Entry, History, MOST};
use crate::auth::Role;
use crate::verdict::{StepVerdict, Verdict};
use consent_core::evidence::Verdict as Last;
use consent_core::id::{CategoryId, RecordId, ServiceId};
use consent_core::receipt::Step;
use consent_core::site::{Site, TimeZone};
use consent_core::time::UnixSeconds;
use maud::{Markup, html};

/// What was found by what was pasted.
pub(super) struct Found {
    /// The record that it is about.
    pub(super) record: Option<RecordId>,
    pub(super) verdict: Option<Verdict>,
    pub(super) histories: Vec<History>,
    pub(super) keeps_log: bool,
    pub(super) now: UnixSeconds,
}

/// The field alone, and why what was pasted leads nowhere.
pub(super) fn field(visit: &Visit, unclear: Option<Unclear>) -> Markup {
    let texts = visit.reader.proof();
    let wrong = unclear.map(|unclear| match unclear {
        Unclear::Empty => texts.empty,
        Unclear::Several => texts.several,
        Unclear::Unknown => texts.unknown,
    });
    let content = html! {
        h1 { (texts.title) }
        @if let Some(wrong) = wrong { p.error role="alert" { (wrong) } }
        (what_to_paste(&visit.reader))
    };
    frame(
        &visit.reader,
        texts.title,
        "../",
        Some(&visit.staff),
        &content,
    )
}

fn what_to_paste(reader: &Reader) -> Markup {
    let texts = reader.proof();
    html! {
        p { (texts.what_to_paste) }
        ul {
            @for kind in [texts.a_receipt, texts.a_cookie, texts.a_record, texts.a_consent_id] {
                li { (kind) }
            }
        }
        p.hint { (texts.in_the_trail) }
    }
}

pub(super) fn found(visit: &Visit, found: &Found) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.proof());
    let content = html! {
        h1 { (texts.title) }
        @if let Some(verdict) = &found.verdict { (judgement(reader, verdict)) }
        @for history in &found.histories { (of_site(visit, history, found)) }
        @if found.histories.is_empty() {
            h2 { (texts.nothing_found) }
            p { (texts.nothing_hint) }
            (what_to_paste(reader))
        }
    };
    frame(reader, texts.title, "../", Some(&visit.staff), &content)
}

/// The last word on a receipt, and the steps that led to it.
fn judgement(reader: &Reader, verdict: &Verdict) -> Markup {
    let texts = reader.proof();
    let failed = verdict.steps.iter().find(|step| step.result == "failed");
    let is_over = failed.is_some_and(|step| step.step == Step::Time.as_str());
    let (kind, word, hint) = match verdict.verdict {
        Last::Valid => ("valid", texts.valid, texts.valid_hint),
        Last::Unproven => ("unproven", texts.unsigned, texts.unsigned_hint),
        Last::NotValid if is_over && is_signed(verdict) => ("over", texts.over, texts.over_hint),
        Last::NotValid => ("not-valid", texts.not_valid, texts.not_valid_hint),
    };
    html! {
        section.verdict data-verdict=(kind) {
            h2 { (word) }
            p { (hint) }
            details open[kind == "not-valid"] {
                summary { (texts.what_was_checked) }
                ul.steps {
                    @for step in &verdict.steps { (taken(reader, step)) }
                }
            }
        }
    }
}

/// Whether the signature was found to be right, as it is looked at before the time.
fn is_signed(verdict: &Verdict) -> bool {
    let mut steps = verdict.steps.iter();
    steps.any(|step| step.step == Step::Signature.as_str() && step.result == "passed")
}

fn taken(reader: &Reader, step: &StepVerdict) -> Markup {
    let texts = reader.proof();
    let (class, sign, word) = match step.result {
        "passed" => ("yes", "✓", texts.passed),
        "failed" => ("no", "✗", texts.failed),
        _ => ("faint", "–", texts.not_checked),
    };
    html! {
        li data-step=(step.step) data-result=(step.result) {
            span class=(class) { (sign) " " span.unseen { (word) ": " } }
            (texts.step(step.step))
            @if step.result == "not_checked" { span.faint { " (" (word) ")" } }
            // As programs are told it.
            @if let Some(reason) = &step.reason { br; small.faint lang="en" { (reason) } }
        }
    }
}

fn of_site(visit: &Visit, history: &History, found: &Found) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.proof());
    let zone = zone(&history.site);
    let id = history.site.id();
    let number = |count: u64| reader.desk().number(count);
    let count = match history.total {
        1 => texts.one_record.to_owned(),
        total => texts.records.replace("{count}", &number(total)),
    };
    html! {
        section.history {
            h2 { a href={ "sites/" (id) } { (history.site.name()) } " · " (count) }
            p.hint {
                code { (history.subject.to_text()) } br;
                (texts.times_of.replace("{zone}", zone.name()))
            }
            @if history.unreadable > 0 {
                p.error { (texts.unreadable.replace("{count}", &number(history.unreadable))) }
            }
            @for (place, entry) in history.entries.iter().enumerate() {
                @let later = place.checked_sub(1).and_then(|before| history.entries.get(before));
                (one(reader, &Shown { entry, later, declared: history.site.declaration(), zone: &zone, found }))
            }
            @if history.total - history.unreadable > MOST as u64 {
                p.hint { (texts.newest_only.replace("{count}", &number(MOST as u64))) }
            }
            @if visit.staff.may(Role::Admin, id) { (erasure_page::form(reader, history, &zone)) }
        }
    }
}

/// A record with what its place in the history says of it.
struct Shown<'a> {
    entry: &'a Entry,
    /// The one that came after it.
    later: Option<&'a Entry>,
    /// What the site declares now.
    declared: Option<&'a Site>,
    zone: &'a TimeZone,
    found: &'a Found,
}

fn one(reader: &Reader, shown: &Shown<'_>) -> Markup {
    let texts = reader.proof();
    let (entry, record) = (shown.entry, &shown.entry.record);
    let is_asked_for = shown.found.record == Some(record.id);
    let moment = |at: UnixSeconds| html! { time datetime=(at.to_rfc3339()) { (reader.moment(shown.zone, at)) } };
    html! {
        article.entry.asked[is_asked_for] {
            h3 { (reader.table().act(record.decision.act)) }
            p.standing {
                (standing(reader, shown))
                @if is_asked_for { span.retired { (texts.asked_for) } }
            }
            p {
                (reader.table().source(record.decision.source)) " · "
                (texts.shown_in) " " (record.language)
                @if record.gpc { " · " (texts.gpc) }
            }
            (choices(reader, shown))
            dl.facts {
                div { dt { (texts.received) } dd { (moment(entry.received)) } }
                div { dt { (texts.decided) } dd { (moment(record.decided_at)) } }
                div { dt { (texts.log) } dd { (logged(reader, shown)) } }
                div { dt { (reader.desk().record) } dd { code { (record.id) } } }
                @if let Some(previous) = record.previous {
                    div { dt { (texts.replaces) } dd { code { (previous) } } }
                }
            }
            p.actions {
                @if entry.has_words {
                    a.button href={ "sites/" (record.site) "/notices/" (record.notice) } { (texts.see_words) }
                } @else {
                    span.faint { (texts.words_gone) }
                }
                a.button download href={ "../v1/sites/" (record.site) "/consents/" (record.id) "/evidence" } { (texts.evidence) }
            }
        }
    }
}

/// Until when a choice counts, or since when it does not. The next one counts from when it was made.
fn standing(reader: &Reader, shown: &Shown<'_>) -> Markup {
    let texts = reader.proof();
    let date = |at: UnixSeconds| reader.date(shown.zone, at);
    let ends = shown.entry.record.expires_at;
    match shown.later {
        Some(later) if later.record.decided_at < ends => {
            let replaced = texts
                .replaced
                .replace("{date}", &date(later.record.decided_at));
            html! { span.faint { (replaced) } }
        }
        _ if ends <= shown.found.now => {
            html! { span.faint { (texts.ended.replace("{date}", &date(ends))) } }
        }
        _ => html! { strong { (texts.counts_until.replace("{date}", &date(ends))) } },
    }
}

fn logged(reader: &Reader, shown: &Shown<'_>) -> String {
    let texts = reader.proof();
    match shown.entry.place {
        Some(place) => texts
            .log_entry
            .replace("{place}", &reader.desk().number(place)),
        None if shown.found.keeps_log => texts.not_logged_yet.to_owned(),
        None => texts.no_log.to_owned(),
    }
}

/// Each category with its answer, and below it the services that were answered otherwise.
fn choices(reader: &Reader, shown: &Shown<'_>) -> Markup {
    let entry = shown.entry;
    let decision = &entry.record.decision;
    // What was declared then, or else now: an id keeps its meaning.
    let declared = entry.declared.as_deref().or(shown.declared);
    let names = declared.map(|site| Names::of(site, reader.language));
    let category = |id: &CategoryId| {
        let title = names.as_ref().and_then(|names| names.category(id));
        title.unwrap_or(id.as_str()).to_owned()
    };
    let service = |id: &ServiceId| {
        let name = names.as_ref().and_then(|names| names.service(id));
        name.map_or(id.as_str(), |(name, _)| name).to_owned()
    };
    let alone = reader.proof().service_only;
    html! {
        ul.choices {
            @for (id, granted) in &decision.choices { (answer(reader, &category(id), None, *granted)) }
            @for (id, granted) in &decision.services { (answer(reader, &service(id), Some(alone), *granted)) }
        }
    }
}

fn answer(reader: &Reader, name: &str, about: Option<&str>, granted: bool) -> Markup {
    let texts = reader.desk();
    html! {
        li.yes[granted].no[!granted] {
            (if granted { "✓ " } else { "✗ " }) (name)
            @if let Some(about) = about { small.faint { " (" (about) ")" } }
            span.unseen { " " (if granted { texts.granted } else { texts.refused }) }
        }
    }
}
