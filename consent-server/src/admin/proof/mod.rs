//! One proof: by a receipt, a cookie, a record id or a consent id to the whole history of that consent id; and its erasure.
//!
//! All of these come in the body of a form: an address stands in the browser's history and in a proxy's log.

mod asked;
mod erasure_page;
mod history;
mod page;
mod reason;

use super::form::field;
use super::visit::Visit;
use crate::api::staff::{erased, kept, note};
use crate::api::{Problem, judged, with_store};
use crate::app::App;
use crate::auth::{Role, Staff};
use crate::body::read_body;
use crate::retired::Kept;
use crate::store::in_trail;
use crate::verdict::{Verdict, of_unsigned};
use asked::Asked;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use consent_core::id::{ConsentId, SiteId};
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use erasure_page::Wish;
use history::History;
use page::Found;
use reason::Reason;

/// A header of cookies is at most 8 KiB with most servers, and a form writes some characters as three.
const LARGEST: usize = 16 << 10;

/// `GET /admin/proof`: the field, and what can be pasted there.
pub(crate) async fn get(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, query.as_deref(), "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let page = page::field(&visit, None);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

/// `POST /admin/proof`: what was pasted leads to a history, or nowhere.
pub(crate) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, None, "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let body = read_body(body, LARGEST).await?;
    let text = field(&body, "asked").unwrap_or_default();
    let asked = match Asked::read(&text) {
        Ok(asked) => asked,
        Err(unclear) => {
            let page = page::field(&visit, Some(unclear));
            return Ok(visit.answer(&app, StatusCode::BAD_REQUEST, &page));
        }
    };
    let verdict = verdict(&app, &asked).await?;
    let histories = look(&app, &visit, &asked).await?;
    let status = if histories.is_empty() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    let found = Found {
        record: asked.record(),
        verdict,
        histories,
        keeps_log: app.log().is_some(),
        now: app.clock.now(),
    };
    Ok(visit.answer(&app, status, &page::found(&visit, &found)))
}

/// What is to be said of a receipt that was pasted, as of today.
async fn verdict(app: &App, asked: &Asked) -> Result<Option<Verdict>, Problem> {
    let now = app.clock.now();
    Ok(match asked {
        Asked::Receipt(text, _) => {
            let expect = Expectations {
                issuer: Some(app.url.as_str()),
                ..Expectations::at(now)
            };
            Some(judged(app, text, &expect).await?)
        }
        Asked::Unsigned(json, _) => Some(of_unsigned(json, true, now, None)),
        Asked::Record(_) | Asked::Consent(_) => None,
    })
}

/// The histories that are found at the sites that a member of staff may see: at each, the look is written down before anything
/// is shown; of a search that found nothing, that there was one.
async fn look(app: &App, visit: &Visit, asked: &Asked) -> Result<Vec<History>, Problem> {
    let staff = &visit.staff;
    let places = match asked {
        Asked::Receipt(_, record) | Asked::Unsigned(_, record) => {
            at(app, staff, record.site.clone(), record.subject).await?
        }
        Asked::Record(id) => {
            let id = *id;
            let receipt = with_store(app, move |store| store.find(id)).await?;
            let receipt = receipt.as_deref().map(UnverifiedReceipt::parse);
            match receipt {
                Some(Ok(receipt)) => {
                    let record = receipt.record();
                    at(app, staff, record.site.clone(), record.subject).await?
                }
                _ => Vec::new(),
            }
        }
        Asked::Consent(subject) => {
            let sites = visit.sites(app).await?.into_iter();
            sites.map(|site| (site, *subject)).collect()
        }
    };
    let read = with_store(app, move |store| {
        let read = places.into_iter();
        let read = read.map(|(site, subject)| History::read(store, site, subject));
        read.filter_map(Result::transpose).collect()
    });
    let histories: Vec<History> = read.await?;
    for history in &histories {
        let filter = format!("subject={}", in_trail(history.subject));
        let site = Some(history.site.id());
        note(
            app,
            staff,
            "view_history",
            site,
            filter,
            Some(history.total),
        )
        .await?;
    }
    if histories.is_empty() {
        let filter = format!("by={}", asked.kind());
        note(app, staff, "view_history", None, filter, Some(0)).await?;
    }
    Ok(histories)
}

/// One site, if a member of staff may see it and it is known here.
async fn at(
    app: &App,
    staff: &Staff,
    site: SiteId,
    subject: ConsentId,
) -> Result<Vec<(Kept, ConsentId)>, Problem> {
    if !staff.may(Role::Viewer, &site) {
        return Ok(Vec::new());
    }
    let site = kept(app, site).await?;
    Ok(site.into_iter().map(|site| (site, subject)).collect())
}

/// `POST /admin/erasures`: asks once more, and erases when that is answered.
pub(crate) async fn erase(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, None, "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let body = read_body(body, LARGEST).await?;
    let site = field(&body, "site").and_then(|site| site.parse::<SiteId>().ok());
    let subject = field(&body, "subject").and_then(|id| id.parse::<ConsentId>().ok());
    let site = match site.filter(|site| visit.staff.may(Role::Admin, site)) {
        Some(site) => kept(&app, site).await?,
        None => None,
    };
    let (Some(site), Some(subject)) = (site, subject) else {
        return Ok(visit.missing(&app, "../"));
    };
    let reason = field(&body, "reason").and_then(|name| Reason::of(&name));
    if let Some(reason) = reason
        && field(&body, "confirmed").is_some()
    {
        let filter = format!("reason={}", reason.name());
        match erased(&app, &visit.staff, site.id(), subject, filter).await {
            // The page says why.
            Err(Problem::LegalHold) => {}
            erased => {
                let page = erasure_page::done(&visit, &site, erased?);
                return Ok(visit.answer(&app, StatusCode::OK, &page));
            }
        }
    }
    let of = site.clone();
    let read = with_store(&app, move |store| History::read(store, of, subject));
    let history = read.await?;
    let status = match &history {
        Some(history) if history.hold.is_some() => StatusCode::CONFLICT,
        _ if reason.is_none() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let page = match &history {
        Some(history) => erasure_page::asking(&visit, &Wish { history, reason }),
        None => erasure_page::done(&visit, &site, 0),
    };
    Ok(visit.answer(&app, status, &page))
}
