//! Where receipts, published artefacts and staff tokens are kept.
//!
//! Who owns this storage could hide rows or add none: receipts are signed, so a changed or made-up one does not verify.

mod address;
mod artefacts;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod contract;
pub mod deeds;
mod error;
pub mod inspection;
mod log;
mod numbers;
#[cfg(feature = "postgres")]
mod postgres;
mod receipts;
mod retention;
mod row_sum;
mod sqlite;
pub mod statistics;
mod tokens;
mod trail;
mod upkeep;

pub use address::{StoreAddress, StoreAddressError};
pub use artefacts::{Artefact, ArtefactKind, Artefacts, digests_beginning_with};
pub use contract::Store;
pub use error::StoreError;
pub use inspection::Inspection;
pub use log::{Commitment, LogState, LogStore, Logged, Placed, leaf_of, leaf_of_artefact};
#[cfg(feature = "postgres")]
pub use postgres::{PostgresImport, PostgresStore, PostgresUrl, PostgresUrlError};
pub use receipts::{Appended, Filter, NewRow, Receipts, Row, Stretch};
pub use retention::{Doomed, Hold, Retention, Tally};
pub use sqlite::SqliteStore;
pub use statistics::{
    ChoiceKey, ChoiceOf, Counted, Counts, DecisionKey, Direction, NoticeKey, SiteDay, Statistics,
};
pub(crate) use statistics::{Counting, shift_of};
pub(crate) use tokens::token_id;
pub use tokens::{StoredToken, Tokens};
pub(crate) use trail::in_trail;
pub use trail::{Access, AccessFilter, Actor, StoredAccess, Trail};
pub use upkeep::{Moment, Upkeep};
