//! The page about what keeps the proofs whole, and for how long.

use super::overview::zone;
use super::page::frame;
use super::visit::Visit;
use crate::retired::Kept;
use crate::store::Hold;
use consent_core::key::Term;
use consent_core::site::{AtEnd, TimeZone};
use consent_core::time::UnixSeconds;
use maud::{Markup, html};

/// What the server knows of itself.
pub(super) struct Integrity {
    /// `None`: no log is kept.
    pub(super) log: Option<LogStanding>,
    pub(super) backed_up: Option<UnixSeconds>,
    pub(super) purged: Option<UnixSeconds>,
    pub(super) holds: Vec<Hold>,
    /// The public keys by their names, with their ends; the one that signs now comes first.
    pub(super) keys: Vec<(String, Term)>,
    /// Why no record can be taken now.
    pub(super) failing: Option<String>,
}

/// Where the log stands.
pub(super) struct LogStanding {
    pub(super) name: String,
    /// Entries in the last signed checkpoint, and those that wait.
    pub(super) signed: u64,
    pub(super) waiting: u64,
    pub(super) at: Option<UnixSeconds>,
    pub(super) witnesses: Vec<String>,
}

pub(super) fn integrity(visit: &Visit, sites: &[Kept], known: &Integrity) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.integrity());
    let utc = TimeZone::default();
    let moment = |at: Option<UnixSeconds>| {
        at.map_or_else(|| texts.never.to_owned(), |at| reader.moment(&utc, at))
    };
    let content = html! {
        h1 { (texts.integrity) }
        p.hint { (reader.proof().times_of.replace("{zone}", utc.name())) }
        @match &known.failing {
            Some(why) => section.verdict data-verdict="not-valid" { h2 { (texts.takes_nothing) } p lang="en" { (why) } },
            None => section.verdict data-verdict="valid" { h2 { (texts.takes_records) } p { (texts.takes_records_hint) } },
        }
        section.entry {
            h2 { (texts.the_log) }
            @match &known.log {
                Some(log) => (standing(visit, log, &moment(log.at))),
                None => p { (texts.no_log_hint) },
            }
        }
        section.entry {
            h2 { (texts.backup) }
            dl.facts { div { dt { (texts.last_backup) } dd { (moment(known.backed_up)) } } }
            p.hint { (texts.backup_hint) }
        }
        section.entry {
            h2 { (texts.keys) }
            ul.steps {
                @for (place, (name, term)) in known.keys.iter().enumerate() {
                    li {
                        code { (name) } " "
                        @if let Some(revoked) = &term.revoked {
                            strong.no { (texts.revoked.replace("{date}", &reader.date(&utc, revoked.since))) }
                        } @else if let Some(retired) = term.retired {
                            span.faint { (texts.key_retired.replace("{date}", &reader.date(&utc, retired))) }
                        } @else if place == 0 {
                            strong { (texts.signs_now) }
                        } @else {
                            span.faint { (texts.open) }
                        }
                    }
                }
            }
            p.hint { (texts.keys_hint) }
        }
        h2 { (texts.retention) }
        p { (texts.retention_hint) " " (texts.last_purge.replace("{date}", &moment(known.purged))) }
        div.scroll tabindex="0" role="region" aria-label=(texts.retention) {
            table.stacked.lines {
                thead {
                    tr {
                        th scope="col" { (reader.desk().site) }
                        th scope="col" { (texts.kept_for) }
                        th scope="col" { (texts.then) }
                        th scope="col" { (texts.hold) }
                    }
                }
                tbody { @for site in sites { (retention(visit, site, known)) } }
            }
        }
    };
    frame(reader, texts.integrity, "../", Some(&visit.staff), &content)
}

fn standing(visit: &Visit, log: &LogStanding, at: &str) -> Markup {
    let (desk, texts) = (visit.reader.desk(), visit.reader.integrity());
    html! {
        dl.facts {
            div { dt { (texts.log_name) } dd { code { (log.name) } } }
            div { dt { (texts.entries) } dd { (desk.number(log.signed)) } }
            div { dt { (texts.last_signed) } dd { (at) } }
            div { dt { (texts.waiting) } dd { (desk.number(log.waiting)) } }
            div {
                dt { (texts.witnesses) }
                dd { @if log.witnesses.is_empty() { (texts.no_witness) } @else { (log.witnesses.join(", ")) } }
            }
        }
        p.hint { (texts.log_hint) }
    }
}

fn retention(visit: &Visit, site: &Kept, known: &Integrity) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.integrity());
    let proof = site.declaration().map(|site| site.proof);
    let hold = known.holds.iter().find(|hold| hold.site == *site.id());
    html! {
        tr {
            th scope="row" { a href={ "sites/" (site.id()) } { (site.name()) } }
            td data-label=(texts.kept_for) {
                @match proof {
                    Some(proof) => (texts.years.replace("{count}", &proof.years.to_string())),
                    None => (texts.unknown),
                }
            }
            td data-label=(texts.then) {
                @match proof.map(|proof| proof.at_end) {
                    Some(AtEnd::Delete) => (texts.deleted),
                    Some(AtEnd::Anonymise) => (texts.anonymised),
                    Some(AtEnd::Archive) => (texts.archived),
                    None => "–",
                }
            }
            td data-label=(texts.hold) {
                @match hold {
                    Some(hold) => { strong { (reader.date(&zone(site), hold.since)) ": " (hold.reason) } },
                    None => "–",
                }
            }
        }
    }
}
