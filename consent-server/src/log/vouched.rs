//! What others say of the log: checkpoints with the cosignatures of witnesses, and the timestamps of an authority.
//!
//! Each is kept for good, so that the evidence of a receipt can name one soon after it: the closer to the receipt, the more
//! it says.

use super::LogError;
use crate::data::{DataFolder, FileError, durable, private};
use crate::timestamp;
use crate::witness::Endpoint;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::note::NoteKey;
use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of what was said.
#[derive(Clone, Debug)]
pub struct Vouched(PathBuf);

/// A checkpoint and what others say of it.
#[derive(Clone, Debug)]
pub struct Voucher {
    /// With the cosignatures.
    pub checkpoint: SignedCheckpoint,
    /// The authority's answer about the checkpoint's text, as it came.
    pub timestamp: Option<Vec<u8>>,
}

/// What there is for an entry.
#[derive(Debug)]
pub struct Covering {
    /// Of the next checkpoints that have it, the first for which the most have vouched; `None` if nobody has.
    pub voucher: Option<Voucher>,
    /// Files that were passed over, because they are damaged.
    pub damaged: Vec<LogError>,
}

/// How many checkpoints after an entry are looked at for one that everybody has vouched for: a day's, if they are asked
/// once an hour.
const LOOKED_AT: usize = 24;

/// The folder in that of the log.
pub(super) const VOUCHED: &str = "vouched";

const KEYS: &str = "witnesses";

impl Vouched {
    /// Of the log of a data folder.
    #[must_use]
    pub fn of(data: &DataFolder) -> Self {
        Self(data.log().join(VOUCHED))
    }

    /// What others say of a checkpoint soon after an entry. `log` is the key that checks checkpoints.
    pub fn covering(&self, place: u64, log: &NoteKey) -> Result<Covering, LogError> {
        let witnesses = self.witnesses()?;
        let sizes = self.sizes()?.into_iter().filter(|size| *size > place);
        let (mut best, mut damaged) = (None, Vec::new());
        for size in sizes.take(LOOKED_AT) {
            let (voucher, wrong) = match self.read(size, log, &witnesses) {
                Ok((voucher, wrong)) => (voucher, wrong),
                Err(wrong) => {
                    damaged.push(wrong);
                    continue;
                }
            };
            damaged.extend(wrong);
            let cosigned = witnesses.iter();
            let cosigned = cosigned.filter(|key| has_cosigned(&voucher.checkpoint, key));
            let said = cosigned.count() + usize::from(voucher.timestamp.is_some());
            if best.as_ref().is_none_or(|(most, _)| said > *most) {
                best = Some((said, voucher));
            }
            if said > witnesses.len() {
                break;
            }
        }
        Ok(Covering {
            voucher: best.map(|(_, voucher)| voucher),
            damaged,
        })
    }

    /// What is kept of the checkpoint of that size; and what is wrong with its timestamp, which is left out then.
    pub(crate) fn read(
        &self,
        size: u64,
        log: &NoteKey,
        witnesses: &[NoteKey],
    ) -> Result<(Voucher, Option<LogError>), LogError> {
        let path = self.path(size, "checkpoint");
        let text = crate::input::read(&path, crate::input::TEXT).map_err(FileError::at(&path))?;
        let text = String::from_utf8_lossy(&text);
        let wrong = |reason: &dyn Display| self.wrong(size, reason);
        let checkpoint = SignedCheckpoint::parse(&text).map_err(|error| wrong(&error))?;
        checkpoint
            .verify(log, witnesses)
            .map_err(|error| wrong(&error))?;
        if checkpoint.unverified().size() != size {
            return Err(wrong(&"its size is not that of its name"));
        }
        let path = self.path(size, "tsr");
        let message = checkpoint.note().text().as_bytes();
        let (timestamp, wrong) = match crate::input::read(&path, crate::input::TEXT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => (None, None),
            Err(error) => (None, Some(FileError::at(&path)(error).into())),
            Ok(answer) => match timestamp::about(&answer, message) {
                Ok(_) => (Some(answer), None),
                Err(error) => (None, Some(damaged(&path, &error))),
            },
        };
        let voucher = Voucher {
            checkpoint,
            timestamp,
        };
        Ok((voucher, wrong))
    }

    /// What is wrong with the checkpoint of that size.
    pub(super) fn wrong(&self, size: u64, reason: impl Display) -> LogError {
        damaged(&self.path(size, "checkpoint"), &reason)
    }

    /// Copies all of it into another data folder. Before the database is copied: what vouches for more entries than that
    /// has would be of no use.
    pub fn copy_to(&self, data: &DataFolder) -> Result<(), LogError> {
        let to = Self::of(data).0;
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(FileError::at(&self.0))?,
        };
        private::make_folder(&to)?;
        for entry in entries {
            let entry = entry.map_err(FileError::at(&self.0))?;
            let name = entry.file_name();
            // One that is being written.
            if !name.to_string_lossy().ends_with("new") {
                durable::copy(&entry.path(), &to.join(name))?;
            }
        }
        Ok(())
    }

    /// The keys of all witnesses that were ever asked.
    pub fn witnesses(&self) -> Result<Vec<NoteKey>, LogError> {
        // Written by `keep` alone; a line that is no key is of no use, and does no harm.
        let text = self.keys()?;
        Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    fn keys(&self) -> Result<String, LogError> {
        let path = self.0.join(KEYS);
        match crate::input::read(&path, crate::input::TEXT) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(FileError::at(&path)(error).into()),
            Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        }
    }

    /// The lines of the file of witnesses that are no keys; the first is 1.
    pub(crate) fn strange_keys(&self) -> Result<Vec<usize>, LogError> {
        let text = self.keys()?;
        let lines = text.lines().enumerate();
        let strange = lines.filter(|(_, line)| line.parse::<NoteKey>().is_err());
        Ok(strange.map(|(place, _)| place + 1).collect())
    }

    /// The size of the last checkpoint that somebody has vouched for, or 0.
    pub(super) fn last(&self) -> Result<u64, LogError> {
        Ok(self.sizes()?.last().copied().unwrap_or(0))
    }

    /// The sizes of all checkpoints that somebody has vouched for.
    pub(crate) fn sizes(&self) -> Result<Vec<u64>, LogError> {
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(FileError::at(&self.0))?,
        };
        let mut sizes = Vec::new();
        for entry in entries {
            let name = entry.map_err(FileError::at(&self.0))?.file_name();
            let name = name.to_string_lossy();
            sizes.extend(
                name.strip_suffix(".checkpoint")
                    .and_then(|size| size.parse::<u64>().ok()),
            );
        }
        sizes.sort_unstable();
        Ok(sizes)
    }

    pub(super) fn keep(&self, voucher: &Voucher, asked: &[Endpoint]) -> Result<(), LogError> {
        private::make_folder(&self.0)?;
        let mut keys = self.witnesses()?;
        for witness in asked {
            if !keys.contains(&witness.key) {
                keys.push(witness.key.clone());
            }
        }
        let lines: Vec<String> = keys.iter().map(|key| format!("{key}\n")).collect();
        durable::write(&self.0.join(KEYS), lines.concat().as_bytes())?;
        let size = voucher.checkpoint.unverified().size();
        if let Some(timestamp) = &voucher.timestamp {
            durable::write(&self.path(size, "tsr"), timestamp)?;
        }
        // Last: what is listed is whole.
        let checkpoint = voucher.checkpoint.to_string();
        durable::write(&self.path(size, "checkpoint"), checkpoint.as_bytes())?;
        Ok(())
    }

    fn path(&self, size: u64, ending: &str) -> PathBuf {
        self.0.join(format!("{size:020}.{ending}"))
    }
}

/// Whether a witness's cosignature is below a checkpoint, and fits it.
pub(super) fn has_cosigned(checkpoint: &SignedCheckpoint, witness: &NoteKey) -> bool {
    let verified = checkpoint.note().verify(std::slice::from_ref(witness));
    verified.is_ok()
}

fn damaged(path: &Path, reason: &dyn Display) -> LogError {
    LogError::Vouched {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}
