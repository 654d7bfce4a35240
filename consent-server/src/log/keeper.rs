//! The last signed checkpoint, in a file outside the database.

use super::LogError;
use super::vouched::VOUCHED;
use crate::data::{DataFolder, FileError, Lock, durable, private};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::time::UnixSeconds;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

const FILE: &str = "checkpoint";

/// Beside it for as long as the log's key has signed nothing.
const NEW: &str = "new";

/// Keeps it. One at a time: the folder is locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Keeper {
    folder: PathBuf,
    _lock: Lock,
}

impl Keeper {
    /// Of a data folder that is locked.
    pub(super) fn new(data: &DataFolder, lock: Lock) -> Self {
        Self {
            folder: data.log(),
            _lock: lock,
        }
    }

    /// Whether the log's key was made for a log that has not begun.
    pub(super) fn is_new(&self) -> bool {
        self.folder.join(NEW).exists()
    }

    /// Notes that the log has begun.
    pub(super) fn begun(&self) -> Result<(), LogError> {
        Ok(durable::remove(&self.folder.join(NEW))?)
    }

    /// Where it is.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The kept checkpoint, as it was written. Not verified.
    pub(super) fn read(&self) -> Result<Option<SignedCheckpoint>, LogError> {
        read(&self.path())
    }

    /// Puts a checkpoint in the place of the last one, durably. A crash leaves either of them, whole.
    pub(super) fn keep(&self, checkpoint: &SignedCheckpoint) -> Result<(), LogError> {
        let text = checkpoint.to_string();
        Ok(durable::write(&self.path(), text.as_bytes())?)
    }

    /// Moves the kept checkpoint out of the way, under the name of what it closes, and what others said of that log.
    pub(super) fn close(&self, origin: &str) -> Result<(), LogError> {
        let name = origin.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let name = self.free(&name);
        for (from, to) in [
            (self.path(), format!("closed-{name}")),
            (self.folder.join(VOUCHED), format!("closed-{name}-vouched")),
        ] {
            let to = self.folder.join(to);
            match durable::rename(&from, &to) {
                Err(error) if !error.is_missing() => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// What was closed under a name before stays: a copy may come back under it.
    fn free(&self, name: &str) -> String {
        let is_free = |name: &String| {
            [format!("closed-{name}"), format!("closed-{name}-vouched")]
                .iter()
                .all(|taken| !self.folder.join(taken).exists())
        };
        let others = (2_u32..).map(|number| format!("{name}-{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(others);
        names.find(is_free).unwrap_or_default()
    }
}

/// Notes that a key is about to be made for a log that has not begun.
pub(super) fn note_new(data: &DataFolder) -> Result<(), FileError> {
    let folder = data.log();
    private::make_folder(&folder)?;
    durable::write(&folder.join(NEW), b"")
}

/// The checkpoint that the log of a data folder signed last. Not verified.
pub fn last_signed(data: &DataFolder) -> Result<Option<SignedCheckpoint>, LogError> {
    read(&data.log().join(FILE))
}

/// When that was.
pub(crate) fn signed_at(data: &DataFolder) -> Option<UnixSeconds> {
    let kept = std::fs::metadata(data.log().join(FILE)).ok()?;
    let since = kept.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    UnixSeconds::new(i64::try_from(since.as_secs()).ok()?).ok()
}

fn read(path: &Path) -> Result<Option<SignedCheckpoint>, LogError> {
    let text = match crate::input::read(path, crate::input::TEXT) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(FileError::at(path))?,
    };
    let text = String::from_utf8_lossy(&text);
    let parsed = SignedCheckpoint::parse(&text).map_err(|reason| LogError::NotOurs {
        path: path.to_owned(),
        reason,
    });
    parsed.map(Some)
}
