//! The public keys.

use crate::app::App;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

pub(super) async fn get(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, app.serving().jwks.clone())
}
