//! The one that puts entries into the tree.

use super::LogError;
use super::keeper::Keeper;
use super::setback;
use crate::sha256::Edge;
use crate::store::{LogStore, StoreError};
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::digest::Digest;
use consent_core::merkle::Tile;
use consent_core::note::{NoteKey, NoteSigner};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// How many entries go into tiles in one transaction, about: a few milliseconds.
pub(super) const CHUNK: usize = 16 * 1024;

/// How often receipts of before there was a log are given places between two signatures.
const ADOPTIONS: usize = 20;

/// Puts entries into tiles and signs.
pub(super) struct Sequencer {
    store: Arc<dyn LogStore>,
    edge: Edge,
    signer: NoteSigner,
    keeper: Keeper,
    show: watch::Sender<Arc<SignedCheckpoint>>,
    /// The tree as it is if the last call went well of which only an error came back.
    tried: Option<Edge>,
    /// What went wrong last: said once, not twice a second.
    said: Option<String>,
}

impl Sequencer {
    pub(super) fn new(
        store: Arc<dyn LogStore>,
        edge: Edge,
        signer: NoteSigner,
        keeper: Keeper,
        show: watch::Sender<Arc<SignedCheckpoint>>,
    ) -> Self {
        Self {
            store,
            edge,
            signer,
            keeper,
            show,
            tried: None,
            said: None,
        }
    }

    pub(super) const fn key(&self) -> &NoteKey {
        self.signer.key()
    }

    pub(super) fn store(&self) -> &dyn LogStore {
        &*self.store
    }

    pub(super) const fn edge(&self) -> &Edge {
        &self.edge
    }

    /// From now on a log that is not there was lost.
    pub(super) fn begun(&self) -> Result<(), LogError> {
        self.keeper.begun()
    }

    pub(super) fn kept_at(&self) -> PathBuf {
        self.keeper.path()
    }

    /// One step; what goes wrong is logged, and tried again at the next.
    pub(super) fn step_and_tell(&mut self) {
        let error = match self.step() {
            Ok(()) => None,
            Err(error) => Some(error.to_string()),
        };
        match &error {
            Some(error) if self.said.as_ref() != Some(error) => {
                tracing::error!(%error, "the log does not go on");
            }
            None if self.said.is_some() => tracing::info!("the log goes on"),
            _ => {}
        }
        self.said = error;
    }

    /// Puts what waits into the tree, and signs its root.
    pub(super) fn step(&mut self) -> Result<(), LogError> {
        for _ in 0..ADOPTIONS {
            if !self.store.adopt()? {
                break;
            }
        }
        self.integrate()?;
        self.sign()
    }

    /// Puts what waits into tiles.
    fn integrate(&mut self) -> Result<(), LogError> {
        self.settle()?;
        setback::check(&*self.store, self.edge.size())?;
        loop {
            let leaves = self.store.waiting(self.edge.size(), CHUNK)?;
            if leaves.is_empty() {
                return Ok(());
            }
            crate::fault::point("waiting-read");
            let mut edge = self.edge.clone();
            let mut tiles: Vec<(Tile, Vec<u8>)> = Vec::new();
            for leaf in leaves {
                edge.push(leaf, |full, hashes| tiles.push((full, bytes_of(hashes))));
            }
            tiles.extend(
                edge.partial()
                    .map(|(tile, hashes)| (tile, bytes_of(hashes))),
            );
            let (from, to) = (self.edge.size(), edge.size());
            self.tried = Some(edge.clone());
            self.store.integrate(from, to, &tiles)?;
            self.tried = None;
            self.edge = edge;
        }
    }

    /// Finds out what became of a call whose answer was an error: it may have been stored all the same.
    fn settle(&mut self) -> Result<(), LogError> {
        let Some(tried) = &self.tried else {
            return Ok(());
        };
        let is_done = self.store.log_state()?.size == tried.size();
        if let Some(tried) = self.tried.take().filter(|_| is_done) {
            self.edge = tried;
        }
        Ok(())
    }

    /// Signs the root of what is in the tiles, durably, and shows it then.
    fn sign(&self) -> Result<(), LogError> {
        let size = self.edge.size();
        if size == self.show.borrow().unverified().size() {
            return Ok(());
        }
        // Another process may have moved the tiles on, with entries of its own.
        if self.store.log_state()?.size != size {
            return Err(StoreError::Moved.into());
        }
        let origin = self.signer.key().name().as_str();
        let checkpoint = Checkpoint::new(origin, size, self.edge.root())?;
        let checkpoint = checkpoint.sign(&self.signer)?;
        crate::fault::point("checkpoint-signed");
        self.keeper.keep(&checkpoint)?;
        crate::fault::point("checkpoint-kept");
        self.show.send_replace(Arc::new(checkpoint));
        Ok(())
    }
}

/// Hashes side by side.
pub(super) fn bytes_of(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
