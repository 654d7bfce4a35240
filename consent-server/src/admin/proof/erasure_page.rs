//! Erasure: the form below a history, the question whether it is meant, and what was done.

use super::super::overview::zone;
use super::super::page::frame;
use super::super::reader::Reader;
use super::super::visit::Visit;
use super::history::History;
use super::reason::Reason;
use crate::retired::Kept;
use crate::store::Hold;
use consent_core::site::TimeZone;
use maud::{Markup, html};

/// What somebody is about to erase.
pub(super) struct Wish<'a> {
    pub(super) history: &'a History,
    /// `None`: it is not chosen yet.
    pub(super) reason: Option<Reason>,
}

/// The form below a history; a site under a legal hold has none.
pub(super) fn form(reader: &Reader, history: &History, zone: &TimeZone) -> Markup {
    let texts = reader.proof();
    html! {
        @if let Some(hold) = &history.hold {
            p.hint { (held(reader, hold, zone)) }
        } @else {
            details.selection.erase {
                summary { (texts.erase) }
                (choosing(reader, history))
            }
        }
    }
}

/// Why, and on to the question.
fn choosing(reader: &Reader, history: &History) -> Markup {
    let texts = reader.proof();
    html! {
        form method="post" action="erasures" {
            (whose(history))
            label {
                (texts.why)
                select name="reason" required {
                    option value="" {}
                    @for reason in Reason::ALL { option value=(reason.name()) { (reason.title(texts)) } }
                }
            }
            p.actions { button type="submit" { (texts.next_step) } }
        }
    }
}

fn whose(history: &History) -> Markup {
    html! {
        input type="hidden" name="site" value=(history.site.id());
        input type="hidden" name="subject" value=(history.subject.to_text());
    }
}

fn held(reader: &Reader, hold: &Hold, zone: &TimeZone) -> String {
    let since = reader.date(zone, hold.since);
    let told = reader.proof().held.replace("{date}", &since);
    told.replace("{reason}", &hold.reason)
}

/// Whether it is meant, and what it does.
pub(super) fn asking(visit: &Visit, wish: &Wish<'_>) -> Markup {
    let (reader, texts, history) = (&visit.reader, visit.reader.proof(), wish.history);
    let title = counted(reader, history.total, texts.erase_one, texts.erase_these);
    let title = title.replace("{site}", history.site.name());
    let content = html! {
        h1 { (title) }
        p { code { (history.subject.to_text()) } }
        @if let Some(hold) = &history.hold {
            p.error role="alert" { (held(reader, hold, &zone(&history.site))) }
        } @else {
            ul { @for told in texts.what_happens { li { (told) } } }
            @match wish.reason {
                Some(reason) => {
                    p { strong { (texts.why) } " – " (reason.title(texts)) }
                    form.confirm method="post" action="erasures" {
                        (whose(history))
                        input type="hidden" name="reason" value=(reason.name());
                        button.danger type="submit" name="confirmed" value="yes" { (texts.erase_for_good) }
                    }
                }
                None => {
                    p.error role="alert" { (texts.choose_reason) }
                    div.selection { (choosing(reader, history)) }
                }
            }
        }
        form.confirm method="post" action="proof" {
            input type="hidden" name="asked" value=(history.subject.to_text());
            button type="submit" { (texts.keep) }
        }
    };
    frame(reader, texts.erase, "../", Some(&visit.staff), &content)
}

/// So many were erased.
pub(super) fn done(visit: &Visit, site: &Kept, count: u64) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.proof());
    let title = counted(reader, count, texts.erased_one, texts.erased_these);
    let content = html! {
        h1 { (title) }
        p { a href={ "sites/" (site.id()) } { (site.name()) } }
        p { (texts.erased_hint) }
    };
    frame(reader, &title, "../", Some(&visit.staff), &content)
}

fn counted(reader: &Reader, count: u64, one: &str, many: &str) -> String {
    match count {
        1 => one.to_owned(),
        count => many.replace("{count}", &reader.desk().number(count)),
    }
}
