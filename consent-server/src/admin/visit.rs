//! One request for a page: who asks, how they read, and the answer they get.

use super::page;
use super::reader::Reader;
use crate::api::staff::{by_session, is_navigation, is_own, kept};
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::auth::{Role, Staff};
use crate::retired::{Kept, Retired};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use consent_core::id::SiteId;
use maud::Markup;

/// Somebody who is logged in, and asks for a page.
pub(super) struct Visit {
    pub(super) staff: Staff,
    pub(super) reader: Reader,
}

impl Visit {
    /// Nobody's, if who asks is not logged in: they are sent to the login, to which `root` leads.
    pub(super) async fn of(
        app: &App,
        headers: &HeaderMap,
        query: Option<&str>,
        root: &str,
    ) -> Result<Result<Self, Response>, Problem> {
        let reader = Reader::of(headers, query);
        Ok(match logged_in(app, headers).await? {
            Some(staff) => Ok(Self { staff, reader }),
            None => Err(Redirect::to(&format!("{root}admin")).into_response()),
        })
    }

    pub(super) fn answer(&self, app: &App, status: StatusCode, page: &Markup) -> Response {
        answer(app, &self.reader, status, page)
    }

    /// What is said of a site that is not there. Whether one exists is not told to those who may not see it.
    pub(super) fn missing(&self, app: &App, root: &str) -> Response {
        let page = page::missing(&self.reader, &self.staff, root);
        self.answer(app, StatusCode::NOT_FOUND, &page)
    }

    /// The site of this id, if there is one that they may see.
    pub(super) async fn site(&self, app: &App, id: &str) -> Result<Option<Kept>, Problem> {
        let id = id.parse::<SiteId>().ok();
        match id.filter(|id| self.staff.may(Role::Viewer, id)) {
            Some(id) => kept(app, id).await,
            None => Ok(None),
        }
    }

    /// All sites that they may see, those that are served first.
    pub(super) async fn sites(&self, app: &App) -> Result<Vec<Kept>, Problem> {
        let serving = app.serving();
        let mut sites: Vec<Kept> = serving.sites.iter().cloned().map(Kept::Served).collect();
        let retired = with_store(app, move |store| {
            Retired::all(store, |id| serving.sites.get(id.as_str()).is_some())
        });
        let retired = retired.await?.into_iter();
        sites.extend(retired.map(|site| Kept::Retired(Box::new(site))));
        sites.retain(|site| self.staff.sites.contains(site.id()));
        Ok(sites)
    }
}

/// Who looks at a page: nobody, if a page of others fetches it; whoever follows a link there is who they are.
pub(super) async fn logged_in(app: &App, headers: &HeaderMap) -> Result<Option<Staff>, Problem> {
    if is_own(app, headers) || is_navigation(headers) {
        by_session(app, headers).await
    } else {
        Ok(None)
    }
}

pub(super) fn answer(app: &App, reader: &Reader, status: StatusCode, page: &Markup) -> Response {
    let mut response = (status, Html(page.0.clone())).into_response();
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
