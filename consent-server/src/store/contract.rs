//! All roles together.

use super::{Artefacts, LogStore, Receipts, Retention, Statistics, Tokens, Trail, Upkeep};
use std::fmt;

/// All that a storage backend does, role by role. Calls block: async code makes them on a blocking thread.
pub trait Store:
    Receipts + Statistics + Artefacts + Trail + Tokens + Retention + LogStore + Upkeep + fmt::Debug
{
}

impl<T> Store for T where
    T: Receipts
        + Statistics
        + Artefacts
        + Trail
        + Tokens
        + Retention
        + LogStore
        + Upkeep
        + fmt::Debug
{
}
