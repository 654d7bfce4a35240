//! The pages for staff: plain HTML, no scripts.

mod accesses;
mod accesses_page;
mod answers;
mod chart;
mod declaration;
mod form;
mod integrity;
mod integrity_page;
mod names;
mod notices;
mod overview;
mod overview_page;
mod page;
mod period;
mod proof;
mod reader;
mod site_page;
mod sites_page;
mod visit;

use crate::api::staff::{Sender, by_token, note, same_origin};
use crate::api::{Asking, Problem, unavailable, with_store};
use crate::app::App;
use crate::body::read_body;
use crate::day::Day;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use form::field;
use overview::{Overview, zone};
use period::Period;
use reader::Reader;
use site_page::{LATEST, Stored};
use visit::{Visit, answer, logged_in};

pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/admin", get(home))
        .route("/admin/login", post(login))
        .route("/admin/logout", post(logout))
        .route("/admin/style.css", get(style))
        .route("/admin/proof", get(proof::get).post(proof::post))
        .route("/admin/erasures", post(proof::erase))
        .route("/admin/accesses", get(accesses::get).post(accesses::post))
        .route("/admin/integrity", get(integrity::get))
        .route("/admin/sites/{site}", get(site))
        .route("/admin/sites/{site}/notices", get(notices::list))
        .route("/admin/sites/{site}/changes", get(notices::changes))
        .route("/admin/sites/{site}/declaration", get(declaration::get))
        .route("/admin/sites/{site}/notices/{digest}", get(notices::shown))
        .layer(axum::middleware::from_fn_with_state(
            (app.clone(), Sender::Page(foreign)),
            same_origin,
        ))
}

async fn home(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reader = Reader::of(&headers, query.as_deref());
    let Some(staff) = logged_in(&app, &headers).await? else {
        let page = page::login(&reader, false);
        return Ok(answer(&app, &reader, StatusCode::OK, &page));
    };
    let visit = Visit { staff, reader };
    let sites = visit.sites(&app).await?;
    let now = app.clock.now();
    let days = with_store(&app, move |store| store.of_all_sites(sites_page::days(now)));
    let lines = sites_page::lines(sites, &days.await?, now);
    let page = sites_page::sites(&visit.staff, lines, &visit.reader);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

/// A token is a few dozen bytes.
const LARGEST_LOGIN: usize = 1024;

async fn login(
    State(app): State<App>,
    Asking(client): Asking,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.rates.client(client)?;
    let body = read_body(body, LARGEST_LOGIN).await?;
    let token = field(&body, "token").unwrap_or_default().trim().to_owned();
    let Some(staff) = by_token(&app, token).await? else {
        app.rates.tried_wrongly(client);
        let reader = Reader::of(&headers, None);
        let page = page::login(&reader, true);
        return Ok(answer(&app, &reader, StatusCode::FORBIDDEN, &page));
    };
    note(&app, &staff, "log_in", None, String::new(), Some(0)).await?;
    let (now, is_https) = (app.clock.now(), app.staff_url.is_https());
    let cookie = app
        .sessions
        .open(&staff, &headers, now, is_https)
        .map_err(|error| unavailable("no session was opened", &error))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("../admin")).into_response())
}

async fn logout(State(app): State<App>, headers: HeaderMap) -> Response {
    let cookie = app.sessions.close(&headers, app.staff_url.is_https());
    ([(header::SET_COOKIE, cookie)], Redirect::to("../admin")).into_response()
}

/// What a page of others hears that would log somebody in or out.
fn foreign(app: &App, headers: &HeaderMap) -> Response {
    let reader = Reader::of(headers, None);
    let page = page::foreign(&reader, app.staff_url.as_str());
    answer(app, &reader, StatusCode::FORBIDDEN, &page)
}

async fn site(
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, query.as_deref(), "../../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let Some(site) = visit.site(&app, &id).await? else {
        return Ok(visit.missing(&app, "../../"));
    };
    let Visit { staff, reader } = &visit;
    let asked = format!("latest={LATEST}");
    let line = note(&app, staff, "view_site", Some(site.id()), asked, None).await?;
    let today = Day::of(app.clock.now(), &zone(&site));
    let (period, language) = (Period::asked(reader, today), reader.language);
    let of = site.clone();
    let read = with_store(&app, move |store| {
        let latest = store.latest(of.id(), LATEST)?;
        store.settle(line, latest.len() as u64, None)?;
        let counts = store.counts(of.id())?;
        let overview = Overview::read(store, &of, period, today, language)?;
        Ok((overview, Stored { counts, latest }))
    });
    let (overview, stored) = read.await?;
    let page = site_page::site(reader, staff, &site, &overview, &stored);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, include_str!("style.css"))
}
