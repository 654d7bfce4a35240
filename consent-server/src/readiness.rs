//! Whether the server can take records: found out when somebody asks, and at most once a second, whoever asks how often.
//!
//! It costs a write, a sync and a signature, and strangers may ask.

use crate::problem::Problem;
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

#[derive(Clone, Debug)]
struct Found {
    at: Instant,
    ready: Result<(), Problem>,
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
    /// Whether it can, and why not: found out by `try_out`, which blocks, unless that is known from less than a second ago.
    pub(crate) async fn check(
        &self,
        try_out: impl FnOnce() -> Result<(), Problem> + Send + 'static,
    ) -> Result<(), Problem> {
        let mut found = self.found.subscribe();
        if let Some(known) = self.known() {
            return known;
        }
        if !self.is_asking.swap(true, Ordering::AcqRel) {
            // On its own: it is told to all who ask, also when the first of them goes away.
            tokio::spawn(self.clone().find_out(try_out));
        }
        match tokio::time::timeout(PATIENCE, found.changed()).await {
            Ok(Ok(())) => found
                .borrow()
                .as_ref()
                .map_or(Err(Problem::StorageUnavailable), |found| {
                    found.ready.clone()
                }),
            _ => Err(Problem::StorageUnavailable),
        }
    }

    async fn find_out(self, try_out: impl FnOnce() -> Result<(), Problem> + Send + 'static) {
        let tried = tokio::task::spawn_blocking(try_out).await;
        let found = Found {
            at: Instant::now(),
            ready: tried.unwrap_or(Err(Problem::StorageUnavailable)),
        };
        self.found.send_replace(Some(found));
        self.is_asking.store(false, Ordering::Release);
    }

    fn known(&self) -> Option<Result<(), Problem>> {
        let found = self.found.borrow();
        let found = found.as_ref()?;
        (found.at.elapsed() < HOLDS).then(|| found.ready.clone())
    }
}
