//! What each transaction of the lease's holder begins with: that it still is the holder, and stays it until the commit.

use super::sql::statements;

statements! {
    /// Shared: those of one holder wait for no other of its own, and whoever takes the lease waits for all of them.
    STILL_HELD = "SELECT 1 FROM leases WHERE name = $1 AND epoch = $2 FOR SHARE";
}

/// The name of the lease that there is.
pub(super) const LEASE: &str = "log";

/// The epoch that a session writes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence(pub(super) i64);
