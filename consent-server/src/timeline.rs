//! Whether the machine's clock can be believed. Receipts carry its time for years, and what was signed at a wrong one cannot
//! be taken back: so nothing is signed until the clock is right, or its operator says that it is.
//!
//! Nobody here knows the time from elsewhere. What is known is that it does not run backwards, and that no server is without
//! a sign of life for longer than the longest choice stands.

use consent_core::time::UnixSeconds;
use std::sync::atomic::{AtomicI64, Ordering};

/// How far the clock may step back, in seconds: what time servers correct, with room to spare.
pub const TOLERANCE: i64 = 300;

/// How far it may leap ahead, in seconds: a little more than thirteen months. After a longer leap every choice that is made
/// now would be taken for one that has ended.
pub const LEAP: i64 = 400 * 86_400;

/// The newest time that was believed.
#[derive(Debug)]
pub struct Timeline(AtomicI64);

/// Why the clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongClock {
    /// It is earlier than it was.
    #[error(
        "the clock says {}, and it was {} before: it was set back. Set it right (nothing else is needed then), or, if it is right now and was ahead before, restart once with --accept-clock",
        .now.to_rfc3339(), .newest.to_rfc3339()
    )]
    SetBack {
        /// What the clock says.
        now: UnixSeconds,
        /// What it said before.
        newest: UnixSeconds,
    },
    /// It is later than it can be.
    #[error(
        "the clock says {}, and the last sign of this server is of {}: more than thirteen months lie between. Set it right (nothing else is needed then), or, if it is right, restart once with --accept-clock",
        .now.to_rfc3339(), .newest.to_rfc3339()
    )]
    Ahead {
        /// What the clock says.
        now: UnixSeconds,
        /// What it said before.
        newest: UnixSeconds,
    },
}

impl Timeline {
    /// It goes on from this time.
    #[must_use]
    pub const fn from(newest: UnixSeconds) -> Self {
        Self(AtomicI64::new(newest.get()))
    }

    /// The newest time that was believed.
    #[must_use]
    pub fn newest(&self) -> UnixSeconds {
        UnixSeconds::new(self.0.load(Ordering::Relaxed)).unwrap_or(UnixSeconds::EPOCH)
    }

    /// Believes the clock, and remembers what it said.
    pub fn believe(&self, now: UnixSeconds) -> Result<UnixSeconds, WrongClock> {
        self.check(now)?;
        // Mostly it is the same second as before: nobody waits for a word of memory that all write.
        if now > self.newest() {
            self.0.fetch_max(now.get(), Ordering::Relaxed);
        }
        Ok(now)
    }

    /// Whether the clock can be believed.
    pub fn check(&self, now: UnixSeconds) -> Result<(), WrongClock> {
        let newest = self.newest();
        match now.get() - newest.get() {
            step if step < -TOLERANCE => Err(WrongClock::SetBack { now, newest }),
            step if step > LEAP => Err(WrongClock::Ahead { now, newest }),
            _ => Ok(()),
        }
    }

    /// Believes the clock because its operator says so.
    pub fn accept(&self, now: UnixSeconds) {
        self.0.store(now.get(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    #[test]
    fn small_steps_are_believed_and_great_ones_are_not() {
        const NOW: i64 = 1_795_316_891;
        let timeline = Timeline::from(at(NOW));
        assert_eq!(timeline.believe(at(NOW + 100)), Ok(at(NOW + 100)));
        assert_eq!(
            timeline.believe(at(NOW + 100 - TOLERANCE)),
            Ok(at(NOW - 200))
        );
        // A step back does not make room for another.
        let newest = at(NOW + 100);
        assert_eq!(timeline.newest(), newest);
        let now = at(NOW - 201);
        assert_eq!(
            timeline.believe(now),
            Err(WrongClock::SetBack { now, newest })
        );
        let now = at(NOW + 101 + LEAP);
        assert_eq!(
            timeline.believe(now),
            Err(WrongClock::Ahead { now, newest })
        );
        assert_eq!(timeline.newest(), newest);
        timeline.believe(at(NOW + 100 + LEAP)).unwrap();
        timeline.accept(at(NOW));
        timeline.believe(at(NOW)).unwrap();
    }
}
