//! What a server does beside answering.

use super::config::LogSettings;
use crate::app::App;
use crate::log::Vouchers;
use crate::repeats;
use crate::retention::{self, RetentionError};
use crate::retired::Retired;
use crate::store::{Actor, Moment, StoreError};
use consent_core::id::SiteId;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Starts all of them; they end when they are dropped.
pub(super) fn start(app: &App, log: Option<&LogSettings>) -> JoinSet<()> {
    let mut chores = JoinSet::new();
    chores.spawn(watch_clock(app.clone()));
    chores.spawn(forget_regularly(app.clone()));
    let is_pruned = log.is_some_and(|log| log.is_pruned);
    chores.spawn(purge_daily(app.clone(), is_pruned));
    if let Some(log) = log
        && let Some(vouchers) = &log.vouchers
    {
        let vouchers = Arc::clone(vouchers);
        chores.spawn(vouch_regularly(app.clone(), vouchers, log.vouch_every));
    }
    chores
}

/// Asks witnesses and the authority about the log, at once and then regularly. Who does not answer is asked again.
async fn vouch_regularly(app: App, vouchers: Arc<Vouchers>, every: Duration) {
    let Some(log) = app.log().cloned() else {
        return;
    };
    if vouchers.is_empty() {
        return;
    }
    app.metrics.expect(vouchers.names());
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let (log, vouchers) = (Arc::clone(&log), Arc::clone(&vouchers));
        match tokio::task::spawn_blocking(move || log.ask_to_vouch(&vouchers)).await {
            Ok(Ok(asked)) => {
                for by in asked.vouched {
                    app.metrics.vouched(&by, app.clock.now());
                }
                for error in asked.failed {
                    if error.is_contradiction() {
                        app.metrics.contradicted();
                    }
                    tracing::warn!(%error, "not vouched for");
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "what others say of the log cannot be kept"),
            Err(error) => tracing::error!(%error, "asking others about the log has panicked"),
        }
    }
}

/// How soon what was erased leaves the database's files; and how soon it is tried again while others read.
const FORGET_EVERY: Duration = Duration::from_secs(1);
const FORGET_AGAIN: Duration = Duration::from_secs(10);

/// Takes what was erased or purged out of the database's files, for as long as the server runs.
async fn forget_regularly(app: App) {
    loop {
        let store = Arc::clone(&app.store);
        let pause = match tokio::task::spawn_blocking(move || store.forget()).await {
            Ok(Ok(true)) => FORGET_EVERY,
            Ok(Ok(false)) => FORGET_AGAIN,
            Ok(Err(error)) => {
                repeats::tell("what was erased is still in the write-ahead log", &error);
                FORGET_AGAIN
            }
            Err(error) => {
                tracing::error!(%error, "emptying the write-ahead log has panicked");
                FORGET_AGAIN
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How often the clock is looked at; a clock that is not believed is told about as often.
const LOOK_AT_CLOCK: Duration = Duration::from_mins(1);

/// After how many looks the time is written down.
const LOOKS: u32 = 10;

/// Watches the clock, and tells what was held back from the log, for as long as the server runs. What was believed is written
/// down: at once, then every ten minutes.
async fn watch_clock(app: App) {
    let mut ticks = tokio::time::interval(LOOK_AT_CLOCK);
    let mut looks = 0;
    loop {
        ticks.tick().await;
        repeats::tell_rest();
        if let Err(wrong) = app.signing_time() {
            tracing::error!(%wrong, "records are refused");
            continue;
        }
        if looks % LOOKS == 0 {
            let app = app.clone();
            match tokio::task::spawn_blocking(move || app.write_time()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => repeats::tell("the time is not written down", &error),
                Err(error) => repeats::tell("writing the time down has panicked", &error),
            }
        }
        looks += 1;
    }
}

/// How often the receipts whose time is over are looked for.
const PURGE_EVERY: Duration = Duration::from_hours(24);

/// Ends the proofs whose time is over, once a day from the first minute on, for as long as the server runs; and prunes the
/// log then, if that is wanted.
async fn purge_daily(app: App, is_pruned: bool) {
    tokio::time::sleep(Duration::from_mins(1)).await;
    loop {
        let app = app.clone();
        let purged = tokio::task::spawn_blocking(move || {
            purge_all(&app);
            if is_pruned {
                prune(&app);
            }
        })
        .await;
        if let Err(error) = purged {
            tracing::error!(%error, "a purge has panicked");
        }
        tokio::time::sleep(PURGE_EVERY).await;
    }
}

fn prune(app: &App) {
    match app.log().map(|log| log.prune()) {
        None | Some(Ok(None)) => {}
        Some(Ok(Some(minimum))) => tracing::info!(minimum, "the log is pruned"),
        Some(Err(error)) => tracing::error!(%error, "the log is not pruned"),
    }
}

fn purge_all(app: &App) {
    // By a clock that is ahead, proofs would end years too early, and for good.
    let now = match app.signing_time() {
        Ok(now) => now,
        Err(wrong) => {
            tracing::error!(%wrong, "not purged");
            return;
        }
    };
    let mut is_done = true;
    let schedule = Actor::operator("schedule", now);
    let serving = app.serving();
    let is_served = |id: &SiteId| serving.sites.get(id.as_str()).is_some();
    let retired = Retired::all(&*app.store, is_served).unwrap_or_else(|error| {
        is_done = false;
        tracing::error!(%error, "the sites that are retired are not purged");
        Vec::new()
    });
    let served = serving
        .sites
        .iter()
        .map(|site| (&site.id, Some(site.proof)));
    let retired = retired.iter().map(|site| (&site.id, site.proof()));
    for (site, proof) in served.chain(retired) {
        let Some(proof) = proof else {
            tracing::warn!(
                site = site.as_str(),
                "not purged: nobody declares it any more, and its terms are not kept"
            );
            continue;
        };
        match retention::purge(&*app.store, &app.data, site, proof, &schedule, false) {
            Ok(purged) if purged.receipts == 0 => {}
            Ok(purged) => tracing::info!(
                site = site.as_str(),
                receipts = purged.receipts,
                at_end = retention::name(purged.at_end),
                "proofs whose time was over"
            ),
            Err(RetentionError::Store(StoreError::Held(_))) => {
                tracing::info!(site = site.as_str(), "kept: a legal hold");
            }
            Err(error) => {
                is_done = false;
                tracing::error!(site = site.as_str(), %error, "not purged");
            }
        }
    }
    if is_done && let Err(error) = app.store.set_moment(Moment::Purged, now) {
        tracing::error!(%error, "that proofs were ended is not written down");
    }
}
