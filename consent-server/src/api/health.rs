//! Is the process alive, and can it take records?

use super::Problem;
use crate::app::App;
use axum::extract::State;
use axum::response::IntoResponse;

pub(super) async fn alive() -> impl IntoResponse {
    "ok\n"
}

pub(super) async fn ready(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    app.timeline.check(app.clock.now())?;
    app.check_ready().await?;
    Ok("ready\n")
}
