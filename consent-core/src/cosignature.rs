//! Cosignatures (C2SP tlog-cosignature, version 1 for Ed25519): a witness says when it saw a checkpoint, and that it is
//! consistent with all that it saw of that log before.
//!
//! ```
//! use consent_core::checkpoint::Checkpoint;
//! use consent_core::cosignature::Cosigner;
//! # use consent_core::digest::Digest;
//! # use consent_core::note::Note;
//! # use consent_core::time::UnixSeconds;
//! let witness = Cosigner::from_seed("witness.example/w1".parse()?, &[9; 32]); // real seeds are random
//! let checkpoint = Checkpoint::new("log.example/shop", 3, Digest::of(b"the tree's root"))?;
//! let mut note = Note::new(&checkpoint.to_string())?;
//! note.add(witness.cosign(&note, UnixSeconds::new(1_795_316_891)?));
//!
//! let keys = [witness.key().clone()];
//! assert_eq!(note.verify(&keys)?[0].at, Some(UnixSeconds::new(1_795_316_891)?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::vec::Vec;

use crate::note::{Algorithm, KeyName, Note, NoteKey, NoteSignature, NoteSigner, message};
use crate::time::UnixSeconds;

/// The key of a witness. One for all the logs it watches, and for nothing else.
#[derive(Debug)]
pub struct Cosigner(NoteSigner);

impl Cosigner {
    /// The key of a 32-byte seed, which must come from a cryptographic source of randomness.
    #[must_use]
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(NoteSigner::of_seed(name, Algorithm::Cosignature, seed))
    }

    /// Signs with a function that makes the Ed25519 signatures of the key of these 32 bytes; `None` when they are no key.
    #[must_use]
    pub fn with(
        name: KeyName,
        public: &[u8; 32],
        sign: impl Fn(&[u8]) -> [u8; 64] + Send + Sync + 'static,
    ) -> Option<Self> {
        let key = NoteKey::new(name, Algorithm::Cosignature, public)?;
        Some(Self(NoteSigner::with(key, sign)))
    }

    /// The half that can be published.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        self.0.key()
    }

    /// Signs the text of a checkpoint and the time. Whoever calls this has checked the log's signature and the proof of
    /// consistency: that is what a cosignature says.
    #[must_use]
    pub fn cosign(&self, checkpoint: &Note, at: UnixSeconds) -> NoteSignature {
        let mut bytes = at.get().to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.0.sign(message(checkpoint.text(), at).as_bytes()));
        NoteSignature::new(self.key(), &bytes)
    }
}

/// The moments at which these witnesses cosigned, oldest first.
#[must_use]
pub fn moments(signed: &[crate::note::Signed<'_>]) -> Vec<UnixSeconds> {
    let mut moments: Vec<_> = signed.iter().filter_map(|signed| signed.at).collect();
    moments.sort_unstable();
    moments
}
