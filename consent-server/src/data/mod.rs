//! The data folder: where everything in it lies, whose it is, and the only ways onto the disk.
//!
//! | what | module |
//! | --- | --- |
//! | the folder, and the paths of what is in it | [`folder`] |
//! | files that are written: whole or not at all, on the disk before it is said | [`durable`] |
//! | files that grow line by line | [`growing`] |
//! | files that are written from a stream | [`unfinished`] |
//! | one process at a time | [`lock`] |
//! | for the owner's eyes only | [`private`] |
//!
//! Nothing else in this crate makes, writes or renames a file; `clippy.toml` holds it to that.

#![allow(clippy::disallowed_methods, reason = "this is where they belong")]

pub mod durable;
mod error;
pub mod folder;
pub mod growing;
pub mod lock;
pub mod private;
pub mod unfinished;

pub use error::FileError;
pub use folder::DataFolder;
pub use growing::Growing;
pub use lock::{Lock, LockError};
pub use unfinished::Unfinished;
