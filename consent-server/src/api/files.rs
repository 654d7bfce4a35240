//! What browsers load: the gate, and the files of a publication. And what was ever published, by the digest that proofs
//! name: SHA-256 of the bytes that are answered.

use super::extract::Site;
use super::{Problem, with_store};
use crate::app::App;
use crate::publish;
use crate::static_file::{Caching, StaticFile};
use crate::store::{ArtefactKind, Store};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::publication::FOLDER_LEN;

pub(super) async fn gate(Site(site): Site, headers: HeaderMap) -> Response {
    site.gate.respond(&headers)
}

pub(super) async fn immutable(
    State(app): State<App>,
    Site(site): Site,
    Path((_, folder, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if folder.len() < FOLDER_LEN {
        return Err(Problem::NotFound);
    }
    // Gates of earlier versions name the whole digest.
    if site.digest.to_text().starts_with(&folder) {
        let file = site.files.get(&name).ok_or(Problem::NotFound)?;
        return Ok(file.respond(&headers, Caching::Immutable));
    }
    // A page that was opened before the site changed still loads the files of that time.
    let site = site.id.clone();
    let kept = with_store(&app, move |store| {
        publish::kept_file(store, &site, &folder, &name)
    })
    .await?;
    let file: StaticFile = kept.ok_or(Problem::NotFound)?;
    Ok(file.respond(&headers, Caching::Immutable))
}

pub(super) async fn notice(
    State(app): State<App>,
    Path((site, digest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    kept(&app, Some(&site), ArtefactKind::Notice, &digest).await
}

pub(super) async fn scope(
    State(app): State<App>,
    Path((site, digest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    kept(&app, Some(&site), ArtefactKind::Scope, &digest).await
}

/// Which files the browser's half consisted of.
pub(super) async fn bundle(
    State(app): State<App>,
    Path(digest): Path<String>,
) -> Result<Response, Problem> {
    kept(&app, None, ArtefactKind::Bundle, &digest).await
}

pub(super) async fn file(
    State(app): State<App>,
    Path(digest): Path<String>,
) -> Result<Response, Problem> {
    kept(&app, None, ArtefactKind::File, &digest).await
}

/// Something published, even by a site that is served no longer.
async fn kept(
    app: &App,
    site: Option<&str>,
    kind: ArtefactKind,
    digest: &str,
) -> Result<Response, Problem> {
    let digest: Digest = digest.parse().map_err(|_| Problem::NotFound)?;
    let site: Option<SiteId> = site
        .map(str::parse)
        .transpose()
        .map_err(|_| Problem::UnknownSite)?;
    let find = move |store: &dyn Store| store.artefact(site.as_ref(), kind, &digest);
    let content = with_store(app, find).await?.ok_or(Problem::NotFound)?;
    let media_type = match kind {
        // Evidence to be hashed, not a page to be shown: an old file must not run in this server's name.
        ArtefactKind::File => "application/octet-stream",
        _ => "application/json",
    };
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, content).into_response())
}
