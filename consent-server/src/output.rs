//! Files that are written: for their owner's eyes only, whole or not at all, and never over one that is there.

use crate::clock::random;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Makes a file that only its owner can read, from its first byte on. One that is there already is an error.
pub fn create(path: &Path) -> io::Result<File> {
    let made = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.map_err(refused)
}

/// Writes a file under its name once all of it is on the disk.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let part = part_of(path, folder)?;
    let written = create(&part.0).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    crate::crash::point("file-written");
    // A second name, and not another one: it is refused where a file is. The first goes when `part` does.
    let named = written.and_then(|()| std::fs::hard_link(&part.0, path));
    match named {
        // Some file systems know no second names.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            write_in_place(path, content)?;
        }
        named => named.map_err(refused)?,
    }
    drop(part);
    // The folder too, or a power cut could take the name away again.
    File::open(folder)?.sync_all()
}

fn write_in_place(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    written.inspect_err(|_| {
        let _ = std::fs::remove_file(path);
    })
}

/// A file that goes away again unless it is finished.
#[derive(Debug)]
pub struct Part(PathBuf);

impl Part {
    /// The file that is being written under this name.
    #[must_use]
    pub const fn of(path: PathBuf) -> Self {
        Self(path)
    }

    /// All of it is there: it stays.
    pub fn keep(mut self) {
        self.0 = PathBuf::new();
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.0.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.0);
        }
    }
}

fn part_of(path: &Path, folder: &Path) -> io::Result<Part> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("this is no name of a file"))?;
    let random = u64::from_ne_bytes(random().map_err(io::Error::other)?);
    let name = format!(".{}.{random:016x}.part", name.to_string_lossy());
    Ok(Part(folder.join(name)))
}

fn refused(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            io::Error::new(error.kind(), "is there already: name another file")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_private_and_whole_and_none_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"first").unwrap();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for error in [
            write(&path, b"second").unwrap_err(),
            create(&path).unwrap_err(),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(error.to_string().contains("name another file"));
        }
        // Nor through a link that leads nowhere yet.
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &link).unwrap();
        assert!(write(&link, b"third").is_err());
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["file", "link"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        assert!(write(&folder.path().join("no/file"), b"").is_err());
    }
}
