//! The eight leaves and nine roots that implementations of RFC 6962 share
//! (github.com/transparency-dev/merkle, `testonly/constants.go`; the facts only).

use consent_core::digest::Digest;
use consent_core::merkle::{self, Edge};
use std::fmt::Write as _;

const LEAVES: [&[u8]; 8] = [
    &[],
    &[0x00],
    &[0x10],
    &[0x20, 0x21],
    &[0x30, 0x31],
    &[0x40, 0x41, 0x42, 0x43],
    &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
    &[
        0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e,
        0x6f,
    ],
];

/// The first and last digits, and all of the last one's.
const ROOTS: [(&str, &str); 9] = [
    ("e3b0c442", "b855"),
    ("6e340b9c", "a01d"),
    ("fac54203", "c125"),
    ("aeb6bcfe", "6e77"),
    ("d37ee418", "14b7"),
    ("4e3bbb1f", "64d4"),
    ("76e67dad", "87ef"),
    ("ddb89be4", "4c8c"),
    (
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        "",
    ),
];

#[test]
fn the_roots_are_those_of_rfc_6962() {
    let leaves = LEAVES.map(merkle::leaf_hash);
    let mut edge = Edge::new();
    for (size, (begin, end)) in ROOTS.iter().enumerate() {
        let root = hex(&edge.root());
        assert!(
            root.starts_with(begin) && root.ends_with(end),
            "{size}: {root}"
        );
        assert_eq!(merkle::root_of(&leaves[..size]), edge.root());
        if let Some(leaf) = leaves.get(size) {
            edge.push(*leaf, |_, _| ());
        }
    }
}

pub(crate) fn hex(digest: &Digest) -> String {
    digest
        .as_bytes()
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
}
