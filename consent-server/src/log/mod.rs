//! The log: everything that was given out or published, in one tree that nobody can rewrite unnoticed.
//!
//! The order of its entries is settled when they are committed. One thread, the sequencer, puts them into tiles at most
//! a second later, signs the tree's new root, and only then shows it. The last signed checkpoint is also kept in a file
//! outside the database: so a database that was set back is noticed before anything disagrees with what was signed.

mod error;
mod keeper;
mod key;
mod ledger;
mod opening;
mod pruning;
mod sequencer;
mod setback;
mod tiles;
mod vouched;
mod vouching;
mod writing;

pub use error::LogError;
pub use keeper::last_signed;
pub(crate) use keeper::signed_at;
pub use key::{log_key, read_log_key};
pub use ledger::Ledger;
pub use opening::renew;
pub use pruning::prune;
pub use tiles::prove;
pub use vouched::{Covering, Vouched, Voucher};
pub use vouching::{Asked, VouchError, Vouchers};
pub use writing::{CheckedLog, Log};
