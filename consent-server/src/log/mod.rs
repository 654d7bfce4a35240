//! The log: everything that was given out or published, in one tree that nobody can rewrite unnoticed.
//!
//! The order of its entries is settled when they are committed. One thread, the sequencer, puts them into tiles at most
//! a second later, signs the tree's new root, and only then shows it. The last signed checkpoint is also kept in a file
//! outside the database: so a database that was set back is noticed before anything disagrees with what was signed.

mod error;
mod keeper;
mod key;
mod opening;
mod pruning;
mod sequencer;
mod vouched;
mod vouching;

pub use error::LogError;
pub use keeper::last_signed;
pub(crate) use keeper::signed_at;
pub use key::{log_key, read_log_key};
pub use opening::renew;
pub use pruning::prune;
pub use vouched::{Covering, Vouched, Voucher};
pub use vouching::{Asked, VouchError, Vouchers};

use crate::data::{DataFolder, Lock};
use crate::keys::StoredKey;
use crate::store::{ArtefactKind, LogStore, Logged, StoreError};
use crate::url::BaseUrl;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::{ProveError, ReadError, Tile, TileReader, inclusion_proof};
use consent_core::note::NoteKey;
use keeper::Keeper;
use pruning::is_pruned;
use sequencer::Sequencer;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// How often what waits is put into the tree. With the time that this takes, no entry waits a second.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long a proof may wait for its entry to be in the tree.
const PATIENCE: Duration = Duration::from_secs(3);

/// A log that is being written.
#[derive(Debug)]
pub struct Log {
    store: Arc<dyn LogStore>,
    key: NoteKey,
    latest: watch::Receiver<Arc<SignedCheckpoint>>,
    vouched: Vouched,
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Log {
    /// Checks a log and begins to write it.
    pub fn open(
        store: Arc<dyn LogStore>,
        data: &DataFolder,
        key: StoredKey,
        url: &BaseUrl,
    ) -> Result<Self, LogError> {
        CheckedLog::new(data.lock()?, store, data, key, url)?.start()
    }

    /// The last checkpoint.
    #[must_use]
    pub fn latest(&self) -> Arc<SignedCheckpoint> {
        Arc::clone(&self.latest.borrow())
    }

    /// The checkpoint that first has an entry, or a later one; `None` if there is none within a few seconds.
    pub async fn covering(&self, place: u64) -> Option<Arc<SignedCheckpoint>> {
        let mut latest = self.latest.clone();
        let covering = latest.wait_for(|checkpoint| checkpoint.unverified().size() > place);
        let covering = tokio::time::timeout(PATIENCE, covering).await.ok()?;
        covering.ok().map(|checkpoint| Arc::clone(&checkpoint))
    }

    /// The key that checks checkpoints.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }

    /// A receipt of a site, its salt and its place; `None` if it is not stored, or has no place yet. Blocks.
    pub fn logged(&self, site: &SiteId, id: RecordId) -> Result<Option<Logged>, LogError> {
        Ok(self.store.logged(site, id)?)
    }

    /// The place of something published; `site` is `None` for what all sites share. Blocks.
    pub fn logged_artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<u64>, LogError> {
        Ok(self.store.logged_artefact(site, kind, digest)?)
    }

    /// The proof that an entry is in the tree of that size. Blocks.
    pub fn prove(&self, place: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        prove(&*self.store, place, size)
    }

    /// A tile of the tree as it was signed last, if the tree has it; at most as wide as it was asked for. Blocks.
    pub fn tile(&self, asked: Tile) -> Result<Option<Vec<u8>>, LogError> {
        let size = self.latest().unverified().size();
        let signed = Tile::at(asked.level(), asked.index(), size);
        if signed.is_none_or(|signed| signed.width() < asked.width()) {
            return Ok(None);
        }
        if is_pruned(asked, self.minimum()?) {
            return Ok(None);
        }
        fetch(&*self.store, asked).map(Some)
    }

    /// The minimum index: tiles that end at or before this entry are not given out. Blocks.
    pub fn minimum(&self) -> Result<u64, LogError> {
        Ok(self.store.log_state()?.minimum)
    }

    /// Raises the minimum index as far as no receipt is stored. Blocks.
    pub fn prune(&self) -> Result<Option<u64>, LogError> {
        prune(&*self.store, self.latest().unverified().size(), false)
    }

    /// How many entries are signed, and how many wait. Blocks.
    pub fn lag(&self) -> Result<(u64, u64), LogError> {
        let signed = self.latest().unverified().size();
        let next = self.store.log_state()?.next;
        Ok((signed, next.saturating_sub(signed)))
    }

    /// Puts what waits into the tree, signs it, and ends. Blocks.
    pub fn stop(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((stop, thread)) = running {
            drop(stop);
            if thread.join().is_err() {
                tracing::error!("the thread that writes the log has panicked");
            }
        }
    }
}

/// Whether a server keeps a log. Either way the data folder is its own for as long as it runs.
#[derive(Debug)]
pub enum Ledger {
    /// Every receipt has its place in the log.
    Kept(Arc<Log>),
    /// Receipts cannot be proven to be unchanged.
    None(Lock),
}

impl Ledger {
    /// The log, if one is kept.
    #[must_use]
    pub const fn log(&self) -> Option<&Arc<Log>> {
        match self {
            Self::Kept(log) => Some(log),
            Self::None(_) => None,
        }
    }
}

/// A log that is in order, and is not written yet.
pub struct CheckedLog {
    sequencer: Sequencer,
    latest: watch::Receiver<Arc<SignedCheckpoint>>,
    store: Arc<dyn LogStore>,
    vouched: Vouched,
}

impl CheckedLog {
    /// Checks that the database still leads to what was signed last; otherwise nothing is changed in it. A new log is
    /// named after the server's address; an old one keeps its name.
    pub fn new(
        lock: Lock,
        store: Arc<dyn LogStore>,
        data: &DataFolder,
        key: StoredKey,
        url: &BaseUrl,
    ) -> Result<Self, LogError> {
        let (sequencer, latest) =
            opening::open(Keeper::new(data, lock), Arc::clone(&store), key, url)?;
        Ok(Self {
            sequencer,
            latest,
            store,
            vouched: Vouched::of(data),
        })
    }

    /// Begins to write.
    pub fn start(self) -> Result<Log, LogError> {
        let Self {
            mut sequencer,
            latest,
            store,
            vouched,
        } = self;
        // Whatever waited when the server stopped last.
        sequencer.step()?;
        let key = sequencer.key().clone();
        let (stop, told) = channel();
        let thread = std::thread::Builder::new().name("sequencer".into());
        let thread = thread.spawn(move || {
            // Until the sender sends or goes away.
            while let Err(RecvTimeoutError::Timeout) = told.recv_timeout(INTERVAL) {
                sequencer.step_and_tell();
            }
            sequencer.step_and_tell();
        });
        Ok(Log {
            store,
            key,
            latest,
            vouched,
            running: Mutex::new(Some((stop, thread.map_err(LogError::Thread)?))),
        })
    }
}

/// The proof that an entry is in the tree of that size, from the storage alone. Blocks.
pub fn prove(store: &dyn LogStore, place: u64, size: u64) -> Result<Vec<Digest>, LogError> {
    let mut reader = TileReader::new(size, |tile| fetch(store, tile));
    let proof = inclusion_proof(place, size, |node| reader.node(node));
    proof.map_err(|error| match error {
        ProveError::Source(ReadError::Fetch(error)) => error,
        ProveError::Source(ReadError::Tile { tile, .. }) => LogError::Tile(tile.path()),
        ProveError::OutOfTree { .. } | ProveError::Source(ReadError::OutOfTree(_)) => {
            LogError::Store(StoreError::Corrupt("place in the log"))
        }
    })
}

/// A tile that must be there.
fn fetch(store: &dyn LogStore, tile: Tile) -> Result<Vec<u8>, LogError> {
    store.tile(tile)?.ok_or_else(|| LogError::Tile(tile.path()))
}
