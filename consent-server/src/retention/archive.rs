//! The archive of a site's ended proofs: a file a day, of whole lines only.

use super::RetentionError;
use crate::store::{Placed, Row};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The folder of archives in the data folder.
const FOLDER: &str = "archive";

/// How much is read at a time to find where the last whole line ends.
const STEP: u64 = 4096;

pub(super) struct Archive {
    path: PathBuf,
    file: Option<File>,
    /// Up to here are lines of receipts that are gone from the database.
    sound: u64,
}

impl Archive {
    /// Makes nothing yet.
    pub(super) fn of(data: &Path, site: &SiteId, at: UnixSeconds) -> Self {
        let day: String = at.to_rfc3339().chars().take(10).collect();
        Self {
            path: data.join(FOLDER).join(format!("{site}-{day}.jsonl")),
            file: None,
            sound: 0,
        }
    }

    /// Adds receipts, durably: they are deleted from the database right after. What does not fit leaves nothing.
    pub(super) fn append(
        &mut self,
        rows: &[Row],
        commitments: &[Option<Placed>],
    ) -> Result<(), RetentionError> {
        let mut lines = Vec::new();
        for (row, commitment) in rows.iter().zip(commitments) {
            crate::export::line(row, &mut lines)?;
            // Without these nobody could prove any more that it was in the log.
            if let Some(Placed { place, salt }) = commitment {
                lines.truncate(lines.len() - "}\n".len());
                let salt = URL_SAFE_NO_PAD.encode(salt);
                lines.extend(format!(",\"place\":{place},\"salt\":\"{salt}\"}}\n").into_bytes());
            }
        }
        let written = self.open().and_then(|mut file| {
            file.write_all(&lines)?;
            file.sync_all()
        });
        if written.is_err() {
            self.take_back()?;
        }
        written.map_err(|source| self.failed(source))
    }

    /// Takes the last receipts out again: they are still in the database, or were erased meanwhile.
    pub(super) fn take_back(&self) -> Result<(), RetentionError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let cut = file.set_len(self.sound).and_then(|()| file.sync_all());
        cut.map_err(|source| self.failed(source))
    }

    /// The last receipts are gone from the database.
    pub(super) fn settle(&mut self) -> Result<(), RetentionError> {
        if let Some(file) = &self.file {
            let length = file.metadata().map(|metadata| metadata.len());
            self.sound = length.map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    fn open(&mut self) -> io::Result<&File> {
        if self.file.is_none() {
            let folder = self.path.parent().unwrap_or(Path::new(""));
            crate::keys::make_private_folder(folder).map_err(io::Error::other)?;
            mend_all(folder)?;
            let file = OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&self.path)?;
            File::open(folder)?.sync_all()?;
            self.sound = file.metadata()?.len();
            self.file = Some(file);
        }
        self.file
            .as_ref()
            .ok_or_else(|| io::Error::other("no file"))
    }

    fn failed(&self, source: io::Error) -> RetentionError {
        RetentionError::Archive {
            path: self.path.clone(),
            source,
        }
    }
}

/// Cuts lines off that a crash has left unfinished: their receipts are still in the database.
fn mend_all(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            let cut = mend(&path)?;
            if cut > 0 {
                let path = path.display();
                tracing::warn!(%path, bytes = cut, "an unfinished line was cut off; its receipt is still in the database");
            }
        }
    }
    Ok(())
}

/// How many bytes were cut off.
fn mend(path: &Path) -> io::Result<u64> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
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
