//! `/metrics`, on a listener of its own: for operators, not for visitors. Whether the server is alive and ready is told there
//! too, out of visitors' way.

use super::blocking::{blocking, with_log, with_store};
use super::{Problem, health};
use crate::app::App;
use crate::log::{Log, signed_at};
use crate::metrics::{MEDIA_TYPE, Measured};
use crate::store::{Moment, Upkeep};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use consent_core::id::SiteId;
use std::path::Path;

/// The routes of that listener.
pub fn router(app: &App) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .with_state(app.clone())
}

async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    // Told even when the storage is not: that is when it is read most.
    let size = with_store(&app, Upkeep::size).await.unwrap_or(0);
    if app.log().is_some()
        && let Ok((signed, waiting)) = with_log(&app, Log::lag).await
    {
        app.metrics.logged(signed, waiting);
    }
    let measured = Measured {
        waiting: app.intake.waiting(),
        database: size,
        ..measured(&app).await
    };
    let text = app.metrics.text(&measured);
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text))
}

/// What the store and the system know.
async fn measured(app: &App) -> Measured {
    let parts = app.clone();
    let read = move || {
        let (store, serving) = (&*parts.store, parts.serving());
        let served = serving.sites.iter().count();
        let ever = store.sites().ok();
        let retired = ever.map(|sites| {
            let served = |site: &&SiteId| serving.sites.get(site.as_str()).is_some();
            sites.iter().filter(|site| !served(site)).count()
        });
        let moment = |which| store.moment(which).ok().flatten();
        Measured {
            sites: retired.map(|retired| (served, retired)),
            clock: parts.timeline.check(parts.clock.now()).err(),
            purged: moment(Moment::Purged),
            backed_up: moment(Moment::BackedUp),
            checkpoint: signed_at(&parts.data),
            disk_free: disk_free(parts.data.path()),
            memory: memory(),
            ..Measured::default()
        }
    };
    blocking(app, read).await.unwrap_or_default()
}

/// What the file system of a folder has left for those who are not root.
fn disk_free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// What Linux says of this process; elsewhere nobody is asked.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
