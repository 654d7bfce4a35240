//! `GET /openapi.json`: what there is to ask. `tests/openapi.rs` compares it with the routes.

use axum::http::header;
use axum::response::IntoResponse;

pub(super) async fn get() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, include_str!("../../embedded/openapi.json"))
}
