//! The list of the notices of a site, by the moment they were published.

use super::super::overview::zone;
use super::super::page::{frame, of_site};
use super::super::visit::Visit;
use super::versions::Version;
use crate::retired::Kept;
use maud::{Markup, html};

pub(super) fn list(visit: &Visit, site: &Kept, versions: &[Version]) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.notices());
    let (desk, zone) = (reader.desk(), zone(site));
    let root = "../../../";
    // What was published at one moment belongs together.
    let together = versions.chunk_by(|one, other| one.published == other.published);
    let content = html! {
        (of_site(reader, site, root, texts.title))
        p { (texts.what_this_is) }
        p.hint { (reader.proof().times_of.replace("{zone}", zone.name())) }
        @if versions.is_empty() { p.empty { (texts.none) } }
        @for version in together {
            @if let Some(first) = version.first() {
                section.entry {
                    h2 { (texts.since.replace("{date}", &reader.moment(&zone, first.published))) }
                    div.scroll tabindex="0" role="region" aria-label=(reader.moment(&zone, first.published)) {
                        table.numbers.stacked {
                            thead {
                                tr {
                                    th scope="col" { (desk.language) }
                                    th scope="col" { (desk.choices) }
                                    th scope="col" { (texts.until) }
                                    th scope="col" { (texts.asked_again) }
                                    th scope="col" { (texts.see) }
                                }
                            }
                            tbody {
                                @for one in version {
                                    tr {
                                        th scope="row" { (one.language) }
                                        td data-label=(desk.choices) { (desk.number(one.choices)) }
                                        td data-label=(texts.until) {
                                            @match one.until {
                                                Some(until) => (reader.moment(&zone, until)),
                                                None => (texts.still),
                                            }
                                        }
                                        td data-label=(texts.asked_again) {
                                            @match one.before {
                                                Some((_, true)) => (reader.table().yes),
                                                Some((_, false)) => (reader.table().no),
                                                None => (texts.first),
                                            }
                                        }
                                        td.links data-label=(texts.see) {
                                            a href={ "notices/" (one.digest) } { (texts.as_shown) span.unseen { ": " (one.language) } }
                                            @if let Some((before, _)) = one.before {
                                                a href={ "changes?from=" (before) "&to=" (one.digest) } { (texts.changes) span.unseen { ": " (one.language) } }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if versions.len() > 1 { (any_two(visit, site, versions)) }
    };
    frame(reader, texts.title, root, Some(&visit.staff), &content)
}

/// Any two, of whatever language.
fn any_two(visit: &Visit, site: &Kept, versions: &[Version]) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.notices());
    let zone = zone(site);
    let options = html! {
        @for one in versions {
            option value=(one.digest) { (reader.moment(&zone, one.published)) " · " (one.language) }
        }
    };
    html! {
        details.selection {
            summary { (texts.any_two) }
            form method="get" action="changes" {
                label { (texts.older) select name="from" { (options) } }
                label { (texts.newer) select name="to" { (options) } }
                p.actions { button type="submit" { (reader.desk().show) } }
            }
        }
    }
}
