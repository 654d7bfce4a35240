//! Why the log cannot be written.

use crate::data::{FileError, LockError};
use crate::store::StoreError;
use consent_core::checkpoint::CheckpointError;
use std::io;
use std::path::PathBuf;

/// Why the log cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the log.
    #[error(transparent)]
    File(#[from] FileError),
    /// The data folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// No thread.
    #[error("no thread for the log: {0}")]
    Thread(io::Error),
    /// The server's address does not make a name.
    #[error(
        "{0:?} cannot be the name of a log: give --url an address without spaces and plus signs"
    )]
    Name(String),
    /// The kept checkpoint is no checkpoint of this log.
    #[error(
        "{} is not the checkpoint that this log signed last ({reason}): put back the file and the folder keys/ that belong to this database; if the file is lost, `consent log renew` begins a log with a new name",
        path.display()
    )]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: CheckpointError,
    },
    /// The checkpoint is for another log than the database.
    #[error(
        "{} is of the log {kept:?}, and the database of {stored:?}: put back what belongs together; if that is lost, `consent log renew` begins a log with a new name",
        path.display()
    )]
    OtherLog {
        /// The file.
        path: PathBuf,
        /// The log of the kept checkpoint.
        kept: String,
        /// The log of the database.
        stored: String,
    },
    /// The kept checkpoint is gone.
    #[error(
        "{} is missing: it says how far this log was signed, and without it nobody can tell whether the database is an old copy. Put it back from the folder where this server ran last (a backup has none, on purpose); if it is lost, `consent log renew` begins a log with a new name",
        .0.display()
    )]
    Missing(PathBuf),
    /// A file of what others said of the log.
    #[error(
        "{} is damaged ({reason}) and counts for nothing: put it back from a backup. `consent fsck` names all such files; the log itself is not concerned",
        path.display()
    )]
    Vouched {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The key has signed a log, and nothing else knows of one.
    #[error(
        "the key of a log is there (keys/log.key), and neither its database nor log/checkpoint: a log begun now under the old name would contradict what was signed. Nothing was signed. Put back the database and log/checkpoint that belong to this key; if they are lost, `consent log renew --url URL` begins a log with a new name"
    )]
    Gone,
    /// Nothing says how the log was called.
    #[error(
        "neither the database nor log/checkpoint has the log's name: give the server's URL as well (`consent log renew --url URL`)"
    )]
    Nameless,
    /// The database is older than what was signed.
    #[error(
        "the database is older than its log: {signed} entries were signed ({}), and the database has {stored}. Nothing was changed. Restore a newer copy of the database. If there is none, the last {} entries are lost: `consent log renew` begins a log with a new name, under which the server goes on without them",
        path.display(),
        signed - stored
    )]
    Ahead {
        /// The file of the checkpoint.
        path: PathBuf,
        /// How many entries were signed.
        signed: u64,
        /// How many there are.
        stored: u64,
    },
    /// The database has become older than what was signed, while the server runs.
    #[error(
        "the database was set back while this server runs: {signed} entries were signed, and its tiles hold {stored}. Nothing more is signed. Bring back the database that was in use; if it is lost, stop the server, and `consent log renew` begins a log with a new name"
    )]
    SetBack {
        /// How many entries were signed.
        signed: u64,
        /// How many are in tiles.
        stored: u64,
    },
    /// The database has other entries than were signed.
    #[error(
        "the first {signed} entries in the database are not those that were signed ({}): it is another copy that went its own way, or damaged. Nothing was changed. Run `consent fsck` to see what is damaged, and restore the copy of the database that was in use last. If there is none, `consent log renew` begins a log with a new name",
        path.display()
    )]
    Fork {
        /// The file of the checkpoint.
        path: PathBuf,
        /// How many entries were signed.
        signed: u64,
    },
    /// A tile is missing or does not fit.
    #[error(
        "tile {0} of the log is missing or damaged: run `consent fsck`, and restore the database from a backup"
    )]
    Tile(String),
    /// The checkpoint cannot be written. Does not happen with the names that are given here.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] crate::keys::KeysError),
}
