//! The proof that an entry is in a log (C2SP tlog-proof v1): one text, to be kept in a file `*.tlog-proof`.
//!
//! It holds the place of the entry, the hashes beside its way up the tree, and the checkpoint with all its signatures.
//! [`TlogProof`] reads and writes it; whether the hashes lead from the entry to the root is for the tree's mathematics.

use core::fmt;
use core::str::FromStr;

use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{
    CheckpointError, SignedCheckpoint, decimal, hash_from_base64, hash_to_base64,
};
use crate::digest::Digest;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// No tree of fewer than 2^64 entries is higher.
const MAX_HASHES: usize = 64;

/// A proof of inclusion. Nothing in it is to be believed before it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// What an application adds; nobody has signed it. Ours puts the entry's salt here.
    pub extra: Option<Vec<u8>>,
    /// The place of the entry; the first is 0.
    pub index: u64,
    /// From the entry's neighbour up to the child of the root.
    pub hashes: Vec<Digest>,
    /// The tree that it leads to.
    pub checkpoint: SignedCheckpoint,
}

/// Why a text is not a proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// Not the first line.
    #[error("a proof begins with the line \"{HEADER}\"")]
    Header,
    /// The line of additional data.
    #[error("the line \"extra\" of the proof is not base64")]
    Extra,
    /// The line of the entry's place.
    #[error("the proof has no line \"index\" with a decimal number")]
    Index,
    /// A hash; the first is 1.
    #[error("hash {0} of the proof is not 32 bytes in base64")]
    Hash(usize),
    /// More hashes than a tree is high.
    #[error("a proof has at most {MAX_HASHES} hashes")]
    TooManyHashes,
    /// No empty line with a checkpoint below it.
    #[error("the proof has no empty line with a checkpoint below it")]
    NoCheckpoint,
    /// The checkpoint.
    #[error("the checkpoint of the proof: {0}")]
    Checkpoint(#[from] CheckpointError),
}

impl TlogProof {
    /// The proof of a receipt, whose entry is known again only by its salt: it goes along.
    #[must_use]
    pub fn of_receipt(
        salt: &[u8; 32],
        index: u64,
        hashes: Vec<Digest>,
        checkpoint: SignedCheckpoint,
    ) -> Self {
        Self {
            extra: Some(salt.to_vec()),
            index,
            hashes,
            checkpoint,
        }
    }

    /// The salt of a receipt's entry, if the proof holds one.
    #[must_use]
    pub fn salt(&self) -> Option<&[u8; 32]> {
        self.extra.as_deref()?.try_into().ok()
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    /// Reads a proof, strictly: what is read is written back byte for byte.
    fn from_str(text: &str) -> Result<Self, TlogProofError> {
        let rest = text.strip_prefix(HEADER).ok_or(TlogProofError::Header)?;
        let rest = rest.strip_prefix('\n').ok_or(TlogProofError::Header)?;
        // The first empty line: neither the lines above it nor those of a checkpoint are empty.
        let (proof, checkpoint) = rest
            .split_once("\n\n")
            .ok_or(TlogProofError::NoCheckpoint)?;
        let mut lines = proof.split('\n').peekable();
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra.map(|line| STANDARD.decode(&line["extra ".len()..]));
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_HASHES {
                return Err(TlogProofError::TooManyHashes);
            }
            hashes.push(hash_from_base64(line).ok_or(TlogProofError::Hash(hashes.len() + 1))?);
        }
        Ok(Self {
            extra: extra.transpose().map_err(|_| TlogProofError::Extra)?,
            index: index.and_then(decimal).ok_or(TlogProofError::Index)?,
            hashes,
            checkpoint: SignedCheckpoint::parse(checkpoint)?,
        })
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash_to_base64(*hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests;
