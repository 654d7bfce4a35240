//! A store that can be made to wait or fail.

use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;
use consent_server::store::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Doomed, Filter, Hold, Moment, NewRow,
    Placed, Row, Store, StoreError, StoredAccess, StoredToken, Stretch, Tally,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

pub struct Wrapped {
    inner: Arc<dyn Store>,
    before_append: Box<dyn Fn() -> Result<(), StoreError> + Send + Sync>,
    before_ready: Box<dyn Fn() + Send + Sync>,
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
            before_ready: Box::new(|| {}),
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
            before_ready: Box::new(|| {}),
        })
    }

    /// Calls this whenever it is asked whether it can store.
    pub fn asked(
        inner: Arc<dyn Store>,
        before_ready: impl Fn() + Send + Sync + 'static,
    ) -> Arc<dyn Store> {
        Arc::new(Self {
            inner,
            before_append: Box::new(|| Ok(())),
            before_ready: Box::new(before_ready),
        })
    }
}

#[derive(Default)]
pub struct Gate(Mutex<bool>, Condvar, AtomicUsize);

impl Gate {
    /// Whether anybody has come to it.
    pub fn is_waited_for(&self) -> bool {
        self.2.load(Ordering::SeqCst) > 0
    }

    pub fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    pub fn pass(&self) {
        self.2.fetch_add(1, Ordering::SeqCst);
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

    fn continued(&self, site: &SiteId, subject: ConsentId) -> Result<Vec<Row>, StoreError> {
        self.inner.continued(site, subject)
    }

    fn has_later(
        &self,
        site: &SiteId,
        subject: ConsentId,
        id: RecordId,
    ) -> Result<bool, StoreError> {
        self.inner.has_later(site, subject, id)
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

    fn missing(
        &self,
        artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
    ) -> Result<BTreeSet<Digest>, StoreError> {
        self.inner.missing(artefacts)
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

    fn use_token(&self, hash: &Digest, day: UnixSeconds) -> Result<(), StoreError> {
        self.inner.use_token(hash, day)
    }

    fn revoke_token(&self, hash: &Digest) -> Result<bool, StoreError> {
        self.inner.revoke_token(hash)
    }

    fn note_published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError> {
        self.inner.note_published(declarations)
    }

    fn last_published(&self, site: &SiteId) -> Result<Option<Digest>, StoreError> {
        self.inner.last_published(site)
    }

    fn sites(&self) -> Result<Vec<SiteId>, StoreError> {
        self.inner.sites()
    }

    fn note(&self, access: &Access) -> Result<i64, StoreError> {
        (self.before_append)()?;
        self.inner.note(access)
    }

    fn note_record(&self, access: &Access, record: RecordId) -> Result<i64, StoreError> {
        (self.before_append)()?;
        self.inner.note_record(access, record)
    }

    fn unname(&self, site: &SiteId, subject: ConsentId) -> Result<(), StoreError> {
        self.inner.unname(site, subject)
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

    fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.inner.holds()
    }

    fn known_sites(&self) -> Result<BTreeSet<SiteId>, StoreError> {
        self.inner.known_sites()
    }

    fn moment(&self, which: Moment) -> Result<Option<UnixSeconds>, StoreError> {
        self.inner.moment(which)
    }

    fn set_moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError> {
        self.inner.set_moment(which, at)
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.inner.size()
    }

    fn forget(&self) -> Result<bool, StoreError> {
        self.inner.forget()
    }

    fn ready(&self) -> Result<(), StoreError> {
        (self.before_ready)();
        self.inner.ready()
    }
}
