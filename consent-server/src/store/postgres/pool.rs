//! Sessions that are lent: as many as are needed at a time, and never more than a few.

use super::error::{PostgresError, at};
use super::runtime::Runtime;
use super::session::{Session, Target};
use crate::store::StoreError;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a call waits for a session.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one is kept that nobody needs.
const IDLE: Duration = Duration::from_secs(30);

pub(super) struct Pool {
    runtime: Arc<Runtime>,
    target: Target,
    most: usize,
    sessions: Mutex<Sessions>,
    returned: Condvar,
}

#[derive(Default)]
struct Sessions {
    /// The one that was used last is last, and is used next: the others grow old.
    idle: Vec<(Session, Instant)>,
    /// How many there are, in use or not.
    open: usize,
}

impl Pool {
    pub(super) fn new(runtime: Arc<Runtime>, target: Target, most: usize) -> Self {
        Self {
            runtime,
            target,
            most,
            sessions: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// Does something with a session that nobody else uses meanwhile. After an error it is closed, which rolls back what was
    /// begun.
    pub(super) fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend()?;
        let done = self.runtime.wait(lent.work(work));
        done.map_err(|error| at(error, &self.target.url))
    }

    /// The same, given up after a while.
    pub(super) fn within<T>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut lent = self.lend()?;
        let done = self.runtime.wait(async {
            let timed = tokio::time::timeout(limit, lent.work(work));
            timed.await.unwrap_or(Err(PostgresError::Silent.into()))
        });
        done.map_err(|error| at(error, &self.target.url))
    }

    fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let sessions = self.lock();
        let (mut sessions, waited) = self
            .returned
            .wait_timeout_while(sessions, PATIENCE, |sessions| {
                sessions.idle.is_empty() && sessions.open >= self.most
            })
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(StoreError::Busy);
        }
        let old = sessions
            .idle
            .partition_point(|(_, used)| used.elapsed() >= IDLE);
        let newest = sessions.idle.len().saturating_sub(1);
        let closed: Vec<_> = sessions.idle.drain(..old.min(newest)).collect();
        sessions.open -= closed.len();
        let session = sessions.idle.pop().map(|(session, _)| session);
        if session.is_none() {
            sessions.open += 1;
        }
        Ok(Lent {
            pool: self,
            session,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({}, {})", self.target.url, self.most)
    }
}

/// A session in use; none if it was closed or could not be begun. Its place in the pool is given back in any case.
struct Lent<'a> {
    pool: &'a Pool,
    session: Option<Session>,
}

impl Lent<'_> {
    /// The session is given back only if all went well.
    async fn work<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => Session::begin(&self.pool.target).await?,
        };
        let done = work(&mut session).await?;
        self.session = Some(session);
        Ok(done)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut sessions = self.pool.lock();
        match self.session.take() {
            Some(session) => sessions.idle.push((session, Instant::now())),
            None => sessions.open -= 1,
        }
        drop(sessions);
        self.pool.returned.notify_one();
    }
}
