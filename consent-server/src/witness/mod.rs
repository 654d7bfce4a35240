//! A witness of other organisations' logs (C2SP tlog-witness), and how to ask one.
//!
//! A witness says that a log goes on from what it saw before. Two organisations that witness each other cannot rewrite their
//! logs unless both lie.

mod checkpoint;
mod client;
mod notebook;
mod router;

pub use client::{AskError, Endpoint, EndpointError, ask};
pub use notebook::{Notebook, NotebookError};
pub use router::router;

use crate::clock::Clock;
use crate::repeats;
use checkpoint::signed_by_log;
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::cosignature::Cosigner;
use consent_core::note::{NoteKey, NoteSignature};
use consent_core::time::UnixSeconds;
use consent_core::witness::{AddCheckpoint, NotCosigned, decide};
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
    latest: Mutex<Latest>,
}

/// What was cosigned last.
#[derive(Debug, Default)]
struct Latest {
    checkpoint: Option<Arc<SignedCheckpoint>>,
    /// By this process, and when.
    cosigned: Option<(NoteSignature, UnixSeconds)>,
}

/// How long a cosignature is given again for the same checkpoint, in seconds. Anybody can show a witness what a log has
/// published: that must not make it sign and sync each time. A log that stands still gets a newer time after that.
const REPEATED: i64 = 60;

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// A log that this witness does not watch (status 404).
    #[error("no log of this name is watched here")]
    UnknownLog,
    /// The protocol says no.
    #[error(transparent)]
    Refused(#[from] NotCosigned),
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
            let checkpoint = notebook.read(&key, cosigner.key())?.map(Arc::new);
            let origin = key.name().to_string();
            let latest = Mutex::new(Latest {
                checkpoint,
                cosigned: None,
            });
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

    /// Cosigns a checkpoint, if the log goes on from what was seen of it. It is kept before this answers. One that was
    /// cosigned a moment ago gets the same cosignature. Blocks.
    pub fn add(&self, request: &AddCheckpoint) -> Result<NoteSignature, WitnessError> {
        let origin = request.checkpoint.unverified().origin();
        let watched = self.logs.get(origin).ok_or(WitnessError::UnknownLog)?;
        let mut latest = watched
            .latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known: Option<&Checkpoint> =
            latest.checkpoint.as_ref().map(|latest| latest.unverified());
        let decided = decide(request, &watched.key, known);
        if let Err(refusal @ (NotCosigned::Fork(_) | NotCosigned::Proof(_))) = &decided {
            // Signed by the log and not what it showed before: somebody should look. Or a stranger shows it with a wrong proof.
            let shown = format_args!("{origin}: {refusal}");
            repeats::tell("a log does not go on from what it showed before", &shown);
        }
        decided?;
        let now = self.clock.now();
        let is_known = latest
            .checkpoint
            .as_ref()
            .is_some_and(|latest| latest.note().text() == request.checkpoint.note().text());
        if let Some((signature, at)) = &latest.cosigned
            && is_known
            && now.get() - at.get() < REPEATED
        {
            return Ok(signature.clone());
        }
        let signature = self.cosigner.cosign(request.checkpoint.note(), now);
        let mut cosigned = signed_by_log(&request.checkpoint, &watched.key)?;
        cosigned.add(signature.clone());
        self.notebook.write(&cosigned)?;
        *latest = Latest {
            checkpoint: Some(Arc::new(cosigned)),
            cosigned: Some((signature.clone(), now)),
        };
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
        latest.checkpoint.clone()
    }
}
