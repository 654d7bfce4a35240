//! Good and broken proofs of others: `vectors.jsonl` is every inclusion and consistency vector in `testdata` of
//! github.com/transparency-dev/merkle (Apache-2.0), one a line, named by its file.
//!
//! That folder's other vectors are about proofs of subtrees, which this log neither makes nor reads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent_core::digest::Digest;
use consent_core::merkle::{verify_consistency, verify_inclusion};
use serde_json::Value;

/// A hash. What has another length than one, as some vectors' roots have, stands for itself.
fn hash(value: &Value) -> Digest {
    let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap();
    match <[u8; 32]>::try_from(&bytes[..]) {
        Ok(hash) => Digest::from_bytes(hash),
        Err(_) => Digest::of(&[b"not a hash: ", &bytes[..]].concat()),
    }
}

/// Whether a vector verifies; `None` if our types cannot hold it: a place below zero, a leaf without a hash.
fn verifies(vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64();
    let proof = vector["proof"].as_array().map_or(&[][..], |proof| proof);
    let proof: Vec<Digest> = proof.iter().map(hash).collect();
    let result = if vector["leafIdx"].is_null() {
        let (old, new) = (hash(&vector["root1"]), hash(&vector["root2"]));
        verify_consistency(number("size1")?, number("size2")?, &old, &new, &proof)
    } else {
        let (leaf, root) = (&vector["leafHash"], hash(&vector["root"]));
        let leaf = Some(hash(leaf)).filter(|_| leaf != "")?;
        verify_inclusion(
            number("leafIdx")?,
            number("treeSize")?,
            &leaf,
            &proof,
            &root,
        )
    };
    Some(result.is_ok())
}

#[test]
fn proofs_of_others_are_judged_as_they_judge_them() {
    let (mut good, mut bad) = (0, 0);
    for line in include_str!("vectors.jsonl").lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let expected = !vector["wantErr"].as_bool().unwrap();
        assert_eq!(verifies(&vector).unwrap_or(false), expected, "{line}");
        *(if expected { &mut good } else { &mut bad }) += 1;
    }
    assert_eq!((good, bad), (13, 182));
}
