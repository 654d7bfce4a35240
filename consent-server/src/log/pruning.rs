//! Pruning, as C2SP tlog-tiles has it: the beginning of the log is no longer given out once all its receipts are gone.
//!
//! Nothing is deleted: proofs for what is still stored need the hashes, and so does the check of the whole.

use super::LogError;
use crate::store::LogStore;
use consent_core::merkle::{TILE_WIDTH, Tile};

/// Raises the minimum index to the first receipt that is still stored, less what does not fill a tile, and at most to
/// the end of what is signed. Answers the new one; `None` if it stays. A dry run changes nothing. Blocks.
pub fn prune(store: &dyn LogStore, signed: u64, dry_run: bool) -> Result<Option<u64>, LogError> {
    let Some(first) = store.first_living()? else {
        return Ok(None);
    };
    let width = u64::from(TILE_WIDTH);
    let minimum = first.min(signed) / width * width;
    if minimum <= store.log_state()?.minimum {
        return Ok(None);
    }
    Ok((dry_run || store.raise_minimum(minimum)?).then_some(minimum))
}

/// Whether all that a tile spans, when it is full, lies before the minimum index.
pub(super) fn is_pruned(tile: Tile, minimum: u64) -> bool {
    let spans = 8 * (u32::from(tile.level()) + 1);
    let end = 1_u64
        .checked_shl(spans)
        .and_then(|span| span.checked_mul(tile.index() + 1));
    end.is_some_and(|end| end <= minimum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_pruned_when_its_end_is_and_whatever_part_of_it_is_asked_for() {
        let pruned = |path: &str, minimum| is_pruned(path.parse().unwrap(), minimum);
        assert!(!pruned("0/000", 255));
        assert!(pruned("0/000", 256));
        assert!(pruned("0/000.p/7", 256));
        assert!(!pruned("0/001", 256));
        assert!(!pruned("1/000", 65_535));
        assert!(pruned("1/000", 65_536));
        assert!(!pruned("7/000", u64::MAX));
    }
}
