//! Why a check could not run.

use crate::log::LogError;
use crate::store::StoreError;

/// Why a check could not run.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// The storage cannot be opened, or is of another format.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Whoever reads the findings went away.
    #[error(transparent)]
    Told(#[from] std::io::Error),
}
