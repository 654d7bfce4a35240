//! What a site has shown: each version as visitors saw it, and what changed between two.

mod comparison;
mod comparison_page;
mod passages;
mod versions;
mod versions_page;

use super::visit::Visit;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::store::{Artefact, ArtefactKind, Store, StoreError};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use comparison::{AskedFor, Comparison, Shown, differences};
use comparison_page::{Changes, Side};
use consent_core::digest::Digest;
use consent_core::evidence::notice_page;
use consent_core::id::SiteId;

/// What a browser lets a notice do: be looked at.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// `GET /admin/sites/{site}/notices`: every version.
pub(crate) async fn list(
    State(app): State<App>,
    Path(site): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let root = "../../../";
    let visit = match Visit::of(&app, &headers, query.as_deref(), root).await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let Some(site) = visit.site(&app, &site).await? else {
        return Ok(visit.missing(&app, root));
    };
    let id = site.id().clone();
    let versions = with_store(&app, move |store| versions::versions(store, &id)).await?;
    let page = versions_page::list(&visit, &site, &versions);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

/// `GET /admin/sites/{site}/changes?from=…&to=…`: what changed between two versions.
pub(crate) async fn changes(
    State(app): State<App>,
    Path(site): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let root = "../../../";
    let visit = match Visit::of(&app, &headers, query.as_deref(), root).await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let digest = |name| visit.reader.asked(name)?.parse::<Digest>().ok();
    let site = visit.site(&app, &site).await?;
    let (Some(site), Some(from), Some(to)) = (site, digest("from"), digest("to")) else {
        return Ok(visit.missing(&app, root));
    };
    let id = site.id().clone();
    let read = with_store(&app, move |store| compare(store, &id, [from, to]));
    Ok(match read.await? {
        Some(changes) => {
            let page = comparison_page::changes(&visit, &site, &changes);
            visit.answer(&app, StatusCode::OK, &page)
        }
        None => visit.missing(&app, root),
    })
}

/// Two notices of a site, and how what they asked differs; `None`: one of them is not there.
fn compare(
    store: &dyn Store,
    site: &SiteId,
    digests: [Digest; 2],
) -> Result<Option<Changes>, StoreError> {
    let kept = store.artefacts(site, ArtefactKind::Notice)?;
    let found = |digest: Digest| kept.iter().find(|notice| notice.digest == digest);
    let [Some(older), Some(newer)] = digests.map(found) else {
        return Ok(None);
    };
    let (older, from) = read(older)?;
    let (newer, to) = read(newer)?;
    let comparison = Comparison::of(&from, &to);
    let scope = |digest: &str| -> Result<Option<AskedFor>, StoreError> {
        let digest = digest.parse().map_err(|_| StoreError::Corrupt("notice"))?;
        let scope = store.artefact(Some(site), ArtefactKind::Scope, &digest)?;
        Ok(scope.and_then(|scope| serde_json::from_slice(&scope).ok()))
    };
    let asked = match (scope(&from.scope)?, scope(&to.scope)?) {
        (Some(from), Some(to)) => differences(&from, &to),
        _ => Vec::new(),
    };
    Ok(Some(Changes {
        sides: [older, newer],
        comparison,
        asked,
    }))
}

fn read(notice: &Artefact) -> Result<(Side, Shown), StoreError> {
    let shown: Shown =
        serde_json::from_slice(&notice.content).map_err(|_| StoreError::Corrupt("notice"))?;
    let side = Side {
        digest: notice.digest,
        language: shown.language.clone(),
        published: notice.kept_at,
    };
    Ok((side, shown))
}

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
