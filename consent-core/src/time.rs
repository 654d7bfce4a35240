//! Moments and the calendar. Nothing here reads a clock: time is always an argument.

use core::fmt;
use core::str::FromStr;

#[cfg(feature = "json")]
use alloc::string::String;
use time::{Date, OffsetDateTime};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z, from year 1970 to year 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(i64);

/// The first second of year 9999: months can be added to any moment before it.
const END: i64 = 253_370_764_800;

/// The moment lies outside of years 1970 to 9998.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be whole seconds since 1970, before the year 9999")]
pub struct TimeError;

impl UnixSeconds {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// As many digits as moments have until the year 2286.
    #[cfg(feature = "json")]
    pub(crate) const TEN_DIGITS: Self = Self(9_999_999_999);

    /// Wraps seconds since 1970.
    pub const fn new(seconds: i64) -> Result<Self, TimeError> {
        if seconds >= 0 && seconds < END {
            Ok(Self(seconds))
        } else {
            Err(TimeError)
        }
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The same time of day some calendar months later, in UTC, the day clamped to the end of its month.
    ///
    /// ```
    /// use consent_core::time::{Months, UnixSeconds};
    /// // 31 January 2025, 10:00 + 13 months = 28 February 2026, 10:00
    /// let decided = UnixSeconds::new(1_738_317_600)?;
    /// assert_eq!(decided.plus_months(Months::THIRTEEN).get(), 1_772_272_800);
    /// # Ok::<(), consent_core::time::TimeError>(())
    /// ```
    #[must_use]
    pub fn plus_months(self, months: Months) -> Self {
        const DAY: i64 = 86_400;
        // `new` bounds the year, so neither conversion can fail: the fallback is never taken.
        let Ok(moment) = OffsetDateTime::from_unix_timestamp(self.0) else {
            return self;
        };
        let zero_based = u8::from(moment.month()) - 1 + months.get();
        let year = moment.year() + i32::from(zero_based / 12);
        let month = moment.month().nth_next(months.get());
        let day = moment.day().min(month.length(year));
        let Ok(date) = Date::from_calendar_date(year, month, day) else {
            return self;
        };
        let days = i64::from(date.to_julian_day()) - i64::from(moment.date().to_julian_day());
        Self(self.0 + days * DAY)
    }

    /// Seconds from `self` to a later moment; 0 when it is not later.
    #[must_use]
    pub const fn seconds_until(self, later: Self) -> u64 {
        if later.0 > self.0 {
            (later.0 - self.0).unsigned_abs()
        } else {
            0
        }
    }
}

#[cfg(feature = "json")]
impl UnixSeconds {
    /// RFC 3339 in UTC, like `2026-02-28T10:00:00Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|moment| {
                moment
                    .format(&time::format_description::well_known::Rfc3339)
                    .ok()
            })
            .unwrap_or_default()
    }

    /// Reads RFC 3339 (`2026-02-28T10:00:00Z`, any offset), or a date alone, which means its first second in UTC.
    pub fn from_rfc3339(text: &str) -> Result<Self, TimeError> {
        use time::format_description::well_known::Rfc3339;
        let whole = if text.len() == 10 {
            alloc::format!("{text}T00:00:00Z")
        } else {
            text.into()
        };
        let moment = OffsetDateTime::parse(&whole, &Rfc3339).map_err(|_| TimeError)?;
        Self::new(moment.unix_timestamp())
    }
}

#[cfg(feature = "json")]
impl TryFrom<std::time::SystemTime> for UnixSeconds {
    type Error = TimeError;

    /// What a clock shows, without the fraction of a second.
    fn try_from(moment: std::time::SystemTime) -> Result<Self, TimeError> {
        let since = moment.duration_since(std::time::UNIX_EPOCH);
        let seconds = since.map_err(|_| TimeError)?.as_secs();
        Self::new(i64::try_from(seconds).map_err(|_| TimeError)?)
    }
}

/// How long a choice is valid: 1 to 13 calendar months.
///
/// CNIL calls 6 months good practice for a choice; 13 is the most that this library allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Months(u8);

/// The number of months is not 1 to 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 13 months")]
pub struct MonthsError;

impl Months {
    /// The longest and the default validity.
    pub const THIRTEEN: Self = Self(13);

    /// Wraps a number of months, 1 to 13.
    pub const fn new(months: u8) -> Result<Self, MonthsError> {
        if months >= 1 && months <= 13 {
            Ok(Self(months))
        } else {
            Err(MonthsError)
        }
    }

    /// The number of months.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl FromStr for Months {
    type Err = MonthsError;

    fn from_str(text: &str) -> Result<Self, MonthsError> {
        text.parse().map_err(|_| MonthsError).and_then(Self::new)
    }
}

impl fmt::Display for Months {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
    use proptest::prelude::*;

    fn at(text: &str) -> UnixSeconds {
        UnixSeconds::new(text.parse::<Timestamp>().unwrap().as_second()).unwrap()
    }

    #[test]
    fn the_day_is_clamped_to_the_end_of_the_month() {
        for (decided, ends) in [
            ("2025-01-31T10:00:00Z", "2026-02-28T10:00:00Z"),
            ("2027-01-29T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("2024-02-29T23:59:59Z", "2025-03-29T23:59:59Z"),
            ("2025-11-30T00:00:00Z", "2026-12-30T00:00:00Z"),
            ("2025-12-31T12:00:00Z", "2027-01-31T12:00:00Z"),
        ] {
            assert_eq!(
                at(decided).plus_months(Months::THIRTEEN),
                at(ends),
                "{decided}"
            );
        }
    }

    #[test]
    fn moments_and_months_are_bounded() {
        assert_eq!(UnixSeconds::new(-1), Err(TimeError));
        assert_eq!(UnixSeconds::new(END), Err(TimeError));
        assert_eq!(Months::new(0), Err(MonthsError));
        assert_eq!(Months::new(14), Err(MonthsError));
        assert_eq!("13".parse(), Ok(Months::THIRTEEN));
    }

    #[cfg(feature = "json")]
    #[test]
    fn rfc_3339_goes_both_ways_and_a_date_means_its_first_second() {
        let moment = at("2026-02-28T10:00:00Z");
        assert_eq!(moment.to_rfc3339(), "2026-02-28T10:00:00Z");
        assert_eq!(
            UnixSeconds::from_rfc3339("2026-02-28T11:00:00+01:00"),
            Ok(moment)
        );
        assert_eq!(
            UnixSeconds::from_rfc3339("2026-02-28"),
            Ok(at("2026-02-28T00:00:00Z"))
        );
        assert_eq!(UnixSeconds::from_rfc3339("28/02/2026"), Err(TimeError));
    }

    #[cfg(feature = "json")]
    #[test]
    fn a_clock_is_read_in_whole_seconds() {
        use std::time::{Duration, UNIX_EPOCH};
        let shown = UNIX_EPOCH + Duration::from_millis(1_772_272_800_999);
        assert_eq!(UnixSeconds::try_from(shown), Ok(at("2026-02-28T10:00:00Z")));
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(UnixSeconds::try_from(before), Err(TimeError));
    }

    proptest! {
        #[test]
        fn months_agree_with_jiff_at_every_moment(seconds in 0..END, months in 1u8..=13) {
            let ours = UnixSeconds::new(seconds).unwrap().plus_months(Months::new(months).unwrap());
            let theirs = Timestamp::from_second(seconds).unwrap().to_zoned(TimeZone::UTC)
                .checked_add(i32::from(months).months()).unwrap();
            prop_assert_eq!(ours.get(), theirs.timestamp().as_second());
        }

        #[test]
        fn a_later_decision_never_ends_sooner(a in 0..END, b in 0..END, months in 1u8..=13) {
            let months = Months::new(months).unwrap();
            let ends = |s| UnixSeconds::new(s).unwrap().plus_months(months);
            prop_assert!(ends(a.min(b)) <= ends(a.max(b)));
        }

        #[test]
        fn thirteen_months_fit_under_the_cookie_cap_of_400_days(seconds in 0..END) {
            let decided = UnixSeconds::new(seconds).unwrap();
            let days = decided.seconds_until(decided.plus_months(Months::THIRTEEN)) / 86_400;
            prop_assert!((393..=397).contains(&days));
        }
    }
}
