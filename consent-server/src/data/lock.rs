//! One process at a time.

use super::{FileError, private};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// Keeps others off something for as long as it lives. What is locked is the file itself, under whichever names it is reached.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    _folder: Option<File>,
}

/// Why a lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another process has it.
    #[error("{} is in use: another server runs on this data folder; stop it first", .0.display())]
    InUse(PathBuf),
}

impl Lock {
    /// Takes the lock that a file stands for, which is made if it is not there. `what` is named if another process has it.
    pub fn take(file: &Path, what: &Path) -> Result<Self, LockError> {
        let lock = private::open(file)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                _file: lock,
                _folder: None,
            }),
            Err(TryLockError::WouldBlock) => Err(LockError::InUse(what.to_owned())),
            Err(TryLockError::Error(source)) => Err(FileError::at(file)(source).into()),
        }
    }

    /// The same, and waits while another process has it.
    pub fn wait(file: &Path) -> Result<Self, FileError> {
        let lock = private::open(file)?;
        lock.lock().map_err(FileError::at(file))?;
        Ok(Self {
            _file: lock,
            _folder: None,
        })
    }

    /// Waits for a folder, where folders can be locked.
    pub fn wait_for_folder(folder: &Path) -> Result<Self, FileError> {
        let lock = File::open(folder).map_err(FileError::at(folder))?;
        let _ = lock.lock();
        Ok(Self {
            _file: lock,
            _folder: None,
        })
    }

    /// Takes a folder as well, where folders can be locked.
    pub(super) fn and_folder(self, folder: &Path, what: &Path) -> Result<Self, LockError> {
        let whole = File::open(folder).map_err(FileError::at(folder))?;
        if matches!(whole.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(LockError::InUse(what.to_owned()));
        }
        Ok(Self {
            _folder: Some(whole),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFolder;

    #[test]
    fn a_second_server_is_refused_by_whichever_name_and_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::at(folder.path().join("data"));
        data.make().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(data.path(), &link).unwrap();
        let first = data.lock().unwrap();
        for name in [data.path(), &link] {
            let again = DataFolder::at(name).lock();
            assert!(matches!(again, Err(LockError::InUse(_))));
        }
        // Taken for a leftover.
        std::fs::remove_file(data.log().join("lock")).unwrap();
        assert!(matches!(data.lock(), Err(LockError::InUse(_))));
        drop(first);
        data.lock().unwrap();
    }

    #[test]
    fn of_two_that_may_wait_the_second_gets_it_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lock");
        let first = Lock::wait(&file).unwrap();
        let waiting = {
            let file = file.clone();
            std::thread::spawn(move || Lock::wait(&file).map(drop))
        };
        assert!(matches!(Lock::take(&file, &file), Err(LockError::InUse(_))));
        drop(first);
        waiting.join().unwrap().unwrap();
    }
}
