//! Whether there is a log.

use super::Log;
use crate::data::Lock;
use std::sync::Arc;

/// Whether a server keeps a log. Either way the data folder is its own for as long as it runs.
#[derive(Debug)]
pub enum Ledger {
    /// Every receipt has its place in the log.
    Kept(Arc<Log>),
    /// Receipts cannot be proven to be unchanged.
    None(Lock),
}

impl Ledger {
    /// The log, if one is kept.
    #[must_use]
    pub const fn log(&self) -> Option<&Arc<Log>> {
        match self {
            Self::Kept(log) => Some(log),
            Self::None(_) => None,
        }
    }
}
