//! The log's part of an evidence file: the proof that the receipt is in it, and who else has seen that.

use core::fmt::Write as _;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::names;
use crate::archive::Archive;
use crate::checkpoint::SignedCheckpoint;
use crate::digest::Digest;
use crate::merkle;
use crate::note::NoteKey;
use crate::tlog_proof::TlogProof;

/// What a log says about a receipt.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'a> {
    /// The proof of inclusion, with the entry's salt as its additional data.
    pub proof: &'a TlogProof,
    /// The log's key.
    pub log: &'a NoteKey,
    /// The keys of the witnesses that cosign it.
    pub witnesses: &'a [NoteKey],
    /// The answer of an authority about the checkpoint's text (RFC 3161). It is carried; checking it is not this crate's.
    pub timestamp: Option<&'a [u8]>,
}

impl Logged<'_> {
    pub(super) fn put_into(&self, archive: &mut Archive) {
        let mut add = |name, text: String| archive.insert(name, text.into_bytes());
        add(names::PROOF, self.proof.to_string());
        add(
            names::CHECKPOINT,
            self.proof.checkpoint.note().text().into(),
        );
        let keys = core::iter::once(self.log).chain(self.witnesses);
        let mut list = String::new();
        for key in keys {
            let _ = writeln!(list, "{key}");
        }
        add(names::LOG_KEYS, list);
        if let Some(timestamp) = self.timestamp {
            archive.insert(names::TIMESTAMP, timestamp.to_vec());
        }
    }
}

/// The log's part, read again.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) proof: TlogProof,
    pub(super) log: NoteKey,
    pub(super) witnesses: Vec<NoteKey>,
}

/// The log's part of an archive, if it has one; says what is wrong with its form.
pub(super) fn read(archive: &Archive) -> Result<Option<Read>, String> {
    let text = |name: &str| {
        let bytes = archive.get(name)?;
        Some(core::str::from_utf8(bytes).map_err(|_| format!("{name} is not text")))
    };
    let files = (
        text(names::PROOF),
        text(names::CHECKPOINT),
        text(names::LOG_KEYS),
    );
    let (proof, checkpoint, keys) = match files {
        (None, None, None) => return Ok(None),
        (Some(proof), Some(checkpoint), Some(keys)) => (proof?, checkpoint?, keys?),
        _ => {
            return Err(format!(
                "of {}, {} and {} some are missing",
                names::PROOF,
                names::CHECKPOINT,
                names::LOG_KEYS
            ));
        }
    };
    let proof: TlogProof = proof
        .parse()
        .map_err(|error| format!("{}: {error}", names::PROOF))?;
    if proof.checkpoint.note().text() != checkpoint {
        return Err(format!(
            "{} is not the text of the proof's checkpoint",
            names::CHECKPOINT
        ));
    }
    let lines = keys
        .strip_suffix('\n')
        .ok_or_else(|| format!("{} is cut short", names::LOG_KEYS))?;
    let keys: Result<Vec<NoteKey>, _> = lines.split('\n').map(str::parse).collect();
    let mut keys = keys.map_err(|error| format!("{}: {error}", names::LOG_KEYS))?;
    let log = keys.remove(0);
    Ok(Some(Read {
        proof,
        log,
        witnesses: keys,
    }))
}

/// Whether a proof leads from this receipt to its checkpoint, and the log has signed that: what was seen, or what is wrong.
pub fn included(proof: &TlogProof, receipt: &str, log: &NoteKey) -> Result<String, String> {
    let salt = proof
        .extra
        .as_deref()
        .and_then(|salt| <&[u8; 32]>::try_from(salt).ok());
    let salt = salt.ok_or("the proof does not hold the entry's salt of 32 bytes")?;
    let seen = proof
        .checkpoint
        .verify(log, &[])
        .map_err(|error| error.to_string())?;
    let leaf = merkle::leaf_hash(merkle::receipt_entry(salt, receipt).as_bytes());
    let (size, root) = (seen.checkpoint.size(), seen.checkpoint.root());
    merkle::verify_inclusion(proof.index, size, &leaf, &proof.hashes, &root)
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "entry {} of the {size} of {}",
        proof.index,
        seen.checkpoint.origin()
    ))
}

/// Which of these witnesses have cosigned, and when: `None` where none has, or what is wrong.
pub fn witnessed(
    checkpoint: &SignedCheckpoint,
    log: &NoteKey,
    witnesses: &[NoteKey],
) -> Result<Option<String>, String> {
    let seen = checkpoint
        .verify(log, witnesses)
        .map_err(|error| error.to_string())?;
    let seen: Vec<String> = seen
        .witnesses
        .iter()
        .map(|signed| match signed.at {
            Some(at) => format!("{} at {}", signed.key.name(), at.to_rfc3339()),
            None => signed.key.name().to_string(),
        })
        .collect();
    Ok((!seen.is_empty()).then(|| seen.join(", ")))
}

/// Whether a log that showed one checkpoint can have shown the other, given the proof that the smaller is the beginning of
/// the larger: what was seen, `None` where that proof is missing, or what is wrong.
pub fn consistent(
    held: &SignedCheckpoint,
    shown: &SignedCheckpoint,
    log: &NoteKey,
    proof: Option<&[Digest]>,
) -> Result<Option<String>, String> {
    let held = held
        .verify(log, &[])
        .map_err(|error| format!("the checkpoint that you hold: {error}"))?
        .checkpoint;
    let shown = shown.unverified();
    let (old, new) = if held.size() <= shown.size() {
        (held, shown)
    } else {
        (shown, held)
    };
    let forked = |why: String| {
        format!(
            "the log has shown two trees that do not fit each other ({why}): keep both checkpoints"
        )
    };
    if old.size() == new.size() {
        return if old.root() == new.root() {
            Ok(Some("the same tree".into()))
        } else {
            Err(forked(format!("two roots of size {}", old.size())))
        };
    }
    let Some(proof) = proof else { return Ok(None) };
    merkle::verify_consistency(old.size(), new.size(), &old.root(), &new.root(), proof)
        .map_err(|error| forked(error.to_string()))?;
    Ok(Some(format!(
        "size {} is the beginning of size {}",
        old.size(),
        new.size()
    )))
}
