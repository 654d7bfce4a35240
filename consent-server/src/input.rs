//! Files and streams that are read into memory, or line by line: never more of them than a limit, whatever they are.
//!
//! Whoever hands a file over decides how long it is, and a file that takes no room on a disk can fill all the memory there is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

/// Texts that people or this program write: declarations, settings, keys, certificates, manifests, checkpoints.
pub const TEXT: u64 = 1 << 20;

/// A receipt, a cookie, or a header of cookies.
pub const COOKIES: u64 = 64 << 10;

/// An evidence file.
pub const EVIDENCE: u64 = 64 << 20;

/// A line of an export: some thirty times as long as the longest that is written.
pub const LINE: u64 = 64 << 10;

/// A stored tile of a log, or a part of the browser's half.
pub const PART: u64 = 16 << 20;

/// The bytes of a file, if there are no more of them than `most`.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_from(open(path)?, most)
}

/// A file as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let bytes = read(path, most)?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))
}

/// The bytes of a stream, if there are no more of them than `most`.
pub fn read_from(stream: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = stream.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most {
        return Err(too_long(most));
    }
    Ok(bytes)
}

/// Opens what can be read to its end. Of a named pipe nobody knows when, or whether, somebody writes into it.
pub fn open(path: &Path) -> io::Result<File> {
    let kind = path.metadata()?.file_type();
    if kind.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "this is a folder: name a file in it",
        ));
    }
    // The pipe of `<(command)` has a writer, and no name of its own.
    if kind.is_fifo() && path.canonicalize().is_ok() {
        return Err(io::Error::other(
            "this is a named pipe: give a file, or - and the content on stdin",
        ));
    }
    File::open(path)
}

/// What was read of a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line, without its end.
    Whole(Vec<u8>),
    /// Longer than the limit. What follows is the rest of it.
    TooLong,
}

/// Reads line by line, and none that is longer than a limit.
#[derive(Debug)]
pub struct Lines<R> {
    stream: R,
    most: u64,
}

impl<R: Read> Lines<BufReader<R>> {
    /// Of a stream.
    pub fn of(stream: R, most: u64) -> Self {
        let stream = BufReader::with_capacity(256 << 10, stream);
        Self { stream, most }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        let read = (&mut self.stream)
            .take(self.most + 1)
            .read_until(b'\n', &mut line);
        match read {
            Ok(0) => None,
            Ok(_) => {
                let is_ended = line.last() == Some(&b'\n');
                if !is_ended && line.len() as u64 > self.most {
                    return Some(Ok(Line::TooLong));
                }
                if is_ended {
                    line.pop();
                }
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                Some(Ok(Line::Whole(line)))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The error of what is longer than it may be.
#[must_use]
pub fn too_long(most: u64) -> io::Error {
    let (number, unit) = match most {
        0..1024 => (most, "bytes"),
        1024..1_048_576 => (most >> 10, "KiB"),
        _ => (most >> 20, "MiB"),
    };
    io::Error::new(
        io::ErrorKind::FileTooLarge,
        format!(
            "longer than {number} {unit}, and no file of this kind is: it was not read further"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, [b'x'; 100]).unwrap();
        assert_eq!(read(&path, 100).unwrap().len(), 100);
        let error = read(&path, 99).unwrap_err().to_string();
        assert!(error.contains("longer than 99 bytes"), "{error}");
        // As many gigabytes as there are numbers for, and none of them on the disk.
        let sparse = File::create(folder.path().join("sparse")).unwrap();
        sparse.set_len(6 << 30).unwrap();
        for endless in [folder.path().join("sparse"), "/dev/zero".into()] {
            let error = read(&endless, TEXT).unwrap_err().to_string();
            assert!(error.contains("longer than 1 MiB"), "{error}");
        }
    }

    #[test]
    fn what_is_no_file_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(folder.path(), TEXT).unwrap_err().to_string();
        assert!(error.contains("folder"), "{error}");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = read(&pipe, TEXT).unwrap_err().to_string();
        assert!(error.contains("named pipe"), "{error}");
        let gone = read(&folder.path().join("gone"), TEXT).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
        std::fs::write(pipe.with_extension("bin"), [0xFF]).unwrap();
        let error = read_text(&pipe.with_extension("bin"), TEXT).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn lines_are_cut_at_their_ends_and_refused_beyond_the_limit() {
        let lines = |text: &'static str| -> Vec<Line> {
            Lines::of(text.as_bytes(), 4).map(Result::unwrap).collect()
        };
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(
            lines("a\nbcde\r\n\nf"),
            [whole("a"), Line::TooLong, whole(""), whole(""), whole("f")]
        );
        assert_eq!(lines("abcd\nabcd"), [whole("abcd"), whole("abcd")]);
        assert_eq!(
            Lines::of(io::repeat(b'x'), 4).next().unwrap().unwrap(),
            Line::TooLong
        );
    }
}
