//! The lease of the log: which process takes records into a database and builds its tree. A row with an epoch and a beat; no
//! clock but one's own, and nothing that ends with a connection.

use super::error::PostgresError;
use super::fence::{Fence, LEASE, LOG, Reached};
use super::session::{Session, get};
use super::sql::statements;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the holder says that it is there, and others look.
pub(super) const BEAT: Duration = Duration::from_millis(500);

/// How long the beat must stand still, by one's own clock, until the lease is free.
const PATIENCE: Duration = Duration::from_millis(1500);

statements! {
    READ = "SELECT epoch, holder, beat FROM leases WHERE name = $1";
    TAKE = "UPDATE leases SET epoch = epoch + 1, holder = $4, beat = 0 WHERE name = $1 AND epoch = $2 AND beat = $3";
    BEAT_ON = "UPDATE leases SET beat = beat + 1 WHERE name = $1 AND epoch = $2 RETURNING (SELECT next FROM log_next WHERE log = $3)";
    LEAVE = "UPDATE leases SET holder = NULL WHERE name = $1 AND epoch = $2";
}

/// The lease, as it was taken.
#[derive(Clone, Debug)]
pub(super) struct Lease(Fence);

impl Lease {
    /// How far the log has come, as far as this process has seen.
    pub(super) fn reached(&self) -> &Reached {
        &self.0.reached
    }

    /// What its holder's transactions begin with.
    pub(super) fn fence(&self) -> Fence {
        self.0.clone()
    }
}

/// How the lease stands.
#[derive(Debug, PartialEq, Eq)]
struct Standing {
    epoch: i64,
    holder: Option<String>,
    beat: i64,
}

/// Takes the lease when it is free or its beat has stood still for long enough; refuses if somebody holds it.
pub(super) async fn take(
    session: &mut Session,
    at: &str,
    holder: &str,
) -> Result<Lease, StoreError> {
    let seen = read(session).await?;
    if let Some(other) = &seen.holder {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            sleep(BEAT).await;
            if read(session).await? != seen {
                return Err(served(at, other));
            }
        }
    }
    let (epoch, beat) = (seen.epoch, seen.beat);
    let taken = session
        .execute(TAKE, &[&LEASE, &epoch, &beat, &holder])
        .await?;
    if taken == 1 {
        Ok(Lease(Fence {
            epoch: epoch + 1,
            reached: Arc::default(),
        }))
    } else {
        // Who was faster.
        let other = read(session).await?.holder.unwrap_or_default();
        Err(served(at, &other))
    }
}

fn served(at: &str, holder: &str) -> StoreError {
    let (at, holder) = (at.to_owned(), holder.to_owned());
    PostgresError::Served { at, holder }.into()
}

async fn read(session: &mut Session) -> Result<Standing, StoreError> {
    let row = session.one(READ, &[&LEASE]).await?;
    Ok(Standing {
        epoch: get(&row, 0)?,
        holder: get(&row, 1)?,
        beat: get(&row, 2)?,
    })
}

/// Says that the holder is there, and looks whether the database still has all that it had.
pub(super) async fn beat(session: &mut Session, lease: &Lease) -> Result<(), StoreError> {
    let Lease(Fence { epoch, reached }) = lease;
    let before = reached.next();
    match session.row(BEAT_ON, &[&LEASE, epoch, &LOG]).await? {
        Some(row) => reached.compare(before, get(&row, 0)?),
        None => Err(StoreError::Superseded),
    }
}

/// Gives it back: the next one need not wait.
pub(super) async fn leave(session: &mut Session, lease: &Lease) -> Result<(), StoreError> {
    session.execute(LEAVE, &[&LEASE, &lease.0.epoch]).await?;
    Ok(())
}
