//! The cookies of a request.

use axum::http::{HeaderMap, header};

/// All cookies as one header: HTTP/2 may cut it into several (RFC 9113 §8.2.3). Bytes that are no text are somebody else's
/// cookie, and hide none of ours.
pub(crate) fn cookies(headers: &HeaderMap) -> String {
    let lines = headers.get_all(header::COOKIE).iter();
    let lines = lines.map(|line| String::from_utf8_lossy(line.as_bytes()));
    lines.collect::<Vec<_>>().join("; ")
}
