//! Asking an authority.

use super::{Authorities, Timestamp, TimestampError, request, verify};
use crate::clock::{RandomError, random};
use crate::outgoing::{Address, AwayError, Client, Limits};
use std::time::Duration;

/// Authorities may be slow. An answer with its certificates takes a few kilobytes.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    bytes: 256 * 1024,
};

/// Why there is no timestamp.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The authority did not answer.
    #[error("the authority did not answer: {0}")]
    Away(#[from] AwayError),
    /// It answered something else.
    #[error("the authority answered with status {0}")]
    Status(u16),
    /// Its answer does not verify.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The question could not be written.
    #[error("the question could not be encoded")]
    Request,
}

/// Asks an authority for a timestamp of a message: its answer as it came, which verifies, and what it says. Blocks.
pub fn stamp(
    client: &Client,
    authority: &Address,
    message: &[u8],
    trusted: &Authorities,
) -> Result<(Vec<u8>, Timestamp), StampError> {
    let question = request(message, random::<8>()?).ok_or(StampError::Request)?;
    let kind = "application/timestamp-query";
    let answer = client.post(authority.as_str(), kind, &question, LIMITS)?;
    if answer.status != 200 {
        return Err(StampError::Status(answer.status));
    }
    let timestamp = verify(&answer.body, message, trusted)?;
    Ok((answer.body, timestamp))
}
