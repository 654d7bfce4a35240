//! What keeps the proofs whole: the log, the backup, the keys; and for how long they are kept.

use super::integrity_page::{self, Integrity, LogStanding};
use super::visit::Visit;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::log::signed_at;
use crate::store::{Moment, Store, StoreError};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use consent_core::key::Term;

/// `GET /admin/integrity`
pub(crate) async fn get(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, query.as_deref(), "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let sites = visit.sites(&app).await?;
    let failing = app.check_ready().await.err().map(|why| why.to_string());
    let (of, visible) = (app.clone(), visit.staff.sites.clone());
    let read = with_store(&app, move |store| {
        let mut integrity = read(&of, store, failing)?;
        integrity.holds.retain(|hold| visible.contains(&hold.site));
        Ok(integrity)
    });
    let page = integrity_page::integrity(&visit, &sites, &read.await?);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

fn read(app: &App, store: &dyn Store, failing: Option<String>) -> Result<Integrity, StoreError> {
    let log = app.log().map(|log| -> Result<LogStanding, StoreError> {
        let checkpoint = log.latest();
        let signed = checkpoint.unverified().size();
        let witnesses = log.vouched().witnesses().unwrap_or_default();
        Ok(LogStanding {
            name: checkpoint.unverified().origin().to_owned(),
            signed,
            waiting: store.log_state()?.next.saturating_sub(signed),
            at: signed_at(&app.data),
            witnesses: witnesses.iter().map(|key| key.name().to_string()).collect(),
        })
    });
    let (serving, signs) = (app.serving(), app.intake.signer().key().to_string());
    let names = serving.keys.keys().map(|key| key.id().to_string());
    let mut keys: Vec<(String, Term)> = names
        .filter_map(|name| Some((name.clone(), serving.keys.term(&name)?.clone())))
        .collect();
    keys.sort_by_key(|(name, _)| *name != signs);
    Ok(Integrity {
        log: log.transpose()?,
        backed_up: store.moment(Moment::BackedUp)?,
        purged: store.moment(Moment::Purged)?,
        holds: store.holds()?,
        keys,
        failing,
    })
}
