//! Every notice that a site has published, by language and day, and how many choices were made under it.

use crate::day::Day;
use crate::store::{ArtefactKind, NoticeKey, Store, StoreError};
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A notice.
pub(super) struct Version {
    pub(super) digest: Digest,
    pub(super) language: String,
    /// What was asked, by its digest.
    scope: String,
    pub(super) published: UnixSeconds,
    /// When another one took its place; `None`: it is the last of its language.
    pub(super) until: Option<UnixSeconds>,
    /// The one of its language before it, and whether visitors who had answered that one were asked again.
    pub(super) before: Option<(Digest, bool)>,
    pub(super) choices: u64,
}

/// All notices of a site, those published last first.
pub(super) fn versions(store: &dyn Store, site: &SiteId) -> Result<Vec<Version>, StoreError> {
    #[derive(Deserialize)]
    struct Shown {
        language: String,
        scope: String,
    }
    let always = Day::from_number(i32::MIN)..=Day::from_number(i32::MAX);
    let mut counts: BTreeMap<NoticeKey, u64> = BTreeMap::new();
    for (key, count) in store.decisions(site, always)? {
        *counts.entry(key.notice).or_default() += count;
    }
    let mut kept = store.artefacts(site, ArtefactKind::Notice)?;
    kept.sort_by_key(|notice| (notice.kept_at, notice.digest));
    let mut versions: Vec<Version> = Vec::new();
    // The last version of each language, by its place.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for notice in kept {
        let Shown { language, scope } =
            serde_json::from_slice(&notice.content).map_err(|_| StoreError::Corrupt("notice"))?;
        let place = last.insert(language.clone(), versions.len());
        let before = place.and_then(|place| versions.get_mut(place));
        let before = before.map(|before| {
            before.until = Some(notice.kept_at);
            (before.digest, before.scope != scope)
        });
        versions.push(Version {
            digest: notice.digest,
            language,
            scope,
            published: notice.kept_at,
            until: None,
            before,
            choices: counts
                .get(&NoticeKey::of(&notice.digest))
                .copied()
                .unwrap_or(0),
        });
    }
    versions.reverse();
    Ok(versions)
}
