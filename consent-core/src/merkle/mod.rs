//! The mathematics of a transparency log: one tree over all entries, and short proofs about it.
//!
//! Hashing is that of RFC 6962 §2.1 and RFC 9162 §2.1: a leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖
//! right), and a tree that is not full splits at the largest power of two below its size.
//!
//! | who | uses |
//! | --- | --- |
//! | writes a log | [`receipt_entry`], [`artefact_entry`], [`Edge`] |
//! | serves it | [`Tile`], [`inclusion_proof`], [`consistency_proof`] |
//! | checks it | [`verify_inclusion`], [`verify_consistency`] |
//!
//! ```
//! use consent_core::merkle::{self, Edge, Node};
//!
//! // An entry says nothing about the receipt to whoever has not the salt. The salt is random.
//! let entries = [1_u8, 2, 3].map(|n| merkle::receipt_entry(&[n; 32], "a.signed.receipt"));
//! let leaves = entries.map(|entry| merkle::leaf_hash(entry.as_bytes()));
//!
//! let mut edge = Edge::new();
//! for leaf in leaves {
//!     edge.push(leaf, |_full_tile, _hashes| ());
//! }
//!
//! // Any hash of the tree can be had from the leaves; a server reads tiles instead.
//! let node = |node: Node| -> Result<_, std::convert::Infallible> {
//!     let first = usize::try_from(node.first()).unwrap();
//!     let last = usize::try_from(node.end()).unwrap();
//!     Ok(merkle::root_of(&leaves[first..last]))
//! };
//! let proof = merkle::inclusion_proof(1, 3, node)?;
//! assert_eq!(merkle::verify_inclusion(1, 3, &leaves[1], &proof, &edge.root()), Ok(()));
//! # Ok::<(), merkle::ProveError<std::convert::Infallible>>(())
//! ```

mod edge;
mod entry;
mod hasher;
mod prove;
mod reader;
mod subtree;
mod tile;
mod verify;

pub use edge::Edge;
pub use entry::{artefact_entry, receipt_entry};
pub use hasher::{Portable, TreeHasher, empty_root, leaf_hash, node_hash, root_of};
pub use prove::{
    Node, ProveError, consistency_proof, inclusion_proof, root, subtree_consistency_proof,
    subtree_inclusion_proof, subtree_root,
};
pub use reader::{ReadError, TileReader};
pub use subtree::Subtree;
pub use tile::{HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Tile, TileError};
pub use verify::{
    ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
