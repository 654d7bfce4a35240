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
