//! Checkpoints of a log (C2SP tlog-checkpoint v1.0.0): how many entries it has, and the root of their tree.
//!
//! A checkpoint is the text of a [note](crate::note); its key has the name of the log's origin.
//!
//! ```
//! use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
//! # use consent_core::digest::Digest;
//! # use consent_core::note::NoteSigner;
//! let log = NoteSigner::from_seed("log.example/shop".parse()?, &[7; 32]); // real seeds are random
//! let checkpoint = Checkpoint::new("log.example/shop", 3, Digest::of(b"the tree's root"))?;
//! let signed = checkpoint.sign(&log)?;
//!
//! let read = SignedCheckpoint::parse(&signed.to_string())?;
//! let seen = read.verify(log.key(), &[])?;
//! assert_eq!(seen.checkpoint.size(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;
use core::str::FromStr;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::digest::Digest;
use crate::note::{Note, NoteError, NoteKey, NoteSignature, NoteSigner, Signed};

/// A log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
    extensions: Vec<String>,
}

/// Why a text is not a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines, an empty one, or a last one without its end.
    #[error("a checkpoint has three lines or more, and none is empty")]
    Lines,
    /// The origin holds the end of a line, or nothing.
    #[error("the origin of a log is one line, and not empty")]
    Origin,
    /// The second line.
    #[error("the size of the tree (line 2) is not a decimal number without leading zeros")]
    Size,
    /// The third line.
    #[error("the root of the tree (line 3) is not 32 bytes in base64")]
    Root,
    /// Signed, but not by the log it is of.
    #[error("checkpoint of {0:?}, which is not the log that was asked for")]
    OtherLog(String),
    /// Signed by witnesses, but not by the log.
    #[error("the log's own signature is missing from the checkpoint")]
    NotByLog,
}

impl Checkpoint {
    /// A log of this origin with so many entries and this root. The origin is one line of text.
    pub fn new(origin: &str, size: u64, root: Digest) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.contains(char::is_control) {
            return Err(CheckpointError::Origin);
        }
        Ok(Self {
            origin: origin.into(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the log has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree of all entries.
    #[must_use]
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// Lines that some other log added; ours adds none.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// Signs it, for the log. It is up to the caller never to sign two that disagree.
    pub fn sign(&self, log: &NoteSigner) -> Result<SignedCheckpoint, CheckpointError> {
        let mut note = Note::new(&self.to_string())?;
        note.sign(log);
        Ok(SignedCheckpoint {
            checkpoint: self.clone(),
            note,
        })
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads the text of the note, strictly: what is read is written back byte for byte.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let lines: Vec<&str> = lines.split('\n').collect();
        let [origin, size, root, extensions @ ..] = &lines[..] else {
            return Err(CheckpointError::Lines);
        };
        if lines.iter().any(|line| line.is_empty()) {
            return Err(CheckpointError::Lines);
        }
        let size = decimal(size).ok_or(CheckpointError::Size)?;
        let root = hash_from_base64(root).ok_or(CheckpointError::Root)?;
        let mut checkpoint = Self::new(origin, size, root)?;
        checkpoint.extensions = extensions.iter().map(|line| (*line).into()).collect();
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    /// The text of the note.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.origin,
            self.size,
            hash_to_base64(self.root)
        )?;
        self.extensions
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A checkpoint and its signatures. Not to be believed before [`SignedCheckpoint::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// A checkpoint that its log has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<'a> {
    /// What the log said.
    pub checkpoint: &'a Checkpoint,
    /// The witnesses that cosigned it, of those that were asked about.
    pub witnesses: Vec<Signed<'a>>,
}

impl SignedCheckpoint {
    /// Reads a note whose text is a checkpoint.
    pub fn parse(note: &str) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        Ok(Self {
            checkpoint: note.text().parse()?,
            note,
        })
    }

    /// What it says. Not to be believed yet.
    #[must_use]
    pub const fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Adds the cosignature of a witness.
    pub fn add(&mut self, cosignature: NoteSignature) {
        self.note.add(cosignature);
    }

    /// Checks that it is of this log, that the log has signed it, and the cosignatures of the witnesses that are known.
    /// Signatures of strangers are passed over; one wrong signature of a known key spoils the checkpoint.
    pub fn verify<'a>(
        &'a self,
        log: &'a NoteKey,
        witnesses: &'a [NoteKey],
    ) -> Result<Seen<'a>, CheckpointError> {
        if self.checkpoint.origin != log.name().as_str() {
            return Err(CheckpointError::OtherLog(self.checkpoint.origin.clone()));
        }
        self.note
            .verify(core::slice::from_ref(log))
            .map_err(|error| match error {
                NoteError::NoKnownKey => CheckpointError::NotByLog,
                other => other.into(),
            })?;
        let mut witnesses = match self.note.verify(witnesses) {
            Err(NoteError::NoKnownKey) => Vec::new(),
            other => other?,
        };
        // A plain signature, such as the log's own, says nothing of what was seen before.
        witnesses.retain(|signed| signed.at.is_some());
        Ok(Seen {
            checkpoint: &self.checkpoint,
            witnesses,
        })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// A number in ASCII digits, without leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A hash in the base64 of notes (RFC 4648 §4).
pub(crate) fn hash_to_base64(hash: Digest) -> String {
    STANDARD.encode(hash.as_bytes())
}

/// Reads what [`hash_to_base64`] writes.
pub(crate) fn hash_from_base64(text: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests;
