//! The time zone of a site: whoever looks after it reads there when something was.

use core::fmt;
use core::str::FromStr;

use alloc::string::String;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

use super::node::{SchemaNode, described};
use crate::time::UnixSeconds;

/// A time zone of the IANA database, by its name, as `Europe/Paris`. UTC if nothing is said.
///
/// ```
/// use consent_core::site::TimeZone;
/// use consent_core::time::UnixSeconds;
///
/// let paris: TimeZone = "Europe/Paris".parse()?;
/// let moment = UnixSeconds::from_rfc3339("2026-07-14T22:30:00Z").unwrap();
/// assert_eq!(paris.local(moment), "2026-07-15 00:30:00");
/// # Ok::<(), consent_core::site::TimeZoneError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(jiff::tz::TimeZone);

/// The text names no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of a time zone, like \"Europe/Paris\" or \"UTC\"")]
pub struct TimeZoneError;

impl TimeZone {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// A moment there, as ISO 8601 writes it with a space: `2026-11-22 04:08:11`. Spreadsheets of every language take
    /// this for a date, and none takes the month for the day.
    #[must_use]
    pub fn local(&self, moment: UnixSeconds) -> String {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().separator(b' ');
        let moment = Timestamp::from_second(moment.get()).unwrap_or(Timestamp::MAX);
        PRINTER.datetime_to_string(&self.0.to_datetime(moment))
    }

    /// How far its clocks are ahead of UTC at a moment, in seconds; negative where they are behind.
    #[must_use]
    pub fn offset(&self, moment: UnixSeconds) -> i32 {
        let moment = Timestamp::from_second(moment.get()).unwrap_or(Timestamp::MAX);
        self.0.to_offset(moment).seconds()
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
}

impl FromStr for TimeZone {
    type Err = TimeZoneError;

    fn from_str(name: &str) -> Result<Self, TimeZoneError> {
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| TimeZoneError)?;
        zone.iana_name().ok_or(TimeZoneError)?;
        Ok(Self(zone))
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

pub(super) fn schema() -> SchemaNode {
    let about = "Where those live who look after the site, like \"Europe/Paris\": in files for people, times are told there.";
    described("string", about)
        .with(
            "pattern",
            "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$",
        )
        .with("default", "UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    fn local(zone: &str, moment: &str) -> String {
        let zone: TimeZone = zone.parse().unwrap();
        zone.local(UnixSeconds::from_rfc3339(moment).unwrap())
    }

    #[test]
    fn winter_and_summer_are_told_apart() {
        for (moment, paris, new_york) in [
            (
                "2026-11-22T03:08:11Z",
                "2026-11-22 04:08:11",
                "2026-11-21 22:08:11",
            ),
            // The last second before clocks in Paris go forward, and the first after.
            (
                "2026-03-29T00:59:59Z",
                "2026-03-29 01:59:59",
                "2026-03-28 20:59:59",
            ),
            (
                "2026-03-29T01:00:00Z",
                "2026-03-29 03:00:00",
                "2026-03-28 21:00:00",
            ),
        ] {
            assert_eq!(local("Europe/Paris", moment), paris);
            assert_eq!(local("America/New_York", moment), new_york);
        }
        assert_eq!(local("UTC", "2026-11-22T03:08:11Z"), "2026-11-22 03:08:11");
        assert_eq!(
            TimeZone::default().local(UnixSeconds::from_rfc3339("1970-01-01").unwrap()),
            "1970-01-01 00:00:00"
        );
    }

    #[test]
    fn only_names_of_zones_are_taken() {
        for name in [
            "Europe/Paris",
            "UTC",
            "Asia/Kolkata",
            "America/Port-au-Prince",
        ] {
            assert_eq!(name.parse::<TimeZone>().unwrap().to_string(), name);
        }
        for wrong in [
            "",
            "Paris",
            "Europe/Pariss",
            "+01:00",
            "CET-1CEST",
            "../UTC",
            "Local",
        ] {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
    }
}
