//! The sites that somebody may see, at a glance: sorted and found without a script.

use super::answers::Answers;
use super::overview::zone;
use super::page;
use super::period::Period;
use super::reader::Reader;
use crate::auth::Staff;
use crate::day::Day;
use crate::retired::Kept;
use crate::store::SiteDay;
use consent_core::time::UnixSeconds;
use maud::{Markup, html};
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// A site with its last days, and as many before.
pub(super) struct Line {
    site: Kept,
    now: Answers,
    before: Answers,
}

/// What the table is sorted by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Name,
    Choices,
    Agreed,
    Trend,
}

const ORDERS: [(Order, &str); 4] = [
    (Order::Name, "name"),
    (Order::Choices, "choices"),
    (Order::Agreed, "agreed"),
    (Order::Trend, "trend"),
];

/// The days that are counted for all sites together, wherever they are.
pub(super) fn days(now: UnixSeconds) -> RangeInclusive<Day> {
    let today = Day::in_utc(now.get());
    Period::usual(today).before().first.plus(-1)..=today.plus(1)
}

/// The lines of these sites.
pub(super) fn lines(sites: Vec<Kept>, days: &[SiteDay], now: UnixSeconds) -> Vec<Line> {
    let mut of_site: HashMap<&str, Vec<&SiteDay>> = HashMap::new();
    for day in days {
        of_site.entry(day.site.as_str()).or_default().push(day);
    }
    let line = |site: Kept| {
        let period = Period::usual(Day::of(now, &zone(&site)));
        let days = of_site.get(site.id().as_str());
        let sum = |period: Period| {
            let mut answers = Answers::default();
            for day in days.into_iter().flatten() {
                if period.days().contains(&day.day) {
                    answers.add(day.act, day.granted, day.count);
                }
            }
            answers
        };
        let (now, before) = (sum(period), sum(period.before()));
        Line { site, now, before }
    };
    sites.into_iter().map(line).collect()
}

pub(super) fn sites(staff: &Staff, mut lines: Vec<Line>, reader: &Reader) -> Markup {
    let texts = reader.desk();
    let is_none = lines.is_empty();
    let wanted = reader.asked("find").unwrap_or_default().to_lowercase();
    lines.retain(|line| line.has(&wanted));
    let order = ORDERS.into_iter();
    let mut order = order.filter(|(_, name)| reader.asked("sort") == Some(*name));
    let order = order.next().map_or(Order::Name, |(order, _)| order);
    match order {
        Order::Name => lines.sort_by_key(|line| line.site.name().to_lowercase()),
        Order::Choices => lines.sort_by_key(|line| std::cmp::Reverse(line.now.choices())),
        Order::Agreed => lines.sort_by_key(|line| std::cmp::Reverse(line.share())),
        Order::Trend => lines.sort_by_key(|line| std::cmp::Reverse(line.trend())),
    }
    let titles = [texts.site, texts.choices_30, texts.agreed, texts.trend];
    let content = html! {
        h1 { (texts.sites) }
        @if is_none {
            p.empty { (texts.no_sites) }
        } @else {
            form.picker method="get" role="search" {
                label { (texts.find) input type="search" name="find" value=(reader.asked("find").unwrap_or_default()); }
                @if let Some(sort) = reader.asked("sort") { input type="hidden" name="sort" value=(sort); }
                button type="submit" { (texts.show) }
            }
            @if lines.is_empty() {
                p.empty { (texts.none_found) }
            } @else {
                div.scroll tabindex="0" role="region" aria-label=(texts.sites) {
                    table.numbers.sites {
                        thead {
                            tr {
                                @for ((of, name), title) in ORDERS.into_iter().zip(titles) {
                                    th scope="col" aria-sort=[(of == order).then_some(if of == Order::Name { "ascending" } else { "descending" })] {
                                        a href=(reader.query_with(&[("sort", name)])) { (title) }
                                        @if of == order { span.unseen { " (" (texts.sorted) ")" } }
                                    }
                                }
                            }
                        }
                        tbody {
                            @for line in &lines { (row(line, reader)) }
                        }
                    }
                }
                p.hint { (texts.trend_hint) }
            }
        }
    };
    page::frame(reader, texts.sites, "", Some(staff), &content)
}

fn row(line: &Line, reader: &Reader) -> Markup {
    let texts = reader.desk();
    let site = &line.site;
    html! {
        tr {
            th scope="row" {
                a href={ "admin/sites/" (site.id()) } { (site.name()) }
                @if site.is_retired() { " " (page::retired(reader)) }
                span.about {
                    @if let Some(controller) = page::controller(site) { (controller) " · " }
                    code { (site.id()) }
                }
            }
            td data-label=(texts.choices_30) { (texts.number(line.now.choices())) }
            td data-label=(texts.agreed) { (texts.percent(line.now.agreed, line.now.choices()).unwrap_or("–".into())) }
            td data-label=(texts.trend) {
                @match line.trend() {
                    Some(trend) if trend > 0 => { "+" (texts.percent(trend.unsigned_abs(), 100).unwrap_or_default()) }
                    Some(trend) if trend < 0 => { "−" (texts.percent(trend.unsigned_abs(), 100).unwrap_or_default()) }
                    Some(_) => "=",
                    None => "–",
                }
            }
        }
    }
}

impl Line {
    fn has(&self, wanted: &str) -> bool {
        let (site, id) = (&self.site, self.site.id().as_str());
        let texts = [site.name(), site.controller().unwrap_or_default(), id];
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(wanted))
    }

    /// In thousandths; `None`: nobody chose.
    fn share(&self) -> Option<u64> {
        (self.now.agreed * 1000).checked_div(self.now.choices())
    }

    /// By how many hundredths there are more choices than before; `None`: there were none to compare with.
    fn trend(&self) -> Option<i64> {
        let [now, before] = [&self.now, &self.before]
            .map(|answers| i64::try_from(answers.choices()).unwrap_or(i64::MAX / 200));
        ((now - before) * 100).checked_div(before)
    }
}
