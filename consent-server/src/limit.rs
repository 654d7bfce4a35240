//! How much one client and one site may send: counted in memory, forgotten within minutes, never logged.
//!
//! The generic cell rate algorithm: of each client one moment is kept, the one at which its allowance is full again.
//! Clients are told apart by a keyed hash of their address, so that not even memory holds an address.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many clients are told apart at a time: a few megabytes.
const CLIENTS: usize = 100_000;

/// What a wrong token costs: as much as so many other requests. Nobody who has a right one sends many.
const WRONG_TOKEN: u32 = 5;

/// Where a request comes from, as far as limits need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Whoever is at the other end of the connection.
    Peer(IpAddr),
    /// Whom our own proxy has seen.
    Forwarded(IpAddr),
    /// Somebody whom our own proxy does not name: all of them are one client.
    Untold,
}

/// What counts as one: an IPv4 address, or an IPv6 network of 64 bits. A household or an office has one of these (RFC 6177),
/// and may change the rest at will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Network {
    V4([u8; 4]),
    V6([u8; 8]),
    Untold,
}

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            // 6to4 (RFC 3056 §2): each IPv4 address would be 65,536 networks.
            IpAddr::V6(address) if address.segments()[0] == 0x2002 => {
                let [_, _, a, b, c, d, ..] = address.octets();
                Self::V4([a, b, c, d])
            }
            IpAddr::V6(address) => {
                let mut network = [0; 8];
                network.copy_from_slice(&address.octets()[..8]);
                Self::V6(network)
            }
        }
    }
}

impl From<Client> for Network {
    fn from(client: Client) -> Self {
        match client {
            Client::Peer(address) | Client::Forwarded(address) => Self::of(address),
            Client::Untold => Self::Untold,
        }
    }
}

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
    /// Whether the operator was told that the proxy does not name its clients.
    told: AtomicBool,
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
            told: AtomicBool::new(false),
        }
    }

    /// Counts a request of a client. Those of this machine are the operator's own tools: they are not limited, unless a
    /// proxy has passed them on.
    pub fn client(&self, client: Option<Client>) -> Result<(), TooMany> {
        match self.limited(client) {
            Some(network) => self.clients.count(&network, Instant::now()),
            None => Ok(()),
        }
    }

    /// Whether a client may try a token: asked before the token is looked up. Right ones cost nothing.
    pub fn may_try(&self, client: Option<Client>) -> Result<(), TooMany> {
        match self.limited(client) {
            Some(network) => self.clients.has_left(&network, Instant::now()),
            None => Ok(()),
        }
    }

    /// Counts a wrong token of a client, which costs as much as some requests.
    pub fn tried_wrongly(&self, client: Option<Client>) {
        if let Some(network) = self.limited(client) {
            self.clients.charge(&network, WRONG_TOKEN, Instant::now());
        }
    }

    /// Whom to count a request for; nobody if it came over no socket.
    fn limited(&self, client: Option<Client>) -> Option<Network> {
        let client = client?;
        match client {
            Client::Peer(address) if address.to_canonical().is_loopback() => return None,
            Client::Untold if self.clients.is_set() && !self.told.swap(true, Ordering::Relaxed) => {
                tracing::warn!(
                    "a request came without an address in X-Forwarded-For: all such requests count as one client, and are limited together. Let the proxy add the address that it has seen; see docs/operate.md"
                );
            }
            _ => {}
        }
        Some(client.into())
    }

    /// Counts a record of a site.
    pub fn site(&self, id: &str) -> Result<(), TooMany> {
        self.sites.count(id, Instant::now())
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

    /// Whether there is a limit.
    fn is_set(&self) -> bool {
        !self.each.is_zero()
    }

    fn count(&self, who: &(impl Hash + ?Sized), now: Instant) -> Result<(), TooMany> {
        self.of(who, now, |full| {
            let next = (*full).max(now) + self.each;
            self.within(next, now)?;
            *full = next;
            Ok(())
        })
    }

    /// Whether one more would be let through.
    fn has_left(&self, who: &(impl Hash + ?Sized), now: Instant) -> Result<(), TooMany> {
        self.of(who, now, |full| {
            self.within((*full).max(now) + self.each, now)
        })
    }

    /// Uses up what so many requests would, whether it is left or not.
    fn charge(&self, who: &(impl Hash + ?Sized), requests: u32, now: Instant) {
        let charged = self.of(who, now, |full| {
            let next = (*full).max(now) + self.each * requests;
            // Never a debt that grows: who stops is let in again after as long as a whole allowance takes.
            *full = next.min(now + self.ahead * 2);
            Ok(())
        });
        debug_assert!(charged.is_ok());
    }

    fn within(&self, next: Instant, now: Instant) -> Result<(), TooMany> {
        let end = now + self.ahead;
        if next > end {
            return Err(TooMany(next - end));
        }
        Ok(())
    }

    /// Looks at the moment at which somebody's allowance is full again.
    fn of(
        &self,
        who: &(impl Hash + ?Sized),
        now: Instant,
        look: impl FnOnce(&mut Instant) -> Result<(), TooMany>,
    ) -> Result<(), TooMany> {
        if !self.is_set() {
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
        look(all.entry(key).or_insert(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_client_however_it_writes_its_address() {
        let network = |address: &str| Network::of(address.parse().unwrap());
        for (one, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1"),
            ("192.0.2.1", "2002:c000:201:1::1"),
            ("2002:c000:201::1", "2002:c000:201:ffff::2"),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1"),
        ] {
            assert_eq!(network(one), network(other), "{one} {other}");
        }
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("2002:c000:201::1"), network("2002:c000:202::1"));
    }

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
        let client = |text: &str| Some(Client::Peer(text.parse().unwrap()));
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

    #[test]
    fn whom_the_proxy_does_not_name_is_one_client() {
        let rates = Rates::new(Rate::of(1), Rate::of(0));
        let forwarded = |text: &str| Some(Client::Forwarded(text.parse().unwrap()));
        for _ in 0..5 {
            assert!(rates.client(Some(Client::Untold)).is_ok());
            assert!(rates.client(forwarded("127.0.0.1")).is_ok());
        }
        assert!(rates.client(Some(Client::Untold)).is_err());
        let passed_on = forwarded("127.0.0.1");
        assert!(rates.client(passed_on).is_err(), "none of our own tools");
        assert!(rates.client(forwarded("203.0.113.7")).is_ok());
    }

    #[test]
    fn wrong_tokens_use_an_allowance_up_and_right_ones_do_not() {
        let (limit, now) = (limit(), Instant::now());
        for _ in 0..100 {
            assert_eq!(limit.has_left(b"a", now), Ok(()));
        }
        limit.charge(b"a", WRONG_TOKEN, now);
        assert!(limit.has_left(b"a", now).is_err());
        assert!(limit.count(b"a", now).is_err());
        assert_eq!(limit.has_left(b"b", now), Ok(()));
        for _ in 0..100 {
            limit.charge(b"a", WRONG_TOKEN, now);
        }
        // Twice its burst of three, a tenth of a second each, and no more.
        assert!(
            limit
                .has_left(b"a", now + Duration::from_millis(300))
                .is_err()
        );
        assert_eq!(
            limit.has_left(b"a", now + Duration::from_millis(400)),
            Ok(())
        );
    }
}
