//! Good and broken proofs of others.
//!
//! `vectors.jsonl` is the vectors in `testdata` of github.com/transparency-dev/merkle (Apache-2.0), one a line, named by
//! its file. Those of subtrees are the good proofs of that folder with the changes that their names stand for.
//!
//! The digests below are the accumulated vectors of draft-ietf-plants-merkle-tree-certs, "Subtree Test Vectors": every
//! proof in every tree up to 130 entries.

use crate::roots::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent_core::digest::Digest;
use consent_core::merkle::{
    self, Node, Subtree, leaf_hash, verify_consistency, verify_inclusion,
    verify_subtree_consistency, verify_subtree_inclusion,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::TryFromIntError;
use std::sync::LazyLock;

/// A hash. What has another length than one, as some vectors' roots have, stands for itself.
fn hash(value: &Value) -> Digest {
    let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap();
    match <[u8; 32]>::try_from(&bytes[..]) {
        Ok(hash) => Digest::from_bytes(hash),
        Err(_) => Digest::of(&[b"not a hash: ", &bytes[..]].concat()),
    }
}

/// Whether a vector verifies; `None` if our types cannot hold it: a part of no tree, a leaf without a hash.
fn verifies(kind: &str, vector: &Value) -> Option<bool> {
    let number = |name: &str| vector[name].as_u64().unwrap();
    let digest = |name: &str| hash(&vector[name]);
    let part = || Subtree::new(number("start"), number("end"));
    let leaf = || Some(digest("leafHash")).filter(|_| vector["leafHash"] != "");
    let proof = vector["proof"].as_array().map_or(&[][..], |proof| proof);
    let proof: Vec<Digest> = proof.iter().map(hash).collect();
    let result = match kind {
        "inclusion" => {
            let (index, size) = (number("leafIdx"), number("treeSize"));
            verify_inclusion(index, size, &leaf()?, &proof, &digest("root"))
        }
        "consistency" => {
            let (old, new) = (digest("root1"), digest("root2"));
            verify_consistency(number("size1"), number("size2"), &old, &new, &proof)
        }
        "subtreeinclusion" => {
            let index = number("leafIdx");
            verify_subtree_inclusion(index, part()?, &leaf()?, &proof, &digest("root"))
        }
        "subtreeconsistency" => {
            let (of_part, root) = (digest("root1"), digest("root2"));
            verify_subtree_consistency(part()?, number("size"), &of_part, &root, &proof)
        }
        other => panic!("{other}"),
    };
    Some(result.is_ok())
}

#[test]
fn proofs_of_others_are_judged_as_they_judge_them() {
    let mut counts = BTreeMap::new();
    for line in include_str!("vectors.jsonl").lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let (kind, _) = vector["name"].as_str().unwrap().split_once('/').unwrap();
        let expected = !vector["wantErr"].as_bool().unwrap();
        let verified = verifies(kind, &vector).unwrap_or(false);
        assert_eq!(verified, expected, "{line}");
        let (good, bad) = counts.entry(kind.to_owned()).or_insert((0, 0));
        *(if expected { good } else { bad }) += 1;
    }
    let expected = [
        ("consistency", (6, 92)),
        ("inclusion", (6, 92)),
        ("subtreeconsistency", (19, 266)),
        ("subtreeinclusion", (12, 192)),
    ];
    let expected = expected.map(|(kind, counts)| (kind.to_owned(), counts));
    assert_eq!(counts, BTreeMap::from(expected));
}

/// The size of the largest tree that the draft's digests are over.
const LARGEST: u8 = 130;

/// The leaves of the draft's tree: entry 0 is the byte 0, and so on.
static LEAVES: LazyLock<Vec<Digest>> =
    LazyLock::new(|| (0..LARGEST).map(|entry| leaf_hash(&[entry])).collect());

/// Its nodes, level by level.
static NODES: LazyLock<Vec<Vec<Digest>>> = LazyLock::new(|| {
    let levels = (0..8).map(|level| LEAVES.chunks_exact(1 << level));
    levels
        .map(|parts| parts.map(merkle::root_of).collect())
        .collect()
});

fn node(node: Node) -> Result<Digest, TryFromIntError> {
    let index = usize::try_from(node.index)?;
    Ok(NODES[usize::from(node.level)][index])
}

/// Each part in the order of the draft, as text too.
fn parts() -> impl Iterator<Item = (Subtree, String)> {
    let ends = 1..=u64::from(LARGEST);
    let ranges = ends.flat_map(|end| (0..end).map(move |start| (start, end)));
    ranges.filter_map(|(start, end)| {
        let part = Subtree::new(start, end)?;
        Some((part, format!("[{start}, {end})")))
    })
}

fn line(mut text: String, proof: &[Digest]) -> String {
    for hash in proof {
        write!(text, " {}", hex(hash)).unwrap();
    }
    text + "\n"
}

fn digest_of(lines: impl Iterator<Item = String>) -> String {
    let mut sha = Sha256::new();
    for line in lines {
        sha.update(line);
    }
    hex(&Digest::from_bytes(sha.finalize().into()))
}

#[test]
fn all_parts_of_small_trees_have_the_roots_of_the_draft() {
    let lines = parts().map(|(part, text)| {
        let root = merkle::subtree_root(part, node).unwrap();
        line(text, &[root])
    });
    assert_eq!(
        digest_of(lines),
        "94a95384a8c69acea9b50d035a58285b3a777cb7a724005faa5e1f1e1190007f"
    );
}

#[test]
fn all_inclusion_proofs_in_parts_of_small_trees_are_those_of_the_draft() {
    let lines = parts().flat_map(|(part, text)| {
        (part.start()..part.end()).map(move |index| {
            let proof = merkle::subtree_inclusion_proof(index, part, node).unwrap();
            let root = merkle::subtree_root(part, node).unwrap();
            let leaf = LEAVES[usize::try_from(index).unwrap()];
            assert_eq!(
                verify_subtree_inclusion(index, part, &leaf, &proof, &root),
                Ok(()),
                "{index} {text}"
            );
            line(format!("{index} {text}"), &proof)
        })
    });
    assert_eq!(
        digest_of(lines),
        "ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f"
    );
}

#[test]
fn all_consistency_proofs_of_parts_of_small_trees_are_those_of_the_draft() {
    let lines = (0..=u64::from(LARGEST)).flat_map(|size| {
        let root = merkle::root(size, node).unwrap();
        let held = parts().take_while(move |(part, _)| part.end() <= size);
        held.map(move |(part, text)| {
            let proof = merkle::subtree_consistency_proof(part, size, node).unwrap();
            let of_part = merkle::subtree_root(part, node).unwrap();
            assert_eq!(
                verify_subtree_consistency(part, size, &of_part, &root, &proof),
                Ok(()),
                "{text} {size}"
            );
            line(format!("{text} {size}"), &proof)
        })
    });
    assert_eq!(
        digest_of(lines),
        "c586ebbb73a5621baf2140095d87dde934e3b6503a562a1a5215b8209edd083d"
    );
}
