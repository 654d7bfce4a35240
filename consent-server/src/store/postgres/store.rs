//! The store itself: a session that takes records in, and a few that write and read the rest.

use super::error::PostgresError;
use super::import::check_whole;
use super::lease;
use super::month::{Month, Months, VACUUM};
use super::opening::{Opening, Source, settle};
use super::pool::Pool;
use super::tenure::{Tenure, holder};
use super::url::PostgresUrl;
use super::{
    append, artefacts, guard, log, place, read, removal, statistics, tokens, trail, upkeep,
};
use crate::day::Day;
use crate::store::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Artefacts, ChoiceKey, DecisionKey,
    Doomed, Filter, Hold, LogState, LogStore, Logged, Moment, NewRow, Placed, Receipts, Retention,
    Row, SiteDay, Statistics, StoreError, StoredAccess, StoredToken, Stretch, Tally, Tokens, Trail,
    Upkeep,
};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::merkle::{TILE_WIDTH, Tile};
use consent_core::time::UnixSeconds;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many sessions read at a time, and how many write beside the one that takes records.
const READERS: usize = 8;
const WRITERS: usize = 3;

/// How long a batch is tried, whatever becomes of the connection: those who wait for it hear then that it is not stored.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same for each row: none is given up for its number.
const PATIENCE_OF_ROW: Duration = Duration::from_millis(1);

/// How soon a batch is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How long a call may take that only asks whether the database is there.
const PROMPT: Duration = Duration::from_secs(2);

/// How often the bytes of deleted receipts are taken out of the pages at most: it reads what was changed.
const VACUUM_EVERY: Duration = Duration::from_hours(1);

/// Receipts in `PostgreSQL`.
#[derive(Debug)]
pub struct PostgresStore {
    intake: Pool,
    writers: Pool,
    readers: Pool,
    months: Months,
    /// What says that this process takes the records; `None`: it is a command beside a server.
    tenure: Option<Tenure>,
    /// Whether what was deleted may still be in the pages.
    deleted: AtomicBool,
    vacuumed: Mutex<Option<Instant>>,
}

/// What a database may be set up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Records of people: a database that may lose them is refused.
    Records,
    /// Tests, for which it may be fast.
    #[cfg(test)]
    Tests,
}

impl PostgresStore {
    /// Opens a database for the one server that takes records into it; makes or upgrades its tables as needed. Refuses one that
    /// loses what it has answered for, and one that another server has.
    pub fn open(url: &PostgresUrl) -> Result<Self, StoreError> {
        Self::open_for(url, Use::Records)
    }

    pub(crate) fn open_for(url: &PostgresUrl, purpose: Use) -> Result<Self, StoreError> {
        let source = Source::of(url)?;
        let (at, months) = (url.to_string(), Months::default());
        let lease = source.once(&source.writing(), async |session| {
            if purpose == Use::Records {
                guard::check(session, &at).await?;
            }
            settle(session, url, Opening::ForServer).await?;
            check_whole(session, url).await?;
            let lease = lease::take(session, &at, &holder()).await?;
            months
                .make(session, &[this_month()].into(), this_month())
                .await?;
            Ok(lease)
        })?;
        let tenure = Tenure::begin(&source, lease);
        Ok(Self::with(&source, months, Some(tenure)))
    }

    /// Opens a database beside a server that may run on it; makes its tables if there are none. Nothing is upgraded under the
    /// server of an earlier version.
    pub fn open_beside(url: &PostgresUrl) -> Result<Self, StoreError> {
        Self::open_as(url, Opening::Beside)
    }

    /// The same, and makes none.
    pub fn open_existing(url: &PostgresUrl) -> Result<Self, StoreError> {
        Self::open_as(url, Opening::Existing)
    }

    fn open_as(url: &PostgresUrl, opening: Opening) -> Result<Self, StoreError> {
        let source = Source::of(url)?;
        source.once(&source.writing(), async |session| {
            settle(session, url, opening).await?;
            check_whole(session, url).await
        })?;
        Ok(Self::with(&source, Months::default(), None))
    }

    fn with(source: &Source, months: Months, tenure: Option<Tenure>) -> Self {
        let pool = |target, most| Pool::new(source.runtime.clone(), target, most);
        let writing = || {
            let fence = tenure.as_ref().map(Tenure::fence);
            source.writing().fenced(fence)
        };
        Self {
            intake: pool(writing(), 1),
            writers: pool(writing(), WRITERS),
            readers: pool(source.reading(), READERS),
            months,
            tenure,
            // By whoever had it open before.
            deleted: AtomicBool::new(true),
            vacuumed: Mutex::default(),
        }
    }

    /// Tries until it is done or its time is over. The ids of the rows make that safe.
    fn append_in_time(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError> {
        let rows = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        let end = Instant::now() + PATIENCE + PATIENCE_OF_ROW * rows;
        let mut is_again = false;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let appended = self.intake.within(left, async |session| {
                append::prepare(session, &self.months, batch, this_month()).await?;
                append::append(session, batch, is_again).await
            });
            let may_pass =
                |error: &StoreError| PostgresError::of(error).is_some_and(PostgresError::may_pass);
            match appended {
                Err(error) if may_pass(&error) && Instant::now() + AGAIN < end => {
                    thread::sleep(AGAIN);
                    is_again = true;
                }
                done => return done,
            }
        }
    }
}

fn this_month() -> Month {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = now.unwrap_or_default().as_millis();
    Month::of(u64::try_from(millis).unwrap_or(u64::MAX))
}

impl Receipts for PostgresStore {
    fn append(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        self.append_in_time(batch)
    }

    fn row(&self, site: &SiteId, id: RecordId) -> Result<Option<Row>, StoreError> {
        self.readers
            .with(async |session| read::row(session, site, id).await)
    }

    fn find(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        self.readers
            .with(async |session| read::find(session, id).await)
    }

    fn continued(&self, site: &SiteId, subject: ConsentId) -> Result<Vec<Row>, StoreError> {
        self.readers
            .with(async |session| read::continued(session, site, subject).await)
    }

    fn has_later(
        &self,
        site: &SiteId,
        subject: ConsentId,
        id: RecordId,
    ) -> Result<bool, StoreError> {
        // A withdrawal may be among what is lacking.
        self.tenure.as_ref().map_or(Ok(()), Tenure::check)?;
        self.readers
            .with(async |session| read::has_later(session, site, subject, id).await)
    }

    fn page(&self, filter: &Filter, after: i64, limit: u32) -> Result<Stretch, StoreError> {
        self.readers
            .with(async |session| read::page(session, filter, after, limit).await)
    }

    fn latest(&self, site: &SiteId, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.readers
            .with(async |session| read::latest(session, site, limit).await)
    }

    fn last_received(&self) -> Result<Option<UnixSeconds>, StoreError> {
        self.readers
            .with(async |session| read::last_received(session).await)
    }

    fn counts(&self, site: &SiteId) -> Result<Vec<(String, u64)>, StoreError> {
        self.readers
            .with(async |session| read::counts(session, site).await)
    }
}

impl Statistics for PostgresStore {
    fn decisions(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<DecisionKey, u64>, StoreError> {
        self.readers
            .with(async |session| match place::number(session, site).await? {
                Some(number) => statistics::decisions(session, number, &days).await,
                None => Ok(BTreeMap::new()),
            })
    }

    fn choices(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<ChoiceKey, u64>, StoreError> {
        self.readers
            .with(async |session| match place::number(session, site).await? {
                Some(number) => statistics::choices(session, number, &days).await,
                None => Ok(BTreeMap::new()),
            })
    }

    fn of_all_sites(&self, days: RangeInclusive<Day>) -> Result<Vec<SiteDay>, StoreError> {
        self.readers
            .with(async |session| statistics::of_all_sites(session, &days).await)
    }
}

impl Artefacts for PostgresStore {
    fn keep(&self, artefacts: &[Artefact]) -> Result<(), StoreError> {
        self.writers
            .with(async |session| artefacts::keep(session, artefacts).await)
    }

    fn artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers
            .with(async |session| artefacts::content(session, site, kind, digest).await)
    }

    fn artefact_between(
        &self,
        site: &SiteId,
        kind: ArtefactKind,
        digests: &(Digest, Digest),
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers
            .with(async |session| artefacts::content_between(session, site, kind, digests).await)
    }

    fn missing(
        &self,
        artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
    ) -> Result<BTreeSet<Digest>, StoreError> {
        self.readers
            .with(async |session| artefacts::missing(session, artefacts).await)
    }

    fn artefacts(&self, site: &SiteId, kind: ArtefactKind) -> Result<Vec<Artefact>, StoreError> {
        self.readers
            .with(async |session| artefacts::of_site(session, site, kind).await)
    }

    fn note_published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError> {
        self.writers
            .with(async |session| artefacts::note_published(session, declarations).await)
    }

    fn last_published(&self, site: &SiteId) -> Result<Option<Digest>, StoreError> {
        self.readers
            .with(async |session| artefacts::last_published(session, site).await)
    }

    fn sites(&self) -> Result<Vec<SiteId>, StoreError> {
        self.readers
            .with(async |session| artefacts::sites(session).await)
    }
}

impl Trail for PostgresStore {
    fn note(&self, access: &Access) -> Result<i64, StoreError> {
        self.writers
            .with(async |session| trail::note(session, access).await)
    }

    fn note_record(&self, access: &Access, record: RecordId) -> Result<i64, StoreError> {
        self.writers
            .with(async |session| trail::note_record(session, access, record).await)
    }

    fn unname(&self, site: &SiteId, subject: ConsentId) -> Result<(), StoreError> {
        self.writers
            .with(async |session| trail::unname_subject(session, site, subject).await)?;
        self.deleted.store(true, Ordering::Release);
        Ok(())
    }

    fn settle(&self, seq: i64, rows: u64, manifest: Option<&str>) -> Result<(), StoreError> {
        self.writers
            .with(async |session| trail::settle(session, seq, rows, manifest).await)
    }

    fn manifest(&self, site: &SiteId, seq: i64) -> Result<Option<String>, StoreError> {
        self.readers
            .with(async |session| trail::manifest(session, site, seq).await)
    }

    fn trail(
        &self,
        filter: &AccessFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, StoreError> {
        self.readers
            .with(async |session| trail::page(session, filter, after, limit).await)
    }
}

impl Tokens for PostgresStore {
    fn add_token(&self, token: &StoredToken) -> Result<(), StoreError> {
        self.writers
            .with(async |session| tokens::add(session, token).await)
    }

    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        self.readers
            .with(async |session| tokens::all(session).await)
    }

    fn use_token(&self, hash: &Digest, day: UnixSeconds) -> Result<(), StoreError> {
        self.writers
            .with(async |session| tokens::used(session, hash, day).await)
    }

    fn revoke_token(&self, hash: &Digest) -> Result<bool, StoreError> {
        self.writers
            .with(async |session| tokens::revoke(session, hash).await)
    }
}

impl Retention for PostgresStore {
    fn doomed(&self, site: &SiteId, which: &Doomed, after: i64) -> Result<Stretch, StoreError> {
        self.readers
            .with(async |session| removal::doomed(session, site, which, after).await)
    }

    fn commitments(
        &self,
        site: &SiteId,
        places: &[i64],
    ) -> Result<Vec<Option<Placed>>, StoreError> {
        self.readers
            .with(async |session| log::commitments(session, site, places).await)
    }

    fn remove(
        &self,
        site: &SiteId,
        places: &[i64],
        tallies: &BTreeMap<Tally, u64>,
    ) -> Result<u64, StoreError> {
        let removed = self
            .writers
            .with(async |session| removal::remove(session, site, places, tallies).await)?;
        self.deleted.store(true, Ordering::Release);
        Ok(removed)
    }

    fn tallies(&self, site: &SiteId) -> Result<BTreeMap<Tally, u64>, StoreError> {
        self.readers
            .with(async |session| removal::tallies(session, site).await)
    }

    fn hold(&self, hold: &Hold) -> Result<(), StoreError> {
        self.writers
            .with(async |session| removal::hold(session, hold).await)
    }

    fn lift(&self, site: &SiteId) -> Result<bool, StoreError> {
        self.writers
            .with(async |session| removal::lift(session, site).await)
    }

    fn held(&self, site: &SiteId) -> Result<Option<Hold>, StoreError> {
        self.readers
            .with(async |session| removal::held(session, site).await)
    }

    fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.readers
            .with(async |session| removal::holds(session).await)
    }
}

impl Upkeep for PostgresStore {
    fn known_sites(&self) -> Result<BTreeSet<SiteId>, StoreError> {
        self.readers
            .with(async |session| upkeep::known_sites(session).await)
    }

    fn moment(&self, which: Moment) -> Result<Option<UnixSeconds>, StoreError> {
        self.readers
            .with(async |session| upkeep::moment(session, which).await)
    }

    fn set_moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError> {
        self.writers
            .with(async |session| upkeep::set_moment(session, which, at).await)
    }

    fn size(&self) -> Result<u64, StoreError> {
        self.readers
            .with(async |session| upkeep::size(session).await)
    }

    fn copy_to(&self, _: &Path) -> Result<(), StoreError> {
        Err(StoreError::CopiedByOthers(
            "pg_basebackup, and an archive of the write-ahead log for the moments between",
        ))
    }

    fn forget(&self) -> Result<bool, StoreError> {
        let mut vacuumed = self.vacuumed.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.deleted.load(Ordering::Acquire) {
            return Ok(true);
        }
        if vacuumed.is_some_and(|at| at.elapsed() < VACUUM_EVERY) {
            return Ok(false);
        }
        // Before, not after: what is deleted meanwhile is for the next time.
        self.deleted.store(false, Ordering::Release);
        let emptied = self
            .writers
            .with(async |session| Ok(session.client().batch_execute(VACUUM.text()).await?));
        match &emptied {
            Ok(()) => *vacuumed = Some(Instant::now()),
            Err(_) => self.deleted.store(true, Ordering::Release),
        }
        emptied.map(|()| true)
    }

    fn ready(&self) -> Result<(), StoreError> {
        self.writers
            .within(PROMPT, async |session| upkeep::try_out(session).await)
    }
}

impl LogStore for PostgresStore {
    fn log_state(&self) -> Result<LogState, StoreError> {
        self.readers.with(async |session| log::state(session).await)
    }

    fn name_log(&self, origin: &str) -> Result<(), StoreError> {
        self.writers
            .with(async |session| log::name(session, origin).await)
    }

    fn first_living(&self) -> Result<Option<u64>, StoreError> {
        let (state, oldest) = self
            .readers
            .with(async |session| Ok((log::state(session).await?, log::oldest(session).await?)))?;
        let enough = state.minimum + u64::from(TILE_WIDTH);
        Ok(oldest.filter(|oldest| *oldest >= enough))
    }

    fn raise_minimum(&self, minimum: u64) -> Result<bool, StoreError> {
        self.writers
            .with(async |session| log::raise_minimum(session, minimum).await)
    }

    fn add_leaves(&self, leaves: &[Digest]) -> Result<u64, StoreError> {
        self.writers
            .with(async |session| log::add_leaves(session, leaves).await)
    }

    fn waiting(&self, from: u64, limit: usize) -> Result<Vec<Digest>, StoreError> {
        self.readers
            .with(async |session| log::waiting(session, from, limit).await)
    }

    fn integrate(&self, from: u64, to: u64, tiles: &[(Tile, Vec<u8>)]) -> Result<(), StoreError> {
        self.writers
            .with(async |session| log::integrate(session, (from, to), tiles).await)
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        self.readers
            .with(async |session| log::tile(session, tile).await)
    }

    fn adopt(&self) -> Result<bool, StoreError> {
        // None is stored without a place.
        Ok(false)
    }

    fn logged(&self, site: &SiteId, id: RecordId) -> Result<Option<Logged>, StoreError> {
        self.readers
            .with(async |session| log::logged(session, site, id).await)
    }

    fn logged_artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<u64>, StoreError> {
        self.readers
            .with(async |session| artefacts::place(session, site, kind, digest).await)
    }
}
