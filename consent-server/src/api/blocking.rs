//! Where handlers call what blocks. What went wrong is logged here; outsiders hear only that something did.

use super::Problem;
use crate::app::App;
use crate::log::{Log, LogError};
use crate::store::{Store, StoreError};
use std::fmt::Display;
use std::sync::Arc;

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
    let log = Arc::clone(app.log().ok_or(Problem::NotFound)?);
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
