//! The parts of a tree that proofs can be about.

/// The entries from `start` on and before `end`, whose root stands in every tree over them or can be made from its
/// hashes: `start` is a multiple of the smallest power of two that is not below their number
/// (draft-ietf-plants-merkle-tree-certs, "Definition of a Subtree").
///
/// A leaf is one, an older tree is one, a [tile](super::Tile) is one. So an inclusion proof and a consistency proof
/// are the same thing about different parts.
///
/// ```
/// use consent_core::merkle::{self, Node, Subtree};
///
/// let leaves = [0_u8, 1, 2, 3, 4, 5, 6].map(|n| merkle::leaf_hash(&[n]));
/// let node = |node: Node| -> Result<_, std::convert::Infallible> {
///     let first = usize::try_from(node.first()).unwrap();
///     let last = usize::try_from(node.end()).unwrap();
///     Ok(merkle::root_of(&leaves[first..last]))
/// };
/// // Who was given entries 4, 5 and 6 checks that they are what the tree of seven has there.
/// let given = Subtree::new(4, 7).unwrap();
/// let proof = merkle::subtree_consistency_proof(given, 7, node)?;
/// let (part, root) = (merkle::root_of(&leaves[4..]), merkle::root_of(&leaves));
/// assert_eq!(merkle::verify_subtree_consistency(given, 7, &part, &root, &proof), Ok(()));
///
/// assert_eq!(Subtree::new(3, 7), None);
/// # Ok::<(), merkle::ProveError<std::convert::Infallible>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    start: u64,
    end: u64,
}

impl Subtree {
    /// `None` if no tree has that part. An empty part is one of every tree.
    #[must_use]
    pub const fn new(start: u64, end: u64) -> Option<Self> {
        let Some(width) = end.checked_sub(start) else {
            return None;
        };
        let is_one = match width.checked_next_power_of_two() {
            Some(step) => start.is_multiple_of(step),
            // Wider than half of all places.
            None => start == 0,
        };
        if is_one {
            Some(Self { start, end })
        } else {
            None
        }
    }

    /// The whole tree over this many entries.
    #[must_use]
    pub const fn tree(size: u64) -> Self {
        Self {
            start: 0,
            end: size,
        }
    }

    /// One entry; `None` for that at the last number there is, behind which no part can end.
    #[must_use]
    pub const fn entry(index: u64) -> Option<Self> {
        match index.checked_add(1) {
            Some(end) => Some(Self { start: index, end }),
            None => None,
        }
    }

    /// Its first entry.
    #[must_use]
    pub const fn start(self) -> u64 {
        self.start
    }

    /// The entry after its last.
    #[must_use]
    pub const fn end(self) -> u64 {
        self.end
    }

    /// How many entries it has.
    #[must_use]
    pub const fn width(self) -> u64 {
        self.end - self.start
    }

    /// Whether it has none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether this entry is in it.
    #[must_use]
    pub const fn has(self, index: u64) -> bool {
        self.start <= index && index < self.end
    }
}
