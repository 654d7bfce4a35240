//! Who may change something here: a page of staff's own origin, or a program that shows its token.
//!
//! `SameSite=Strict` stops other sites, and not the pages of a sibling host or of another port, which are the same site. So
//! each request that changes something must say that it comes from a page of this very origin.

use super::super::bearer::bearer;
use crate::api::Problem;
use crate::app::App;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Who may send what changes something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sender {
    /// A form on one of the pages for staff; and what a page of others hears.
    Page(fn(&App, &HeaderMap) -> Response),
    /// Or a program: it sends no `Origin`, and a token that no page of others can make a browser send. Cookies beside the
    /// token count for nothing.
    PageOrProgram,
}

/// Refuses what changes something and comes from elsewhere: before anything is read or looked up.
pub(crate) async fn same_origin(
    State((app, sender)): State<(App, Sender)>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || may_change(&app, sender, request.headers()) {
        return next.run(request).await;
    }
    match sender {
        Sender::Page(refusal) => refusal(&app, request.headers()),
        Sender::PageOrProgram => foreign(&app).into_response(),
    }
}

fn may_change(app: &App, sender: Sender, headers: &HeaderMap) -> bool {
    let says_whence = headers.contains_key(header::ORIGIN);
    let is_program = matches!(sender, Sender::PageOrProgram) && bearer(headers).is_some();
    is_own(app, headers) && (says_whence || is_program)
}

/// Whether the browser, as far as it says so, sends this for a page of staff's or because somebody typed the address.
pub(crate) fn is_own(app: &App, headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(FETCH_SITE).iter();
    let mut origins = headers.get_all(header::ORIGIN).iter();
    sites.all(|site| site == "same-origin" || site == "none")
        && origins.all(|origin| {
            let mut own = app.staff_origins.iter();
            own.any(|own| own.as_bytes() == origin.as_bytes())
        })
}

/// Whether a page is opened by following a link, on whichever page it was: no page can read what comes of that.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, value: &str| headers.get(name).is_some_and(|said| said == value);
    says(FETCH_MODE, "navigate") && says(FETCH_DEST, "document")
}

/// Says where such requests may come from.
pub(super) fn foreign(app: &App) -> Problem {
    Problem::ForeignPage(app.staff_url.origin().to_owned())
}
