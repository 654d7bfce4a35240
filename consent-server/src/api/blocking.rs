//! Where handlers call what blocks. What went wrong is logged here; outsiders hear only that something did.

use super::Problem;
use crate::app::App;
use crate::log::{Log, LogError};
use crate::store::{Store, StoreError};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls that block run at a time; what comes beyond them waits for a while, and is then refused.
///
/// Each takes a thread, and most take a reader of the database: more of them would only cost memory.
#[derive(Debug)]
pub struct Calls {
    running: Arc<Semaphore>,
    /// Exports last as long as their readers take: they have threads of their own.
    exports: Arc<Semaphore>,
    patience: Duration,
}

impl Calls {
    /// The most threads that requests use at a time, unless told otherwise.
    pub const MOST: usize = Self::AT_A_TIME + Self::EXPORTS;
    const AT_A_TIME: usize = 32;
    const EXPORTS: usize = 8;

    /// So many at a time, each waiting so long for its turn; and so many exports.
    #[must_use]
    pub fn new(at_a_time: usize, patience: Duration, exports: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_a_time)),
            exports: Arc::new(Semaphore::new(exports)),
            patience,
        }
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Problem::Overloaded),
        }
    }

    /// The right to export, for as long as it is kept.
    pub(super) fn export(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Arc::clone(&self.exports).try_acquire_owned();
        turn.map_err(|_| Problem::Overloaded)
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self::new(Self::AT_A_TIME, Duration::from_secs(5), Self::EXPORTS)
    }
}

/// Asks the storage.
pub(crate) async fn with_store<T: Send + 'static>(
    app: &App,
    call: impl FnOnce(&dyn Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let store = Arc::clone(&app.store);
    let answer = blocking(app, move || call(&*store)).await?;
    answer.map_err(|error| match error {
        StoreError::Busy => Problem::Overloaded,
        error => unavailable("the storage did not answer", &error),
    })
}

/// Asks the log, if the server keeps one.
pub(super) async fn with_log<T: Send + 'static>(
    app: &App,
    ask: impl FnOnce(&Log) -> Result<T, LogError> + Send + 'static,
) -> Result<T, Problem> {
    let log = Arc::clone(app.log.as_ref().ok_or(Problem::NotFound)?);
    let answer = blocking(app, move || ask(&log)).await?;
    answer.map_err(|error| unavailable("the log did not answer", &error))
}

/// Runs a call where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    app: &App,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let turn = app.calls.turn().await?;
    let answer = tokio::task::spawn_blocking(move || {
        // Kept to the end of the call, also when nobody waits for its answer any more.
        let _turn = turn;
        call()
    });
    let answer = answer.await;
    answer.map_err(|error| unavailable("a call has panicked", &error))
}

/// Logs what went wrong, for the operator.
pub(crate) fn unavailable(what: &'static str, error: &dyn Display) -> Problem {
    crate::repeats::tell(what, error);
    Problem::StorageUnavailable
}
