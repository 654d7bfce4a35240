//! The pages for staff: plain HTML, no scripts.

mod answers;
mod chart;
mod overview;
mod overview_page;
mod page;
mod period;
mod reader;
mod site_page;
mod sites_page;

use crate::api::staff::{
    Sender, by_session, by_token, is_navigation, is_own, kept, note, same_origin,
};
use crate::api::{Asking, Problem, unavailable, with_store};
use crate::app::App;
use crate::auth::{Role, Staff};
use crate::body::read_body;
use crate::day::Day;
use crate::retired::{Kept, Retired};
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use consent_core::id::SiteId;
use maud::Markup;
use overview::{Overview, zone};
use period::Period;
use reader::Reader;
use site_page::{LATEST, Stored};

pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .route("/admin", get(home))
        .route("/admin/login", post(login))
        .route("/admin/logout", post(logout))
        .route("/admin/style.css", get(style))
        .route("/admin/sites/{site}", get(site))
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
    let serving = app.serving();
    let mut sites: Vec<Kept> = serving.sites.iter().cloned().map(Kept::Served).collect();
    let retired = with_store(&app, move |store| {
        Retired::all(store, |id| serving.sites.get(id.as_str()).is_some())
    });
    let retired = retired.await?.into_iter();
    sites.extend(retired.map(|site| Kept::Retired(Box::new(site))));
    sites.retain(|site| staff.sites.contains(site.id()));
    let now = app.clock.now();
    let days = with_store(&app, move |store| store.of_all_sites(sites_page::days(now)));
    let lines = sites_page::lines(sites, &days.await?, now);
    let page = sites_page::sites(&staff, lines, &reader);
    Ok(answer(&app, &reader, StatusCode::OK, &page))
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
    let mut fields = form_urlencoded::parse(&body);
    let token = fields.find(|(name, _)| name == "token");
    let token = token.map_or_else(String::new, |(_, token)| token.trim().to_owned());
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

/// Who looks at a page: nobody, if a page of others fetches it; whoever follows a link there is who they are.
async fn logged_in(app: &App, headers: &HeaderMap) -> Result<Option<Staff>, Problem> {
    if is_own(app, headers) || is_navigation(headers) {
        by_session(app, headers).await
    } else {
        Ok(None)
    }
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
    let reader = Reader::of(&headers, query.as_deref());
    let Some(staff) = logged_in(&app, &headers).await? else {
        return Ok(Redirect::to("../../admin").into_response());
    };
    let id = id.parse::<SiteId>().ok();
    let site = match id.filter(|id| staff.may(Role::Viewer, id)) {
        Some(id) => kept(&app, id).await?,
        None => None,
    };
    let Some(site) = site else {
        // Whether a site exists is not told to those who may not see it.
        let page = page::missing(&reader, &staff);
        return Ok(answer(&app, &reader, StatusCode::NOT_FOUND, &page));
    };
    let asked = format!("latest={LATEST}");
    let line = note(&app, &staff, "view_site", Some(site.id()), asked, None).await?;
    let today = Day::of(app.clock.now(), &zone(&site));
    let (period, language) = (Period::asked(&reader, today), reader.language);
    let of = site.clone();
    let read = with_store(&app, move |store| {
        let latest = store.latest(of.id(), LATEST)?;
        store.settle(line, latest.len() as u64, None)?;
        let counts = store.counts(of.id())?;
        let overview = Overview::read(store, &of, period, today, language)?;
        Ok((overview, Stored { counts, latest }))
    });
    let (overview, stored) = read.await?;
    let page = site_page::site(&reader, &staff, &site, &overview, &stored);
    Ok(answer(&app, &reader, StatusCode::OK, &page))
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, include_str!("style.css"))
}

fn answer(app: &App, reader: &Reader, status: StatusCode, page: &Markup) -> Response {
    let mut response = (status, axum::response::Html(page.0.clone())).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("accept-language, cookie"),
    );
    let language = reader.cookie(app.staff_url.is_https());
    if let Some(language) = language.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        headers.append(header::SET_COOKIE, language);
    }
    response
}
