//! Ports for programs that cannot be asked which port they took.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io;
use std::net::TcpListener;

/// Below what systems give to those who ask for any port, and to whoever calls out: Linux begins at 32768, others at
/// 49152. A port from there could be somebody else's before the program has it.
const FIRST: u16 = 10_240;
const COUNT: u16 = 22_528;

/// A port of 127.0.0.1 that nobody listens on now, and that nobody is given by chance.
pub fn free_port() -> io::Result<u16> {
    let random = RandomState::new();
    let mut tries = (0..1_000_u16).map(|round| {
        let chosen = random.hash_one(round) % u64::from(COUNT);
        let port = FIRST + u16::try_from(chosen).unwrap_or_default();
        TcpListener::bind(("127.0.0.1", port)).map(|_| port)
    });
    let found = tries.find(Result::is_ok);
    found.unwrap_or_else(|| Err(io::ErrorKind::AddrInUse.into()))
}
