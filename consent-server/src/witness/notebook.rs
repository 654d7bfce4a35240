//! What a witness remembers: the last checkpoint of each log, in a file each.

use super::checkpoint::only;
use crate::data::{DataFolder, FileError, Lock, LockError, durable};
use consent_core::checkpoint::{CheckpointError, SignedCheckpoint};
use consent_core::digest::Digest;
use consent_core::note::{Note, NoteError, NoteKey, NoteSignature};
use std::io;
use std::path::PathBuf;

/// A folder that is locked for as long as this lives: two processes would forget what the other saw.
#[derive(Debug)]
pub struct Notebook {
    folder: PathBuf,
    _lock: Lock,
}

/// Why what was seen cannot be remembered.
#[derive(Debug, thiserror::Error)]
pub enum NotebookError {
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process has it.
    #[error("another witness runs on {}: stop it, or give this one a folder of its own", .0.display())]
    InUse(PathBuf),
    /// Not what a witness wrote.
    #[error(
        "{}: not a checkpoint that this witness kept ({reason}): restore it from a backup. Without it, the witness would cosign whatever the log shows next",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Notebook {
    /// Opens a folder, which is there.
    pub fn open(data: &DataFolder) -> Result<Self, NotebookError> {
        let folder = data.path().to_owned();
        match Lock::take(&folder.join("lock"), &folder) {
            Ok(lock) => Ok(Self {
                folder,
                _lock: lock,
            }),
            Err(LockError::InUse(folder)) => Err(NotebookError::InUse(folder)),
            Err(LockError::File(error)) => Err(error.into()),
        }
    }

    /// What was last seen of a log, with its signature and the witness's own. Other lines are passed over: earlier
    /// versions kept what strangers had added, be it more than a note may have.
    pub(super) fn read(
        &self,
        log: &NoteKey,
        own: &NoteKey,
    ) -> Result<Option<SignedCheckpoint>, NotebookError> {
        let path = self.path(log.name().as_str());
        let text = match crate::input::read_text(&path, crate::input::TEXT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(FileError::at(&path))?,
        };
        let broken = |reason: String| NotebookError::Broken {
            path: path.clone(),
            reason,
        };
        // The last empty line is above the signatures.
        let cut = text.rfind("\n\n");
        let cut = cut.ok_or_else(|| broken(NoteError::NoSignatures.to_string()))?;
        let (text, lines) = (&text[..=cut], &text[cut + 2..]);
        let by_log = valid(text, lines, log);
        let by_log = by_log.ok_or_else(|| broken(CheckpointError::NotByLog.to_string()))?;
        let signatures = [Some(by_log), valid(text, lines, own)];
        let read = only(text, signatures.into_iter().flatten());
        let read = read.map_err(|error| broken(error.to_string()))?;
        match read.verify(log, &[]) {
            Ok(_) => Ok(Some(read)),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    /// Remembers it durably. A crash leaves this or the one before, whole.
    pub(super) fn write(&self, checkpoint: &SignedCheckpoint) -> Result<(), NotebookError> {
        let path = self.path(checkpoint.unverified().origin());
        Ok(durable::write(&path, checkpoint.to_string().as_bytes())?)
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.folder.join(format!("{}.checkpoint", name_of(origin)))
    }
}

/// The first of these lines that is a signature of this key over the text.
fn valid(text: &str, lines: &str, key: &NoteKey) -> Option<NoteSignature> {
    let note = Note::new(text).ok()?;
    let mut signatures = lines.lines().filter_map(NoteSignature::parse);
    signatures.find(|signature| {
        let mut note = note.clone();
        note.add(signature.clone());
        note.verify(std::slice::from_ref(key)).is_ok()
    })
}

/// SHA-256 of an origin in lower-case hexadecimal: its name in files and addresses.
pub(super) fn name_of(origin: &str) -> String {
    Digest::of(origin.as_bytes()).to_hex()
}
