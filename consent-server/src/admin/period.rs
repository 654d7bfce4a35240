//! Which days a page is about, and how they are put together.

use super::reader::Reader;
use crate::day::Day;
use crate::texts::DeskTexts;
use std::ops::RangeInclusive;

/// What nobody has asked otherwise for.
const USUAL: i32 = 30;

/// Ten years.
const LONGEST: i32 = 3653;

/// So many bars are told apart.
const MOST_DAYS: i32 = 100;
const MOST_WEEKS: i32 = 7 * 110;

/// What one bar of a chart is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Day,
    Week,
    Month,
}

/// A time that figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) first: Day,
    pub(super) last: Day,
    pub(super) step: Step,
}

impl Step {
    pub(super) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub(super) const fn title(self, texts: &DeskTexts) -> &'static str {
        match self {
            Self::Day => texts.day,
            Self::Week => texts.week,
            Self::Month => texts.month,
        }
    }
}

impl Period {
    /// What the address asks for; the last days where it asks for nothing that can be shown.
    pub(super) fn asked(reader: &Reader, today: Day) -> Self {
        let day = |name| reader.asked(name).and_then(Day::from_iso);
        let last = day("to").unwrap_or(today);
        let first = day("from").unwrap_or(last.plus(1 - USUAL));
        let length = first.until(last);
        let (first, last) = if (0..LONGEST).contains(&length) {
            (first, last)
        } else {
            (today.plus(1 - USUAL), today)
        };
        let step = Step::ALL.into_iter();
        let mut step = step.filter(|step| reader.asked("step") == Some(step.name()));
        Self::of(first, last, step.next())
    }

    /// Steps are no smaller than a chart can show.
    fn of(first: Day, last: Day, step: Option<Step>) -> Self {
        let days = first.until(last) + 1;
        let step = match step.unwrap_or(Step::Day) {
            Step::Day if days > MOST_DAYS => Step::Week,
            step => step,
        };
        let step = match step {
            Step::Week if days > MOST_WEEKS => Step::Month,
            step => step,
        };
        Self { first, last, step }
    }

    pub(super) fn month_of(day: Day) -> Self {
        let (_, _, of_month) = day.civil();
        let first = day.plus(1 - i32::try_from(of_month).unwrap_or(1));
        // The first of the next month is within 31 days of the 28th.
        let next = (28..=31).map(|days| first.plus(days));
        let mut next = next.filter(|day| day.civil().2 == 1);
        let last = next.next().unwrap_or(first.plus(31)).plus(-1);
        Self::of(first, last, None)
    }

    pub(super) fn year_of(day: Day) -> Self {
        let (year, _, _) = day.civil();
        let first = Day::from_iso(&format!("{year:04}-01-01")).unwrap_or(day);
        Self::of(first, day, Some(Step::Month))
    }

    pub(super) fn usual(today: Day) -> Self {
        Self::of(today.plus(1 - USUAL), today, None)
    }

    pub(super) const fn days(self) -> RangeInclusive<Day> {
        self.first..=self.last
    }

    /// As many days, just before. Of a whole month: the month before.
    pub(super) fn before(self) -> Self {
        if Self::month_of(self.first).days() == self.days() {
            return Self::month_of(self.first.plus(-1));
        }
        let days = self.first.until(self.last) + 1;
        Self::of(
            self.first.plus(-days),
            self.last.plus(-days),
            Some(self.step),
        )
    }

    /// The first day of the step that a day is of.
    pub(super) fn start(self, day: Day) -> Day {
        let start = match self.step {
            Step::Day => day,
            Step::Week => day.plus(-day.weekday()),
            Step::Month => Self::month_of(day).first,
        };
        start.max(self.first)
    }

    /// The starts of all steps.
    pub(super) fn starts(self) -> Vec<Day> {
        let days = (0..=self.first.until(self.last)).map(|days| self.first.plus(days));
        let mut starts: Vec<Day> = days.map(|day| self.start(day)).collect();
        starts.dedup();
        starts
    }

    /// What a step is called.
    pub(super) fn title(self, start: Day, texts: &DeskTexts) -> String {
        let (year, month, day) = start.civil();
        match self.step {
            Step::Month => texts.month_and_year(year, month),
            Step::Day | Step::Week => texts.date((year, month, day)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderMap;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    fn asked(query: &str) -> Period {
        let reader = Reader::of(&HeaderMap::new(), Some(query));
        Period::asked(&reader, day("2026-11-29"))
    }

    #[test]
    fn what_cannot_be_shown_is_the_last_days() {
        let usual = Period::usual(day("2026-11-29"));
        assert_eq!(
            (usual.first, usual.last),
            (day("2026-10-31"), day("2026-11-29"))
        );
        for query in [
            "",
            "from=x&to=y",
            "from=2026-12-01&to=2026-11-01",
            "from=0001-01-01",
        ] {
            assert_eq!(asked(query), usual, "{query}");
        }
    }

    #[test]
    fn a_month_is_compared_with_the_month_before() {
        let october = asked("from=2026-10-01&to=2026-10-31");
        assert_eq!(october, Period::month_of(day("2026-10-09")));
        let before = october.before();
        assert_eq!(
            (before.first, before.last),
            (day("2026-09-01"), day("2026-09-30"))
        );
        let week = asked("from=2026-10-05&to=2026-10-11").before();
        assert_eq!(
            (week.first, week.last),
            (day("2026-09-28"), day("2026-10-04"))
        );
    }

    #[test]
    fn steps_follow_each_other_and_are_no_smaller_than_a_chart_shows() {
        let weeks = asked("from=2026-10-01&to=2026-10-31&step=week");
        let starts: Vec<_> = weeks.starts().iter().map(|day| day.to_iso()).collect();
        assert_eq!(
            starts,
            [
                "2026-10-01",
                "2026-10-05",
                "2026-10-12",
                "2026-10-19",
                "2026-10-26"
            ]
        );
        let year = Period::year_of(day("2026-11-29"));
        assert_eq!((year.step, year.starts().len()), (Step::Month, 11));
        assert_eq!(
            asked("from=2026-01-01&to=2026-11-29&step=day").step,
            Step::Week
        );
        assert_eq!(
            asked("from=2020-01-01&to=2026-11-29&step=day").step,
            Step::Month
        );
    }
}
