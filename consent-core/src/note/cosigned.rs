//! What a cosignature signs (C2SP tlog-cosignature, version 1 for Ed25519), and whether it was signed.

use alloc::string::String;

use super::key::NoteKey;
use crate::time::UnixSeconds;

/// When the cosignature says it was made, if it is that of the key over this text.
pub(super) fn verify(key: &NoteKey, text: &str, signature: &[u8]) -> Option<UnixSeconds> {
    let (at, signature) = signature.split_first_chunk()?;
    let at = UnixSeconds::new(i64::from_be_bytes(*at)).ok()?;
    key.has_signed(message(text, at).as_bytes(), signature)
        .then_some(at)
}

/// The text of a checkpoint, and the time.
pub(crate) fn message(text: &str, at: UnixSeconds) -> String {
    alloc::format!("cosignature/v1\ntime {}\n{text}", at.get())
}
