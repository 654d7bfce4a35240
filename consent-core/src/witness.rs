//! The witness protocol of transparency logs (C2SP tlog-witness): a log shows a witness its newest checkpoint and the proof
//! that it goes on from the last one; the witness remembers it and cosigns.
//!
//! This module reads and writes the requests, and decides. Keeping what was decided, before it is answered, is up to the
//! caller, and so is doing both for one log at a time.
//!
//! ```
//! use consent_core::checkpoint::Checkpoint;
//! use consent_core::merkle;
//! use consent_core::note::NoteSigner;
//! use consent_core::witness::{AddCheckpoint, NotCosigned, decide};
//!
//! let leaves = [1_u8, 2, 3].map(|n| merkle::leaf_hash(&[n]));
//! let log = NoteSigner::from_seed("log.example/shop".parse()?, &[7; 32]); // real seeds are random
//! let at = |size: usize| Checkpoint::new("log.example/shop", size as u64, merkle::root_of(&leaves[..size]));
//!
//! // A log that the witness has not seen before.
//! let first = AddCheckpoint { old: 0, proof: vec![], checkpoint: at(2)?.sign(&log)? };
//! let request: AddCheckpoint = first.to_string().parse()?;
//! let seen = decide(&request, log.key(), None)?.clone();
//!
//! // It goes on with one more entry, which is all that the proof has to show.
//! let second = AddCheckpoint { old: 2, proof: vec![leaves[2]], checkpoint: at(3)?.sign(&log)? };
//! assert!(decide(&second, log.key(), Some(&seen)).is_ok());
//!
//! // It comes again from an older state.
//! assert_eq!(decide(&first, log.key(), Some(&seen)), Err(NotCosigned::Size(2)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;
use core::str::FromStr;

use alloc::vec::Vec;

use crate::checkpoint::{
    Checkpoint, CheckpointError, SignedCheckpoint, decimal, hash_from_base64, hash_to_base64,
};
use crate::digest::Digest;
use crate::merkle;
use crate::note::NoteKey;

/// No proof of consistency is longer.
const MAX_HASHES: usize = 63;

/// What a log sends to `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness knows.
    pub old: u64,
    /// The proof that the tree of that size is the beginning of this one; empty for size 0.
    pub proof: Vec<Digest>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// Why a body is no request (status 400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The first line.
    #[error("the first line is not \"old \" and a decimal number")]
    Old,
    /// A line of the proof; the first is 1.
    #[error("hash {0} of the proof is not 32 bytes in base64")]
    Hash(usize),
    /// More hashes than there can be.
    #[error("a proof has at most {MAX_HASHES} hashes")]
    TooManyHashes,
    /// No empty line with a checkpoint below it.
    #[error("there is no empty line with a checkpoint below it")]
    NoCheckpoint,
    /// The checkpoint.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// Why a checkpoint is not cosigned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCosigned {
    /// The log has not signed it (status 403).
    #[error("the log has not signed the checkpoint: {0}")]
    Signature(CheckpointError),
    /// The old size is above that of the checkpoint (status 400).
    #[error("the old size is above that of the checkpoint")]
    Order,
    /// The witness knows another size (status 409, with that size).
    #[error("the last checkpoint that was cosigned has size {0}")]
    Size(u64),
    /// Two trees of one size: the log has shown two histories (status 409).
    #[error("the log has shown another tree of size {0} before")]
    Fork(u64),
    /// The proof does not lead from one to the other (status 422).
    #[error("the proof of consistency: {0}")]
    Proof(merkle::ProofError),
}

impl NotCosigned {
    /// The HTTP status that the standard gives it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Signature(_) => 403,
            Self::Order => 400,
            Self::Size(_) | Self::Fork(_) => 409,
            Self::Proof(_) => 422,
        }
    }
}

/// Whether a witness that last cosigned `latest` (nothing yet: `None`) cosigns this one. The caller has found the key by the
/// checkpoint's origin, keeps what this answers durably, and only then signs and answers.
pub fn decide<'a>(
    request: &'a AddCheckpoint,
    log: &NoteKey,
    latest: Option<&Checkpoint>,
) -> Result<&'a Checkpoint, NotCosigned> {
    let seen = request
        .checkpoint
        .verify(log, &[])
        .map_err(NotCosigned::Signature)?;
    let new = request.checkpoint.unverified();
    debug_assert_eq!(seen.checkpoint, new);
    if request.old > new.size() {
        return Err(NotCosigned::Order);
    }
    let known = latest.map_or(0, Checkpoint::size);
    if request.old != known {
        return Err(NotCosigned::Size(known));
    }
    match latest {
        Some(latest) if latest.size() == new.size() && latest.root() != new.root() => {
            Err(NotCosigned::Fork(new.size()))
        }
        // An empty tree is the beginning of any, and needs no proof.
        Some(latest) if latest.size() > 0 => {
            let (old, size) = (latest.size(), new.size());
            merkle::verify_consistency(old, size, &latest.root(), &new.root(), &request.proof)
                .map_err(NotCosigned::Proof)?;
            Ok(new)
        }
        _ if request.proof.is_empty() => Ok(new),
        _ => Err(NotCosigned::Proof(merkle::ProofError::Length)),
    }
}

impl FromStr for AddCheckpoint {
    type Err = RequestError;

    fn from_str(body: &str) -> Result<Self, RequestError> {
        let (head, checkpoint) = body.split_once("\n\n").ok_or(RequestError::NoCheckpoint)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old = old.and_then(decimal).ok_or(RequestError::Old)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_HASHES {
                return Err(RequestError::TooManyHashes);
            }
            proof.push(hash_from_base64(line).ok_or(RequestError::Hash(proof.len() + 1))?);
        }
        Ok(Self {
            old,
            proof,
            checkpoint: SignedCheckpoint::parse(checkpoint)?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", hash_to_base64(*hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::NoteSigner;
    use alloc::string::ToString as _;
    use proptest::prelude::*;

    const ORIGIN: &str = "log.example/shop";

    fn log(seed: u8) -> NoteSigner {
        NoteSigner::from_seed(ORIGIN.parse().unwrap(), &[seed; 32])
    }

    fn leaves(salt: u8, size: usize) -> Vec<Digest> {
        (0..size)
            .map(|n| Digest::of(&[&[salt][..], &n.to_le_bytes()].concat()))
            .collect()
    }

    fn checkpoint(leaves: &[Digest]) -> SignedCheckpoint {
        let root = merkle::root_of(leaves);
        let checkpoint = Checkpoint::new(ORIGIN, leaves.len() as u64, root);
        checkpoint.unwrap().sign(&log(1)).unwrap()
    }

    fn request(leaves: &[Digest], old: usize) -> AddCheckpoint {
        let size = leaves.len() as u64;
        let node = |node: merkle::Node| -> Result<Digest, core::convert::Infallible> {
            let range =
                usize::try_from(node.first()).unwrap()..usize::try_from(node.end()).unwrap();
            Ok(merkle::root_of(&leaves[range]))
        };
        let proof = match old {
            0 => Vec::new(),
            old => merkle::consistency_proof(old as u64, size, node).unwrap(),
        };
        AddCheckpoint {
            old: old as u64,
            proof,
            checkpoint: checkpoint(leaves),
        }
    }

    #[test]
    fn refusals_have_the_statuses_of_the_standard() {
        let all = leaves(0, 9);
        let (latest, key) = (checkpoint(&all[..5]), log(1).key().clone());
        let latest = Some(latest.unverified());
        let good = request(&all, 5);
        assert_eq!(
            decide(&good, &key, latest).unwrap(),
            good.checkpoint.unverified()
        );
        let status = |request: &AddCheckpoint, key: &NoteKey, latest| {
            decide(request, key, latest).unwrap_err().status()
        };
        assert_eq!(status(&good, log(2).key(), latest), 403);
        assert_eq!(
            decide(&request(&all, 4), &key, latest),
            Err(NotCosigned::Size(5))
        );
        assert_eq!(
            decide(&request(&all, 0), &key, latest),
            Err(NotCosigned::Size(5))
        );
        // Rolled back.
        assert_eq!(
            decide(&request(&all[..4], 4), &key, latest),
            Err(NotCosigned::Size(5))
        );
        assert_eq!(
            status(
                &AddCheckpoint {
                    old: 10,
                    ..good.clone()
                },
                &key,
                latest
            ),
            400
        );
        // Forked: the same size, and a larger one with the proof of the other history.
        let forked = leaves(1, 9);
        assert_eq!(
            decide(&request(&forked[..5], 5), &key, latest),
            Err(NotCosigned::Fork(5))
        );
        assert_eq!(status(&request(&forked, 5), &key, latest), 422);
        let proofless = AddCheckpoint {
            proof: Vec::new(),
            ..good.clone()
        };
        assert_eq!(status(&proofless, &key, latest), 422);
        // The first time there is nothing to prove.
        let first = request(&all, 0);
        assert!(decide(&first, &key, None).is_ok());
        let superfluous = AddCheckpoint {
            proof: Vec::from([all[0]]),
            ..first
        };
        assert_eq!(status(&superfluous, &key, None), 422);
        // The same again.
        let again = request(&all[..5], 5);
        assert!(again.proof.is_empty() && decide(&again, &key, latest).is_ok());
        // An empty tree was cosigned.
        let empty = checkpoint(&[]);
        assert!(decide(&request(&all, 0), &key, Some(empty.unverified())).is_ok());
    }

    #[test]
    fn what_is_no_request_is_refused_by_name() {
        let good = request(&leaves(0, 9), 5).to_string();
        for (from, to, error) in [
            ("old 5", "old 05", RequestError::Old),
            ("old 5", "new 5", RequestError::Old),
            ("old 5\n", "old 5\nAAAA\n", RequestError::Hash(1)),
            ("\n\n", "\n", RequestError::Hash(6)),
            (
                "\n9\n",
                "\nnine\n",
                RequestError::Checkpoint(CheckpointError::Size),
            ),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert_eq!(bad.parse::<AddCheckpoint>().unwrap_err(), error, "{from:?}");
        }
        let mut long = request(&leaves(0, 9), 5);
        long.proof = alloc::vec![Digest::of(b""); 64];
        assert_eq!(
            long.to_string().parse::<AddCheckpoint>(),
            Err(RequestError::TooManyHashes)
        );
    }

    proptest! {
        #[test]
        fn a_log_that_only_grows_is_always_cosigned(sizes in prop::collection::vec(0usize..60, 1..8)) {
            let all = leaves(0, 400);
            let (mut size, mut latest) = (0, None);
            for more in sizes {
                let request = request(&all[..size + more], size);
                let read: AddCheckpoint = request.to_string().parse().unwrap();
                prop_assert_eq!(&read, &request);
                latest = Some(decide(&read, log(1).key(), latest.as_ref()).unwrap().clone());
                size += more;
            }
        }

        #[test]
        fn a_log_that_changes_an_entry_is_never_cosigned(old in 1usize..50, more in 0usize..50, changed in 0usize..50) {
            let honest = leaves(0, old + more);
            let mut rewritten = honest.clone();
            rewritten[changed % old] = Digest::of(b"rewritten");
            let latest = checkpoint(&honest[..old]);
            let request = request(&rewritten, old);
            prop_assert!(decide(&request, log(1).key(), Some(latest.unverified())).is_err());
        }
    }
}
