//! What the clients of a listener may take up.

use super::descriptors;
use std::time::Duration;

/// What the connections of a listener are allowed.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// How many at a time. For those above, others that wait for nothing but their clients must leave.
    pub most: usize,
    /// How many of these one peer may hold: an IPv4 address, or an IPv6 network of 64 bits. Behind a proxy, all are its own.
    pub a_peer: usize,
    /// Behind a proxy: how many requests of one client may be under way.
    pub a_client: usize,
    /// How long a client may take over the head of a request; also how long a connection may stay open without one.
    pub head_timeout: Duration,
    /// How long a client may take over the body of a request, from its head on, whatever is done with it.
    pub body_timeout: Duration,
    /// How long a client may leave what was sent to it unread. One that takes it very slowly uses this time up, too.
    pub unread_timeout: Duration,
    /// Whether a proxy stands before the server and names clients in `X-Forwarded-For`.
    pub behind_proxy: bool,
}

impl ConnectionLimits {
    /// So many, half of them for one peer at most.
    #[must_use]
    pub fn of(most: usize) -> Self {
        let most = most.max(1);
        Self {
            most,
            a_peer: most.div_ceil(2),
            a_client: most.div_ceil(8),
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(15),
            unread_timeout: Duration::from_secs(30),
            behind_proxy: false,
        }
    }

    /// As many as that, or as many as the process may have files open for: the system's limit is raised as far as it may be,
    /// and the process's log says if that is not enough.
    #[must_use]
    pub fn fitting(wanted: usize) -> Self {
        Self::of(descriptors::fitting(wanted.max(1)))
    }

    /// For a listener that only operators reach: a handful.
    #[must_use]
    pub fn few() -> Self {
        Self::of(64)
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self::of(4096)
    }
}
