//! The lease for as long as it is held: the beat that says so, and its end.

use super::fence::Fence;
use super::lease::{self, BEAT, Lease};
use super::opening::Source;
use super::pool::Pool;
use super::session::{Session, Target};
use crate::store::StoreError;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long a beat may take, and the last word.
const PROMPT: Duration = Duration::from_secs(2);

/// A lease that is held. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Tenure {
    lease: Lease,
    beating: JoinHandle<()>,
    end: Pool,
}

impl Tenure {
    /// Beats from now on. A database that is away is asked again.
    pub(super) fn begin(source: &Source, lease: Lease) -> Self {
        let beating = keep(source.writing(), lease.clone());
        Self {
            beating: source.runtime.spawn(beating),
            end: Pool::new(source.runtime.clone(), source.writing(), 1),
            lease,
        }
    }

    /// What the holder's transactions begin with.
    pub(super) fn fence(&self) -> Fence {
        self.lease.fence()
    }
}

impl Tenure {
    /// Refuses a database that was seen to be set back.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.lease.reached().check()
    }
}

impl Drop for Tenure {
    fn drop(&mut self) {
        self.beating.abort();
        // Whoever comes next waits a second and a half if this does not succeed.
        let _ = self.end.within(PROMPT, async |session| {
            lease::leave(session, &self.lease).await
        });
    }
}

/// Who this is, for people who look for who has a database.
pub(super) fn holder() -> String {
    let system = rustix::system::uname();
    let host = system.nodename().to_string_lossy();
    format!("process {} on {host}", std::process::id())
}

async fn keep(target: Target, lease: Lease) {
    let mut session = None;
    loop {
        tokio::time::sleep(BEAT).await;
        match tokio::time::timeout(PROMPT, beat(&target, &mut session, &lease)).await {
            Ok(Ok(())) => {}
            Ok(Err(StoreError::Superseded)) => {
                tracing::error!(
                    "another server has taken over this database, and this one stores nothing more: stop this one"
                );
                break;
            }
            // Who stores records says so.
            Ok(Err(_)) | Err(_) => session = None,
        }
    }
}

async fn beat(
    target: &Target,
    session: &mut Option<Session>,
    lease: &Lease,
) -> Result<(), StoreError> {
    let mut open = match session.take() {
        Some(open) => open,
        None => Session::begin(target).await?,
    };
    lease::beat(&mut open, lease).await?;
    *session = Some(open);
    Ok(())
}
