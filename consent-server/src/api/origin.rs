//! Which pages may send records: those of the server's own origin and those the site declares.

use super::Problem;
use super::extract::Site;
use crate::app::App;
use crate::publish::Published;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

/// Where a request comes from, as far as its headers tell.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// No page of a browser, or one that need not say: same-origin `GET`, a backend, a tool.
    Unsaid,
    /// A page on the server's own origin.
    Own(HeaderValue),
    /// A page on one of the site's origins.
    Declared(HeaderValue),
}

impl Origin {
    pub(super) fn of(headers: &HeaderMap, app: &App, site: &Published) -> Result<Self, Problem> {
        Self::among(headers, app, site).inspect_err(|_| {
            app.metrics.strange_origin(site.id.as_str());
        })
    }

    fn among(headers: &HeaderMap, app: &App, site: &Published) -> Result<Self, Problem> {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return Ok(Self::Unsaid);
        };
        let text = origin.to_str().map_err(|_| Problem::OriginNotAllowed)?;
        if app.own_origins.iter().any(|own| own == text) {
            Ok(Self::Own(origin.clone()))
        } else if site.origins.iter().any(|declared| declared == text) {
            Ok(Self::Declared(origin.clone()))
        } else {
            Err(Problem::OriginNotAllowed)
        }
    }

    /// Whether a cookie set by this answer is one that the page's own scripts can read.
    ///
    /// For a page on another host it would land on this server's host, where nobody looks for it, unless the site's
    /// cookie is shared over a domain that both belong to.
    pub(super) fn shares_cookies(&self, app: &App, site: &Published) -> bool {
        match self {
            Self::Unsaid | Self::Own(_) => true,
            Self::Declared(_) => site.cookie.domain.as_deref().is_some_and(|domain| {
                let host = app.url.host();
                host == domain
                    || host
                        .strip_suffix(domain)
                        .is_some_and(|rest| rest.ends_with('.'))
            }),
        }
    }

    /// Lets the page read the answer.
    pub(super) fn allow(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Self::Own(origin) | Self::Declared(origin) = self {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("retry-after"),
            );
        }
    }
}

/// Answers a browser that asks before it sends JSON from another origin.
pub(super) async fn preflight(
    State(app): State<App>,
    Site(site): Site,
    headers: HeaderMap,
) -> Response {
    let source = match Origin::of(&headers, &app, &site) {
        Ok(source) => source,
        Err(problem) => return problem.into_response(),
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    source.allow(&mut response);
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
    response
}
