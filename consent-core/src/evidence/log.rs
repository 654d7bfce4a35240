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
use crate::time::UnixSeconds;
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
pub(super) struct LoggedPart {
    pub(super) proof: TlogProof,
    pub(super) log: NoteKey,
    pub(super) witnesses: Vec<NoteKey>,
}

/// The log's part of an archive, if it has one; says what is wrong with its form.
pub(super) fn read(archive: &Archive) -> Result<Option<LoggedPart>, String> {
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
    Ok(Some(LoggedPart {
        proof,
        log,
        witnesses: keys,
    }))
}

/// Whether a proof leads from this receipt to its checkpoint, and the log has signed that: what was seen, or what is wrong.
pub fn included(proof: &TlogProof, receipt: &str, log: &NoteKey) -> Result<String, String> {
    let salt = proof.salt();
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

/// How far the clocks of a server, of its witnesses and of authorities may be apart, in seconds.
const CLOCKS_APART: i64 = 3600;

/// Which of these witnesses have cosigned, and when: `None` where none has, or what is wrong. Nobody can have seen a
/// receipt before it was signed.
pub fn witnessed(
    checkpoint: &SignedCheckpoint,
    log: &NoteKey,
    witnesses: &[NoteKey],
    signed_at: Option<UnixSeconds>,
) -> Result<Option<String>, String> {
    let seen = checkpoint
        .verify(log, witnesses)
        .map_err(|error| error.to_string())?;
    for signed in &seen.witnesses {
        if let (Some(at), Some(signed_at)) = (signed.at, signed_at) {
            not_before(signed.key.name(), at, signed_at)?;
        }
    }
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

/// Whether somebody can have seen at this moment what was signed at that one; says why not. Their clocks may be an
/// hour apart.
pub fn not_before(
    who: impl core::fmt::Display,
    at: UnixSeconds,
    signed_at: UnixSeconds,
) -> Result<(), String> {
    if at.get() + CLOCKS_APART >= signed_at.get() {
        return Ok(());
    }
    let [at, signed_at] = [at, signed_at].map(UnixSeconds::to_rfc3339);
    Err(format!(
        "{who} says that it saw this log at {at}, before the receipt in it was signed at {signed_at}"
    ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::cosignature::Cosigner;
    use crate::note::NoteSigner;

    const ORIGIN: &str = "log.example/shop";

    fn log() -> NoteSigner {
        NoteSigner::from_seed(ORIGIN.parse().unwrap(), &[1; 32])
    }

    fn leaves() -> Vec<Digest> {
        (0..5_u8).map(|n| merkle::leaf_hash(&[n])).collect()
    }

    fn signed(leaves: &[Digest]) -> SignedCheckpoint {
        let size = leaves.len().try_into().unwrap();
        Checkpoint::new(ORIGIN, size, merkle::root_of(leaves))
            .and_then(|checkpoint| checkpoint.sign(&log()))
            .unwrap()
    }

    #[test]
    fn a_log_that_shows_two_trees_is_found_out() {
        let leaves = leaves();
        let (held, shown) = (signed(&leaves[..3]), signed(&leaves));
        let proof = merkle::consistency_proof(3, 5, |node| {
            let place = |n: u64| usize::try_from(n).unwrap();
            Ok::<_, core::convert::Infallible>(merkle::root_of(
                &leaves[place(node.first())..place(node.end())],
            ))
        })
        .unwrap();
        let compare = |held: &SignedCheckpoint| consistent(held, &shown, log().key(), Some(&proof));
        assert_eq!(
            compare(&held).unwrap().as_deref(),
            Some("size 3 is the beginning of size 5")
        );
        assert_eq!(compare(&shown).unwrap().as_deref(), Some("the same tree"));
        let mut others = leaves.clone();
        others[1] = others[2];
        for forked in [signed(&others[..3]), signed(&others)] {
            assert!(
                compare(&forked)
                    .unwrap_err()
                    .contains("keep both checkpoints")
            );
        }
    }

    #[test]
    fn a_witness_cosigns_and_not_before_the_receipt_was_signed() {
        let witness = Cosigner::from_seed("w.example/1".parse().unwrap(), &[2; 32]);
        let at = UnixSeconds::new(1_795_316_891).unwrap();
        let later = |seconds| UnixSeconds::new(at.get() + seconds).ok();
        let mut shown = signed(&leaves());
        shown.add(witness.cosign(shown.note(), at));
        let log = log();
        let by = |key: &NoteKey, signed_at| {
            witnessed(&shown, log.key(), core::slice::from_ref(key), signed_at)
        };
        for signed_at in [None, Some(at), later(3600)] {
            assert_eq!(
                by(witness.key(), signed_at).unwrap().as_deref(),
                Some("w.example/1 at 2026-11-22T03:08:11Z")
            );
        }
        assert!(
            by(witness.key(), later(3601))
                .unwrap_err()
                .contains("before the receipt")
        );
        // The log's own signature is nobody else's.
        assert_eq!(by(log.key(), Some(at)), Ok(None));
    }
}
