//! Reads the body of a request, which may be too long or too slow.

use crate::problem::Problem;
use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::error::Error;

/// The body of a request did not come in time: the error that its reader gets from the connection.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub(crate) struct TooSlow;

/// Reads a body of at most `limit` bytes. How long that may take is the connection's to say.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::BodyTooLarge(limit)),
        Err(error) if is_too_slow(&*error) => Err(Problem::RequestTimeout),
        Err(_) => Err(Problem::IncompleteBody),
    }
}

fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    error.is::<TooSlow>() || error.source().is_some_and(is_too_slow)
}
