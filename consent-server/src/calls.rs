//! How much of what blocks may go on at a time.

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

/// All run that may, and none ended in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many calls at the moment")]
pub struct TooManyCalls;

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

    /// The right to one call, for as long as it is kept.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, TooManyCalls> {
        let turn = Arc::clone(&self.running).acquire_owned();
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(TooManyCalls),
        }
    }

    /// The right to export, for as long as it is kept.
    pub(crate) fn export(&self) -> Result<OwnedSemaphorePermit, TooManyCalls> {
        let turn = Arc::clone(&self.exports).try_acquire_owned();
        turn.map_err(|_| TooManyCalls)
    }
}

impl Default for Calls {
    fn default() -> Self {
        Self::new(Self::AT_A_TIME, Duration::from_secs(5), Self::EXPORTS)
    }
}
