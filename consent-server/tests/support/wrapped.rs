//! A store that can be made to wait or fail.

use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::merkle::Tile;
use consent_core::time::UnixSeconds;
use consent_server::day::Day;
use consent_server::store::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Artefacts, ChoiceKey, DecisionKey,
    Doomed, Filter, Hold, LogState, LogStore, Logged, Moment, NewRow, Placed, Receipts, Retention,
    Row, SiteDay, Statistics, Store, StoreError, StoredAccess, StoredToken, Stretch, Tally, Tokens,
    Trail, Upkeep,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

pub struct Wrapped {
    inner: Arc<dyn Store>,
    before_append: Box<dyn Fn() -> Result<(), StoreError> + Send + Sync>,
    before_ready: Box<dyn Fn() + Send + Sync>,
    /// What the answer is made into once the call is done.
    after: Box<After>,
}

type After = dyn Fn(&str) -> Result<(), StoreError> + Send + Sync;

impl Wrapped {
    /// Passes everything on as it is.
    fn over(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            before_append: Box::new(|| Ok(())),
            before_ready: Box::new(|| {}),
            after: Box::new(|_| Ok(())),
        }
    }

    /// Every write fails until the disk is mended.
    pub fn failing(inner: Arc<dyn Store>, is_broken: Arc<AtomicBool>) -> Arc<dyn Store> {
        let before_append = Box::new(move || {
            if is_broken.load(Ordering::Relaxed) {
                Err(StoreError::Corrupt("disk"))
            } else {
                Ok(())
            }
        });
        Arc::new(Self {
            before_append,
            ..Self::over(inner)
        })
    }

    /// These calls are done and answered with an error, for as long as it is so: as when a connection is lost at the end of a
    /// commit.
    pub fn done_but_failing(
        inner: Arc<dyn Store>,
        calls: &'static [&'static str],
        is_broken: Arc<AtomicBool>,
    ) -> Arc<dyn Store> {
        let after = Box::new(move |call: &str| {
            if calls.contains(&call) && is_broken.load(Ordering::SeqCst) {
                Err(StoreError::Corrupt("connection"))
            } else {
                Ok(())
            }
        });
        Arc::new(Self {
            after,
            ..Self::over(inner)
        })
    }

    /// Every write waits until the gate is open.
    pub fn waiting(inner: Arc<dyn Store>, gate: Arc<Gate>) -> Arc<dyn Store> {
        let before_append = Box::new(move || {
            gate.pass();
            Ok(())
        });
        Arc::new(Self {
            before_append,
            ..Self::over(inner)
        })
    }

    /// Calls this whenever it is asked whether it can store.
    pub fn asked(
        inner: Arc<dyn Store>,
        before_ready: impl Fn() + Send + Sync + 'static,
    ) -> Arc<dyn Store> {
        Arc::new(Self {
            before_ready: Box::new(before_ready),
            ..Self::over(inner)
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

impl Wrapped {
    /// What happens before a call is passed on.
    fn before(&self, call: &str) -> Result<(), StoreError> {
        match call {
            "append" | "note" | "note_record" => (self.before_append)(),
            "ready" => {
                (self.before_ready)();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wrapped").field(&self.inner).finish()
    }
}

macro_rules! through {
    ($role:ident $(fn $call:ident($($name:ident: $kind:ty),*) -> $answer:ty;)+) => {
        impl $role for Wrapped {
            $(fn $call(&self, $($name: $kind),*) -> Result<$answer, StoreError> {
                self.before(stringify!($call))?;
                let answer = self.inner.$call($($name),*)?;
                (self.after)(stringify!($call))?;
                Ok(answer)
            })+
        }
    };
}

through! {
    Statistics
    fn decisions(site: &SiteId, days: RangeInclusive<Day>) -> BTreeMap<DecisionKey, u64>;
    fn choices(site: &SiteId, days: RangeInclusive<Day>) -> BTreeMap<ChoiceKey, u64>;
    fn of_all_sites(days: RangeInclusive<Day>) -> Vec<SiteDay>;
}

through! {
    Receipts
    fn append(batch: &[NewRow]) -> Vec<Appended>;
    fn row(site: &SiteId, id: RecordId) -> Option<Row>;
    fn find(id: RecordId) -> Option<String>;
    fn continued(site: &SiteId, subject: ConsentId) -> Vec<Row>;
    fn has_later(site: &SiteId, subject: ConsentId, id: RecordId) -> bool;
    fn page(filter: &Filter, after: i64, limit: u32) -> Stretch;
    fn latest(site: &SiteId, limit: u32) -> Vec<Row>;
    fn last_received() -> Option<UnixSeconds>;
    fn counts(site: &SiteId) -> Vec<(String, u64)>;
}

through! {
    Artefacts
    fn keep(artefacts: &[Artefact]) -> ();
    fn artefact(site: Option<&SiteId>, kind: ArtefactKind, digest: &Digest) -> Option<Vec<u8>>;
    fn artefact_between(site: &SiteId, kind: ArtefactKind, digests: &(Digest, Digest)) -> Option<Vec<u8>>;
    fn missing(artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)]) -> BTreeSet<Digest>;
    fn artefacts(site: &SiteId, kind: ArtefactKind) -> Vec<Artefact>;
    fn note_published(declarations: &[(SiteId, Digest)]) -> ();
    fn last_published(site: &SiteId) -> Option<Digest>;
    fn sites() -> Vec<SiteId>;
}

through! {
    Trail
    fn note(access: &Access) -> i64;
    fn note_record(access: &Access, record: RecordId) -> i64;
    fn unname(site: &SiteId, subject: ConsentId) -> ();
    fn settle(seq: i64, rows: u64, manifest: Option<&str>) -> ();
    fn manifest(site: &SiteId, seq: i64) -> Option<String>;
    fn trail(filter: &AccessFilter, after: i64, limit: u32) -> Vec<StoredAccess>;
}

through! {
    Tokens
    fn add_token(token: &StoredToken) -> ();
    fn tokens() -> Vec<StoredToken>;
    fn use_token(hash: &Digest, day: UnixSeconds) -> ();
    fn revoke_token(hash: &Digest) -> bool;
}

through! {
    Retention
    fn doomed(site: &SiteId, which: &Doomed, after: i64) -> Stretch;
    fn commitments(site: &SiteId, places: &[i64]) -> Vec<Option<Placed>>;
    fn remove(site: &SiteId, places: &[i64], tallies: &BTreeMap<Tally, u64>) -> u64;
    fn tallies(site: &SiteId) -> BTreeMap<Tally, u64>;
    fn hold(hold: &Hold) -> ();
    fn lift(site: &SiteId) -> bool;
    fn held(site: &SiteId) -> Option<Hold>;
    fn holds() -> Vec<Hold>;
}

through! {
    LogStore
    fn log_state() -> LogState;
    fn name_log(origin: &str) -> ();
    fn first_living() -> Option<u64>;
    fn raise_minimum(minimum: u64) -> bool;
    fn add_leaves(leaves: &[Digest]) -> u64;
    fn waiting(from: u64, limit: usize) -> Vec<Digest>;
    fn integrate(from: u64, to: u64, tiles: &[(Tile, Vec<u8>)]) -> ();
    fn tile(tile: Tile) -> Option<Vec<u8>>;
    fn adopt() -> bool;
    fn logged(site: &SiteId, id: RecordId) -> Option<Logged>;
    fn logged_artefact(site: Option<&SiteId>, kind: ArtefactKind, digest: &Digest) -> Option<u64>;
}

through! {
    Upkeep
    fn known_sites() -> BTreeSet<SiteId>;
    fn moment(which: Moment) -> Option<UnixSeconds>;
    fn set_moment(which: Moment, at: UnixSeconds) -> ();
    fn size() -> u64;
    fn copy_to(file: &Path) -> ();
    fn forget() -> bool;
    fn ready() -> ();
}
