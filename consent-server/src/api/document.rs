//! A document as an answer.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

/// A JSON document. Like every answer that does not say otherwise, nobody keeps it.
pub(super) fn json(document: impl Into<Body>) -> Response {
    let body: Body = document.into();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}
