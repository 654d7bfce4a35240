//! Receipts in `PostgreSQL`: for a database that fails over, and for more than one disk holds.
//!
//! The calls block, as the contract says; the driver runs on a thread of its own ([`runtime`]).

mod append;
mod artefacts;
mod error;
mod fence;
mod guard;
mod import;
mod inspection;
mod lease;
mod log;
mod migrate;
mod month;
mod opening;
mod place;
mod pool;
mod read;
mod removal;
mod runtime;
mod session;
mod sql;
mod statistics;
mod store;
mod sums;
mod tenure;
mod tls;
mod tokens;
mod trail;
mod upkeep;
mod url;
mod uuid;

#[cfg(test)]
mod tests;

pub use import::PostgresImport;
pub(crate) use inspection::PostgresInspection;
pub use store::PostgresStore;
pub use url::{PostgresUrl, PostgresUrlError};
