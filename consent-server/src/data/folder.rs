//! The data folder of a server, or of a witness, and the paths of what is in it.

use super::{FileError, Lock, LockError, private};
use std::path::{Path, PathBuf};

/// A data folder. That there is one, and what is in it, is not known.
///
/// | path | what it is |
/// | --- | --- |
/// | `consent.db` | the embedded database, with its own `-wal` and `-shm` beside it |
/// | `consent.db.moved` | the embedded database of before, once its receipts have moved to a server |
/// | `consent.db.moved.to` | where to, without a password |
/// | `keys/` | the keys, a file each |
/// | `log/checkpoint` | the log's last signed checkpoint |
/// | `log/new` | the log's key has signed nothing |
/// | `log/vouched/` | what witnesses and authorities said |
/// | `log/lock` | locked by the one server |
/// | `purge.lock` | locked by the one purge |
/// | `archive/` | proofs whose time is over, a file a site and day |
/// | `cache/` | what is compressed; can be deleted |
/// | `published.json` | what each declaration published last |
/// | `demo.json` | how to reach the demo |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder of this name. Nothing is touched.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Makes the folder, for its owner alone, if it is not there. One that is there is left as it is.
    pub fn make(&self) -> Result<(), FileError> {
        private::make_folder(&self.0)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file of the embedded database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.0.join("consent.db")
    }

    /// The embedded database of before, once its receipts have moved to a server.
    #[must_use]
    pub fn moved_database(&self) -> PathBuf {
        self.0.join("consent.db.moved")
    }

    /// The file that says where the receipts have moved to.
    #[must_use]
    pub fn moved_to(&self) -> PathBuf {
        self.0.join("consent.db.moved.to")
    }

    /// Whether its receipts have moved to a server: no database may be made in it. The one of before may have been deleted.
    #[must_use]
    pub fn has_moved(&self) -> bool {
        let is_said = self.moved_database().exists() || self.moved_to().exists();
        is_said && !self.database().exists()
    }

    /// Whether it is the folder of a server, wherever that keeps its receipts.
    #[must_use]
    pub fn is_servers(&self) -> bool {
        self.database().exists() || self.has_moved()
    }

    /// The folder of the keys.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// The folder of the log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }

    /// The folder of archives.
    #[must_use]
    pub fn archive(&self) -> PathBuf {
        self.0.join("archive")
    }

    /// The folder of what can be made anew.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        self.0.join("cache")
    }

    /// The file of what was published last.
    #[must_use]
    pub fn published(&self) -> PathBuf {
        self.0.join("published.json")
    }

    /// The file that says how to reach the demo.
    #[must_use]
    pub fn demo(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// Keeps other servers off for as long as the lock lives; refused while one runs.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let folder = self.log();
        private::make_folder(&folder)?;
        let file = Lock::take(&folder.join("lock"), &folder)?;
        // The folder too: the file may have been taken for a leftover, and deleted. Not every file system can lock folders.
        file.and_folder(&self.0, &folder)
    }

    /// Keeps other purges off for as long as the lock lives; waits while one runs.
    pub fn wait_for_purge(&self) -> Result<Lock, FileError> {
        Lock::wait(&self.0.join("purge.lock"))
    }
}

impl From<PathBuf> for DataFolder {
    fn from(path: PathBuf) -> Self {
        Self(path)
    }
}
