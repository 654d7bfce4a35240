//! What browsers load: the gate, and the files of a publication.

use super::extract::Site;
use super::{Problem, with_store};
use crate::app::App;
use crate::publish;
use crate::static_file::{Caching, StaticFile};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::digest::Digest;

pub(super) async fn gate(Site(site): Site, headers: HeaderMap) -> Response {
    site.gate.respond(&headers, Caching::Short)
}

pub(super) async fn immutable(
    State(app): State<App>,
    Site(site): Site,
    Path((_, digest, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let digest: Digest = digest.parse().map_err(|_| Problem::NotFound)?;
    if digest == site.digest {
        let file = site.files.get(&name).ok_or(Problem::NotFound)?;
        return Ok(file.respond(&headers, Caching::Immutable));
    }
    // A page that was opened before the site changed still loads the files of that time.
    let site = site.id.clone();
    let kept = with_store(&app, move |store| {
        publish::kept_file(store, &site, &digest, &name)
    })
    .await?;
    let file: StaticFile = kept.ok_or(Problem::NotFound)?;
    Ok(file.respond(&headers, Caching::Immutable))
}
