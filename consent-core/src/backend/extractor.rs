//! The visitor's consent as an argument of axum's handlers.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;

use super::Consent;

/// A handler asks for [`Consent`], and no [`ConsentLayer`](super::ConsentLayer) is in front of it.
///
/// As a response it is status 500 with this text: nobody should take a missing layer for a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this handler asks for `Consent`: add `.layer(ConsentLayer::new(verifier, clock))` to its router, after its routes"
)]
pub struct MissingLayer;

/// What [`ConsentLayer`](super::ConsentLayer) has found.
impl<S: Sync> FromRequestParts<S> for Consent {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, MissingLayer> {
        parts.extensions.get().cloned().ok_or(MissingLayer)
    }
}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        use alloc::string::ToString as _;
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
