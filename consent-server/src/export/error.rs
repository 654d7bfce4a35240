//! Why an export ends before its last receipt.

use crate::store::{Row, StoreError};
use std::io;

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever reads went away, or the disk is full.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
    /// A stored receipt cannot be read.
    #[error(
        "row {seq} holds a text that is no receipt ({reason}): restore the database from a backup"
    )]
    Row {
        /// Its place.
        seq: i64,
        /// What is wrong with it.
        reason: String,
    },
}

impl ExportError {
    pub(crate) fn of(row: &Row, reason: &impl ToString) -> Self {
        Self::Row {
            seq: row.seq,
            reason: reason.to_string(),
        }
    }
}
