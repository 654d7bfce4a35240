//! Whether the server can take records: found out when somebody asks, and at most once a second, whoever asks how often.
//!
//! It costs a write, a sync and a signature, and strangers may ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(1);

/// How long is waited for an answer: a disk that takes longer to sync is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was found out last.
#[derive(Clone, Debug)]
pub struct Readiness {
    found: watch::Sender<Option<Found>>,
    /// Whether somebody is finding out.
    is_asking: Arc<AtomicBool>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    at: Instant,
    is_ready: bool,
}

impl Default for Readiness {
    fn default() -> Self {
        Self {
            found: watch::Sender::new(None),
            is_asking: Arc::default(),
        }
    }
}

impl Readiness {
    /// Whether it can, found out by `try_out`, which blocks, unless that is known from less than a second ago.
    pub(crate) async fn is_ready(&self, try_out: impl FnOnce() -> bool + Send + 'static) -> bool {
        let mut found = self.found.subscribe();
        if let Some(known) = self.known() {
            return known;
        }
        if !self.is_asking.swap(true, Ordering::AcqRel) {
            // On its own: it is told to all who ask, also when the first of them goes away.
            tokio::spawn(self.clone().find_out(try_out));
        }
        match tokio::time::timeout(PATIENCE, found.changed()).await {
            Ok(Ok(())) => found.borrow().is_some_and(|found| found.is_ready),
            _ => false,
        }
    }

    async fn find_out(self, try_out: impl FnOnce() -> bool + Send + 'static) {
        let tried = tokio::task::spawn_blocking(try_out).await;
        let found = Found {
            at: Instant::now(),
            is_ready: tried.unwrap_or(false),
        };
        self.found.send_replace(Some(found));
        self.is_asking.store(false, Ordering::Release);
    }

    fn known(&self) -> Option<bool> {
        let found = (*self.found.borrow())?;
        (found.at.elapsed() < HOLDS).then_some(found.is_ready)
    }
}
