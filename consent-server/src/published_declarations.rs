//! Declarations as they were published: what later formats of a record need, and its receipt does not name.

use crate::declarations::{Text, Written};
use crate::store::{Artefact, ArtefactKind, Store, StoreError};
use consent_core::canonical::Value;
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::record::Record;
use consent_core::site::{Base, Declaration, Site};
use consent_core::time::UnixSeconds;
use serde::Deserialize;
use std::cmp::Reverse;

#[derive(Deserialize)]
struct Kept {
    text: String,
    base: Option<String>,
    notices: Vec<String>,
}

/// What is kept of a declaration: its text, that of its base, and the notices that were made from it.
pub(crate) fn content(text: &Text, notices: impl Iterator<Item = Digest>) -> String {
    let mut notices: Vec<Digest> = notices.collect();
    notices.sort_unstable();
    let mut members = vec![
        ("notices", Value::array(notices)),
        ("text", text.own.as_str().into()),
    ];
    members.extend(text.base.as_deref().map(|base| ("base", base.into())));
    Value::object(members).to_json()
}

/// The declaration that a record's notice was made from: the last that was published before the receipt was signed.
pub(crate) fn of_record(
    store: &dyn Store,
    record: &Record,
    signed: UnixSeconds,
) -> Result<Option<Site>, StoreError> {
    let mut kept = store.artefacts(&record.site, ArtefactKind::Declaration)?;
    kept.retain(|artefact| artefact.kept_at <= signed);
    kept.sort_by_key(|artefact| Reverse(artefact.kept_at));
    let notice = record.notice.to_text();
    for artefact in kept {
        let kept: Kept = serde_json::from_slice(&artefact.content)
            .map_err(|_| StoreError::Corrupt("declaration"))?;
        if kept.notices.contains(&notice) {
            // One that is no longer understood is as good as none.
            return Ok(read(kept));
        }
    }
    Ok(None)
}

/// A kept declaration; `None` if it is no longer understood.
pub(crate) fn written(content: &[u8]) -> Option<Written> {
    let kept: Kept = serde_json::from_slice(content).ok()?;
    let text = Text {
        own: kept.text.clone(),
        base: kept.base.clone(),
    };
    Some(Written {
        text: Some(text),
        ..read(kept)?.into()
    })
}

/// The declaration that a site has published last; `None` if it has published none, or one that is no longer understood.
///
/// # Errors
/// Where the store cannot be read, or holds what nobody stored.
pub fn last(store: &dyn Store, site: &SiteId) -> Result<Option<Site>, StoreError> {
    let declaration = last_with_places(store, site)?;
    Ok(declaration.map(|declaration| declaration.site))
}

/// The same, with the places of what it says.
pub(crate) fn last_with_places(
    store: &dyn Store,
    site: &SiteId,
) -> Result<Option<Declaration>, StoreError> {
    let digest = store.last_published(site)?;
    digest.map_or(Ok(None), |digest| kept(store, site, &digest))
}

/// A declaration by its digest; `None` if it is not there or no longer understood.
pub(crate) fn find(
    store: &dyn Store,
    site: &SiteId,
    digest: &Digest,
) -> Result<Option<Site>, StoreError> {
    let declaration = kept(store, site, digest)?;
    Ok(declaration.map(|declaration| declaration.site))
}

fn kept(
    store: &dyn Store,
    site: &SiteId,
    digest: &Digest,
) -> Result<Option<Declaration>, StoreError> {
    let content = store.artefact(Some(site), ArtefactKind::Declaration, digest)?;
    let Some(content) = content else {
        return Ok(None);
    };
    let kept: Kept =
        serde_json::from_slice(&content).map_err(|_| StoreError::Corrupt("declaration"))?;
    Ok(parse(kept))
}

/// Every declaration of a site that was published and is still understood, the newest first.
pub(crate) fn all(store: &dyn Store, site: &SiteId) -> Result<Vec<Site>, StoreError> {
    let mut kept = store.artefacts(site, ArtefactKind::Declaration)?;
    // The last may have been published before, too, and what is kept says when that was first.
    let last = store.last_published(site)?;
    kept.sort_by_key(|artefact| (Some(artefact.digest) != last, Reverse(artefact.kept_at)));
    let read_kept = |artefact: &Artefact| serde_json::from_slice(&artefact.content).map(read);
    let all: Result<Vec<_>, _> = kept.iter().map(read_kept).collect();
    let all = all.map_err(|_| StoreError::Corrupt("declaration"))?;
    Ok(all.into_iter().flatten().collect())
}

fn read(kept: Kept) -> Option<Site> {
    parse(kept).map(|declaration| declaration.site)
}

fn parse(kept: Kept) -> Option<Declaration> {
    let Kept { text, base, .. } = kept;
    let declaration = Declaration::parse_with_base("site.toml", &text, |name| {
        let text = base.ok_or("its base was not kept")?;
        let file = name.to_owned();
        Ok(Base { file, text })
    });
    declaration.ok()
}
