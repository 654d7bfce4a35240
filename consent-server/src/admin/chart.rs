//! Charts as SVG, which need no script. What they show stands in a table beneath.

use super::answers::Answers;
use maud::{Markup, html};

const WIDTH: u64 = 720;
const HEIGHT: u64 = 200;
/// Room for the numbers at the left, and the dates beneath.
const LEFT: u64 = 56;
const BENEATH: u64 = 28;
const ABOVE: u64 = 12;
const PLOT: u64 = HEIGHT - BENEATH - ABOVE;

/// So many dates stand beneath a chart.
const DATES: usize = 6;

/// One step of a chart.
pub(super) struct Mark {
    pub(super) title: String,
    pub(super) short: String,
    pub(super) answers: Answers,
    /// The notice changed then.
    pub(super) is_change: bool,
}

/// What a number on the left says: the number, or per cent.
type Said<'a> = &'a dyn Fn(u64) -> String;

/// Bars of what was chosen, on top of each other.
pub(super) fn bars(label: &str, changed: &str, marks: &[Mark], said: Said<'_>) -> Markup {
    let most = marks.iter().map(|mark| mark.answers.choices()).max();
    let top = rounded(most.unwrap_or(0));
    let width = (slot(marks.len(), 1) * 4 / 5).clamp(1, 48);
    let content = html! {
        @for (place, mark) in marks.iter().enumerate() {
            @let x = x(marks.len(), place) - width / 2;
            @let accepted = height(mark.answers.accept_all, top);
            @let own = height(mark.answers.accept_all + mark.answers.custom, top);
            @let all = height(mark.answers.choices(), top);
            g {
                title { (mark.title) ": " (said(mark.answers.choices())) }
                rect.accepted x=(x) width=(width) y=(y(accepted)) height=(accepted) {}
                rect.own x=(x) width=(width) y=(y(own)) height=(own - accepted) {}
                rect.refused x=(x) width=(width) y=(y(all)) height=(all - own) {}
            }
        }
    };
    framed(
        label,
        changed,
        marks,
        &[0, top / 2, top].map(|at| (height(at, top), said(at))),
        &content,
    )
}

/// A line of the share that agreed to something.
pub(super) fn line(label: &str, changed: &str, marks: &[Mark], said: Said<'_>) -> Markup {
    let share = |answers: &Answers| (answers.agreed * 100).checked_div(answers.choices());
    let points: Vec<(u64, u64, &Mark, u64)> = marks
        .iter()
        .enumerate()
        .filter_map(|(place, mark)| {
            let share = share(&mark.answers)?;
            Some((x(marks.len(), place), y(height(share, 100)), mark, share))
        })
        .collect();
    let path: Vec<String> = points.iter().map(|(x, y, ..)| format!("{x},{y}")).collect();
    let content = html! {
        polyline.line points=(path.join(" ")) {}
        @for (x, y, mark, share) in &points {
            circle.point cx=(x) cy=(y) r="3" { title { (mark.title) ": " (said(*share)) } }
        }
    };
    framed(
        label,
        changed,
        marks,
        &[0, 50, 100].map(|at| (height(at, 100), said(at))),
        &content,
    )
}

fn framed(
    label: &str,
    changed: &str,
    marks: &[Mark],
    levels: &[(u64, String); 3],
    content: &Markup,
) -> Markup {
    let every = marks.len().div_ceil(DATES).max(1);
    html! {
        svg.chart role="img" aria-label=(label) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
            @for (height, text) in levels {
                line.level x1=(LEFT) x2=(WIDTH) y1=(y(*height)) y2=(y(*height)) {}
                text.axis x=(LEFT - 8) y=(y(*height) + 4) text-anchor="end" { (text) }
            }
            @for (place, mark) in marks.iter().enumerate() {
                @if mark.is_change {
                    @let at = x(marks.len(), place) - slot(marks.len(), 1) / 2;
                    line.change x1=(at) x2=(at) y1=(ABOVE) y2=(ABOVE + PLOT) { title { (changed) ": " (mark.title) } }
                }
                @if place % every == 0 {
                    text.axis x=(x(marks.len(), place)) y=(HEIGHT - 8) text-anchor="middle" { (mark.short) }
                }
            }
            (content)
        }
    }
}

/// A number that is as easy to halve as to read, and no smaller.
fn rounded(most: u64) -> u64 {
    let mut scale = 1;
    loop {
        for round in [2, 4, 10] {
            if round * scale >= most {
                return round * scale;
            }
        }
        scale *= 10;
    }
}

fn height(count: u64, top: u64) -> u64 {
    (count * PLOT).checked_div(top).unwrap_or(0).min(PLOT)
}

const fn y(height: u64) -> u64 {
    ABOVE + PLOT - height
}

/// How wide so many steps are.
fn slot(all: usize, steps: u64) -> u64 {
    let all = u64::try_from(all).unwrap_or(1).max(1);
    (WIDTH - LEFT - 16) * steps / all
}

/// The middle of a step.
fn x(all: usize, place: usize) -> u64 {
    let all = u64::try_from(all).unwrap_or(1).max(1);
    let place = u64::try_from(place).unwrap_or(0);
    LEFT + 8 + (WIDTH - LEFT - 16) * (2 * place + 1) / (2 * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_chart_is_round_and_has_room_for_all() {
        for (most, top) in [(0, 2), (3, 4), (5, 10), (11, 20), (399, 400), (401, 1000)] {
            assert_eq!(rounded(most), top, "{most}");
        }
        assert_eq!(
            (height(5, 10), height(10, 10), height(1, 0)),
            (PLOT / 2, PLOT, 0)
        );
    }
}
