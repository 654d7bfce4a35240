//! The connections that read: as many as read at the same time, and never more than a few. Each costs files and memory, and
//! more of them at once read nothing faster.

use super::opening::connect;
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many there are at most. What comes beyond them waits.
pub(super) const MOST: usize = 16;

/// How long a call waits for one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one is kept that nobody needs.
const IDLE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    patience: Duration,
    pool: Mutex<Pool>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Pool {
    /// The one that was used last is last, and is used next: the others grow old.
    idle: Vec<(Connection, Instant)>,
    /// How many there are, in use or not.
    open: usize,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            patience: PATIENCE,
            pool: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Reads with a connection that nobody else uses meanwhile. Waits for one if need be.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let lent = self.lend()?;
        lent.connection.as_ref().map_or(Err(StoreError::Busy), read)
    }

    /// Closes those that were not used for a while.
    pub(super) fn close_idle(&self) {
        self.close_older_than(IDLE);
    }

    fn close_older_than(&self, age: Duration) {
        let mut pool = self.lock();
        let old = pool.idle.partition_point(|(_, used)| used.elapsed() >= age);
        let closed: Vec<_> = pool.idle.drain(..old).collect();
        pool.open -= closed.len();
        drop(pool);
        drop(closed);
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let pool = self.lock();
        let (mut pool, waited) = self
            .returned
            .wait_timeout_while(pool, self.patience, |pool| {
                pool.idle.is_empty() && pool.open >= MOST
            })
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(StoreError::Busy);
        }
        let idle = pool.idle.pop();
        if idle.is_none() {
            pool.open += 1;
        }
        drop(pool);
        let mut lent = Lent {
            readers: self,
            connection: idle.map(|(connection, _)| connection),
        };
        if lent.connection.is_none() {
            let connection = connect(&self.path)?;
            connection.pragma_update(None, "query_only", true)?;
            lent.connection = Some(connection);
        }
        Ok(lent)
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in use; none if it could not be opened. Its place in the pool is given back in any case.
struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut pool = self.readers.lock();
        match self.connection.take() {
            Some(connection) => pool.idle.push((connection, Instant::now())),
            None => pool.open -= 1,
        }
        drop(pool);
        self.readers.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DataFolder;
    use crate::store::SqliteStore;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    fn open(folder: &std::path::Path, patience: Duration) -> Readers {
        drop(SqliteStore::open(&DataFolder::at(folder)).unwrap());
        Readers {
            patience,
            ..Readers::new(DataFolder::at(folder).database())
        }
    }

    #[test]
    fn a_flood_opens_few_and_all_are_served() {
        let folder = tempfile::tempdir().unwrap();
        let readers = open(folder.path(), Duration::from_mins(1));
        let (reading, at_most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|threads| {
            for _ in 0..4 * MOST {
                threads.spawn(|| {
                    let read = readers.read(|connection| {
                        let now = reading.fetch_add(1, Ordering::SeqCst) + 1;
                        at_most.fetch_max(now, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_millis(5));
                        reading.fetch_sub(1, Ordering::SeqCst);
                        Ok(connection.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?)
                    });
                    assert_eq!(read.unwrap(), 1);
                });
            }
        });
        assert!(at_most.load(Ordering::SeqCst) <= MOST);
        let open = || {
            let pool = readers.lock();
            assert_eq!(pool.open, pool.idle.len());
            pool.open
        };
        assert!((1..=MOST).contains(&open()));
        readers.close_older_than(Duration::ZERO);
        assert_eq!(open(), 0);
    }

    #[test]
    fn who_waits_too_long_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let readers = open(folder.path(), Duration::from_millis(50));
        std::thread::scope(|threads| {
            let (ready, begun) = mpsc::channel();
            let (end, ends): (Vec<_>, Vec<_>) = (0..MOST).map(|_| mpsc::channel::<()>()).unzip();
            for end in ends {
                let (ready, readers) = (ready.clone(), &readers);
                threads.spawn(move || {
                    readers.read(|_| {
                        ready.send(()).unwrap();
                        let _ = end.recv();
                        Ok(())
                    })
                });
            }
            for _ in 0..MOST {
                begun.recv().unwrap();
            }
            let refused = readers.read(|_| Ok(()));
            assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
            drop(end);
        });
        readers.read(|_| Ok(())).unwrap();
    }

    #[test]
    fn what_panics_or_cannot_be_opened_gives_its_place_back() {
        let folder = tempfile::tempdir().unwrap();
        let readers = open(folder.path(), Duration::from_millis(50));
        for _ in 0..2 * MOST {
            let panics = std::panic::AssertUnwindSafe(|| {
                readers.read(|_| -> Result<(), StoreError> { panic!("a reader") })
            });
            assert!(std::panic::catch_unwind(panics).is_err());
        }
        let gone = Readers {
            patience: Duration::from_millis(50),
            ..Readers::new(folder.path().join("none/consent.db"))
        };
        for _ in 0..2 * MOST {
            assert!(!matches!(
                gone.read(|_| Ok(())),
                Ok(()) | Err(StoreError::Busy)
            ));
        }
        readers.read(|_| Ok(())).unwrap();
    }
}
