//! Whether everything that is stored is what was stored: `consent fsck`.
//!
//! What proves itself is proven: receipts by their signatures, artefacts by their digests, leaves by salt and receipt, the
//! tree by its root, the root by the signed checkpoint. The rest carries sums. Bits that mean nothing, in free pages and
//! counters of the file, are not looked at.

mod artefacts;
mod daily_counts;
mod error;
mod examination;
mod gaps;
mod holds_and_tokens;
mod leaves;
mod place;
mod published;
mod receipts;
mod report;
mod run;
mod tiles;
mod vouched;

pub use error::FsckError;
pub use place::{Place, PlaceError, Stage};
pub use report::{Examined, Finding, Watcher};
pub use run::examine;
