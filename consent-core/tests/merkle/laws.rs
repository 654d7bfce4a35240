//! What holds for every tree: from its tiles come its root and its proofs, and nothing else verifies.

use consent_core::digest::Digest;
use consent_core::merkle::{
    self, Edge, HASH_BYTES, ProveError, ReadError, Tile, TileError, TileReader, consistency_proof,
    inclusion_proof, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Large enough for tiles on three levels.
const LARGEST: u64 = 66_000;

struct Log {
    edge: Edge,
    full: BTreeMap<(u8, u64), Vec<u8>>,
    edges: Vec<Edge>,
}

fn leaf(index: u64) -> Digest {
    merkle::leaf_hash(&index.to_be_bytes())
}

fn leaves(size: u64) -> Vec<Digest> {
    (0..size).map(leaf).collect()
}

fn bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

impl Log {
    fn of(size: u64) -> Self {
        let mut log = Self {
            edge: Edge::new(),
            full: BTreeMap::new(),
            edges: vec![Edge::new()],
        };
        for index in 0..size {
            log.edge.push(leaf(index), |tile, hashes| {
                assert!(tile.is_full() && hashes.len() == 256);
                let before = log.full.insert((tile.level(), tile.index()), bytes(hashes));
                assert_eq!(before, None);
            });
            if index < 1500 {
                log.edges.push(log.edge.clone());
            }
        }
        log
    }

    fn tile(&self, tile: Tile) -> Vec<u8> {
        let width = usize::from(tile.width()) * HASH_BYTES;
        if let Some(full) = self.full.get(&(tile.level(), tile.index())) {
            return full[..width].to_vec();
        }
        let mut partial = self.edge.partial();
        let held =
            partial.find(|(held, _)| (held.level(), held.index()) == (tile.level(), tile.index()));
        bytes(held.unwrap().1)[..width].to_vec()
    }

    fn reader(&self, size: u64) -> TileReader<impl FnMut(Tile) -> Result<Vec<u8>, Infallible>> {
        TileReader::new(size, |tile| Ok(self.tile(tile)))
    }

    fn root(&self, size: u64) -> Digest {
        let mut reader = self.reader(size);
        merkle::root(size, |node| reader.node(node)).unwrap()
    }

    fn inclusion(&self, index: u64, size: u64) -> Vec<Digest> {
        let mut reader = self.reader(size);
        inclusion_proof(index, size, |node| reader.node(node)).unwrap()
    }

    fn consistency(&self, old: u64, size: u64) -> Vec<Digest> {
        let mut reader = self.reader(size);
        consistency_proof(old, size, |node| reader.node(node)).unwrap()
    }
}

static LOG: std::sync::LazyLock<Log> = std::sync::LazyLock::new(|| Log::of(LARGEST));

/// Small sizes, those around the ends of tiles, and others.
fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![1..40_u64, 250..260_u64, 65_530..65_545_u64, 1..LARGEST]
}

#[test]
fn the_root_of_all_small_trees_is_that_of_their_definition() {
    let leaves = leaves(1500);
    for (size, edge) in LOG.edges.iter().enumerate() {
        let expected = merkle::root_of(&leaves[..size]);
        assert_eq!(edge.root(), expected, "{size}");
        assert_eq!(LOG.root(size as u64), expected, "{size}");
    }
}

#[test]
fn an_edge_is_loaded_from_its_tiles_and_goes_on() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 1499] {
        let edge = &LOG.edges[size];
        let mut loaded = <Edge>::load(size as u64, |tile| Ok::<_, Infallible>(LOG.tile(tile)))
            .unwrap()
            .unwrap();
        assert_eq!(loaded.root(), edge.root(), "{size}");
        loaded.push(leaf(size as u64), |_, _| ());
        assert_eq!(loaded.root(), LOG.root(size as u64 + 1));
        let short = <Edge>::load(300, |_| Ok::<_, Infallible>(vec![0; 31]));
        assert_eq!(short.unwrap(), None);
    }
}

#[test]
fn there_is_no_proof_outside_the_tree() {
    let mut reader = LOG.reader(7);
    let error = inclusion_proof(7, 7, |node| reader.node(node)).unwrap_err();
    assert_eq!(error, ProveError::OutOfTree { wanted: 7, size: 7 });
    for old in [0, 8] {
        let mut reader = LOG.reader(7);
        assert!(consistency_proof(old, 7, |node| reader.node(node)).is_err());
    }
    let node = merkle::Node { level: 3, index: 0 };
    assert_eq!(
        LOG.reader(7).node(node),
        Err(ReadError::Tile {
            tile: Tile::at(0, 0, 7).unwrap(),
            source: TileError::NotHere,
        })
    );
    assert_eq!(
        verify_inclusion(0, 0, &leaf(0), &[], &leaf(0)),
        Err(merkle::ProofError::OutOfTree)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_entry_is_proven_and_no_other(size in sizes(), at in any::<prop::sample::Index>(), other in any::<u64>(), flip in any::<prop::sample::Index>()) {
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let (root, proof) = (LOG.root(size), LOG.inclusion(index, size));
        prop_assert_eq!(verify_inclusion(index, size, &leaf(index), &proof, &root), Ok(()));

        prop_assert!(verify_inclusion(index, size, &leaf(index + 1), &proof, &root).is_err());
        let elsewhere = other % (size + 2);
        if elsewhere != index {
            prop_assert!(verify_inclusion(elsewhere, size, &leaf(index), &proof, &root).is_err());
        }
        prop_assert!(verify_inclusion(index, size, &leaf(index), &proof, &leaf(0)).is_err() || size == 1 && index == 0);
        let mut longer = proof.clone();
        longer.push(leaf(0));
        prop_assert!(verify_inclusion(index, size, &leaf(index), &longer, &root).is_err());
        if !proof.is_empty() {
            prop_assert!(verify_inclusion(index, size, &leaf(index), &proof[1..], &root).is_err());
            prop_assert!(verify_inclusion(index, size, &leaf(index), &flipped(&proof, flip), &root).is_err());
        }
    }

    #[test]
    fn every_older_tree_is_the_beginning_of_the_newer(one in sizes(), two in sizes(), flip in any::<prop::sample::Index>()) {
        let (old, size) = (one.min(two), one.max(two));
        let (old_root, root, proof) = (LOG.root(old), LOG.root(size), LOG.consistency(old, size));
        prop_assert_eq!(verify_consistency(old, size, &old_root, &root, &proof), Ok(()));

        let false_root = leaf(LARGEST);
        prop_assert!(verify_consistency(old, size, &false_root, &root, &proof).is_err());
        prop_assert!(verify_consistency(old, size, &old_root, &false_root, &proof).is_err());
        if old != size {
            prop_assert!(verify_consistency(size, old, &root, &old_root, &proof).is_err());
            prop_assert!(verify_consistency(old, size, &old_root, &root, &flipped(&proof, flip)).is_err());
            prop_assert!(verify_consistency(old, size, &old_root, &root, &proof[1..]).is_err());
        }
        let mut longer = proof.clone();
        longer.push(leaf(0));
        prop_assert!(verify_consistency(old, size, &old_root, &root, &longer).is_err());
    }

    #[test]
    fn an_edge_knows_the_parts_that_its_tiles_hold(size in 1..1500_u64, level in 0..9_u8, index in 0..1500_u64) {
        let node = merkle::Node { level, index };
        let edge = &LOG.edges[usize::try_from(size).unwrap()];
        if let Some(hash) = edge.node(node) {
            prop_assert_eq!(Ok(hash), LOG.reader(size).node(node));
        }
        // The parts that the root is made of are there.
        prop_assert_eq!(merkle::root(size, |node| edge.node(node).ok_or(node)), Ok(edge.root()));
    }

    #[test]
    fn any_tile_has_a_path_that_leads_back(level in 0..8_u8, index in any::<u64>(), size in any::<u64>()) {
        let index = index >> (u32::from(level + 1) * 8).min(63);
        if let Some(tile) = Tile::at(level, index, size) {
            prop_assert_eq!(tile.path().parse(), Ok(tile));
        }
    }
}

fn flipped(proof: &[Digest], at: prop::sample::Index) -> Vec<Digest> {
    let mut bytes = bytes(proof);
    let bit = at.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
        .chunks(HASH_BYTES)
        .map(|hash| Digest::from_bytes(hash.try_into().unwrap()))
        .collect()
}
