//! What would fill the process's log is said seldom.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing more is said of the same.
const PAUSE: Duration = Duration::from_mins(1);

/// Something that may happen thousands of times a second, and is told once a minute.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<Option<Said>>);

#[derive(Debug)]
struct Said {
    at: Instant,
    since: u64,
}

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// It has happened. If it is to be told now: how often it was not told before.
    pub(crate) fn happened(&self) -> Option<u64> {
        self.happened_at(Instant::now())
    }

    fn happened_at(&self, now: Instant) -> Option<u64> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *said {
            Some(said) if now < said.at + PAUSE => {
                said.since += 1;
                None
            }
            said => {
                let since = said.as_ref().map_or(0, |said| said.since);
                *said = Some(Said { at: now, since: 0 });
                Some(since)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_once_and_then_once_a_minute() {
        let (seldom, now) = (Seldom::default(), Instant::now());
        assert_eq!(seldom.happened_at(now), Some(0));
        for _ in 0..600 {
            assert_eq!(seldom.happened_at(now + Duration::from_secs(59)), None);
        }
        assert_eq!(seldom.happened_at(now + PAUSE), Some(600));
        assert_eq!(seldom.happened_at(now + PAUSE), None);
    }
}
