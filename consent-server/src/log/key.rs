//! The key that signs the log's checkpoints, among the others of the data folder; by its name none of receipts.

use super::keeper::note_new;
use crate::data::{DataFolder, private};
use crate::keys::{KeysError, StoredKey, refuse_exposed};
use consent_core::time::UnixSeconds;
use std::path::PathBuf;

/// The log's key. It is made once, and stays: witnesses know it.
pub fn log_key(data: &DataFolder, now: UnixSeconds) -> Result<StoredKey, KeysError> {
    let folder = data.keys();
    private::make_folder(&folder)?;
    refuse_exposed(&folder, "700")?;
    let path = path(data);
    if !path.exists() {
        // Before the key: one without this has signed already.
        note_new(data)?;
        StoredKey::create(&path, now)?;
    }
    StoredKey::read(&path)
}

/// The log's key, if it was made.
pub fn read_log_key(data: &DataFolder) -> Result<Option<StoredKey>, KeysError> {
    let path = path(data);
    if path.exists() {
        StoredKey::read(&path).map(Some)
    } else {
        Ok(None)
    }
}

fn path(data: &DataFolder) -> PathBuf {
    data.keys().join("log.key")
}
