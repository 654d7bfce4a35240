//! How much one client and one site may send: counted in memory, forgotten within minutes, never logged.
//!
//! The generic cell rate algorithm: of each client one moment is kept, the one at which its allowance is full again.
//! Clients are told apart by a keyed hash of their address, so that not even memory holds an address.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many clients are told apart at a time: a few megabytes.
const CLIENTS: usize = 100_000;

/// Where a request comes from, as far as limits need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// So many at once, and so many a second in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A second, in the long run. 0: no limit.
    pub per_second: u32,
    /// At once.
    pub burst: u32,
}

/// The limits of a server.
#[derive(Debug)]
pub struct Rates {
    clients: Limit,
    sites: Limit,
}

/// Too many: try again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub Duration);

impl Rates {
    /// Limits for one client, and for all clients of one site together.
    #[must_use]
    pub fn new(client: Rate, site: Rate) -> Self {
        Self {
            clients: Limit::new(client),
            sites: Limit::new(site),
        }
    }

    /// Counts a request of a client. Those of this machine are a proxy's or the operator's own: they are not limited.
    pub fn client(&self, client: Option<Client>) -> Result<(), TooMany> {
        match client.map(|client| client.0.to_canonical()) {
            None => Ok(()),
            Some(address) if address.is_loopback() => Ok(()),
            Some(IpAddr::V4(address)) => self.clients.count(&address.octets(), Instant::now()),
            // A household or an office has a network of 64 bits (RFC 6177), and may change the rest at will.
            Some(IpAddr::V6(address)) => self.clients.count(&address.octets()[..8], Instant::now()),
        }
    }

    /// Counts a record of a site.
    pub fn site(&self, id: &str) -> Result<(), TooMany> {
        self.sites.count(id.as_bytes(), Instant::now())
    }
}

/// Ten records a second are more than a browser ever sends; an office behind one address may send fifty at once.
impl Default for Rates {
    fn default() -> Self {
        Self::new(Rate::of(10), Rate::of(0))
    }
}

impl Rate {
    /// So many a second, and what five seconds allow at once. 0: no limit.
    #[must_use]
    pub const fn of(per_second: u32) -> Self {
        Self {
            per_second,
            burst: per_second.saturating_mul(5),
        }
    }
}

#[derive(Debug)]
struct Limit {
    /// The time that one request uses up; zero: no limit.
    each: Duration,
    /// How far ahead of time a client may be.
    ahead: Duration,
    keyed: RandomState,
    full_again: Mutex<HashMap<u64, Instant>>,
}

impl Limit {
    fn new(rate: Rate) -> Self {
        let each = Duration::from_secs(1)
            .checked_div(rate.per_second)
            .unwrap_or_default();
        Self {
            each,
            ahead: each * rate.burst.max(1),
            keyed: RandomState::new(),
            full_again: Mutex::default(),
        }
    }

    fn count(&self, who: &[u8], now: Instant) -> Result<(), TooMany> {
        if self.each.is_zero() {
            return Ok(());
        }
        let key = self.keyed.hash_one(who);
        let mut all = self
            .full_again
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CLIENTS && !all.contains_key(&key) {
            all.retain(|_, full| *full > now);
            if all.len() >= CLIENTS {
                // More clients at once than are told apart: they share the fate of a busy server, not of this one.
                all.clear();
            }
        }
        let full = all.entry(key).or_insert(now);
        let next = (*full).max(now) + self.each;
        if next > now + self.ahead {
            return Err(TooMany(next - (now + self.ahead)));
        }
        *full = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> Limit {
        Limit::new(Rate {
            per_second: 10,
            burst: 3,
        })
    }

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let (limit, now) = (limit(), Instant::now());
        for _ in 0..3 {
            assert_eq!(limit.count(b"a", now), Ok(()));
        }
        let wait = Duration::from_millis(100);
        assert_eq!(limit.count(b"a", now), Err(TooMany(wait)));
        assert_eq!(limit.count(b"b", now), Ok(()), "others are not concerned");
        assert_eq!(limit.count(b"a", now + wait), Ok(()));
        assert!(limit.count(b"a", now + wait).is_err());
    }

    #[test]
    fn what_is_refused_does_not_count() {
        let (limit, now) = (limit(), Instant::now());
        for _ in 0..100 {
            let _ = limit.count(b"a", now);
        }
        assert_eq!(limit.count(b"a", now + Duration::from_millis(100)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let (limit, now) = (limit(), Instant::now());
        for client in 0..=2 * CLIENTS {
            let _ = limit.count(&client.to_le_bytes(), now);
        }
        assert!(limit.full_again.lock().unwrap().len() <= CLIENTS);
    }

    #[test]
    fn one_network_is_one_client_and_this_machine_is_none() {
        let rate = Rate {
            per_second: 1,
            burst: 1,
        };
        let rates = Rates::new(rate, rate);
        let client = |text: &str| Some(Client(text.parse().unwrap()));
        assert!(rates.client(client("2001:db8::1")).is_ok());
        assert!(rates.client(client("2001:db8::2")).is_err());
        assert!(rates.client(client("2001:db8:0:1::1")).is_ok());
        assert!(rates.client(client("203.0.113.7")).is_ok());
        assert!(rates.client(client("::ffff:203.0.113.7")).is_err());
        for _ in 0..5 {
            assert!(rates.client(client("127.0.0.1")).is_ok());
            assert!(rates.client(client("::1")).is_ok());
            assert!(rates.client(None).is_ok());
        }
        assert!(rates.site("shop").is_ok());
        assert!(rates.site("shop").is_err());
    }
}
