//! The default backend: one `SQLite` file in the data folder, nothing to install.

mod error;
mod file;
mod inspection;
mod log;
mod migrate;
mod moment;
mod opening;
mod place;
mod prune;
mod published;
mod read;
mod readers;
mod removal;
mod schema;
mod statistics;
mod store;
mod subjects;
mod sum;
mod tokens;
mod trail;
mod write;

pub(crate) use inspection::SqliteInspection;
pub use store::SqliteStore;
