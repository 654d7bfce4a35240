//! Records in, and records out again.

use super::bearer::may_see;
use super::extract::{Asking, Named, Site, read_body};
use super::origin::Source;
use super::{Problem, json, with_store};
use crate::app::App;
use crate::intake::{IntakeError, Taken};
use crate::limit::Client;
use crate::publish::Published;
use crate::store::{ArtefactKind, Store};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::{Record, RecordError};
use consent_core::scope::{DecisionError, Scope};
use consent_core::time::UnixSeconds;
use serde::Deserialize;

/// `POST /v1/sites/{site}/consents`
pub(super) async fn post(
    State(app): State<App>,
    Site(site): Site,
    Asking(client): Asking,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let source = match Source::of(&headers, &app, &site) {
        Ok(source) => source,
        Err(problem) => return problem.into_response(),
    };
    let taken = match within_rates(&app, &site, client) {
        Ok(()) => take(&app, &site, &headers, body).await,
        Err(problem) => Err(problem),
    };
    let mut response = match taken {
        Ok(receipt) => created(&app, &site, &source, &receipt),
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
    expires_at: UnixSeconds,
}

async fn take(
    app: &App,
    site: &Published,
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
    let was_shown = was_shown(app, site, &sent).await?;
    let record = match accept(site, sent.clone(), was_shown, now) {
        Ok(record) => record,
        Err(problem) => {
            // Accepted earlier, when it still fitted, and the answer was lost: it gets that answer.
            let earlier = app.clone();
            let (site, id) = (sent.site.clone(), sent.id);
            let row = with_store(&earlier, move |store| store.row(&site, id)).await?;
            let first = row.ok_or_else(|| problem.clone())?.receipt;
            return repeat(first, &sent).map_err(|_| problem);
        }
    };
    let expires_at = record.expires_at;
    match app.intake.take(record, now).await {
        Ok(Taken::Stored(receipt)) => Ok(Issued {
            receipt,
            expires_at,
        }),
        Ok(Taken::Exists(first)) => repeat(first, &sent),
        Err(IntakeError::Full) => Err(Problem::Overloaded),
        Err(IntakeError::Storage) => Err(Problem::StorageUnavailable),
    }
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

/// Whether a record names the scope in force, and a notice that this site has shown for it, now or before.
///
/// A notice changes with every reworded sentence, and records can arrive late: those words are kept, and prove the choice.
async fn was_shown(app: &App, site: &Published, record: &Record) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Kept {
        language: String,
        scope: String,
    }
    if record.scope != site.scope_digest {
        return Ok(false);
    }
    if site.notices.get(&record.language) == Some(&record.notice) {
        return Ok(true);
    }
    let (id, digest) = (site.id.clone(), record.notice);
    let find = move |store: &dyn Store| store.artefact(Some(&id), ArtefactKind::Notice, &digest);
    let kept = with_store(app, find).await?;
    let kept = kept.and_then(|json| serde_json::from_slice::<Kept>(&json).ok());
    Ok(kept.is_some_and(|kept| {
        kept.language == record.language.as_str() && kept.scope == record.scope.to_text()
    }))
}

/// Checks a record against what is published, and settles its times: nobody decides in the future, and the site, not
/// the browser, says how long a choice stands.
fn accept(
    site: &Published,
    mut record: Record,
    was_shown: bool,
    now: UnixSeconds,
) -> Result<Record, Problem> {
    // First of all: an answer to an older notice may name what is no longer asked, and people are to be asked again.
    if !was_shown {
        return Err(Problem::NoticeOutdated);
    }
    check_decision(&site.scope, &record)?;
    check_act(site, &record)?;
    record.decided_at = record.decided_at.min(now);
    record.expires_at = record.decided_at.plus_months(site.valid);
    if record.expires_at <= now {
        return Err(Problem::DecisionExpired);
    }
    Ok(record)
}

fn check_decision(scope: &Scope, record: &Record) -> Result<(), Problem> {
    let checked = scope.check(&record.decision, record.previous);
    checked.map_err(|error| match error {
        DecisionError::UnknownCategory(id) => Problem::UnknownCategory(id),
        DecisionError::UnknownService(id) => Problem::UnknownService(id),
        DecisionError::MissingChoice(id) => Problem::MissingChoice(id),
        DecisionError::InconsistentAct(act) => Problem::InconsistentAct(act),
        DecisionError::RedundantService(_) => Problem::InvalidRecord(error.to_string()),
    })
}

/// Whether the banner that was shown can do that. One that was shown before may have had what today's has not.
fn check_act(site: &Published, record: &Record) -> Result<(), Problem> {
    let act = record.decision.act;
    let is_shown_now = site.notices.get(&record.language) == Some(&record.notice);
    if is_shown_now && !site.can(act) {
        return Err(Problem::ImpossibleAct(act));
    }
    Ok(())
}

/// The first receipt, if the record that came again is the one it was given for.
fn repeat(first: String, again: &Record) -> Result<Issued, Problem> {
    let receipt = UnverifiedReceipt::parse(&first).map_err(|error| {
        tracing::error!(%error, "a stored receipt cannot be read");
        Problem::StorageUnavailable
    })?;
    let stored = receipt.record();
    let expires_at = stored.expires_at;
    // The times were settled when it was accepted: settled for that moment again, they must be the same.
    let settled = Record {
        decided_at: again.decided_at.min(receipt.issued_at()),
        expires_at,
        ..again.clone()
    };
    if *stored == settled {
        Ok(Issued {
            receipt: first,
            expires_at,
        })
    } else {
        Err(Problem::RecordConflict)
    }
}

fn created(app: &App, site: &Published, source: &Source, issued: &Issued) -> Response {
    let Issued {
        receipt,
        expires_at,
    } = issued;
    // Neither text has anything to escape.
    let document = format!(
        "{{\"receipt\":\"{receipt}\",\"expires_at\":\"{}\"}}",
        expires_at.to_rfc3339()
    );
    let mut response = (StatusCode::CREATED, json(document)).into_response();
    if source.shares_cookies(app, site) {
        let seconds = app.clock.now().seconds_until(*expires_at);
        let cookie = site.cookie.set(receipt, seconds, app.url.is_https());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// `GET /v1/sites/{site}/consents/{record}`, for staff or for whoever presents the record's own receipt.
pub(super) async fn get(
    State(app): State<App>,
    Site(site): Site,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may_see(&app, &headers, &site, id, "view_record").await?;
    let id_of_site = site.id.clone();
    let found = with_store(&app, move |store| {
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
