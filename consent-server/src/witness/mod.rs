//! A witness of other organisations' logs (C2SP tlog-witness), and how to ask one.
//!
//! A witness says that a log goes on from what it saw before. Two organisations that witness each other cannot rewrite their
//! logs unless both lie.

mod client;
mod notebook;
mod router;

pub use client::{AskError, Endpoint, EndpointError, ask};
pub use notebook::{Notebook, NotebookError};
pub use router::router;

use crate::clock::Clock;
use consent_core::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use consent_core::cosignature::Cosigner;
use consent_core::note::{Note, NoteKey, NoteSignature};
use consent_core::witness::{AddCheckpoint, Refusal, decide};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A witness: its key, the logs it watches, and what it last saw of each.
#[derive(Debug)]
pub struct Witness {
    cosigner: Cosigner,
    notebook: Notebook,
    logs: BTreeMap<String, Watched>,
    clock: Clock,
}

#[derive(Debug)]
struct Watched {
    key: NoteKey,
    /// Locked for as long as a checkpoint is looked at, kept and signed: two requests at once cannot roll it back.
    latest: Mutex<Option<Arc<SignedCheckpoint>>>,
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A log that this witness does not watch (status 404).
    #[error("no log of this name is watched here")]
    UnknownLog,
    /// The protocol says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It could not be kept (status 500).
    #[error(transparent)]
    Notebook(#[from] NotebookError),
}

impl Witness {
    /// Watches the logs of these keys, and goes on from what the notebook holds.
    pub fn new(
        cosigner: Cosigner,
        logs: Vec<NoteKey>,
        notebook: Notebook,
        clock: Clock,
    ) -> Result<Self, NotebookError> {
        let mut watched = BTreeMap::new();
        for key in logs {
            let latest = notebook.read(&key, cosigner.key())?.map(Arc::new);
            let origin = key.name().to_string();
            let latest = Mutex::new(latest);
            watched.insert(origin, Watched { key, latest });
        }
        Ok(Self {
            cosigner,
            notebook,
            logs: watched,
            clock,
        })
    }

    /// The witness's key.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        self.cosigner.key()
    }

    /// Cosigns a checkpoint, if the log goes on from what was seen of it. It is kept before this answers. Blocks.
    pub fn add(&self, request: &AddCheckpoint) -> Result<NoteSignature, WitnessError> {
        let origin = request.checkpoint.unverified().origin();
        let watched = self.logs.get(origin).ok_or(WitnessError::UnknownLog)?;
        let mut latest = watched
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known: Option<&Checkpoint> = latest.as_ref().map(|latest| latest.unverified());
        let decided = decide(request, &watched.key, known);
        if let Err(refusal @ (Refusal::Fork(_) | Refusal::Proof(_))) = &decided {
            // Signed by the log and not what it showed before: somebody should look.
            tracing::warn!(origin, %refusal, checkpoint = %request.checkpoint, "a log does not go on from what it showed before");
        }
        decided?;
        let signature = self
            .cosigner
            .cosign(request.checkpoint.note(), self.clock.now());
        let mut cosigned = signed_by_log(&request.checkpoint, &watched.key)?;
        cosigned.add(signature.clone());
        self.notebook.write(&cosigned)?;
        *latest = Some(Arc::new(cosigned));
        Ok(signature)
    }

    /// What was cosigned last of the log whose origin has this SHA-256, in lower-case hexadecimal.
    #[must_use]
    pub fn latest(&self, name: &str) -> Option<Arc<SignedCheckpoint>> {
        let mut logs = self.logs.iter();
        let (_, watched) = logs.find(|(origin, _)| notebook::name_of(origin) == name)?;
        let latest = watched
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        latest.clone()
    }
}

/// The checkpoint with the log's signature, which was verified, and none of the lines that anybody may add to it.
fn signed_by_log(
    checkpoint: &SignedCheckpoint,
    log: &NoteKey,
) -> Result<SignedCheckpoint, Refusal> {
    let signatures = checkpoint.note().signatures().iter();
    let signature = signatures.filter(|line| line.is_of(log)).take(1).cloned();
    only(checkpoint.note().text(), signature).map_err(Refusal::Signature)
}

/// A checkpoint with these signatures.
fn only(
    text: &str,
    signatures: impl IntoIterator<Item = NoteSignature>,
) -> Result<SignedCheckpoint, CheckpointError> {
    let mut note = Note::new(text)?;
    for signature in signatures {
        note.add(signature);
    }
    SignedCheckpoint::parse(&note.to_string())
}
