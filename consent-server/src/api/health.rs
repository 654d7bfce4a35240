//! Is the process alive, and can it take records?

use super::{Problem, with_store};
use crate::app::App;
use crate::repeats;
use axum::extract::State;
use axum::response::IntoResponse;

pub(super) async fn alive() -> impl IntoResponse {
    "ok\n"
}

pub(super) async fn ready(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    app.timeline.check(app.clock.now())?;
    if app.intake.is_failing() {
        return Err(Problem::StorageUnavailable);
    }
    if !app.intake.signs_for(&app.serving().keys, app.clock.now()) {
        repeats::tell(
            "what is signed is worth nothing",
            &"it does not verify with the published keys",
        );
        return Err(Problem::StorageUnavailable);
    }
    with_store(&app, crate::store::Store::ready).await?;
    Ok("ready\n")
}
