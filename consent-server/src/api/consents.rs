//! Records in, and records out again.

use super::bearer::own_receipt;
use super::extract::{Asking, Named, Site};
use super::origin::Origin;
use super::{Problem, holder, json, unavailable, with_store};
use crate::app::App;
use crate::body::read_body;
use crate::cookie_header::cookies;
use crate::day::Day;
use crate::intake::acceptance::{
    Unacceptable, accept, check_ids, is_shown_now, repeats, was_shown,
};
use crate::intake::holding::{Holding, candidates, settle};
use crate::intake::{IntakeError, Taken};
use crate::limit::Client;
use crate::publish::Published;
use crate::store::ArtefactKind;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::cookie::{claimed, from_header};
use consent_core::holder::HolderSecret;
use consent_core::id::{RecordId, SiteId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::{Record, RecordError};
use consent_core::scope::DecisionError;
use consent_core::time::UnixSeconds;
use std::sync::Arc;

/// `POST /v1/sites/{site}/consents`
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
    let taken = match within_rates(&app, &site, client) {
        Ok(()) => take(&app, &site, &headers, body).await,
        Err(problem) => Err(problem),
    };
    let mut response = match taken {
        Ok(issued) => created(&app, &site, &source, &headers, &issued),
        Err(problem) => problem.into_response(),
    };
    source.allow(&mut response);
    response
}

fn within_rates(app: &App, site: &Published, client: Option<Client>) -> Result<(), Problem> {
    app.rates.client(client)?;
    app.rates.site(site.id.as_str())?;
    Ok(())
}

/// A receipt on its way out.
struct Issued {
    receipt: String,
    record: RecordId,
    expires_at: UnixSeconds,
    secret: HolderSecret,
}

async fn take(
    app: &App,
    site: &Arc<Published>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Issued, Problem> {
    check_media_type(headers)?;
    let body = read_body(body, Record::MAX_JSON_LEN).await?;
    let sent = Record::from_json(&body).map_err(|error| match error {
        RecordError::TooLong => Problem::BodyTooLarge(Record::MAX_JSON_LEN),
        RecordError::Syntax(_) => Problem::MalformedJson(error.to_string()),
        RecordError::Form(_) => Problem::InvalidRecord(error.to_string()),
    })?;
    if sent.site != site.id {
        return Err(Problem::WrongSite);
    }
    let now = app.signing_time()?;
    let held = holder::secrets(headers);
    let (was_shown, holding) = look_up(app, site, &sent, &held).await?;
    let Holding {
        subject,
        secret,
        previous,
        continues,
    } = holding;
    let record = Record {
        subject,
        previous,
        ..sent.clone()
    };
    let accepted = accept(site, record, was_shown, now);
    let record = match accepted.and_then(|record| check_ids(&sent, now).map(|()| record)) {
        Ok(record) => record,
        Err(error) => {
            // Accepted earlier, when it still fitted, and the answer was lost: it gets that answer.
            let problem = Problem::from(error);
            let (site, id) = (sent.site.clone(), sent.id);
            let row = with_store(app, move |store| store.row(&site, id)).await?;
            let first = row.ok_or_else(|| problem.clone())?.receipt;
            return repeat(first, &sent, &held).map_err(|_| problem);
        }
    };
    let expires_at = record.expires_at;
    let day = Day::of(now, &site.declaration.time_zone);
    match app.intake.take(record, continues, now, day).await {
        Ok(Taken::Stored(receipt)) => Ok(Issued {
            receipt,
            record: sent.id,
            expires_at,
            secret,
        }),
        Ok(Taken::Exists(first)) => repeat(first, &sent, &held),
        Err(IntakeError::Full) => Err(Problem::Overloaded),
        Err(IntakeError::Storage) => Err(Problem::StorageUnavailable),
    }
}

/// Whether what a record names was shown, and whose it is. Most need no look into the storage.
async fn look_up(
    app: &App,
    site: &Arc<Published>,
    sent: &Record,
    held: &[HolderSecret],
) -> Result<(bool, Holding), Problem> {
    if is_shown_now(site, sent) && sent.previous.is_none() {
        let holding = settle(&*app.store, sent, held);
        return holding
            .map(|holding| (true, holding))
            .map_err(|error| unavailable("the storage did not answer", &error));
    }
    let (site, sent, held) = (Arc::clone(site), sent.clone(), held.to_vec());
    with_store(app, move |store| {
        let was_shown = was_shown(store, &site, &sent)?;
        Ok((was_shown, settle(store, &sent, &held)?))
    })
    .await
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let text = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let essence = text.split(';').next().unwrap_or("").trim();
    let known = ["application/json", "text/plain"]
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known));
    if known {
        Ok(())
    } else {
        Err(Problem::UnsupportedMediaType)
    }
}

impl From<Unacceptable> for Problem {
    fn from(error: Unacceptable) -> Self {
        match error {
            Unacceptable::NoticeOutdated => Self::NoticeOutdated,
            Unacceptable::ImpossibleAct(act) => Self::ImpossibleAct(act),
            Unacceptable::Ended => Self::DecisionExpired,
            Unacceptable::IdTime | Unacceptable::ReplacesItself => {
                Self::InvalidRecord(error.to_string())
            }
            Unacceptable::Decision(error) => match error {
                DecisionError::UnknownCategory(id) => Self::UnknownCategory(id),
                DecisionError::UnknownService(id) => Self::UnknownService(id),
                DecisionError::MissingChoice(id) => Self::MissingChoice(id),
                DecisionError::InconsistentAct(act) => Self::InconsistentAct(act),
                DecisionError::RedundantService(_) => Self::InvalidRecord(error.to_string()),
            },
        }
    }
}

/// The first receipt, if the record that came again is the one it was given for, and comes from the same browser.
fn repeat(first: String, again: &Record, held: &[HolderSecret]) -> Result<Issued, Problem> {
    let receipt = UnverifiedReceipt::parse(&first).map_err(|error| {
        tracing::error!(%error, "a stored receipt cannot be read");
        Problem::StorageUnavailable
    })?;
    let expires_at = receipt.record().expires_at;
    let holding = repeats(&receipt, again, candidates(again, held));
    let holding = holding.ok_or(Problem::RecordConflict)?;
    Ok(Issued {
        receipt: first,
        record: again.id,
        expires_at,
        secret: holding.secret,
    })
}

fn created(
    app: &App,
    site: &Published,
    source: &Origin,
    headers: &HeaderMap,
    issued: &Issued,
) -> Response {
    let Issued {
        receipt,
        expires_at,
        ..
    } = issued;
    // Neither text has anything to escape.
    let document = format!(
        "{{\"receipt\":\"{receipt}\",\"expires_at\":\"{}\"}}",
        expires_at.to_rfc3339()
    );
    let mut response = (StatusCode::CREATED, json(document)).into_response();
    // Room at once for all that are added, here and around: growing means hashing them again.
    response.headers_mut().reserve(16);
    let seconds = app.clock.now().seconds_until(*expires_at);
    let is_https = app.url.is_https();
    if source.shares_cookies(app, site) && !has_newer(headers, site, is_https, issued.record) {
        let cookie = site.cookie.set(receipt, seconds, is_https);
        append_cookie(&mut response, &cookie);
    }
    if let Some(cookie) = holder::cookie(&issued.secret, &app.url, &site.id, seconds, headers) {
        append_cookie(&mut response, &cookie);
    }
    response
}

fn append_cookie(response: &mut Response, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Whether the browser holds a choice that was made after this record: an answer that comes late must not bring the
/// older one back.
fn has_newer(headers: &HeaderMap, site: &Published, is_https: bool, record: RecordId) -> bool {
    let name = site.cookie.name_on(is_https);
    let cookies = cookies(headers);
    let mut choices = from_header(&cookies, name).filter_map(claimed);
    choices.any(|choice| choice.site == site.id && choice.id > record)
}

/// `GET /v1/sites/{site}/consents/{record}`, for whoever presents the record's own receipt.
pub(super) async fn get(
    State(app): State<App>,
    Site(site): Site,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    own_receipt(&app, &headers, &site, id).await?;
    shown(&app, &site.id, id).await
}

/// A record and its notice.
pub(super) async fn shown(app: &App, site: &SiteId, id: RecordId) -> Result<Response, Problem> {
    let id_of_site = site.clone();
    let found = with_store(app, move |store| {
        let Some(row) = store.row(&id_of_site, id)? else {
            return Ok(None);
        };
        let notice = UnverifiedReceipt::parse(&row.receipt)
            .ok()
            .map(|receipt| receipt.record().notice);
        let notice = match notice {
            Some(digest) => store.artefact(Some(&id_of_site), ArtefactKind::Notice, &digest)?,
            None => None,
        };
        Ok(Some((row.receipt, notice)))
    });
    let (receipt, notice) = found.await?.ok_or(Problem::NotFound)?;
    let body = describe(&receipt, notice.as_deref()).ok_or(Problem::StorageUnavailable)?;
    Ok(json(body))
}

fn describe(receipt: &str, notice: Option<&[u8]>) -> Option<String> {
    let unverified = UnverifiedReceipt::parse(receipt).ok()?;
    let record: serde_json::Value = serde_json::from_str(&unverified.record().to_json()).ok()?;
    let notice: Option<serde_json::Value> =
        notice.and_then(|json| serde_json::from_slice(json).ok());
    let document = serde_json::json!({
        "record": record,
        "received_at": unverified.issued_at().to_rfc3339(),
        "receipt": receipt,
        "notice": notice,
    });
    Some(document.to_string())
}
