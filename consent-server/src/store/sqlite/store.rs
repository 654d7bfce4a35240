//! The store itself: one connection that writes, and some that read.

use crate::data::{DataFolder, FileError, LockError, durable, private};
use crate::day::Day;
use crate::store::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Artefacts, ChoiceKey, Commitment,
    DecisionKey, Doomed, Filter, Hold, LogState, LogStore, Logged, Moment, NewRow, Placed,
    Receipts, Retention, Row, SiteDay, Statistics, StoreError, StoredAccess, StoredToken, Stretch,
    Tally, Tokens, Trail, Upkeep,
};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::merkle::Tile;
use consent_core::time::UnixSeconds;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::{SqliteError, at};
use super::log::{self, Unlogged};
use super::opening::{check_here, connect, inspect};
use super::readers::Readers;
use super::{migrate, moment, prune, published, read, removal, statistics, tokens, trail, write};

/// How far the log grows before its pages go into the database: 32 MiB. Under load a page is rewritten by many commits,
/// and goes there once for all of them.
const CHECKPOINT_PAGES: u32 = 8192;

/// How long writers may be kept waiting for the write-ahead log to be emptied.
const FORGET_TIMEOUT: Duration = Duration::from_millis(20);

/// Receipts in `SQLite`: one connection that writes, and some that read.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Readers,
    /// Whether what was deleted may still be in the write-ahead log.
    deleted: AtomicBool,
}

impl SqliteStore {
    /// Refuses a data folder whose receipts have moved to a server. Nothing is touched.
    pub fn check_here(data: &DataFolder) -> Result<(), StoreError> {
        check_here(data)
    }

    /// Opens the database in the data folder, making or upgrading it as needed.
    pub fn open(data: &DataFolder) -> Result<Self, StoreError> {
        check_here(data)?;
        let path = data.database();
        Self::open_file(path.clone()).map_err(|error| at(error, &path))
    }

    fn open_file(path: PathBuf) -> Result<Self, StoreError> {
        private::make_file(&path)?;
        let mut writer = connect(&path)?;
        // In WAL mode readers never wait for the writer, and FULL syncs the log at each commit: answered means durable.
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        // What is erased is overwritten, not only unlinked.
        writer.pragma_update(None, "secure_delete", true)?;
        writer.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        migrate::to_newest(&mut writer, &path)?;
        Ok(Self {
            readers: Readers::new(path.clone()),
            path,
            writer: Mutex::new(writer),
            // By whoever had it open before, and was killed.
            deleted: AtomicBool::new(true),
        })
    }

    /// Opens the database in the data folder beside a server that may run on it; makes it if there is none. The server of an
    /// earlier version would not know what it has under its hands: nothing is upgraded under it.
    pub fn open_beside(data: &DataFolder) -> Result<Self, StoreError> {
        let inspected = inspect(data).err();
        let _alone = match inspected.as_ref().and_then(SqliteError::of) {
            // One of format 0 is new.
            Some(SqliteError::Older { path, found, known }) if *found > 0 => match data.lock() {
                Ok(lock) => Some(lock),
                Err(LockError::InUse(_)) => {
                    let (path, found, known) = (path.clone(), *found, *known);
                    return Err(SqliteError::Served { path, found, known }.into());
                }
                // Who may not lock it will be told so when it is opened.
                Err(_) => None,
            },
            // What else is wrong is told when it is opened, too.
            _ => None,
        };
        Self::open(data)
    }

    /// The same, and makes none.
    pub fn open_existing(data: &DataFolder) -> Result<Self, StoreError> {
        check_here(data)?;
        let path = data.database();
        if path.exists() {
            Self::open_beside(data)
        } else {
            Err(SqliteError::Missing(path.display().to_string()).into())
        }
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic while the lock was held rolled its transaction back: the connection is usable.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.readers.read(read)
    }
}

impl Receipts for SqliteStore {
    fn append(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError> {
        write::append(&mut self.writer(), batch)
    }

    fn row(&self, site: &SiteId, id: RecordId) -> Result<Option<Row>, StoreError> {
        self.reading(|connection| read::row(connection, site, id))
    }

    fn find(&self, id: RecordId) -> Result<Option<String>, StoreError> {
        self.reading(|connection| read::find(connection, id))
    }

    fn continued(&self, site: &SiteId, subject: ConsentId) -> Result<Vec<Row>, StoreError> {
        self.reading(|connection| read::continued(connection, site, subject))
    }

    fn has_later(
        &self,
        site: &SiteId,
        subject: ConsentId,
        id: RecordId,
    ) -> Result<bool, StoreError> {
        self.reading(|connection| read::has_later(connection, site, subject, id))
    }

    fn page(&self, filter: &Filter, after: i64, limit: u32) -> Result<Stretch, StoreError> {
        self.reading(|connection| read::page(connection, filter, after, limit))
    }

    fn latest(&self, site: &SiteId, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.reading(|connection| read::latest(connection, site, limit))
    }

    fn last_received(&self) -> Result<Option<UnixSeconds>, StoreError> {
        self.reading(read::last_received)
    }

    fn counts(&self, site: &SiteId) -> Result<Vec<(String, u64)>, StoreError> {
        self.reading(|connection| statistics::acts(connection, site))
    }
}

impl Statistics for SqliteStore {
    fn decisions(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<DecisionKey, u64>, StoreError> {
        self.reading(|connection| statistics::decisions(connection, site, &days))
    }

    fn choices(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<ChoiceKey, u64>, StoreError> {
        self.reading(|connection| statistics::choices(connection, site, &days))
    }

    fn of_all_sites(&self, days: RangeInclusive<Day>) -> Result<Vec<SiteDay>, StoreError> {
        self.reading(|connection| statistics::of_all_sites(connection, &days))
    }
}

impl Artefacts for SqliteStore {
    fn keep(&self, artefacts: &[Artefact]) -> Result<(), StoreError> {
        write::keep(&mut self.writer(), artefacts)
    }

    fn artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(|connection| read::artefact(connection, site, kind, digest))
    }

    fn artefact_between(
        &self,
        site: &SiteId,
        kind: ArtefactKind,
        digests: &(Digest, Digest),
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(|connection| read::artefact_between(connection, site, kind, digests))
    }

    fn missing(
        &self,
        artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
    ) -> Result<BTreeSet<Digest>, StoreError> {
        self.reading(|connection| read::missing(connection, artefacts))
    }

    fn artefacts(&self, site: &SiteId, kind: ArtefactKind) -> Result<Vec<Artefact>, StoreError> {
        self.reading(|connection| read::artefacts(connection, site, kind))
    }

    fn note_published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError> {
        published::note(&mut self.writer(), declarations)
    }

    fn last_published(&self, site: &SiteId) -> Result<Option<Digest>, StoreError> {
        self.reading(|connection| published::last(connection, site))
    }

    fn sites(&self) -> Result<Vec<SiteId>, StoreError> {
        self.reading(published::sites)
    }
}

impl Trail for SqliteStore {
    fn note(&self, access: &Access) -> Result<i64, StoreError> {
        trail::note(&self.writer(), access)
    }

    fn note_record(&self, access: &Access, record: RecordId) -> Result<i64, StoreError> {
        trail::note_record(&self.writer(), access, record)
    }

    fn unname(&self, site: &SiteId, subject: ConsentId) -> Result<(), StoreError> {
        trail::unname_subject(&self.writer(), site, subject)?;
        self.deleted.store(true, Ordering::Release);
        Ok(())
    }

    fn settle(&self, seq: i64, rows: u64, manifest: Option<&str>) -> Result<(), StoreError> {
        trail::settle(&self.writer(), seq, rows, manifest)
    }

    fn manifest(&self, site: &SiteId, seq: i64) -> Result<Option<String>, StoreError> {
        self.reading(|connection| trail::manifest(connection, site, seq))
    }

    fn trail(
        &self,
        filter: &AccessFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<StoredAccess>, StoreError> {
        self.reading(|connection| trail::page(connection, filter, after, limit))
    }
}

impl Tokens for SqliteStore {
    fn add_token(&self, token: &StoredToken) -> Result<(), StoreError> {
        tokens::add(&self.writer(), token)
    }

    fn tokens(&self) -> Result<Vec<StoredToken>, StoreError> {
        self.reading(tokens::all)
    }

    fn use_token(&self, hash: &Digest, day: UnixSeconds) -> Result<(), StoreError> {
        tokens::used(&self.writer(), hash, day)
    }

    fn revoke_token(&self, hash: &Digest) -> Result<bool, StoreError> {
        tokens::revoke(&self.writer(), hash)
    }
}

impl Retention for SqliteStore {
    fn doomed(&self, site: &SiteId, which: &Doomed, after: i64) -> Result<Stretch, StoreError> {
        self.reading(|connection| removal::doomed(connection, site, which, after))
    }

    fn commitments(
        &self,
        site: &SiteId,
        places: &[i64],
    ) -> Result<Vec<Option<Placed>>, StoreError> {
        self.reading(|connection| log::commitments(connection, site, places))
    }

    fn remove(
        &self,
        site: &SiteId,
        places: &[i64],
        tallies: &BTreeMap<Tally, u64>,
    ) -> Result<u64, StoreError> {
        let removed = removal::remove(&mut self.writer(), site, places, tallies)?;
        self.deleted.store(true, Ordering::Release);
        Ok(removed)
    }

    fn tallies(&self, site: &SiteId) -> Result<BTreeMap<Tally, u64>, StoreError> {
        self.reading(|connection| removal::tallies(connection, site))
    }

    fn hold(&self, hold: &Hold) -> Result<(), StoreError> {
        removal::hold(&self.writer(), hold)
    }

    fn lift(&self, site: &SiteId) -> Result<bool, StoreError> {
        removal::lift(&self.writer(), site)
    }

    fn held(&self, site: &SiteId) -> Result<Option<Hold>, StoreError> {
        self.reading(|connection| removal::held(connection, site))
    }

    fn holds(&self) -> Result<Vec<Hold>, StoreError> {
        self.reading(moment::holds)
    }
}

impl Upkeep for SqliteStore {
    fn known_sites(&self) -> Result<BTreeSet<SiteId>, StoreError> {
        self.reading(moment::known_sites)
    }

    fn moment(&self, which: Moment) -> Result<Option<UnixSeconds>, StoreError> {
        self.reading(|connection| moment::moment(connection, which))
    }

    fn set_moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError> {
        moment::set_moment(&self.writer(), which, at)
    }

    fn size(&self) -> Result<u64, StoreError> {
        let length = |path: &Path| -> Result<u64, StoreError> {
            match std::fs::metadata(path) {
                Ok(metadata) => Ok(metadata.len()),
                // The log comes and goes.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
                Err(error) => Err(FileError::at(path)(error).into()),
            }
        };
        Ok(length(&self.path)? + length(&self.path.with_extension("db-wal"))?)
    }

    fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        private::make_file(file)?;
        let name = file.to_string_lossy();
        // An empty file is taken for a new one, and keeps its mode.
        crate::fault::point("copy-begun");
        self.reading(|connection| {
            connection.pragma_update(None, "query_only", false)?;
            let copied = connection.execute("VACUUM INTO ?1", [&*name]);
            connection.pragma_update(None, "query_only", true)?;
            copied?;
            Ok(())
        })?;
        Ok(durable::sync(file)?)
    }

    fn forget(&self) -> Result<bool, StoreError> {
        // What readers remember of pages is memory, too.
        self.readers.close_idle();
        // Before, not after: what is deleted meanwhile is for the next time.
        if !self.deleted.swap(false, Ordering::AcqRel) {
            return Ok(true);
        }
        // Not the connection that writes: nobody should wait for who reads.
        let emptied = connect(&self.path).and_then(|connection| {
            connection.busy_timeout(FORGET_TIMEOUT)?;
            let busy: i64 =
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        });
        if !matches!(emptied, Ok(true)) {
            self.deleted.store(true, Ordering::Release);
        }
        emptied
    }

    fn ready(&self) -> Result<(), StoreError> {
        // Written and synced, or a full disk would go unnoticed; the value is the one that is there.
        let writer = self.writer();
        let format: i64 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
        writer.pragma_update(None, "user_version", format)?;
        Ok(())
    }
}

impl LogStore for SqliteStore {
    fn log_state(&self) -> Result<LogState, StoreError> {
        self.reading(log::state)
    }

    fn name_log(&self, origin: &str) -> Result<(), StoreError> {
        log::name(&self.writer(), origin)
    }

    fn first_living(&self) -> Result<Option<u64>, StoreError> {
        self.reading(prune::first_living)
    }

    fn raise_minimum(&self, minimum: u64) -> Result<bool, StoreError> {
        prune::raise(&self.writer(), minimum)
    }

    fn add_leaves(&self, leaves: &[Digest]) -> Result<u64, StoreError> {
        log::add_leaves(&mut self.writer(), leaves)
    }

    fn waiting(&self, from: u64, limit: usize) -> Result<Vec<Digest>, StoreError> {
        self.reading(|connection| log::waiting(connection, from, limit))
    }

    fn integrate(&self, from: u64, to: u64, tiles: &[(Tile, Vec<u8>)]) -> Result<(), StoreError> {
        log::integrate(&mut self.writer(), from, to, tiles)
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading(|connection| log::tile(connection, tile))
    }

    fn adopt(&self) -> Result<bool, StoreError> {
        let Some(Unlogged { looked, receipts }) = self.reading(log::unlogged)? else {
            return Ok(false);
        };
        let salted = receipts.into_iter().map(|(seq, receipt)| {
            let commitment = Commitment::to(&receipt)?;
            Ok((seq, commitment))
        });
        let salted = salted.collect::<Result<Vec<_>, StoreError>>()?;
        log::adopt(&mut self.writer(), looked, &salted)?;
        Ok(!salted.is_empty())
    }

    fn logged(&self, site: &SiteId, id: RecordId) -> Result<Option<Logged>, StoreError> {
        self.reading(|connection| log::logged(connection, site, id))
    }

    fn logged_artefact(
        &self,
        site: Option<&SiteId>,
        kind: ArtefactKind,
        digest: &Digest,
    ) -> Result<Option<u64>, StoreError> {
        self.reading(|connection| log::logged_artefact(connection, site, kind, digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{self, LAWS};

    fn fresh() -> (SqliteStore, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (
            SqliteStore::open(&DataFolder::at(folder.path())).unwrap(),
            folder,
        )
    }

    #[test]
    fn every_law_of_the_contract_holds() {
        for (name, law) in LAWS {
            eprintln!("{name}");
            let (store, _folder) = fresh();
            law(&store);
        }
    }

    #[test]
    fn rows_and_tokens_are_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let row = conformance::new_row(1, "hospital", 100);
        SqliteStore::open(&DataFolder::at(folder.path()))
            .unwrap()
            .append(std::slice::from_ref(&row))
            .unwrap();
        let reopened = SqliteStore::open(&DataFolder::at(folder.path())).unwrap();
        assert_eq!(
            reopened.row(&row.site, row.id).unwrap().unwrap().receipt,
            row.receipt
        );
    }

    #[test]
    fn a_new_database_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let (store, folder) = fresh();
        store
            .append(&[conformance::new_row(1, "hospital", 100)])
            .unwrap();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(
                entry.metadata().unwrap().permissions().mode() & 0o777,
                0o600,
                "{entry:?}"
            );
        }
    }

    #[test]
    fn what_was_deleted_leaves_the_files_as_soon_as_nobody_reads() {
        let (store, folder) = fresh();
        let row = conformance::new_row(1, "hospital", 100);
        store.append(std::slice::from_ref(&row)).unwrap();
        let is_there = || {
            ["consent.db", "consent.db-wal"].iter().any(|file| {
                let bytes = std::fs::read(folder.path().join(file)).unwrap();
                let mut windows = bytes.windows(row.receipt.len());
                windows.any(|window| window == row.receipt.as_bytes())
            })
        };
        store.remove(&row.site, &[1], &BTreeMap::new()).unwrap();
        assert!(is_there());
        let reader = connect(&folder.path().join("consent.db")).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM log").unwrap();
        store
            .append(&[conformance::new_row(2, "hospital", 100)])
            .unwrap();
        assert!(!store.forget().unwrap());
        assert!(is_there());
        reader.execute_batch("COMMIT").unwrap();
        assert!(store.forget().unwrap());
        assert!(!is_there());
        assert!(store.forget().unwrap(), "nothing to do");
    }

    #[test]
    fn empty_places_that_lie_together_are_one_row() {
        let (store, folder) = fresh();
        let rows: Vec<NewRow> = (1..=9)
            .map(|number| conformance::new_row(number, "hospital", 100))
            .collect();
        store.append(&rows).unwrap();
        let look = connect(&folder.path().join("consent.db")).unwrap();
        let remove = |places: &[i64]| {
            store
                .remove(&rows[0].site, places, &BTreeMap::new())
                .unwrap();
            let mut all = look
                .prepare("SELECT first, last FROM removed ORDER BY first")
                .unwrap();
            let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            all.unwrap()
                .collect::<Result<Vec<(i64, i64)>, _>>()
                .unwrap()
        };
        assert_eq!(remove(&[5, 2]), [(2, 2), (5, 5)]);
        assert_eq!(remove(&[3]), [(2, 3), (5, 5)]);
        assert_eq!(remove(&[4]), [(2, 5)]);
        assert_eq!(remove(&[8, 9, 1]), [(1, 5), (8, 9)]);
        // Not one that is gone: nothing is written down then.
        assert!(
            store
                .remove(&rows[0].site, &[6, 8], &BTreeMap::new())
                .is_err()
        );
        assert_eq!(remove(&[7, 6]), [(1, 9)]);
    }

    #[test]
    fn receipts_without_a_place_get_theirs_also_when_some_come_meanwhile() {
        let (store, _folder) = fresh();
        let row = |number: u32, site: &str| {
            let mut random = [0; 10];
            random[4..8].copy_from_slice(&number.to_be_bytes());
            NewRow {
                id: RecordId::v7(1, random),
                ..conformance::new_row(1, site, 100)
            }
        };
        store.append(&[row(0, "hospital")]).unwrap();
        let many: Vec<NewRow> = (1..700).map(|number| row(number, "library")).collect();
        store.append(&many).unwrap();
        assert_eq!(store.logged(&many[0].site, many[0].id).unwrap(), None);
        assert!(store.adopt().unwrap());
        // Of the site that was looked through already.
        let late = row(700, "hospital");
        store.append(std::slice::from_ref(&late)).unwrap();
        while store.adopt().unwrap() {}
        for row in many.iter().chain([&late]) {
            let logged = store.logged(&row.site, row.id).unwrap();
            assert!(logged.is_some(), "{row:?}");
        }
    }

    #[test]
    fn a_database_of_a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        drop(SqliteStore::open(&DataFolder::at(folder.path())).unwrap());
        let file = folder.path().join("consent.db");
        connect(&file)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        let error = SqliteStore::open(&DataFolder::at(folder.path())).unwrap_err();
        assert!(error.to_string().contains("has format 99"), "{error}");
    }

    #[test]
    fn readers_do_not_wait_for_a_writer_of_another_process() {
        let (store, folder) = fresh();
        let row = conformance::new_row(1, "hospital", 100);
        store.append(std::slice::from_ref(&row)).unwrap();
        let other = connect(&folder.path().join("consent.db")).unwrap();
        other
            .execute_batch("BEGIN IMMEDIATE; DELETE FROM records;")
            .unwrap();
        assert!(store.row(&row.site, row.id).unwrap().is_some());
    }
}
