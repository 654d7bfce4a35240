//! The log while a server writes it.

use super::keeper::Keeper;
use super::pruning::{is_pruned, prune};
use super::sequencer::Sequencer;
use super::tiles::{fetch, prove};
use super::{LogError, Vouched, opening, setback};
use crate::data::{DataFolder, Lock};
use crate::keys::StoredKey;
use crate::store::{ArtefactKind, LogStore, Logged};
use crate::url::BaseUrl;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::Tile;
use consent_core::note::NoteKey;
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
    pub(super) store: Arc<dyn LogStore>,
    pub(super) key: NoteKey,
    latest: watch::Receiver<Arc<SignedCheckpoint>>,
    pub(super) vouched: Vouched,
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

    /// Whether the database still holds what was signed. Blocks.
    pub fn check(&self) -> Result<(), LogError> {
        setback::check(&*self.store, self.latest().unverified().size())
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
