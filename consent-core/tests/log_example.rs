//! The example of docs/log.md, checked as that page says.
#![cfg(feature = "log")]

use consent_core::merkle::{leaf_hash, receipt_entry, verify_inclusion};
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;

#[test]
fn the_documented_proof_verifies() {
    let page = include_str!("../../docs/log.md");
    let blocks: Vec<&str> = page
        .split("```text\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let [checkpoint, vkey, receipt, proof] = blocks[..] else {
        panic!("not the four blocks of the example");
    };
    let key: NoteKey = vkey.trim().parse().unwrap();
    let proof: TlogProof = proof.parse().unwrap();
    assert_eq!(proof.checkpoint.to_string(), checkpoint);
    let seen = proof.checkpoint.verify(&key, &[]).unwrap();
    let salt = proof.extra.as_deref().unwrap().try_into().unwrap();
    let leaf = leaf_hash(receipt_entry(salt, receipt.trim()).as_bytes());
    let (size, root) = (seen.checkpoint.size(), seen.checkpoint.root());
    verify_inclusion(proof.index, size, &leaf, &proof.hashes, &root).unwrap();
}
