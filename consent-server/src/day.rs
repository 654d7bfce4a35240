//! A day of a site's own calendar.

use consent_core::site::TimeZone;
use consent_core::time::UnixSeconds;

const SECONDS: i64 = 86_400;

/// A day of the calendar, as the number of days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day that it is in a time zone at a moment.
    #[must_use]
    pub fn of(moment: UnixSeconds, zone: &TimeZone) -> Self {
        Self::in_utc(moment.get() + i64::from(zone.offset(moment)))
    }

    /// The day of UTC that these Unix seconds are of.
    #[must_use]
    pub fn in_utc(seconds: i64) -> Self {
        Self(i32::try_from(seconds.div_euclid(SECONDS)).unwrap_or(i32::MAX))
    }

    /// The day of this number.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// So many days later; earlier if negative.
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// How many days later another one is.
    #[must_use]
    pub const fn until(self, later: Self) -> i32 {
        later.0 - self.0
    }

    /// As ISO 8601 writes it: `2026-11-29`.
    #[must_use]
    pub fn to_iso(self) -> String {
        let midnight = UnixSeconds::new(i64::from(self.0) * SECONDS);
        let mut text = midnight.unwrap_or(UnixSeconds::EPOCH).to_rfc3339();
        text.truncate("2026-11-29".len());
        text
    }

    /// What [`to_iso`](Self::to_iso) writes; `None` for anything else.
    #[must_use]
    pub fn from_iso(text: &str) -> Option<Self> {
        if text.len() != "2026-11-29".len() {
            return None;
        }
        let midnight = UnixSeconds::from_rfc3339(&format!("{text}T00:00:00Z")).ok()?;
        Some(Self::in_utc(midnight.get()))
    }

    /// Its year, its month from 1 to 12, and its day of the month.
    #[must_use]
    pub fn civil(self) -> (u32, u32, u32) {
        let text = self.to_iso();
        let part = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse().ok());
        let civil = (part(0, 4), part(5, 7), part(8, 10));
        (
            civil.0.unwrap_or(1970),
            civil.1.unwrap_or(1),
            civil.2.unwrap_or(1),
        )
    }

    /// Monday is 0.
    #[must_use]
    pub const fn weekday(self) -> i32 {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_that_of_the_time_zone() {
        let moment = UnixSeconds::from_rfc3339("2026-10-31T23:30:00Z").unwrap();
        let day = |zone: &str| Day::of(moment, &zone.parse().unwrap()).to_iso();
        assert_eq!(day("UTC"), "2026-10-31");
        assert_eq!(day("Europe/Paris"), "2026-11-01");
        assert_eq!(day("America/New_York"), "2026-10-31");
        let day = Day::of(moment, &"Pacific/Auckland".parse().unwrap());
        assert_eq!((day.civil(), day.weekday()), ((2026, 11, 1), 6));
        assert_eq!(Day::from_iso("2026-11-01"), Some(day));
        for text in ["2026-11-31", "2026-1-01", "2026-11-01T", "", "١٢٣٤٥"] {
            assert_eq!(Day::from_iso(text), None, "{text}");
        }
    }
}
