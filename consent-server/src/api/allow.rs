//! `GET /v1/check`: may this visitor be counted? For a proxy that asks before it passes a request on.

use super::extract::Params;
use super::retired::is_known;
use super::{Problem, with_store};
use crate::app::App;
use crate::cookie_header::cookies;
use crate::publish::Published;
use crate::serving::Serving;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::backend::{Consent, Refusal};
use consent_core::id::CategoryId;
use consent_core::key::Term;
use consent_core::receipt::{Receipt, Step};
use serde::Deserialize;

/// Why the answer is no.
const REASON: HeaderName = HeaderName::from_static("consent-reason");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    site: String,
    need: String,
}

pub(super) async fn get(
    State(app): State<App>,
    Params(question): Params<Question>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let serving = app.serving();
    let site = serving
        .sites
        .get(&question.site)
        .ok_or(Problem::UnknownSite)?;
    let answer = match answer(&app, &serving, site, &headers, &question.need).await? {
        Ok(()) => (StatusCode::NO_CONTENT, HeaderMap::new()),
        Err(reason) => (
            StatusCode::FORBIDDEN,
            HeaderMap::from_iter([(REASON, HeaderValue::from_static(reason))]),
        ),
    };
    let mut response = answer.into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Cookie"));
    Ok(response)
}

/// Whether the server stands by a receipt: one of a key that has ended only if it is stored.
async fn stands_by(app: &App, serving: &Serving, receipt: &Receipt) -> Result<bool, Problem> {
    let key = receipt.key().to_string();
    if serving.keys.term(&key).is_some_and(Term::is_open) {
        return Ok(true);
    }
    is_known(
        app,
        &serving.keys,
        &key,
        receipt.record(),
        receipt.issued_at(),
    )
    .await
}

/// Whether the visitor agreed, or why not; a problem where that cannot be known.
async fn answer(
    app: &App,
    serving: &Serving,
    site: &Published,
    headers: &HeaderMap,
    need: &str,
) -> Result<Result<(), &'static str>, Problem> {
    if site.is_exempt(need) {
        return Ok(Ok(()));
    }
    let consent = match by_cookie(app, serving, site, headers, need) {
        Ok(consent) => consent,
        Err(reason) => return Ok(Err(reason)),
    };
    for receipt in consent.receipts() {
        if !stands_by(app, serving, receipt).await? {
            return Ok(Err("unknown"));
        }
    }
    // A browser may keep, or somebody may send again, what was taken back since.
    let known = consent.receipts().iter().map(Receipt::record);
    let known: Vec<_> = known.map(|record| (record.subject, record.id)).collect();
    let id = site.id.clone();
    let is_superseded = with_store(app, move |store| {
        for (subject, record) in known {
            if store.has_later(&id, subject, record)? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    Ok(if is_superseded.await? {
        Err("superseded")
    } else {
        Ok(())
    })
}

/// What the cookies say by themselves.
fn by_cookie(
    app: &App,
    serving: &Serving,
    site: &Published,
    headers: &HeaderMap,
    need: &str,
) -> Result<Consent, &'static str> {
    let category = site.category_of(need).map(CategoryId::as_str);
    if category.is_none() && !site.asks_for(need) {
        return Err("unknown_need");
    }
    let cookies = cookies(headers);
    let verifier = serving.verifiers.get(&site.id).ok_or("unknown_site")?;
    let consent = verifier.consent(&cookies, app.clock.now());
    if let Some(refusal) = consent.refusal() {
        return Err(match refusal {
            Refusal::NoCookie => "no_choice",
            Refusal::Unsigned => "unsigned",
            Refusal::Invalid(error) => match error.step() {
                Step::Time => "expired",
                Step::Scope => "outdated",
                Step::Audience => "other_site",
                _ => "invalid",
            },
        });
    }
    let allowed = match category {
        Some(category) => consent.allows_service(need, category),
        None => consent.allows(need),
    };
    if allowed { Ok(consent) } else { Err("refused") }
}
