//! Who holds the places that a listener has, and who must leave when they run out.
//!
//! A new connection is always taken. When all places are taken, or all that one peer may have, those leave that the server
//! waits for: connections with no request under way, or with one that has not come whole. Of these, first those of the peers
//! that hold most, and among them those that have brought no request for longest. Whoever sends a byte now and then gains
//! nothing; whoever is being answered stays.

use crate::limit::Network;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// One in so many of the places is freed at once: looking for them costs more than it frees one by one.
const AT_ONCE: usize = 32;

/// How soon it is looked again for a place that did not become free.
const AGAIN: Duration = Duration::from_millis(20);

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    /// How many one peer may hold.
    a_peer: usize,
    began: Instant,
    taken: Mutex<Taken>,
    /// Told of each that becomes free.
    free: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    /// With those that were sent away and are not closed yet: each is an open file.
    open: usize,
    seats: HashMap<u64, Arc<Seat>>,
    peers: HashMap<Network, usize>,
}

/// A connection's place, given back when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    places: Arc<Places>,
    seat: Arc<Seat>,
}

/// Every place of a peer is taken, and all are in use.
#[derive(Debug)]
pub(super) struct NoPlace;

/// Whose turn it is on a connection, and since when.
#[derive(Debug)]
pub(super) struct Seat {
    peer: Network,
    began: Instant,
    turn: AtomicU8,
    /// When it was taken, or its last answer ended: milliseconds after the listener began.
    since: AtomicU64,
    /// Whether the body of its last request did not come in time. No other request follows on this connection.
    late: AtomicBool,
    leave: Notify,
}

/// The client is to send a request, or the rest of one.
const WAITING: u8 = 0;
/// The server is to answer.
const ANSWERING: u8 = 1;
/// It must go.
const LEAVING: u8 = 2;

impl Places {
    pub(super) fn new(most: usize, a_peer: usize) -> Self {
        Self {
            most: most.max(1),
            a_peer: a_peer.max(1),
            began: Instant::now(),
            taken: Mutex::default(),
            free: Notify::new(),
        }
    }

    /// A place for a connection of this peer. While everybody else is being answered, or those who must go are not gone, this
    /// waits.
    pub(super) async fn take(self: &Arc<Self>, peer: Network) -> Result<Place, NoPlace> {
        loop {
            if let Some(place) = self.try_take(peer)? {
                return Ok(place);
            }
            let _ = tokio::time::timeout(AGAIN, self.free.notified()).await;
        }
    }

    fn try_take(self: &Arc<Self>, peer: Network) -> Result<Option<Place>, NoPlace> {
        let mut taken = self.lock();
        if taken.open >= self.most + 2 * at_once(self.most) {
            return Ok(None);
        }
        let of_peer = taken.peers.get(&peer).copied().unwrap_or(0);
        if of_peer >= self.a_peer && taken.send_away(Some(peer), self.a_peer) == 0 {
            return Err(NoPlace);
        }
        if taken.seats.len() >= self.most && taken.send_away(None, self.most) == 0 {
            return Ok(None);
        }
        let seat = Arc::new(Seat {
            peer,
            began: self.began,
            turn: AtomicU8::new(WAITING),
            since: AtomicU64::new(0),
            late: AtomicBool::new(false),
            leave: Notify::new(),
        });
        seat.touch();
        let number = taken.next;
        taken.next += 1;
        taken.open += 1;
        taken.seats.insert(number, Arc::clone(&seat));
        *taken.peers.entry(peer).or_default() += 1;
        Ok(Some(Place {
            number,
            places: Arc::clone(self),
            seat,
        }))
    }

    /// Frees some places before they are needed: how many.
    pub(super) fn clear_some(&self) -> usize {
        self.lock().send_away(None, self.most)
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of so many places are freed at once.
fn at_once(places: usize) -> usize {
    (places / AT_ONCE).max(1)
}

impl Taken {
    /// Sends away some of those that are waited for, of one peer or of all, out of so many places. How many went.
    fn send_away(&mut self, of: Option<Network>, places: usize) -> usize {
        let mut waiting: Vec<_> = self
            .seats
            .iter()
            .filter(|(_, seat)| of.is_none_or(|peer| seat.peer == peer) && seat.is_waiting())
            .map(|(number, seat)| {
                let held = self.peers.get(&seat.peer).map_or(0, |held| held.ilog2());
                (Reverse(held), seat.since.load(Ordering::Relaxed), *number)
            })
            .collect();
        let wanted = at_once(places);
        if waiting.len() > wanted {
            waiting.select_nth_unstable(wanted);
            waiting.truncate(wanted);
        }
        let mut gone = 0;
        for (_, _, number) in waiting {
            // A request may have come since.
            if self.seats.get(&number).is_some_and(|seat| seat.send_away()) {
                self.remove(number);
                gone += 1;
            }
        }
        gone
    }

    fn remove(&mut self, number: u64) {
        let Some(seat) = self.seats.remove(&number) else {
            return;
        };
        if let Some(held) = self.peers.get_mut(&seat.peer) {
            *held -= 1;
            if *held == 0 {
                self.peers.remove(&seat.peer);
            }
        }
    }
}

impl Place {
    pub(super) fn seat(&self) -> Arc<Seat> {
        Arc::clone(&self.seat)
    }

    /// Resolves when another needs the place more.
    pub(super) async fn must_leave(&self) {
        self.seat.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        taken.remove(self.number);
        taken.open -= 1;
        drop(taken);
        self.places.free.notify_one();
    }
}

impl Seat {
    /// A request has come whole: from here on the server is waited for.
    pub(super) fn answers(&self) {
        self.turns(WAITING, ANSWERING);
    }

    /// The answer is handed over: from here on the client is waited for.
    pub(super) fn answered(&self) {
        self.touch();
        self.turns(ANSWERING, WAITING);
    }

    /// The rest of a request has not come in time.
    pub(super) fn is_late(&self) {
        self.late.store(true, Ordering::Relaxed);
    }

    pub(super) fn was_late(&self) -> bool {
        self.late.load(Ordering::Relaxed)
    }

    fn touch(&self) {
        let since = self.began.elapsed().as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.since.store(since, Ordering::Relaxed);
    }

    fn is_waiting(&self) -> bool {
        self.turn.load(Ordering::Relaxed) == WAITING
    }

    fn send_away(&self) -> bool {
        let goes = self.turns(WAITING, LEAVING);
        if goes {
            self.leave.notify_one();
        }
        goes
    }

    fn turns(&self, from: u8, to: u8) -> bool {
        self.turn
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn peer(number: u8) -> Network {
        Network::of(Ipv4Addr::new(203, 0, 113, number).into())
    }

    fn take(places: &Arc<Places>, number: u8) -> Place {
        places.try_take(peer(number)).unwrap().unwrap()
    }

    /// Whether it was sent away.
    fn is_gone(place: &Place) -> bool {
        place.seat.turn.load(Ordering::Relaxed) == LEAVING
    }

    /// So that one is later than the other, whatever the clock's steps.
    fn later() {
        std::thread::sleep(Duration::from_millis(2));
    }

    #[test]
    fn the_longest_waiting_of_the_greediest_peer_leaves_first() {
        let places = Arc::new(Places::new(6, 6));
        let modest = take(&places, 1);
        let greedy: Vec<Place> = (0..5)
            .map(|_| {
                later();
                take(&places, 2)
            })
            .collect();
        // It has brought a request meanwhile, and begins another that does not come.
        greedy[0].seat.answers();
        later();
        greedy[0].seat.answered();
        let newcomer = take(&places, 3);
        assert!(is_gone(&greedy[1]), "not the first, which was of use");
        for place in [&modest, &newcomer, &greedy[0], &greedy[2]] {
            assert!(!is_gone(place));
        }
        let _another = take(&places, 2);
        assert!(is_gone(&greedy[2]));
        assert!(!is_gone(&modest), "it holds one, however long");
    }

    #[test]
    fn who_is_being_answered_stays_and_others_wait() {
        let places = Arc::new(Places::new(2, 2));
        let (one, other) = (take(&places, 1), take(&places, 2));
        one.seat.answers();
        other.seat.answers();
        assert!(places.try_take(peer(3)).unwrap().is_none());
        other.seat.answered();
        let third = take(&places, 3);
        assert!(is_gone(&other) && !is_gone(&one) && !is_gone(&third));
        // Too late: what it sends now is not answered.
        other.seat.answers();
        assert!(is_gone(&other));
        drop(other);
        third.seat.answers();
        assert!(places.try_take(peer(3)).unwrap().is_none());
        drop(one);
        assert!(places.try_take(peer(3)).unwrap().is_some());
    }

    #[test]
    fn one_peer_never_takes_all_places() {
        let places = Arc::new(Places::new(4, 2));
        let held = [take(&places, 1), take(&places, 1)];
        let third = take(&places, 1);
        assert!(is_gone(&held[0]), "it takes its own place");
        for place in [&held[1], &third] {
            place.seat.answers();
        }
        assert!(places.try_take(peer(1)).is_err());
        let others = [take(&places, 2), take(&places, 3)];
        assert!(others.iter().all(|place| !is_gone(place)));
        assert!(places.lock().seats.len() <= 4);
    }

    #[test]
    fn nothing_is_left_of_those_who_went() {
        let places = Arc::new(Places::new(64, 64));
        let mut many = Vec::new();
        for number in 0..=255 {
            match places.try_take(peer(number)).unwrap() {
                Some(place) => many.push(place),
                // Until those are closed that were sent away.
                None => many.retain(|place| !is_gone(place)),
            }
        }
        assert!((62..=68).contains(&many.len()), "{}", many.len());
        let held = || {
            let taken = places.lock();
            (taken.seats.len(), taken.peers.len())
        };
        let (seats, peers) = held();
        assert!(seats == peers && seats <= 64, "{seats} of {peers}");
        drop(many);
        assert_eq!(held(), (0, 0));
    }
}
