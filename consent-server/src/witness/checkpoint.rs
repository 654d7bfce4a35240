//! A checkpoint with some of its signatures.

use consent_core::checkpoint::{CheckpointError, SignedCheckpoint};
use consent_core::note::{Note, NoteKey, NoteSignature};
use consent_core::witness::NotCosigned;

/// The checkpoint with the log's signature, which was verified, and none of the lines that anybody may add to it.
pub(super) fn signed_by_log(
    checkpoint: &SignedCheckpoint,
    log: &NoteKey,
) -> Result<SignedCheckpoint, NotCosigned> {
    let signatures = checkpoint.note().signatures().iter();
    let signature = signatures.filter(|line| line.is_of(log)).take(1).cloned();
    only(checkpoint.note().text(), signature).map_err(NotCosigned::Signature)
}

/// A checkpoint with these signatures.
pub(super) fn only(
    text: &str,
    signatures: impl IntoIterator<Item = NoteSignature>,
) -> Result<SignedCheckpoint, CheckpointError> {
    let mut note = Note::new(text)?;
    for signature in signatures {
        note.add(signature);
    }
    SignedCheckpoint::parse(&note.to_string())
}
