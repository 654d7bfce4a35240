//! One site: how many decisions of each kind, and the latest.

use super::{LATEST, may_export, page};
use crate::auth::Staff;
use crate::publish::Published;
use crate::store::Row;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use maud::{Markup, html};

pub(super) fn site(
    staff: &Staff,
    site: &Published,
    counts: &[(String, u64)],
    latest: &[Row],
) -> Markup {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let content = html! {
        p.back { a href="../../admin" { "← Sites" } }
        div.title {
            div {
                h1 { (site.name) }
                p {
                    @if site.controller != site.name { (site.controller) " · " }
                    code { (site.id.as_str()) }
                }
            }
            @if may_export(staff, site) {
                p.actions {
                    a.button download href={ "../../v1/sites/" (site.id.as_str()) "/export?format=csv" } { "CSV" }
                    a.button download href={ "../../v1/sites/" (site.id.as_str()) "/export?format=jsonl" } { "JSON Lines" }
                }
            }
        }
        dl.counts {
            div { dt { "decisions" } dd { (total) } }
            @for (act, count) in counts {
                div data-act=(act) { dt { (words(act)) } dd { (count) } }
            }
        }
        h2 { "Latest decisions" }
        @if latest.is_empty() {
            p.empty { "No decision yet. The first one shows here as soon as a visitor has chosen." }
        } @else {
            (table(latest))
            @if latest.len() >= LATEST as usize {
                p.hint { "The newest " (LATEST) ". An export has them all." }
            }
        }
    };
    page::frame(&site.name, "../../", Some(staff), &content)
}

fn table(latest: &[Row]) -> Markup {
    html! {
        div.scroll {
            table {
                thead {
                    tr {
                        th scope="col" { "Received (UTC)" }
                        th scope="col" { "Act" }
                        th scope="col" { "Choices" }
                        th scope="col" { "Language" }
                        th scope="col" { "Record" }
                    }
                }
                tbody {
                    @for row in latest {
                        @if let Ok(receipt) = UnverifiedReceipt::parse(&row.receipt) {
                            tr {
                                td { time datetime=(receipt.issued_at().to_rfc3339()) { (readable(&receipt.issued_at().to_rfc3339())) } }
                                td { span.act data-act=(receipt.record().decision.act) { (words(receipt.record().decision.act.as_str())) } }
                                td { (choices(receipt.record())) }
                                td { (receipt.record().language) }
                                td { code { (receipt.record().id) } }
                            }
                        } @else {
                            tr { td colspan="5" { "Row " (row.seq) " cannot be read." } }
                        }
                    }
                }
            }
        }
    }
}

fn choices(record: &Record) -> Markup {
    let categories = record
        .decision
        .choices
        .iter()
        .map(|(id, granted)| (id.as_str(), *granted));
    let services = record
        .decision
        .services
        .iter()
        .map(|(id, granted)| (id.as_str(), *granted));
    html! {
        ul.choices {
            @for (name, granted) in categories.chain(services) {
                li.yes[granted].no[!granted] {
                    (if granted { "✓ " } else { "✗ " }) (name)
                    span.unseen { (if granted { " granted" } else { " refused" }) }
                }
            }
        }
    }
}

/// `accept_all` as people read it.
fn words(act: &str) -> String {
    act.replace('_', " ")
}

/// `2026-02-28T10:00:00Z` as `2026-02-28 10:00:00`.
fn readable(rfc3339: &str) -> String {
    rfc3339.trim_end_matches('Z').replace('T', " ")
}
