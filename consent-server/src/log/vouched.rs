//! What others say of the log: checkpoints with the cosignatures of witnesses, and the timestamps of an authority.
//!
//! Each is kept for good, so that the evidence of a receipt can name the first that has it: the closer to the receipt, the
//! more it says.

use super::{FOLDER, Log, LogError};
use crate::keys::make_private_folder;
use crate::outgoing::{Address, Client, RootsError};
use crate::timestamp::{Authorities, StampError, stamp};
use crate::witness::{AskError, Endpoint, ask};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::merkle::{TileReader, consistency_proof};
use consent_core::note::NoteKey;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Who is asked.
#[derive(Debug)]
pub struct Vouchers {
    witnesses: Vec<Endpoint>,
    authority: Option<(Address, Authorities)>,
    client: Client,
}

/// Why somebody did not vouch.
#[derive(Debug, thiserror::Error)]
pub enum VouchError {
    /// A witness.
    #[error("{0}: {1}")]
    Witness(String, AskError),
    /// The authority.
    #[error("{0}: {1}")]
    Authority(String, StampError),
    /// What they said could not be kept.
    #[error(transparent)]
    Keep(#[from] LogError),
}

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

/// The folder in that of the log.
pub(super) const VOUCHED: &str = "vouched";

const KEYS: &str = "witnesses";
const NEW: &str = "new";

impl Vouchers {
    /// `authority`: its address, and the certificates that its answers are checked with. Reads whom the system trusts, if
    /// somebody is asked over https.
    pub fn new(
        witnesses: Vec<Endpoint>,
        authority: Option<(Address, Authorities)>,
    ) -> Result<Self, RootsError> {
        let stamps = authority.iter().map(|(address, _)| address);
        let client = Client::to(witnesses.iter().map(|witness| &witness.url).chain(stamps))?;
        Ok(Self {
            witnesses,
            authority,
            client,
        })
    }

    /// Whether nobody is asked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.witnesses.is_empty() && self.authority.is_none()
    }
}

impl Vouched {
    /// Of the log of a data folder.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self(data.join(FOLDER).join(VOUCHED))
    }

    /// The first checkpoint that has an entry and that somebody has vouched for.
    pub fn covering(&self, place: u64) -> Result<Option<Voucher>, LogError> {
        let sizes = self.sizes()?;
        let Some(size) = sizes.into_iter().find(|size| *size > place) else {
            return Ok(None);
        };
        let path = self.path(size, "checkpoint");
        let text = std::fs::read_to_string(&path).map_err(at(&path))?;
        let checkpoint = SignedCheckpoint::parse(&text);
        let checkpoint = checkpoint.map_err(|reason| LogError::NotOurs { path, reason })?;
        let path = self.path(size, "tsr");
        let timestamp = match std::fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            read => Some(read.map_err(at(&path))?),
        };
        Ok(Some(Voucher {
            checkpoint,
            timestamp,
        }))
    }

    /// Copies all of it into another data folder. Before the database is copied: what vouches for more entries than that
    /// has would be of no use.
    pub fn copy_to(&self, data: &Path) -> Result<(), LogError> {
        let to = Self::of(data).0;
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(at(&self.0))?,
        };
        make_private_folder(&to)?;
        for entry in entries {
            let entry = entry.map_err(at(&self.0))?;
            // One that is being written.
            if entry.file_name() != NEW {
                let to = to.join(entry.file_name());
                std::fs::copy(entry.path(), &to).map_err(at(&to))?;
            }
        }
        Ok(())
    }

    /// The keys of all witnesses that were ever asked.
    pub fn witnesses(&self) -> Result<Vec<NoteKey>, LogError> {
        let path = self.0.join(KEYS);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(at(&path))?,
        };
        // Written by `keep` alone; a line that is no key is of no use, and does no harm.
        Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
    }

    fn sizes(&self) -> Result<Vec<u64>, LogError> {
        let entries = match std::fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(at(&self.0))?,
        };
        let mut sizes = Vec::new();
        for entry in entries {
            let name = entry.map_err(at(&self.0))?.file_name();
            let name = name.to_string_lossy();
            sizes.extend(
                name.strip_suffix(".checkpoint")
                    .and_then(|size| size.parse::<u64>().ok()),
            );
        }
        sizes.sort_unstable();
        Ok(sizes)
    }

    fn keep(&self, voucher: &Voucher, asked: &[Endpoint]) -> Result<(), LogError> {
        make_private_folder(&self.0)?;
        let mut keys = self.witnesses()?;
        for witness in asked {
            if !keys.contains(&witness.key) {
                keys.push(witness.key.clone());
            }
        }
        let lines: Vec<String> = keys.iter().map(|key| format!("{key}\n")).collect();
        self.write(&self.0.join(KEYS), lines.concat().as_bytes())?;
        let size = voucher.checkpoint.unverified().size();
        if let Some(timestamp) = &voucher.timestamp {
            self.write(&self.path(size, "tsr"), timestamp)?;
        }
        // Last: what is listed is whole.
        self.write(
            &self.path(size, "checkpoint"),
            voucher.checkpoint.to_string().as_bytes(),
        )
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), LogError> {
        let new = self.0.join(NEW);
        let mut file = std::fs::File::create(&new).map_err(at(&new))?;
        file.write_all(content)
            .and_then(|()| file.sync_all())
            .map_err(at(&new))?;
        std::fs::rename(&new, path).map_err(at(path))
    }

    fn path(&self, size: u64, ending: &str) -> PathBuf {
        self.0.join(format!("{size:020}.{ending}"))
    }
}

impl Log {
    /// What others say of it.
    #[must_use]
    pub const fn vouched(&self) -> &Vouched {
        &self.vouched
    }

    /// Asks everybody to vouch for the last checkpoint, if nobody has yet; answers who did not. Blocks for as long as they take.
    pub fn ask_to_vouch(&self, vouchers: &Vouchers) -> Result<Vec<VouchError>, LogError> {
        let latest = self.latest();
        let size = latest.unverified().size();
        let known = self.vouched.sizes()?.last().copied().unwrap_or(0);
        if size <= known {
            return Ok(Vec::new());
        }
        let mut voucher = Voucher {
            checkpoint: SignedCheckpoint::clone(&latest),
            timestamp: None,
        };
        let mut failed = Vec::new();
        for witness in &vouchers.witnesses {
            let prove = |old, new| {
                let mut reader = TileReader::new(new, |tile| super::fetch(&*self.store, tile));
                let proof = consistency_proof(old, new, |node| reader.node(node));
                proof.map_err(|error| error.to_string().into())
            };
            match ask(&vouchers.client, witness, &latest, known, prove) {
                Ok(signature) => voucher.checkpoint.add(signature),
                Err(error) => {
                    failed.push(VouchError::Witness(witness.key.name().to_string(), error));
                }
            }
        }
        if let Some((url, trusted)) = &vouchers.authority {
            let text = latest.note().text().as_bytes();
            match stamp(&vouchers.client, url, text, trusted) {
                Ok((answer, _)) => voucher.timestamp = Some(answer),
                Err(error) => failed.push(VouchError::Authority(url.to_string(), error)),
            }
        }
        // A checkpoint that nobody has vouched for is asked about again.
        if voucher.checkpoint != *latest || voucher.timestamp.is_some() {
            self.vouched.keep(&voucher, &vouchers.witnesses)?;
        }
        Ok(failed)
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> LogError {
    move |source| LogError::File {
        path: path.to_owned(),
        source,
    }
}
