//! Why keys cannot be used.

use crate::clock::RandomError;
use crate::data::FileError;
use consent_core::key::KeyId;
use consent_core::time::UnixSeconds;
use std::path::PathBuf;

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// Others than the owner can read it.
    #[error(
        "others than its owner can get at {0}: run `chmod {1} {0}`, and if somebody may have read it, make a new key"
    )]
    Exposed(String, &'static str),
    /// Not a key file.
    #[error("{}: not a key file of this program ({reason}): restore it from a backup", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong; never the content.
        reason: &'static str,
    },
    /// There is none, and none is to be made.
    #[error("there is no key in {}: is this the data folder of a server that has run?", .0.display())]
    None(PathBuf),
    /// The one that is to sign has ended.
    #[error(
        "the key {0} was retired at {at}, and nothing that it signs now would verify: make a new key (`consent keys rotate`, or another file for --signing-key)",
        at = .1.to_rfc3339()
    )]
    Retired(KeyId, UnixSeconds),
    /// The one that is to sign was revoked.
    #[error(
        "the key {0} is revoked, and nothing that it signs would verify: make a new key (`consent keys rotate`, or another file for --signing-key)"
    )]
    Revoked(KeyId),
    /// Another key than those that are here.
    #[error("there is no key {0} in {folder}: `consent keys list` names them", folder = .1.display())]
    Unknown(String, PathBuf),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}
