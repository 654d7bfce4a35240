//! Whether the server can take records: found out when somebody asks, and at most once a second, whoever asks how often.
//!
//! It costs a write, a sync and a signature, and strangers may ask.

use crate::app::App;
use crate::repeats;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(1);

/// How long is waited for an answer: a disk that takes longer to sync is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was found out last.
#[derive(Debug)]
pub struct Readiness {
    found: watch::Sender<Option<Found>>,
    /// Whether somebody is finding out.
    is_asking: AtomicBool,
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
            is_asking: AtomicBool::new(false),
        }
    }
}

impl Readiness {
    fn known(&self) -> Option<bool> {
        let found = (*self.found.borrow())?;
        (found.at.elapsed() < HOLDS).then_some(found.is_ready)
    }
}

impl App {
    /// Whether records can be taken: found to be so less than a second ago.
    pub async fn is_ready(&self) -> bool {
        if self.intake.is_failing() {
            return false;
        }
        let mut found = self.readiness.found.subscribe();
        if let Some(known) = self.readiness.known() {
            return known;
        }
        if !self.readiness.is_asking.swap(true, Ordering::AcqRel) {
            // On its own: it is told to all who ask, also when the first of them goes away.
            tokio::spawn(find_out(self.clone()));
        }
        match tokio::time::timeout(PATIENCE, found.changed()).await {
            Ok(Ok(())) => found.borrow().is_some_and(|found| found.is_ready),
            _ => false,
        }
    }

    /// Writes and syncs, and signs. Blocks.
    fn try_out(&self) -> bool {
        if !self
            .intake
            .signs_for(&self.serving().keys, self.clock.now())
        {
            repeats::tell(
                "what is signed is worth nothing",
                &"it does not verify with the published keys",
            );
            return false;
        }
        let stores = self.store.ready();
        if let Err(error) = &stores {
            repeats::tell("the storage did not answer", error);
        }
        stores.is_ok()
    }
}

async fn find_out(app: App) {
    let trying = app.clone();
    let tried = tokio::task::spawn_blocking(move || trying.try_out()).await;
    let found = Found {
        at: Instant::now(),
        is_ready: tried.unwrap_or(false),
    };
    app.readiness.found.send_replace(Some(found));
    app.readiness.is_asking.store(false, Ordering::Release);
}
