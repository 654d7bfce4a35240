//! The overview of a site: a period, its figures and charts, and who chose where.

use super::answers::Answers;
use super::chart::{self, Mark};
use super::overview::{Overview, Tally};
use super::period::{Period, Step};
use super::reader::Reader;
use crate::day::Day;
use maud::{Markup, html};

pub(super) fn section(overview: &Overview, reader: &Reader) -> Markup {
    let texts = reader.desk();
    let before = overview.period.before();
    let date = |day: Day| texts.date(day.civil());
    html! {
        h2 { (texts.overview) }
        (picker(overview, reader))
        p.hint {
            (texts.days_of.replace("{zone}", overview.zone.name())) " "
            (texts.compared.replace("{from}", &date(before.first)).replace("{to}", &date(before.last)))
        }
        @if overview.now.is_empty() {
            p.empty { (texts.no_decision) }
        } @else {
            (figures(overview, reader))
            (charts(overview, reader))
            (agreed(overview, reader))
            div.columns {
                (breakdown(reader, texts.by_language, texts.language, overview.languages.iter().map(|(language, answers)| (language.clone(), answers))))
                (breakdown(reader, texts.by_source, texts.source, overview.sources.iter().map(|(source, answers)| (reader.table().source(*source).to_owned(), answers))))
                (breakdown(reader, texts.by_notice, texts.notice, overview.notices.iter().map(|(notice, answers)| (version(reader, notice.as_ref()), answers))))
            }
        }
    }
}

fn version(reader: &Reader, notice: Option<&(String, Day)>) -> String {
    let texts = reader.desk();
    notice.map_or(texts.notice_unknown.to_owned(), |(language, day)| {
        let since = texts.notice_since.replace("{language}", language);
        since.replace("{date}", &texts.date(day.civil()))
    })
}

fn picker(overview: &Overview, reader: &Reader) -> Markup {
    let (texts, period, today) = (reader.desk(), overview.period, overview.today);
    let last_month = Period::month_of(Period::month_of(today).first.plus(-1));
    let quick = [
        (texts.last_30, Period::usual(today)),
        (texts.this_month, Period::month_of(today)),
        (texts.last_month, last_month),
        (texts.this_year, Period::year_of(today)),
    ];
    html! {
        nav.quick aria-label=(texts.period) {
            @for (title, of) in quick {
                a href=(of_period(of)) aria-current=[(of.days() == period.days()).then_some("true")] { (title) }
            }
        }
        form.picker method="get" {
            label { (texts.from) input type="date" name="from" value=(period.first.to_iso()); }
            label { (texts.to) input type="date" name="to" value=(period.last.to_iso()); }
            label {
                (texts.step)
                select name="step" {
                    @for step in Step::ALL {
                        option value=(step.name()) selected[step == period.step] { (step.title(texts)) }
                    }
                }
            }
            button type="submit" { (texts.show) }
        }
    }
}

fn of_period(period: Period) -> String {
    let (from, to) = (period.first.to_iso(), period.last.to_iso());
    format!("?from={from}&to={to}&step={}", period.step.name())
}

fn figures(overview: &Overview, reader: &Reader) -> Markup {
    let texts = reader.desk();
    let (now, before) = (&overview.now, &overview.before);
    let figure = |name: &str, title: &str, of: fn(&Answers) -> u64, is_part: bool| {
        let share = texts.percent(of(now), now.choices());
        let share = share.filter(|_| is_part);
        html! {
            div data-figure=(name) {
                dt { (title) }
                dd {
                    (texts.number(of(now)))
                    @if let Some(share) = share { small { " " (share) } }
                    span.before { (texts.before.replace("{count}", &texts.number(of(before)))) }
                }
            }
        }
    };
    html! {
        dl.counts.figures {
            (figure("choices", texts.choices, Answers::choices, false))
            (figure("accept_all", texts.accept_all, |answers| answers.accept_all, true))
            (figure("custom", texts.own_choice, |answers| answers.custom, true))
            (figure("refuse_all", texts.refuse_all, |answers| answers.refuse_all, true))
            (figure("dismissed", texts.dismissed, |answers| answers.dismissed, true))
            (figure("withdrawn", texts.withdrawals, |answers| answers.withdrawn, false))
            (figure("signalled", texts.gpc, |answers| answers.signalled, false))
        }
    }
}

fn charts(overview: &Overview, reader: &Reader) -> Markup {
    let (texts, period) = (reader.desk(), overview.period);
    let changed: Vec<Day> = overview
        .changes
        .iter()
        .map(|day| period.start(*day))
        .collect();
    let marks: Vec<Mark> = period
        .starts()
        .into_iter()
        .map(|start| {
            let (year, month, day) = start.civil();
            Mark {
                title: period.title(start, texts),
                short: match period.step {
                    Step::Month => texts.month_and_year(year, month),
                    Step::Day | Step::Week => texts.day_and_month(month, day),
                },
                answers: overview.steps.get(&start).copied().unwrap_or_default(),
                is_change: changed.contains(&start),
            }
        })
        .collect();
    let percent = |share| texts.percent(share, 100).unwrap_or_default();
    let number = |count| texts.number(count);
    html! {
        div.charts {
            figure {
                figcaption { (texts.answers_chart) }
                (chart::bars(texts.answers_chart, texts.notice_changed, &marks, &number))
                ul.legend {
                    li.accepted { (texts.accept_all) }
                    li.own { (texts.own_choice) }
                    li.refused { (texts.refuse_all) }
                    @if !changed.is_empty() { li.change { (texts.notice_changed) } }
                }
                (as_table(reader, &marks, false))
            }
            figure {
                figcaption { (texts.share_chart) }
                (chart::line(texts.share_chart, texts.notice_changed, &marks, &percent))
                @if !changed.is_empty() { ul.legend { li.change { (texts.notice_changed) } } }
                (as_table(reader, &marks, true))
            }
        }
    }
}

/// What a chart shows, for those who do not see it.
fn as_table(reader: &Reader, marks: &[Mark], is_share: bool) -> Markup {
    let texts = reader.desk();
    html! {
        details {
            summary { (texts.as_table) }
            div.scroll tabindex="0" role="region" aria-label={ (texts.as_table) (if is_share { " · " } else { ": " }) (if is_share { texts.share_chart } else { texts.answers_chart }) } {
                table.numbers {
                    thead {
                        tr {
                            th scope="col" { (texts.period) }
                            @if is_share {
                                th scope="col" { (texts.agreed) }
                            } @else {
                                th scope="col" { (texts.accept_all) }
                                th scope="col" { (texts.own_choice) }
                                th scope="col" { (texts.refuse_all) }
                                th scope="col" { (texts.dismissed) }
                            }
                        }
                    }
                    tbody {
                        @for mark in marks {
                            tr {
                                th scope="row" { (mark.title) @if mark.is_change { " · " (texts.notice_changed) } }
                                @if is_share {
                                    td { (texts.percent(mark.answers.agreed, mark.answers.choices()).unwrap_or("–".into())) }
                                } @else {
                                    @for count in [mark.answers.accept_all, mark.answers.custom, mark.answers.refuse_all, mark.answers.dismissed] {
                                        td { (texts.number(count)) }
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

fn agreed(overview: &Overview, reader: &Reader) -> Markup {
    let texts = reader.desk();
    let share = |tally: Tally| {
        let share = texts.percent(tally.granted, tally.granted + tally.refused);
        share.unwrap_or("–".into())
    };
    html! {
        h3 { (texts.per_category) }
        div.scroll tabindex="0" role="region" aria-label=(texts.per_category) {
            table.numbers.agreed {
                thead {
                    tr {
                        th scope="col" { (texts.category_or_service) }
                        th scope="col" { (texts.granted) }
                        th scope="col" { (texts.refused) }
                        th scope="col" { (texts.share) }
                        th scope="col" { (texts.share_before) }
                    }
                }
                tbody {
                    @for of in &overview.agreed {
                        tr.service[of.is_service] {
                            th scope="row" { (of.name) }
                            td { (texts.number(of.now.granted)) }
                            td { (texts.number(of.now.refused)) }
                            td { (share(of.now)) }
                            td { (share(of.before)) }
                        }
                    }
                }
            }
        }
        p.hint { (texts.per_category_hint) }
    }
}

fn breakdown<'a>(
    reader: &Reader,
    title: &str,
    column: &str,
    rows: impl Iterator<Item = (String, &'a Answers)>,
) -> Markup {
    let texts = reader.desk();
    html! {
        section {
            h3 { (title) }
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.numbers {
                    thead {
                        tr {
                            th scope="col" { (column) }
                            th scope="col" { (texts.choices) }
                            th scope="col" { (texts.refuse_all) }
                            th scope="col" { (texts.agreed) }
                        }
                    }
                    tbody {
                        @for (name, answers) in rows {
                            tr {
                                th scope="row" { (name) }
                                td { (texts.number(answers.choices())) }
                                td { (texts.number(answers.refuse_all)) }
                                td { (texts.percent(answers.agreed, answers.choices()).unwrap_or("–".into())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
