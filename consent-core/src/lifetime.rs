//! How long a cookie lives, or data are kept.

use core::str::FromStr;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the browser is closed.
    Session,
    /// Until somebody deletes it.
    Persistent,
    /// A number of units of time.
    For(u32, Unit),
}

/// A unit of time, as people use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

/// The text is not a lifetime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be \"session\", \"persistent\", or a number of minutes, hours, days, months or years such as \"13 months\""
)]
pub struct LifetimeError;

impl Lifetime {
    /// Whether it may last longer than another. What nobody ends outlasts all else, and a session nothing.
    #[must_use]
    pub fn is_longer_than(self, other: Self) -> bool {
        self.minutes() > other.minutes()
    }

    /// At most; months by their longest run.
    fn minutes(self) -> u64 {
        const DAY: u64 = 24 * 60;
        match self {
            Self::Session => 0,
            Self::Persistent => u64::MAX,
            Self::For(count, unit) => {
                let count = u64::from(count);
                match unit {
                    Unit::Minute => count,
                    Unit::Hour => count * 60,
                    Unit::Day => count * DAY,
                    // 13 calendar months take up to 397 days, and so do 13 of these.
                    Unit::Month => count * 397 * DAY / 13,
                    Unit::Year => count * 366 * DAY,
                }
            }
        }
    }
}

impl FromStr for Lifetime {
    type Err = LifetimeError;

    fn from_str(text: &str) -> Result<Self, LifetimeError> {
        match text {
            "session" => return Ok(Self::Session),
            "persistent" => return Ok(Self::Persistent),
            _ => {}
        }
        let (count, unit) = text.split_once(' ').ok_or(LifetimeError)?;
        let count = count
            .parse()
            .ok()
            .filter(|count| *count > 0)
            .ok_or(LifetimeError)?;
        let unit = match unit.strip_suffix('s').unwrap_or(unit) {
            "minute" => Unit::Minute,
            "hour" => Unit::Hour,
            "day" => Unit::Day,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => return Err(LifetimeError),
        };
        Ok(Self::For(count, unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_longer_than_another_by_its_most_days() {
        let is_longer = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| text.parse::<Lifetime>().unwrap());
            assert!(!(one.is_longer_than(other) && other.is_longer_than(one)));
            one.is_longer_than(other)
        };
        assert!(is_longer("13 months", "1 year"));
        assert!(is_longer("2 hours", "90 minutes"));
        assert!(is_longer("persistent", "100 years"));
        assert!(is_longer("1 minute", "session"));
        assert!(!is_longer("13 months", "397 days"));
        assert!(!is_longer("1 day", "24 hours"));
        assert!(!is_longer("session", "session"));
    }

    #[test]
    fn lifetimes_are_words_or_a_number_and_a_unit() {
        assert_eq!("session".parse(), Ok(Lifetime::Session));
        assert_eq!("13 months".parse(), Ok(Lifetime::For(13, Unit::Month)));
        assert_eq!("1 day".parse(), Ok(Lifetime::For(1, Unit::Day)));
        for bad in [
            "",
            "13",
            "0 days",
            "-1 days",
            "2 fortnights",
            "1.5 years",
            "13  months",
        ] {
            assert_eq!(bad.parse::<Lifetime>(), Err(LifetimeError), "{bad}");
        }
    }
}
