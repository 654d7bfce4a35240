//! The one place that reads the clock, and the one that asks the system for randomness.

use consent_core::time::UnixSeconds;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time: the system's, or whatever a test says.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UnixSeconds + Send + Sync>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

impl Clock {
    /// The system's clock. A clock set before 1970 counts as 1970.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let elapsed = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let seconds = i64::try_from(elapsed.as_secs()).unwrap_or_default();
            UnixSeconds::new(seconds).unwrap_or(UnixSeconds::EPOCH)
        })
    }

    /// A clock that tells what the function says.
    #[must_use]
    pub fn new(tell: impl Fn() -> UnixSeconds + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        (self.0)()
    }
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct RandomError(#[from] getrandom::Error);

/// How many salts are fetched together: asking the system takes longer than it takes to give so much.
const SALTS: usize = 32;

thread_local! {
    static SALTS_LEFT: RefCell<Vec<[u8; 32]>> = const { RefCell::new(Vec::new()) };
}

/// A salt that nobody has had before.
pub fn salt() -> Result<[u8; 32], RandomError> {
    SALTS_LEFT.with_borrow_mut(|left| {
        if let Some(salt) = left.pop() {
            return Ok(salt);
        }
        let more = random::<{ 32 * SALTS }>()?;
        left.extend_from_slice(more.as_chunks().0);
        random()
    })
}

/// Bytes fit for keys and tokens.
pub fn random<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
