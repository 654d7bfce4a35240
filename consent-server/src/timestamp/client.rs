//! Asking an authority.

use super::{Authorities, Timestamp, TimestampError, check, request};
use crate::clock::{RandomError, random};
use std::time::Duration;

/// Authorities are asked now and then, and may be slow.
const TIMEOUT: Duration = Duration::from_secs(20);
/// An answer with its certificates takes a few kilobytes.
const MAX_ANSWER: u64 = 256 * 1024;

/// Why there is no timestamp.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The authority did not answer.
    #[error("the authority did not answer: {0}")]
    Away(#[from] ureq::Error),
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
    url: &str,
    message: &[u8],
    trusted: &Authorities,
) -> Result<(Vec<u8>, Timestamp), StampError> {
    let question = request(message, random::<8>()?).ok_or(StampError::Request)?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .build()
        .into();
    let sent = agent.post(url).content_type("application/timestamp-query");
    let mut response = sent.send(&question)?;
    if response.status().as_u16() != 200 {
        return Err(StampError::Status(response.status().as_u16()));
    }
    let answer = response
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_to_vec()?;
    let timestamp = check(&answer, message, trusted)?;
    Ok((answer, timestamp))
}
