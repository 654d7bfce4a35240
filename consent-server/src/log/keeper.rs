//! The last signed checkpoint, in a file outside the database.

use super::vouched::VOUCHED;
use super::{FOLDER, LogError};
use crate::keys::{KeysError, make_private_folder};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::time::UnixSeconds;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
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

/// The one server of a data folder, for as long as this lives. What is locked is the file and the folder themselves, under
/// whichever names they are reached.
#[derive(Debug)]
pub struct Lock {
    folder: PathBuf,
    _file: File,
    _data: File,
}

impl Lock {
    /// Refused while another server runs on this data folder.
    pub fn take(data: &Path) -> Result<Self, LogError> {
        let folder = data.join(FOLDER);
        make_private_folder(&folder)?;
        let path = folder.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LogError::InUse(folder)),
            Err(TryLockError::Error(source)) => return Err(at(&path)(source)),
        }
        // The folder too: the file may have been taken for a leftover, and deleted. Not every file system can lock folders.
        let whole = File::open(data).map_err(at(data))?;
        if matches!(whole.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(LogError::InUse(folder));
        }
        Ok(Self {
            folder,
            _file: lock,
            _data: whole,
        })
    }
}

impl Keeper {
    pub(super) fn new(lock: Lock) -> Self {
        Self {
            folder: lock.folder.clone(),
            _lock: lock,
        }
    }

    pub(super) fn open(data: &Path) -> Result<Self, LogError> {
        Ok(Self::new(Lock::take(data)?))
    }

    /// Whether the log's key was made for a log that has not begun.
    pub(super) fn is_new(&self) -> bool {
        self.folder.join(NEW).exists()
    }

    /// Notes that the log has begun.
    pub(super) fn begun(&self) -> Result<(), LogError> {
        let path = self.folder.join(NEW);
        match std::fs::remove_file(&path) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(at(&path)(error)),
        }
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
        let new = self.folder.join("checkpoint.new");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&new)
            .map_err(at(&new))?;
        file.write_all(checkpoint.to_string().as_bytes())
            .map_err(at(&new))?;
        crate::crash::point("checkpoint-written");
        file.sync_all().map_err(at(&new))?;
        crate::crash::point("checkpoint-synced");
        std::fs::rename(&new, self.path()).map_err(at(&new))?;
        crate::crash::point("checkpoint-renamed");
        self.sync()
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
            match std::fs::rename(from, &to) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(at(&to)(error));
                }
                _ => {}
            }
        }
        self.sync()
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

    fn sync(&self) -> Result<(), LogError> {
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(at(&self.folder))
    }
}

/// Notes that a key is about to be made for a log that has not begun.
pub(crate) fn note_new(data: &Path) -> Result<(), KeysError> {
    let folder = data.join(FOLDER);
    make_private_folder(&folder)?;
    let written = File::create(folder.join(NEW))
        .and_then(|file| file.sync_all())
        .and_then(|()| File::open(&folder)?.sync_all());
    written.map_err(|source| KeysError::File {
        path: folder,
        source,
    })
}

/// The checkpoint that the log of a data folder signed last. Not verified.
pub fn last_signed(data: &Path) -> Result<Option<SignedCheckpoint>, LogError> {
    read(&data.join(FOLDER).join(FILE))
}

/// When that was.
pub(crate) fn signed_at(data: &Path) -> Option<UnixSeconds> {
    let kept = std::fs::metadata(data.join(FOLDER).join(FILE)).ok()?;
    let since = kept.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    UnixSeconds::new(i64::try_from(since.as_secs()).ok()?).ok()
}

fn read(path: &Path) -> Result<Option<SignedCheckpoint>, LogError> {
    let text = match crate::input::read(path, crate::input::TEXT) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(at(path))?,
    };
    let text = String::from_utf8_lossy(&text);
    let parsed = SignedCheckpoint::parse(&text).map_err(|reason| LogError::NotOurs {
        path: path.to_owned(),
        reason,
    });
    parsed.map(Some)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> LogError {
    move |source| LogError::File {
        path: path.to_owned(),
        source,
    }
}
