//! What a site has shown: each version as visitors saw it.

use super::visit::Visit;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::store::ArtefactKind;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Response};
use consent_core::digest::Digest;
use consent_core::evidence::notice_page;

/// What a browser lets a notice do: be looked at.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// `GET /admin/sites/{site}/notices/{digest}`: a notice as it was shown, and as evidence files hold it.
pub(crate) async fn shown(
    State(app): State<App>,
    Path((site, digest)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let root = "../../../../";
    let visit = match Visit::of(&app, &headers, query.as_deref(), root).await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let site = visit.site(&app, &site).await?;
    let (Some(site), Ok(digest)) = (site, digest.parse::<Digest>()) else {
        return Ok(visit.missing(&app, root));
    };
    let id = site.id().clone();
    let notice = with_store(&app, move |store| {
        store.artefact(Some(&id), ArtefactKind::Notice, &digest)
    });
    let page = notice.await?.and_then(|notice| notice_page(&notice).ok());
    Ok(match page {
        Some(page) => ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response(),
        None => visit.missing(&app, root),
    })
}
