//! Files that are written from a stream.

use super::durable::{refused, sync_folder};
use super::{FileError, private};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that goes away again unless it is finished. None that is there is written over.
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    file: File,
    is_finished: bool,
}

impl Unfinished {
    /// Begins a file, under the name that it will keep.
    pub fn begin(path: &Path) -> Result<Self, FileError> {
        let file = private::create(path).map_err(|error| FileError::at(path)(refused(error)))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_finished: false,
        })
    }

    /// The same, and everybody may read it: nothing in it is secret.
    pub fn begin_for_all(path: &Path) -> Result<Self, FileError> {
        let file = File::options().write(true).create_new(true).open(path);
        let file = file.map_err(|error| FileError::at(path)(refused(error)))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_finished: false,
        })
    }

    /// All of it is written: it is on the disk after this, and stays.
    pub fn finish(mut self) -> Result<(), FileError> {
        self.sync()?;
        self.is_finished = true;
        sync_folder(&self.path)
    }

    /// Has the disk keep what is written so far.
    pub fn sync(&self) -> Result<(), FileError> {
        self.file.sync_all().map_err(FileError::at(&self.path))
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_when_it_is_finished_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        drop(Unfinished::begin(&path).unwrap());
        assert!(!path.exists());
        let mut file = Unfinished::begin(&path).unwrap();
        file.write_all(b"all").unwrap();
        Unfinished::begin(&path).unwrap_err();
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"all");
    }
}
