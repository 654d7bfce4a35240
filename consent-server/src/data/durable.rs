//! Files that are written: whole or not at all, and on the disk before it is said that they are.
//!
//! After an error there are two possibilities, and whoever calls must be able to go on from both: nothing was written, or
//! all of it was and the error came then (a folder that cannot be synced, say). Half a file is never there.

use super::{FileError, private};
use crate::clock::random;
use crate::fault::fallible_point;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Puts content into the place of what a file has, which is there or not. For files that one process at a time writes.
pub fn write(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let (new, name) = (beside(path), name_of(path));
    let mut file = private::empty(&new).map_err(FileError::at(&new))?;
    file.write_all(content)
        .and_then(|()| fallible_point(&format!("{name}-written")))
        .and_then(|()| file.sync_all())
        .and_then(|()| fallible_point(&format!("{name}-synced")))
        .map_err(FileError::at(&new))?;
    rename(&new, path)
}

/// Puts content into the place of what a file has, as others see it; a power cut may spoil it. For what can be made anew,
/// and is looked at before it is believed. `part` is a name beside it that nobody else uses.
pub fn write_unsynced(path: &Path, part: &str, content: &[&[u8]]) -> Result<(), FileError> {
    let new = path.with_file_name(part);
    let written = private::empty(&new).and_then(|mut file| {
        content.iter().try_for_each(|bytes| file.write_all(bytes))?;
        fs::rename(&new, path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&new);
        FileError::at(path)(error)
    })
}

/// Puts content into the place of a file that others read too: it keeps its permissions, and a link to it stays one.
pub fn replace(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let path = path.canonicalize().map_err(FileError::at(path))?;
    let (new, name) = (beside(&path), name_of(&path));
    let written = private::empty(&new).and_then(|mut file| {
        file.write_all(content)?;
        fallible_point(&format!("{name}-written"))?;
        file.set_permissions(fs::metadata(&path)?.permissions())?;
        file.sync_all()?;
        fallible_point(&format!("{name}-synced"))
    });
    if let Err(error) = written {
        let _ = fs::remove_file(&new);
        return Err(FileError::at(&path)(error));
    }
    rename(&new, &path)
}

/// Writes a file that is not there yet. One that is there is an error, whatever it is, and stays as it is.
pub fn create(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let part = part_of(path)?;
    let written = private::create(&part).and_then(|mut file| {
        file.write_all(content)?;
        fallible_point("file-begun")?;
        file.sync_all()
    });
    // A second name, and not another one: it is refused where a file is.
    let named = written
        .and_then(|()| fallible_point("file-written"))
        .and_then(|()| fs::hard_link(&part, path));
    // It goes, whatever came of it.
    let _ = fs::remove_file(&part);
    match named {
        // Some file systems know no second names.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            create_in_place(path, content)
        }
        named => named,
    }
    .map_err(|error| FileError::at(path)(refused(error)))?;
    sync_folder(path)
}

/// Takes a file away, for good. One that is not there is gone already.
pub fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FileError::at(path)(error)),
    }
}

/// Gives a file or folder another name, in the place of what has that name.
pub fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(FileError::at(to))?;
    fallible_point(&format!("{}-renamed", name_of(to))).map_err(FileError::at(to))?;
    sync_folder(to)
}

/// Copies a file, which is not a long one, under a name that is free.
pub fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    let content = fs::read(from).map_err(FileError::at(from))?;
    create(to, &content)
}

/// Has the disk keep what a file has: for those that others write, like a database.
pub fn sync(path: &Path) -> Result<(), FileError> {
    let file = File::open(path).and_then(|file| file.sync_all());
    file.map_err(FileError::at(path))
}

/// Has the disk keep a name, or a power cut could take it away again.
pub(super) fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let synced = fallible_point("folder-named").and_then(|()| File::open(folder)?.sync_all());
    synced.map_err(FileError::at(folder))
}

pub(super) fn refused(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::new(error.kind(), "is there already: name another file")
        }
        _ => error,
    }
}

fn create_in_place(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private::create(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

fn part_of(path: &Path) -> Result<PathBuf, FileError> {
    let name = path.file_name();
    let name = name
        .ok_or_else(|| io::Error::other("this is no name of a file"))
        .map_err(FileError::at(path))?;
    let random = random().map_err(|error| FileError::at(path)(io::Error::other(error)))?;
    let random = u64::from_ne_bytes(random);
    Ok(path.with_file_name(format!(".{}.{random:016x}.part", name.to_string_lossy())))
}

fn name_of(path: &Path) -> String {
    let name = path.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::failing;
    use std::os::unix::fs::PermissionsExt as _;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_whole_and_none_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&path, b"first").unwrap();
        assert_eq!(mode(&path), 0o600);
        let error = create(&path, b"second").unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
        assert!(error.to_string().contains("name another file"));
        // Nor through a link that leads nowhere yet.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        create(&link, b"third").unwrap_err();
        assert_eq!(names(folder.path()), ["file", "link"]);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        create(&folder.path().join("no/file"), b"").unwrap_err();
        create(Path::new("/"), b"").unwrap_err();
    }

    #[test]
    fn what_is_written_again_is_private_and_the_old_or_the_new_wherever_it_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        write(&path, b"old").unwrap();
        assert_eq!(mode(&path), 0o600);
        // Not written.
        for step in ["state-written", "state-synced"] {
            failing(step, || write(&path, b"new")).unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), b"old", "{step}");
        }
        // Written, and the error came.
        for step in ["state-renamed", "folder-named"] {
            write(&path, b"old").unwrap();
            failing(step, || write(&path, b"new")).unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), b"new", "{step}");
        }
        // Tried again, it is done.
        write(&path, b"newer").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        assert_eq!(names(folder.path()), ["state.json"]);
    }

    #[test]
    fn what_is_replaced_keeps_its_permissions_and_links_and_is_the_old_or_the_new_wherever_it_fails()
     {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("site.toml"), folder.path().join("link"));
        create(&path, b"old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for step in ["site-written", "site-synced"] {
            failing(step, || replace(&link, b"new")).unwrap_err();
            assert_eq!(fs::read(&path).unwrap(), b"old", "{step}");
            assert_eq!(names(folder.path()), ["link", "site.toml"], "{step}");
        }
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o664);
        assert!(link.is_symlink());
        assert_eq!(names(folder.path()), ["link", "site.toml"]);
        replace(&folder.path().join("none"), b"new").unwrap_err();
    }

    #[test]
    fn a_new_file_is_there_whole_or_not_wherever_it_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for step in ["file-begun", "file-written"] {
            failing(step, || create(&path, b"new")).unwrap_err();
            assert!(names(folder.path()).is_empty(), "{step}");
        }
        failing("folder-named", || create(&path, b"new")).unwrap_err();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        // Tried again it says that it is there: who made it can look whether it is theirs.
        let error = create(&path, b"new").unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn on_a_full_disk_nothing_is_left() {
        // A device that is always full, under the name that the content is written to first.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        std::os::unix::fs::symlink("/dev/full", folder.path().join("state.new")).unwrap();
        let error = write(&path, b"new").unwrap_err();
        assert_eq!(error.source.kind(), io::ErrorKind::StorageFull);
        assert!(!path.exists());
    }
}
