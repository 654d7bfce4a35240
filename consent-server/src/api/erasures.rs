//! `POST /v1/sites/{site}/erasures`: erasure, by who holds the secret of a consent id. Ids stand in the body: addresses are
//! logged by proxies.

use super::blocking::{blocking, unavailable};
use super::extract::{Asking, Site};
use super::origin::Origin;
use super::{Problem, holder, json};
use crate::app::App;
use crate::body::read_body;
use crate::cookie_header::cookies;
use crate::publish::Published;
use crate::retention::{Known, RetentionError, erase, erase_known};
use crate::store::{Actor, StoreError};
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use consent_core::cookie::{claimed, from_header};
use consent_core::id::{ConsentId, RecordId};
use consent_core::json::object;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Not every storage has an index of all receipts by consent id: where the records that replaced others do not lead to all, an erasure
/// looks through the site, for one visitor at a time. Staff do not wait for them.
static LOOKING: Mutex<()> = Mutex::const_new(());

/// A consent id and a record id, and their names.
const MAX_LEN: usize = 512;

/// What is to be erased.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// The consent id.
    #[serde(deserialize_with = "text")]
    subject: ConsentId,
    /// One of its records, the newest if it is known. May be left out where the choice is in a cookie that comes along.
    #[serde(default, deserialize_with = "some_text")]
    record: Option<RecordId>,
}

fn text<'de, D: Deserializer<'de>, T: std::str::FromStr<Err: std::fmt::Display>>(
    from: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn some_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<RecordId>, D::Error> {
    text(from).map(Some)
}

pub(super) async fn post(
    State(app): State<App>,
    Site(site): Site,
    Asking(client): Asking,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let source = match Origin::of(&headers, &app, &site) {
        Ok(source) => source,
        Err(problem) => return problem.into_response(),
    };
    let erased = match app.rates.client(client) {
        Ok(()) => by_holder(&app, &site, &headers, body).await,
        Err(too_many) => Err(too_many.into()),
    };
    let mut response = match erased {
        Ok(erased) => json(format!("{{\"erased\":{erased}}}")),
        Err(problem) => problem.into_response(),
    };
    source.allow(&mut response);
    response
}

async fn by_holder(
    app: &App,
    site: &Published,
    headers: &HeaderMap,
    body: Body,
) -> Result<u64, Problem> {
    let body = read_body(body, MAX_LEN).await?;
    let wish: Wish = object(&body).map_err(|error| Problem::InvalidErasure(error.to_string()))?;
    let subject = wish.subject;
    let mut held = holder::secrets(headers).into_iter();
    if !held.any(|secret| secret.consent_id(&site.id) == subject) {
        return Err(Problem::NotHolder);
    }
    let name = site.cookie.name_on(app.url.is_https());
    let cookies = cookies(headers);
    let shown = from_header(&cookies, name).filter_map(claimed);
    let shown = shown.filter(|record| record.subject == subject);
    let known: Vec<RecordId> = wish
        .record
        .into_iter()
        .chain(shown.map(|record| record.id))
        .collect();
    let is_named = !known.is_empty();

    let actor = Actor::holder(app.clock.now());
    let (id, of) = (site.id.clone(), actor.clone());
    let store = Arc::clone(&app.store);
    let erased = blocking(app, move || erase_known(&*store, &id, subject, &known, &of)).await?;
    match erased.map_err(failed)? {
        Known::All(erased) => return Ok(erased),
        // A secret is quickly made up: nothing is looked through, and nothing written down, for who has nothing here.
        Known::Nothing if is_named => return Ok(0),
        Known::Nothing => {
            let told = "no record of it is known: name one in `record`";
            return Err(Problem::InvalidErasure(told.into()));
        }
        Known::Some => {}
    }
    let alone = LOOKING.lock().await;
    let (store, id) = (Arc::clone(&app.store), site.id.clone());
    let erased = blocking(app, move || {
        // Also when nobody waits for the answer any more.
        let _alone = alone;
        erase(&*store, &id, subject, String::new(), &actor)
    });
    erased.await?.map_err(failed)
}

fn failed(error: RetentionError) -> Problem {
    match error {
        RetentionError::Store(StoreError::Held(_)) => Problem::LegalHold,
        error => unavailable("an erasure ended early", &error),
    }
}
