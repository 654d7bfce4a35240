//! Why receipts stay that were to go.

use crate::data::FileError;
use crate::export::ExportError;
use crate::store::StoreError;

/// Why receipts stay.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The storage, or a legal hold.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive, or the lock of purges.
    #[error(transparent)]
    Archive(#[from] FileError),
    /// A receipt cannot be read.
    #[error(transparent)]
    Receipt(#[from] ExportError),
}
