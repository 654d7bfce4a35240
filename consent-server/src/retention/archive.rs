//! The archive of a site's ended proofs: a file a day, of whole lines only.

use super::RetentionError;
use crate::data::growing::end_with_whole_line;
use crate::data::{DataFolder, FileError, Growing, private};
use crate::store::{Placed, Row};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::path::{Path, PathBuf};

pub(super) struct Archive {
    path: PathBuf,
    file: Option<Growing>,
    /// Up to here are lines of receipts that are gone from the database.
    sound: u64,
}

impl Archive {
    /// Makes nothing yet.
    pub(super) fn of(data: &DataFolder, site: &SiteId, at: UnixSeconds) -> Self {
        let day: String = at.to_rfc3339().chars().take(10).collect();
        Self {
            path: data.archive().join(format!("{site}-{day}.jsonl")),
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
        let written = self.open().and_then(|file| file.append(&lines));
        if written.is_err() {
            self.take_back()?;
        }
        Ok(written?)
    }

    /// Takes the last receipts out again: they are still in the database, or were erased meanwhile.
    pub(super) fn take_back(&self) -> Result<(), RetentionError> {
        if let Some(file) = &self.file {
            file.cut(self.sound)?;
        }
        Ok(())
    }

    /// The last receipts are gone from the database.
    pub(super) fn settle(&mut self) -> Result<(), RetentionError> {
        if let Some(file) = &self.file {
            self.sound = file.length()?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<&Growing, FileError> {
        if self.file.is_none() {
            let folder = self.path.parent().unwrap_or(Path::new(""));
            private::make_folder(folder)?;
            mend_all(folder)?;
            let file = Growing::open(&self.path)?;
            self.sound = file.length()?;
            self.file = Some(file);
        }
        let none = || FileError::at(&self.path)(std::io::Error::other("no file"));
        self.file.as_ref().ok_or_else(none)
    }
}

/// Cuts lines off that a crash has left unfinished: their receipts are still in the database.
fn mend_all(folder: &Path) -> Result<(), FileError> {
    for entry in std::fs::read_dir(folder).map_err(FileError::at(folder))? {
        let path = entry.map_err(FileError::at(folder))?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            let cut = end_with_whole_line(&path)?;
            if cut > 0 {
                let path = path.display();
                tracing::warn!(%path, bytes = cut, "an unfinished line was cut off; its receipt is still in the database");
            }
        }
    }
    Ok(())
}
