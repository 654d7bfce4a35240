//! Who is behind a request, as far as limits need it.

use crate::limit::Client;
use axum::http::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The longest text of an address: one of IPv6 with a zone, in brackets, with a port, in quotes.
const LONGEST: usize = 80;

/// Tells clients apart, as the operator has set it.
#[derive(Debug)]
pub(super) struct Clients {
    behind_proxy: bool,
    /// Whether the operator was told of a proxy that the server does not know of.
    told: AtomicBool,
}

impl Clients {
    pub(super) const fn new(behind_proxy: bool) -> Self {
        Self {
            behind_proxy,
            told: AtomicBool::new(false),
        }
    }

    pub(super) fn of(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        if self.behind_proxy {
            return forwarded(headers).map_or(Client::Untold, Client::Forwarded);
        }
        if !self.told.load(Ordering::Relaxed)
            && headers.contains_key(FORWARDED)
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a request came with X-Forwarded-For, and --behind-proxy is not given: if a proxy of yours stands before this server, all its visitors count as one client, or, if it runs on this machine, none of them is limited; see docs/operate.md"
            );
        }
        Client::Peer(peer)
    }
}

/// The last address in `X-Forwarded-For` is the one that our own proxy has seen; those before it may be made up. One of this
/// machine names nobody: the proxy has it from another proxy, which it should not have believed.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED).iter().next_back()?;
    let last = last.as_bytes().rsplit(|byte| *byte == b',').next()?;
    if last.len() > LONGEST {
        return None;
    }
    let address = address(std::str::from_utf8(last).ok()?.trim())?.to_canonical();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// An address as proxies write them: alone, with a port, in brackets, in quotes, with a zone.
fn address(text: &str) -> Option<IpAddr> {
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = quoted.unwrap_or(text);
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, port) = rest.split_once(']')?;
        let port = port.strip_prefix(':');
        if !rest.ends_with(']') && port?.parse::<u16>().is_err() {
            return None;
        }
        return without_zone(inside).parse().ok().map(IpAddr::V6);
    }
    without_zone(text).parse().ok().or_else(|| {
        text.parse()
            .ok()
            .map(|with_port: SocketAddr| with_port.ip())
    })
}

/// Which of the proxy's networks it is tells clients no more apart than the address does.
fn without_zone(text: &str) -> &str {
    text.split_once('%').map_or(text, |(address, _)| address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn told(values: &[&str], behind_proxy: bool) -> Client {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                FORWARDED,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        Clients::new(behind_proxy).of("127.0.0.1".parse().unwrap(), &headers)
    }

    #[test]
    fn a_client_is_who_our_own_proxy_has_seen() {
        for (values, seen) in [
            (&["198.51.100.1, 203.0.113.7"][..], "203.0.113.7"),
            (&["198.51.100.1", "2001:db8::7"], "2001:db8::7"),
            (&["unknown,203.0.113.7"], "203.0.113.7"),
            (&["203.0.113.8:4711"], "203.0.113.8"),
            (&["[2001:db8::1]:443"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["\"[2001:db8::1]:443\""], "2001:db8::1"),
            (&["\"203.0.113.7\""], "203.0.113.7"),
            (&["::ffff:203.0.113.7"], "203.0.113.7"),
            (&["[::ffff:203.0.113.7]:80"], "203.0.113.7"),
            (&["fe80::1%eth0"], "fe80::1"),
            (&["[fe80::1%25eth0]:80"], "fe80::1"),
            (&["  \t203.0.113.7 \t"], "203.0.113.7"),
        ] {
            let seen = Client::Forwarded(seen.parse().unwrap());
            assert_eq!(told(values, true), seen, "{values:?}");
        }
    }

    #[test]
    fn who_is_not_named_is_never_taken_for_one_of_this_machine() {
        let long = "1".repeat(10_000);
        let after_long = format!("{long},{long}");
        for values in [
            &[][..],
            &[""],
            &[","],
            &["203.0.113.7,"],
            &["203.0.113.7", ""],
            &["unknown"],
            &["_hidden"],
            &["127.0.0.1"],
            &["127.0.0.1:80"],
            &["127.99.0.1"],
            &["[::1]:80"],
            &["::1"],
            &["::ffff:127.0.0.1"],
            &["0.0.0.0"],
            &["::"],
            &["203.0.113.7:99999"],
            &["203.0.113.7:"],
            &["203.0.113.07"],
            &["[2001:db8::1"],
            &["[2001:db8::1]443"],
            &["[203.0.113.7]"],
            &["\"203.0.113.7"],
            &["203.0.113.7;by=x"],
            &["203.0.113.7 198.51.100.1"],
            &["http://203.0.113.7"],
            &["\u{ff}\u{fe}"],
            &[&long],
            &[&after_long],
        ] {
            assert_eq!(told(values, true), Client::Untold, "{values:?}");
        }
        let long_before = format!("{long}, 203.0.113.7");
        let seen = Client::Forwarded("203.0.113.7".parse().unwrap());
        assert_eq!(told(&[&long_before], true), seen);
    }

    #[test]
    fn without_a_proxy_nobody_can_name_another() {
        let peer = Client::Peer("127.0.0.1".parse().unwrap());
        assert_eq!(told(&["203.0.113.7"], false), peer);
        assert_eq!(told(&[], false), peer);
    }
}
