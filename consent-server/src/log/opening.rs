//! What is checked before a log goes on: that the database leads to everything that was ever signed.

use super::LogError;
use super::keeper::Keeper;
use super::sequencer::{CHUNK, Sequencer, bytes_of};
use super::tiles::fetch;
use crate::clock::random;
use crate::data::DataFolder;
use crate::keys::StoredKey;
use crate::sha256::Edge;
use crate::store::{LogStore, StoreError};
use crate::url::BaseUrl;
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::digest::Digest;
use consent_core::merkle::{HASH_BYTES, Tile, empty_root};
use consent_core::note::NoteSigner;
use std::sync::Arc;
use tokio::sync::watch;

type Opened = (Sequencer, watch::Receiver<Arc<SignedCheckpoint>>);

/// Changes nothing in the database unless everything is in order.
pub(super) fn open(
    keeper: Keeper,
    store: Arc<dyn LogStore>,
    key: StoredKey,
    url: &BaseUrl,
) -> Result<Opened, LogError> {
    let state = store.log_state()?;
    let (kept, signer) = match (state.origin, keeper.read()?) {
        // A key without a log has signed one that is lost.
        (None, None) if !keeper.is_new() => return Err(LogError::Gone),
        (None, None) => {
            let signer = signer(&name_of(url), key)?;
            let empty = nothing_yet(&signer)?;
            // The file first: a name in the database without it means that it was lost.
            keeper.keep(&empty)?;
            (empty, signer)
        }
        (None, Some(kept)) if kept.unverified().size() > 0 => {
            return Err(LogError::Ahead {
                path: keeper.path(),
                signed: kept.unverified().size(),
                stored: state.next,
            });
        }
        (None, Some(kept)) => {
            let signer = signer(kept.unverified().origin(), key)?;
            (kept, signer)
        }
        (Some(_), None) => return Err(LogError::Missing(keeper.path())),
        (Some(stored), Some(kept)) if kept.unverified().origin() != stored => {
            return Err(LogError::OtherLog {
                path: keeper.path(),
                kept: kept.unverified().origin().to_owned(),
                stored,
            });
        }
        (Some(stored), Some(kept)) => (kept, signer(&stored, key)?),
    };
    kept.verify(signer.key(), &[])
        .map_err(|reason| LogError::NotOurs {
            path: keeper.path(),
            reason,
        })?;
    let reached = kept.unverified().size();
    if reached > state.next {
        return Err(LogError::Ahead {
            path: keeper.path(),
            signed: reached,
            stored: state.next,
        });
    }
    let (show, latest) = watch::channel(Arc::new(kept.clone()));
    let edge = load(&*store, state.size)?;
    let sequencer = Sequencer::new(store, edge, signer, keeper, show);
    let root = if state.size < reached {
        // A database that was set back, but has enough entries again: are they the same?
        foresee(&sequencer, reached)?
    } else {
        retrace(&sequencer, reached)?
    };
    if root != kept.unverified().root() {
        return Err(LogError::Fork {
            path: sequencer.kept_at(),
            signed: reached,
        });
    }
    let name = sequencer.key().name().as_str();
    sequencer.store().name_log(name)?;
    sequencer.begun()?;
    Ok((sequencer, latest))
}

/// Gives a log a new name, for when its database or its last checkpoint is lost. Answers the name.
///
/// No name is given twice: what is restored from one copy in two places, or twice, cannot know what the other was called.
pub fn renew(
    store: &dyn LogStore,
    data: &DataFolder,
    key: StoredKey,
    url: Option<&BaseUrl>,
) -> Result<String, LogError> {
    let keeper = Keeper::new(data, data.lock()?);
    let stored = store.log_state()?.origin;
    // What cannot be read is no reason to stay stuck.
    let kept = keeper.read().ok().flatten();
    let kept = kept.map(|kept| kept.unverified().origin().to_owned());
    let old = [stored, kept.clone()].into_iter().flatten();
    let latest = old.max_by_key(|origin| split(origin).1);
    let latest = latest.or_else(|| url.map(name_of));
    let latest = latest.ok_or(LogError::Nameless)?;
    let (base, number) = split(&latest);
    let once = random::<4>().map_err(StoreError::from)?;
    let name = format!("{base}/{}-{:08x}", number + 1, u32::from_be_bytes(once));
    let signer = signer(&name, key)?;
    keeper.close(kept.as_ref().unwrap_or(&latest))?;
    keeper.keep(&nothing_yet(&signer)?)?;
    store.name_log(&name)?;
    keeper.begun()?;
    Ok(name)
}

/// The name without its number, and the number: the first log has none.
fn split(origin: &str) -> (&str, u64) {
    let numbered = origin.rsplit_once('/').and_then(|(base, last)| {
        let number = last.split_once('-').map_or(last, |(number, _)| number);
        Some((base, number.parse().ok()?))
    });
    numbered.unwrap_or((origin, 1))
}

fn name_of(url: &BaseUrl) -> String {
    let (_, address) = url.as_str().split_once("://").unwrap_or_default();
    format!("{address}/log")
}

fn signer(origin: &str, key: StoredKey) -> Result<NoteSigner, LogError> {
    let name = origin.parse();
    let name = name.map_err(|_| LogError::Name(origin.to_owned()))?;
    key.into_note_signer(name)
        .ok_or_else(|| LogError::Name(origin.to_owned()))
}

fn nothing_yet(signer: &NoteSigner) -> Result<SignedCheckpoint, LogError> {
    let origin = signer.key().name().as_str();
    Ok(Checkpoint::new(origin, 0, empty_root())?.sign(signer)?)
}

fn load(store: &dyn LogStore, size: u64) -> Result<Edge, LogError> {
    let edge = Edge::load(size, |tile| fetch(store, tile))?;
    edge.ok_or_else(|| LogError::Tile(format!("0 (of {size} entries)")))
}

/// The root that the tree will have at this size, with what waits for its tiles.
fn foresee(sequencer: &Sequencer, size: u64) -> Result<Digest, LogError> {
    let mut edge = sequencer.edge().clone();
    while edge.size() < size {
        let left = usize::try_from(size - edge.size()).unwrap_or(usize::MAX);
        let leaves = sequencer.store().waiting(edge.size(), left.min(CHUNK))?;
        if leaves.is_empty() {
            return Err(StoreError::Corrupt("list of waiting log entries").into());
        }
        for leaf in leaves.into_iter().take(left) {
            edge.push(leaf, |_, _| {});
        }
    }
    Ok(edge.root())
}

/// The root at the last signature, and on the way: that what was put into tiles since comes from the stored leaves.
fn retrace(sequencer: &Sequencer, signed: u64) -> Result<Digest, LogError> {
    let (store, end) = (sequencer.store(), sequencer.edge());
    let mut edge = load(store, signed)?;
    let root = edge.root();
    while edge.size() < end.size() {
        let width = u64::from(consent_core::merkle::TILE_WIDTH);
        let index = edge.size() / width;
        let tile = Tile::at(0, index, end.size());
        let tile = tile.ok_or_else(|| LogError::Tile(format!("0/{index}")))?;
        let hashes = fetch(store, tile)?;
        let skip = usize::try_from(edge.size() % width).unwrap_or_default();
        let mut wrong = None;
        let (leaves, _) = hashes.as_chunks::<HASH_BYTES>();
        for leaf in leaves.iter().skip(skip) {
            edge.push(Digest::from_bytes(*leaf), |full, hashes| {
                if full.level() > 0
                    && !matches!(store.tile(full), Ok(Some(stored)) if stored == bytes_of(hashes))
                {
                    wrong = Some(full);
                }
            });
        }
        if let Some(tile) = wrong {
            return Err(LogError::Tile(tile.path()));
        }
    }
    if edge == *end {
        Ok(root)
    } else {
        Err(LogError::Tile(format!("1 (of {} entries)", end.size())))
    }
}
