//! Asking a witness for its cosignature.

use crate::outgoing::{Address, AddressError, AwayError, Client, Limits, shown};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::note::{Note, NoteError, NoteKey, NoteKeyError, NoteSignature};
use consent_core::witness::AddCheckpoint;
use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

/// An answer is a disk write and a few signatures.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(10),
    bytes: 64 * 1024,
};

/// A witness: its key, and the address below which it takes checkpoints.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The key that its cosignatures are checked with.
    pub key: NoteKey,
    /// Like `https://witness.example`.
    pub url: Address,
}

/// Why a text does not name a witness.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Not two words.
    #[error(
        "a witness is its key and its address with a space between: NAME+ID+KEY https://witness.example/"
    )]
    Form,
    /// The key.
    #[error("the witness's key: {0}")]
    Key(#[from] NoteKeyError),
    /// The address.
    #[error("the witness's address: {0}")]
    Address(#[from] AddressError),
    /// What the witness's paths cannot follow.
    #[error("the witness's address: must end before the ?, for paths are added to it")]
    Query,
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (key, url) = text.trim().split_once(' ').ok_or(EndpointError::Form)?;
        let url: Address = url.trim().trim_end_matches('/').parse()?;
        if url.as_str().contains('?') {
            return Err(EndpointError::Query);
        }
        let key = key.parse()?;
        Ok(Self { key, url })
    }
}

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It did not answer.
    #[error("the witness did not answer: {0}")]
    Away(#[from] AwayError),
    /// It says no.
    #[error("the witness refused with status {}: {}", .0, shown(.1))]
    Refused(u16, String),
    /// It knows more of this log than the log itself.
    #[error(
        "the witness has seen this log with {0} entries, and now it has fewer: it was set back or copied. Nothing that was given out may be contradicted; see docs/log.md"
    )]
    SetBack(u64),
    /// It says that the log has shown two trees of one size.
    #[error("the witness has seen another tree of {0} entries: two logs run under one name")]
    Forked(u64),
    /// The answer is no cosignature.
    #[error("the witness's answer: {0}")]
    Answer(#[from] NoteError),
    /// The proof of consistency could not be made.
    #[error("the proof of consistency: {0}")]
    Prove(Box<dyn Error + Send + Sync>),
}

/// Asks a witness to cosign a checkpoint. `known` is the size that it saw last, as far as is known; `prove` makes the proof
/// between two sizes. Blocks, for some seconds at most.
pub fn ask(
    client: &Client,
    witness: &Endpoint,
    checkpoint: &SignedCheckpoint,
    known: u64,
    mut prove: impl FnMut(u64, u64) -> Result<Vec<Digest>, Box<dyn Error + Send + Sync>>,
) -> Result<NoteSignature, AskError> {
    let size = checkpoint.unverified().size();
    let mut old = known.min(size);
    for _ in 0..2 {
        let proof = if old == 0 || old == size {
            Vec::new()
        } else {
            prove(old, size).map_err(AskError::Prove)?
        };
        let request = AddCheckpoint {
            old,
            proof,
            checkpoint: checkpoint.clone(),
        };
        match send(client, witness, &request)? {
            Answer::Cosigned(lines) => return cosignature(witness, checkpoint, &lines),
            Answer::Knows(more) if more > size => return Err(AskError::SetBack(more)),
            Answer::Knows(same) if same == old => return Err(AskError::Forked(same)),
            Answer::Knows(other) => old = other,
        }
    }
    Err(AskError::Refused(
        409,
        "its size changes as it is asked".into(),
    ))
}

enum Answer {
    Cosigned(String),
    Knows(u64),
}

fn send(client: &Client, witness: &Endpoint, request: &AddCheckpoint) -> Result<Answer, AskError> {
    let url = format!("{}/add-checkpoint", witness.url.as_str());
    let request = request.to_string();
    let kind = "text/plain; charset=utf-8";
    let answer = client.post(&url, kind, request.as_bytes(), LIMITS)?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    match answer.status {
        200 => Ok(Answer::Cosigned(body)),
        409 => match body.trim().parse() {
            Ok(size) => Ok(Answer::Knows(size)),
            Err(_) => Err(AskError::Refused(409, body)),
        },
        status => Err(AskError::Refused(status, body)),
    }
}

/// The witness's own line of the answer, checked; lines of keys that are not known are passed over.
fn cosignature(
    witness: &Endpoint,
    checkpoint: &SignedCheckpoint,
    lines: &str,
) -> Result<NoteSignature, AskError> {
    let note = Note::parse(&format!("{}\n{lines}", checkpoint.note().text()))?;
    note.verify(std::slice::from_ref(&witness.key))?;
    let own = note
        .signatures()
        .iter()
        .find(|signature| signature.is_of(&witness.key));
    own.cloned().ok_or(AskError::Answer(NoteError::NoKnownKey))
}
