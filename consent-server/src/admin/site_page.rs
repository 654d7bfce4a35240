//! One site: how many decisions of each kind, and the latest.

use super::page;
use crate::auth::{Role, Staff};
use crate::export::Format;
use crate::retired::Kept;
use crate::store::Row;
use crate::texts::ReaderLanguage;
use consent_core::decision::Act;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_core::site::Site;
use maud::{Markup, html};

/// How many decisions the page shows.
pub(super) const LATEST: u32 = 50;

pub(super) fn site(staff: &Staff, site: &Kept, counts: &[(String, u64)], latest: &[Row]) -> Markup {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let content = html! {
        p.back { a href="../../admin" { "← Sites" } }
        div.title {
            div {
                h1 { (site.name()) }
                p {
                    @if let Some(controller) = page::controller(site) { (controller) " · " }
                    code { (site.id()) }
                    @if site.is_retired() { " " (page::retired()) }
                }
            }
            @if may_export(staff, site) {
                p.actions {
                    @for format in FORMATS {
                        a.button download href={ "../../v1/sites/" (site.id()) "/export?format=" (format.name()) } { (title(format)) }
                    }
                }
            }
        }
        @if may_export(staff, site) && !Format::Csv.is_shown_whole(total) {
            p.hint { "Spreadsheets show " (Format::SPREADSHEET_ROWS) " rows and leave out the rest: export a shorter time." }
        }
        @if site.is_retired() {
            p.hint { "This site is served no longer. Its proofs are kept as it declared last, and can be exported, proven and erased." }
        }
        @if may_export(staff, site) { (selection(site)) }
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
    page::frame(site.name(), "../../", Some(staff), &content)
}

/// Whether a member of staff may download a site's receipts: pages show the links only then.
fn may_export(staff: &Staff, site: &Kept) -> bool {
    staff.may(Role::Exporter, site.id())
}

/// An export of some of the receipts: the same words as in the address and on the command line. They are sent in the body:
/// a consent id must not stand in the browser's history, nor in a proxy's log.
fn selection(site: &Kept) -> Markup {
    let declared = site.declaration();
    let categories = declared.into_iter().flat_map(Site::asked);
    let categories: Vec<_> = categories
        .map(|category| (category.id.as_str(), category.id.as_str()))
        .collect();
    let languages = declared.into_iter().flat_map(|site| &site.languages);
    let languages: Vec<_> = languages.map(|id| (id.as_str(), id.as_str())).collect();
    let acts: Vec<_> = Act::ALL
        .iter()
        .map(|act| (act.as_str(), words(act.as_str())))
        .collect();
    html! {
        details.selection {
            summary { "Export some of them" }
            form method="post" action={ "../../v1/sites/" (site.id()) "/export" } {
                label { "Received from (UTC)" input type="date" name="from"; }
                label { "Received before" input type="date" name="to"; }
                (choice("act", "Act", &acts))
                (choice("granted", "Granted", &categories))
                (choice("refused", "Refused", &categories))
                (choice("language", "Language", &languages))
                label { "Notice (digest)" input name="notice" pattern="[A-Za-z0-9_\\-]{43}" autocomplete="off"; }
                label { "Consent id: one browser's history" input name="subject" pattern="[A-Za-z0-9_\\-]{22}" autocomplete="off"; }
                p.actions {
                    @for format in FORMATS { button name="format" value=(format.name()) { (title(format)) } }
                }
            }
        }
    }
}

/// For people first.
const FORMATS: [Format; 4] = [
    Format::Table(ReaderLanguage::En),
    Format::Table(ReaderLanguage::Fr),
    Format::Csv,
    Format::JsonLines,
];

const fn title(format: Format) -> &'static str {
    match format {
        Format::Table(ReaderLanguage::En) => "Spreadsheet",
        Format::Table(ReaderLanguage::Fr) => "Tableur (français)",
        Format::Csv => "CSV for programs",
        Format::JsonLines => "JSON Lines",
    }
}

fn choice(name: &str, label: &str, options: &[(&str, impl maud::Render)]) -> Markup {
    html! {
        label {
            (label)
            select name=(name) {
                option value="" { "any" }
                @for (value, text) in options { option value=(value) { (text) } }
            }
        }
    }
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
