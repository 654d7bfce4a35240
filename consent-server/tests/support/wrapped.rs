//! A store that can be made to wait or fail.

use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::time::UnixSeconds;
use consent_server::store::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Doomed, Filter, Hold, NewRow, Placed,
    Row, Store, StoreError, StoredAccess, StoredToken, Stretch, Tally,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

pub struct Wrapped {
    inner: Arc<dyn Store>,
    before_append: Box<dyn Fn() -> Result<(), StoreError> + Send + Sync>,
}

impl Wrapped {
    /// Every write fails until the disk is mended.
    pub fn failing(
        inner: Arc<dyn Store>,
        is_broken: Arc<std::sync::atomic::AtomicBool>,
    ) -> Arc<dyn Store> {
        let before_append = Box::new(move || {
            if is_broken.load(std::sync::atomic::Ordering::Relaxed) {
                Err(StoreError::Corrupt("disk"))
            } else {
                Ok(())
            }
        });
        Arc::new(Self {
            inner,
            before_append,
        })
    }

    /// Every write waits until the gate is open.
    pub fn waiting(inner: Arc<dyn Store>, gate: Arc<Gate>) -> Arc<dyn Store> {
        let before_append = Box::new(move || {
            gate.pass();
            Ok(())
        });
        Arc::new(Self {
            inner,
            before_append,
        })
    }
}

#[derive(Default)]
pub struct Gate(Mutex<bool>, Condvar);

impl Gate {
    pub fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        drop(
            self.1
                .wait_while(self.0.lock().unwrap(), |open| !*open)
                .unwrap(),
        );
    }
}

impl Store for Wrapped {
    fn append(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError> {
        (self.before_append)()?;
        self.inner.append(batch)
    }

    fn row(&self, site: &SiteId, id: RecordId) -> Result<Option<Row>, StoreError> {
        self.inner.row(site, id)
    }

    fn find(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        self.inner.find(id)
    }

    fn page(&self, filter: &Filter, after: i64, limit: u32) -> Result<Stretch, StoreError> {
        self.inner.page(filter, after, limit)
    }

    fn latest(&self, site: &SiteId, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.inner.latest(site, limit)
    }

    fn last_received(&self) -> Result<Option<UnixSeconds>, StoreError> {
        self.inner.last_received()
    }

    fn counts(&self, site: &SiteId) -> Result<Vec<(String, u64)>, StoreError> {
        self.inner.counts(site)
    }

    fn keep(&self, artefacts: &[Artefact]) -> Result<(), StoreError> {
        self.inner.keep(artefacts)
    }

    fn artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.artefact(site, kind, digest)
    }

    fn artefacts(&self, site: &SiteId, kind: ArtefactKind) -> Result<Vec<Artefact>, StoreError> {
        self.inner.artefacts(site, kind)
    }

    fn add_token(&self, token: &StoredToken) -> Result<(), StoreError> {
        self.inner.add_token(token)
    }

    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        self.inner.tokens()
    }

    fn note(&self, access: &Access) -> Result<i64, StoreError> {
        (self.before_append)()?;
        self.inner.note(access)
    }

    fn settle(&self, seq: i64, rows: u64, manifest: Option<&str>) -> Result<(), StoreError> {
        self.inner.settle(seq, rows, manifest)
    }

    fn manifest(&self, site: &SiteId, seq: i64) -> Result<Option<String>, StoreError> {
        self.inner.manifest(site, seq)
    }

    fn trail(
        &self,
        filter: &AccessFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, StoreError> {
        self.inner.trail(filter, after, limit)
    }

    fn doomed(&self, site: &SiteId, which: &Doomed, after: i64) -> Result<Stretch, StoreError> {
        self.inner.doomed(site, which, after)
    }

    fn commitments(
        &self,
        site: &SiteId,
        places: &[i64],
    ) -> Result<Vec<Option<Placed>>, StoreError> {
        self.inner.commitments(site, places)
    }

    fn remove(
        &self,
        site: &SiteId,
        places: &[i64],
        tallies: &BTreeMap<Tally, u64>,
    ) -> Result<u64, StoreError> {
        self.inner.remove(site, places, tallies)
    }

    fn tallies(&self, site: &SiteId) -> Result<BTreeMap<Tally, u64>, StoreError> {
        self.inner.tallies(site)
    }

    fn hold(&self, hold: &Hold) -> Result<(), StoreError> {
        self.inner.hold(hold)
    }

    fn lift(&self, site: &SiteId) -> Result<bool, StoreError> {
        self.inner.lift(site)
    }

    fn held(&self, site: &SiteId) -> Result<Option<Hold>, StoreError> {
        self.inner.held(site)
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.inner.size()
    }

    fn forget(&self) -> Result<bool, StoreError> {
        self.inner.forget()
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready()
    }
}
