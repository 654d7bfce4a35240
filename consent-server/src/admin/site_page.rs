//! One site: its overview, how many receipts are kept, and the latest.

use super::overview::Overview;
use super::reader::Reader;
use super::{overview_page, page};
use crate::auth::{Role, Staff};
use crate::export::Format;
use crate::retired::Kept;
use crate::store::Row;
use crate::texts::ReaderLanguage;
use consent_core::decision::Act;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_core::site::{Site, TimeZone};
use maud::{Markup, html};

/// How many decisions the page shows.
pub(super) const LATEST: u32 = 50;

/// What the page shows beside the overview.
pub(super) struct Stored {
    /// How many receipts there are of each act.
    pub(super) counts: Vec<(String, u64)>,
    pub(super) latest: Vec<Row>,
}

pub(super) fn site(
    reader: &Reader,
    staff: &Staff,
    site: &Kept,
    overview: &Overview,
    stored: &Stored,
) -> Markup {
    let texts = reader.desk();
    let Stored { counts, latest } = stored;
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let content = html! {
        p.back { a href="../../admin" { "← " (texts.sites) } }
        div.title {
            div {
                h1 { (site.name()) }
                p {
                    @if let Some(controller) = page::controller(site) { (controller) " · " }
                    code { (site.id()) }
                    @if site.is_retired() { " " (page::retired(reader)) }
                }
            }
            @if may_export(staff, site) {
                p.actions {
                    @for format in formats(reader) {
                        a.button download href={ "../../v1/sites/" (site.id()) "/export?format=" (format.name()) } { (title(format, reader)) }
                    }
                }
            }
        }
        nav.quick aria-label=(site.name()) {
            a href={ (site.id()) "/notices" } { (reader.notices().title) }
            a href={ (site.id()) "/declaration" } { (reader.declaration().declaration) }
        }
        @if may_export(staff, site) && !Format::Csv.is_shown_whole(total) {
            p.hint { (texts.spreadsheet_limit.replace("{rows}", &texts.number(Format::SPREADSHEET_ROWS))) }
        }
        @if site.is_retired() { p.hint { (texts.retired_hint) } }
        (overview_page::section(overview, reader))
        h2 { (texts.all_decisions) }
        dl.counts {
            div { dt { (texts.records) } dd { (texts.number(total)) } }
            @for (act, count) in counts {
                div data-act=(act) { dt { (words(act, reader)) } dd { (texts.number(*count)) } }
            }
        }
        @if may_export(staff, site) { (selection(reader, site)) }
        h2 { (texts.latest) }
        @if latest.is_empty() {
            p.empty { (texts.no_decision_yet) }
        } @else {
            (table(reader, &overview.zone, latest))
            @if latest.len() >= LATEST as usize {
                p.hint { (texts.newest.replace("{count}", &texts.number(LATEST.into()))) }
            }
        }
    };
    page::frame(reader, site.name(), "../../", Some(staff), &content)
}

/// Whether a member of staff may download a site's receipts: pages show the links only then.
fn may_export(staff: &Staff, site: &Kept) -> bool {
    staff.may(Role::Exporter, site.id())
}

/// An export of some of the receipts: the same words as in the address and on the command line. They are sent in the body:
/// a consent id must not stand in the browser's history, nor in a proxy's log.
fn selection(reader: &Reader, site: &Kept) -> Markup {
    let texts = reader.desk();
    let declared = site.declaration();
    let categories = declared.into_iter().flat_map(Site::asked);
    let categories: Vec<_> = categories
        .map(|category| (category.id.as_str(), category.id.as_str()))
        .collect();
    let languages = declared.into_iter().flat_map(|site| &site.languages);
    let languages: Vec<_> = languages.map(|id| (id.as_str(), id.as_str())).collect();
    let acts: Vec<_> = Act::ALL
        .iter()
        .map(|act| (act.as_str(), reader.table().act(*act)))
        .collect();
    html! {
        details.selection {
            summary { (texts.export_some) }
            form method="post" action={ "../../v1/sites/" (site.id()) "/export" } {
                label { (texts.received_from) input type="date" name="from"; }
                label { (texts.received_before) input type="date" name="to"; }
                (choice(texts.any, "act", texts.act, &acts))
                (choice(texts.any, "granted", texts.granted, &categories))
                (choice(texts.any, "refused", texts.refused, &categories))
                (choice(texts.any, "language", texts.language, &languages))
                label { (texts.notice_digest) input name="notice" pattern="[A-Za-z0-9_\\-]{43}" autocomplete="off"; }
                label { (texts.subject) input name="subject" pattern="[A-Za-z0-9_\\-]{22}" autocomplete="off"; }
                p.actions {
                    @for format in formats(reader) { button name="format" value=(format.name()) { (title(format, reader)) } }
                }
            }
        }
    }
}

/// For people first, and of their tables the one in the reader's language.
fn formats(reader: &Reader) -> Vec<Format> {
    let mut languages = ReaderLanguage::ALL;
    languages.sort_by_key(|language| *language != reader.language);
    let tables = languages.into_iter().map(Format::Table);
    tables.chain([Format::Csv, Format::JsonLines]).collect()
}

const fn title(format: Format, reader: &Reader) -> &'static str {
    match format {
        Format::Table(ReaderLanguage::En) => "Spreadsheet (English)",
        Format::Table(ReaderLanguage::Fr) => "Tableur (français)",
        Format::Csv => reader.desk().for_programs,
        Format::JsonLines => "JSON Lines",
    }
}

fn choice(any: &str, name: &str, label: &str, options: &[(&str, impl maud::Render)]) -> Markup {
    html! {
        label {
            (label)
            select name=(name) {
                option value="" { (any) }
                @for (value, text) in options { option value=(value) { (text) } }
            }
        }
    }
}

fn table(reader: &Reader, zone: &TimeZone, latest: &[Row]) -> Markup {
    let texts = reader.desk();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(texts.latest) {
            table.latest {
                thead {
                    tr {
                        th scope="col" { (texts.received.replace("{zone}", zone.name())) }
                        th scope="col" { (texts.act) }
                        th scope="col" { (texts.choices) }
                        th scope="col" { (texts.language) }
                        th scope="col" { (texts.record) }
                    }
                }
                tbody {
                    @for row in latest {
                        @if let Ok(receipt) = UnverifiedReceipt::parse(&row.receipt) {
                            tr {
                                td { time datetime=(receipt.issued_at().to_rfc3339()) { (zone.local(receipt.issued_at())) } }
                                td { span.act data-act=(receipt.record().decision.act) { (reader.table().act(receipt.record().decision.act)) } }
                                td { (choices(reader, receipt.record())) }
                                td { (receipt.record().language) }
                                td { code { (receipt.record().id) } }
                            }
                        } @else {
                            tr { td colspan="5" { (texts.unreadable.replace("{row}", &row.seq.to_string())) } }
                        }
                    }
                }
            }
        }
    }
}

fn choices(reader: &Reader, record: &Record) -> Markup {
    let texts = reader.desk();
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
                    span.unseen { " " (if granted { texts.granted } else { texts.refused }) }
                }
            }
        }
    }
}

/// `accept_all` as people read it.
fn words(act: &str, reader: &Reader) -> String {
    let known = act.parse().ok().map(|act| reader.table().act(act));
    known.unwrap_or(act).to_owned()
}
