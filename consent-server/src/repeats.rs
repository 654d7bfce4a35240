//! What goes wrong again and again: said once, and then once a minute with how often. A full disk must not fill the log too.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the same thing is not said again.
const PAUSE: Duration = Duration::from_mins(1);

/// How many different errors of one thing are told apart; the others count as one.
const DIFFERENT: usize = 8;

/// What was said lately.
#[derive(Debug, Default)]
pub struct Repeats(Mutex<BTreeMap<(&'static str, String), Said>>);

#[derive(Debug)]
struct Said {
    at: Instant,
    since: u64,
}

static ALL: Repeats = Repeats(Mutex::new(BTreeMap::new()));

/// Logs an error that may come in great numbers.
pub fn tell(what: &'static str, error: &dyn Display) {
    if let Some(times) = ALL.next(what, error, Instant::now()) {
        write(what, &error.to_string(), times);
    }
}

/// Logs how often errors have come again since they were said, where a minute has passed; called now and then.
pub fn tell_rest() {
    for (what, error, times) in ALL.rest(Instant::now()) {
        write(what, &error, times);
    }
}

fn write(what: &'static str, error: &str, times: u64) {
    if times == 1 {
        tracing::error!(%error, "{what}");
    } else {
        tracing::error!(%error, times, "{what}");
    }
}

impl Repeats {
    /// How often it has happened since it was said last, if it is to be said now.
    fn next(&self, what: &'static str, error: &dyn Display, now: Instant) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = (what, error.to_string());
        if !all.contains_key(&key) {
            let same = all.keys().filter(|(other, _)| *other == what);
            if same.count() >= DIFFERENT {
                key.1 = "other errors".into();
            }
        }
        let Some(said) = all.get_mut(&key) else {
            all.insert(key, Said { at: now, since: 0 });
            return Some(1);
        };
        said.since += 1;
        if now.duration_since(said.at) < PAUSE {
            return None;
        }
        said.at = now;
        Some(std::mem::take(&mut said.since))
    }

    /// What happened again and was not said; what was not seen for a minute is forgotten, and said at once when it comes.
    fn rest(&self, now: Instant) -> Vec<(&'static str, String, u64)> {
        let mut rest = Vec::new();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(what, error), said| {
            if now.duration_since(said.at) < PAUSE {
                return true;
            }
            if said.since == 0 {
                return false;
            }
            rest.push((*what, error.clone(), std::mem::take(&mut said.since)));
            said.at = now;
            true
        });
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_with_how_often() {
        let (repeats, start) = (Repeats::default(), Instant::now());
        let next = |error: &str, seconds| {
            repeats.next("not stored", &error, start + Duration::from_secs(seconds))
        };
        assert_eq!(next("disk full", 0), Some(1));
        assert_eq!(next("disk full", 1), None);
        assert_eq!(next("locked", 2), Some(1));
        assert_eq!(next("disk full", 59), None);
        assert_eq!(next("disk full", 60), Some(3));
        assert_eq!(next("disk full", 61), None);
        // Nothing goes untold when it ends.
        let rest = repeats.rest(start + Duration::from_mins(2));
        assert_eq!(rest, [("not stored", "disk full".into(), 1)]);
        assert_eq!(repeats.rest(start + Duration::from_mins(3)), []);
        assert_eq!(next("disk full", 181), Some(1));
    }

    #[test]
    fn errors_that_are_each_different_do_not_fill_the_log_either() {
        let (repeats, now) = (Repeats::default(), Instant::now());
        let said = (0..1000)
            .filter(|number| repeats.next("not stored", number, now).is_some())
            .count();
        assert_eq!(said, DIFFERENT + 1);
        assert_eq!(repeats.next("not read", &1, now), Some(1));
    }
}
