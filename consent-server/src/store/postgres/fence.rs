//! What each transaction of the lease's holder begins with: that it still is the holder, and stays it until the commit; and that
//! the database has all that it had, which after a fail-over it may lack.

use super::sql::statements;
use crate::store::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

statements! {
    /// Shared: those of one holder wait for no other of its own, and whoever takes the lease waits for all of them.
    STILL_HELD = "SELECT (SELECT next FROM log_next WHERE log = $3) FROM leases WHERE name = $1 AND epoch = $2 FOR SHARE";
}

/// The name of the lease that there is.
pub(super) const LEASE: &str = "log";

/// The one log that there is so far. It is in every key of the log's tables, so that there can be others.
pub(super) const LOG: i32 = 1;

/// The epoch that a session writes in, and how far the log has come.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    pub(super) epoch: i64,
    pub(super) reached: Arc<Reached>,
}

/// How far the log has come, as far as this process has seen.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Its next place: it only grows.
    next: AtomicI64,
    /// Whether the database lacked some of it when it was last looked at.
    is_set_back: AtomicBool,
}

impl Reached {
    /// To be read before a statement is sent that looks: others may go on meanwhile.
    pub(super) fn next(&self) -> i64 {
        self.next.load(Ordering::Acquire)
    }

    /// What was committed.
    pub(super) fn advance(&self, next: i64) {
        self.next.fetch_max(next, Ordering::AcqRel);
    }

    /// Compares what the database says with what it said before.
    pub(super) fn compare(&self, before: i64, next: i64) -> Result<(), StoreError> {
        // Whoever brings back the database that was in use need not start the server again.
        self.is_set_back.store(next < before, Ordering::Release);
        self.advance(next);
        self.check()
    }

    /// Refuses a database that was set back: what is answered from it may have been taken back since.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.is_set_back.load(Ordering::Acquire) {
            return Err(StoreError::SetBack);
        }
        Ok(())
    }
}
