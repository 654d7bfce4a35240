//! For the owner's eyes only: every file and folder that this crate makes.

use super::FileError;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Any of these bits lets somebody else than the owner at a file.
const OTHERS: u32 = 0o077;

/// Makes a folder that only its owner can look into, and those above it. One that is there already is left as it is.
pub fn make_folder(folder: &Path) -> Result<(), FileError> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(FileError::at(folder))
}

/// The same, and one that is there already is an error.
pub fn make_new_folder(folder: &Path) -> Result<(), FileError> {
    let made = DirBuilder::new().mode(0o700).create(folder);
    made.map_err(FileError::at(folder))
}

/// Makes an empty file. One that is there already is left as it is.
pub fn make_file(path: &Path) -> Result<(), FileError> {
    match create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(FileError::at(path)(error))
        }
        _ => Ok(()),
    }
}

/// Whether others than the owner can get at a file or folder.
pub fn is_exposed(path: &Path) -> Result<bool, FileError> {
    let metadata = std::fs::metadata(path).map_err(FileError::at(path))?;
    Ok(metadata.permissions().mode() & OTHERS != 0)
}

/// Makes a file from its first byte on. One that is there already is an error.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Opens a file to write it anew.
pub(super) fn empty(path: &Path) -> io::Result<File> {
    options().truncate(true).open(path)
}

/// Opens a file as it is, made if it is not there.
pub(super) fn open(path: &Path) -> Result<File, FileError> {
    let opened = options().truncate(false).open(path);
    opened.map_err(FileError::at(path))
}

/// Opens a file to write at its end, made if it is not there.
pub(super) fn open_at_end(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true).create(true).mode(0o600).open(path)
}

fn options() -> OpenOptions {
    let mut options = File::options();
    options.create(true).write(true).mode(0o600);
    options
}
