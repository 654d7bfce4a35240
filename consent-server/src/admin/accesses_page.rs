//! The list of accesses.

use super::page::frame;
use super::visit::Visit;
use crate::auth::Role;
use crate::day::Day;
use crate::retired::Kept;
use crate::store::StoredAccess;
use consent_core::id::SiteId;
use consent_core::site::TimeZone;
use maud::{Markup, html};
use std::collections::VecDeque;

/// How many lines a page shows at most.
pub(super) const MOST: usize = 200;

/// What the page shows.
pub(super) struct Shown {
    pub(super) sites: Vec<Kept>,
    /// The one that was asked for.
    pub(super) site: Option<SiteId>,
    pub(super) zone: TimeZone,
    /// The first day and the last; `None`: it is about one consent id.
    pub(super) days: Option<(Day, Day)>,
    pub(super) lines: VecDeque<StoredAccess>,
    /// What was to be a consent id is none.
    pub(super) is_unclear: bool,
}

pub(super) fn accesses(visit: &Visit, shown: &Shown) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.accesses());
    let desk = reader.desk();
    let is_own = visit.staff.role < Role::Admin;
    let content = html! {
        h1 { (texts.accesses) }
        p { (if is_own { texts.own_accesses } else { texts.what_accesses_are }) }
        (by_days(visit, shown))
        details.selection open[shown.days.is_none()] {
            summary { (texts.of_one_person) }
            form method="post" action="accesses" {
                label { (texts.consent_id) input name="subject" required autocomplete="off" spellcheck="false"; }
                p.actions { button type="submit" { (desk.show) } }
            }
            p.hint { (texts.of_one_person_hint) }
        }
        @if shown.is_unclear { p.error role="alert" { (texts.no_consent_id) } }
        @else if shown.lines.is_empty() { p.empty { (texts.no_access) } }
        @else { (table(visit, shown)) }
    };
    frame(reader, texts.accesses, "../", Some(&visit.staff), &content)
}

fn by_days(visit: &Visit, shown: &Shown) -> Markup {
    let (reader, desk) = (&visit.reader, visit.reader.desk());
    let (from, to) = shown.days.unzip();
    let iso = |day: Option<Day>| day.map(Day::to_iso);
    html! {
        form.picker method="get" action="accesses" {
            label {
                (desk.site)
                select name="site" {
                    option value="" { (reader.accesses().all_sites) }
                    @for site in &shown.sites {
                        option value=(site.id()) selected[shown.site.as_ref() == Some(site.id())] { (site.name()) }
                    }
                }
            }
            label { (desk.from) input type="date" name="from" value=[iso(from)]; }
            label { (desk.to) input type="date" name="to" value=[iso(to)]; }
            button type="submit" { (desk.show) }
        }
    }
}

fn table(visit: &Visit, shown: &Shown) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.accesses());
    let desk = reader.desk();
    let name = |id: &SiteId| {
        let mut sites = shown.sites.iter();
        let site = sites.find(|site| site.id() == id);
        site.map_or_else(|| id.to_string(), |site| site.name().to_owned())
    };
    html! {
        p.hint { (reader.proof().times_of.replace("{zone}", shown.zone.name())) }
        div.scroll tabindex="0" role="region" aria-label=(texts.accesses) {
            table.stacked.lines {
                thead {
                    tr {
                        th scope="col" { (texts.when) }
                        th scope="col" { (texts.who) }
                        th scope="col" { (texts.what) }
                        th scope="col" { (desk.site) }
                        th scope="col" { (texts.about) }
                        th scope="col" { (texts.how_many) }
                    }
                }
                tbody {
                    @for StoredAccess { access, .. } in &shown.lines {
                        tr {
                            th scope="row" { (reader.moment(&shown.zone, access.at)) }
                            td data-label=(texts.who) { (access.who) " · " (access.role) }
                            td data-label=(texts.what) { (texts.action(&access.action)) }
                            td data-label=(desk.site) { @match &access.site { Some(site) => (name(site)), None => "–" } }
                            td data-label=(texts.about) { @if access.filter.is_empty() { "–" } @else { code { (access.filter) } } }
                            td data-label=(texts.how_many) { @match access.rows { Some(rows) => (desk.number(rows)), None => "?" } }
                        }
                    }
                }
            }
        }
        @if shown.lines.len() >= MOST { p.hint { (texts.newest_lines) } }
    }
}
