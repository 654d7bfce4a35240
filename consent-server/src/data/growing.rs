//! Files that grow line by line.

use super::durable::sync_folder;
use super::{FileError, private};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// How much is read at a time to find where the last whole line ends.
const STEP: u64 = 4096;

/// A file to whose end is written.
#[derive(Debug)]
pub struct Growing {
    path: PathBuf,
    file: File,
}

impl Growing {
    /// Opens a file, which is made if it is not there.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let file = private::open_at_end(path).map_err(FileError::at(path))?;
        sync_folder(path)?;
        let path = path.to_owned();
        Ok(Self { path, file })
    }

    /// Adds bytes at the end, durably. After an error some of them may be there: [`cut`](Self::cut) takes them out.
    pub fn append(&self, bytes: &[u8]) -> Result<(), FileError> {
        let written = (&self.file)
            .write_all(bytes)
            .and_then(|()| crate::fault::fallible_point("lines-written"))
            .and_then(|()| self.file.sync_all());
        written.map_err(FileError::at(&self.path))
    }

    /// How long it is.
    pub fn length(&self) -> Result<u64, FileError> {
        let metadata = self.file.metadata().map_err(FileError::at(&self.path))?;
        Ok(metadata.len())
    }

    /// Takes away what is after so many bytes.
    pub fn cut(&self, length: u64) -> Result<(), FileError> {
        let cut = self.file.set_len(length);
        cut.and_then(|()| self.file.sync_all())
            .map_err(FileError::at(&self.path))
    }
}

/// Cuts off what a crash has left after the last whole line. Answers how many bytes that was.
pub fn end_with_whole_line(path: &Path) -> Result<u64, FileError> {
    mend(path).map_err(FileError::at(path))
}

fn mend(path: &Path) -> io::Result<u64> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let mut end = length;
    while end > 0 {
        let from = end.saturating_sub(STEP);
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        (&mut file).take(end - from).read_to_end(&mut bytes)?;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => {
                end = from + last as u64 + 1;
                break;
            }
            None => end = from,
        }
    }
    if end < length {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(length - end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::failing;

    #[test]
    fn what_failed_is_taken_out_again_and_the_lines_before_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let file = Growing::open(&path).unwrap();
        file.append(b"one\n").unwrap();
        let sound = file.length().unwrap();
        failing("lines-written", || file.append(b"two\n")).unwrap_err();
        file.cut(sound).unwrap();
        file.append(b"three\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\nthree\n");
    }

    #[test]
    fn half_a_line_goes_however_long_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        for (text, left) in [
            (format!("one\n{}", "x".repeat(9000)), "one\n"),
            ("x".repeat(5000), ""),
            ("one\ntwo\n".to_owned(), "one\ntwo\n"),
            (String::new(), ""),
        ] {
            std::fs::write(&path, &text).unwrap();
            let cut = end_with_whole_line(&path).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), left);
            assert_eq!(cut, (text.len() - left.len()) as u64);
        }
    }
}
