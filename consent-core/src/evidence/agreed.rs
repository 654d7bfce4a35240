//! What was shown and what was agreed to, as hashed: read again, and compared with a record that names them.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use serde::Deserialize;

use super::page::{self, Shown};
use crate::digest::Digest;
use crate::json;
use crate::record::Record;
use crate::scope::Scope;

/// Reads the notice that a record names; says why it is not that.
pub(super) fn notice(record: &Record, file: &[u8]) -> Result<Shown, String> {
    let digest = Digest::of(file);
    if digest != record.notice {
        return Err(format!(
            "the digest of notice.json is {digest}, and the record names {}",
            record.notice
        ));
    }
    let shown = shown(file)?;
    let same = [
        ("language", &*shown.language, record.language.as_str()),
        ("scope", &*shown.scope, &*record.scope.to_text()),
        ("site", &*shown.site, record.site.as_str()),
    ];
    for (name, of_notice, of_record) in same {
        if of_notice != of_record {
            return Err(format!(
                "the {name} of notice.json is {of_notice:?}, that of the record {of_record:?}"
            ));
        }
    }
    Ok(shown)
}

/// Reads a notice that a page can be made of; says why it is none.
pub(super) fn shown(file: &[u8]) -> Result<Shown, String> {
    let shown: Shown = json::whole(file).map_err(|error| format!("notice.json: {error}"))?;
    if shown.bundle.parse::<Digest>().is_err() {
        return Err("the bundle of notice.json is not a digest".into());
    }
    page::fits(&shown.html, &shown.style).map_err(|why| format!("notice.json: {why}"))?;
    Ok(shown)
}

/// Reads the scope that a record names; says why it is not that, or why the record is no answer to it.
pub(super) fn scope(record: &Record, file: &[u8]) -> Result<Scope, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        categories: BTreeMap<String, BTreeMap<String, String>>,
        controller: String,
        revision: u32,
        site: String,
    }
    let digest = Digest::of(file);
    if digest != record.scope {
        return Err(format!(
            "the digest of scope.json is {digest}, and the record names {}",
            record.scope
        ));
    }
    let asked: Asked = json::whole(file).map_err(|error| format!("scope.json: {error}"))?;
    let wrong = |error: crate::id::IdError| format!("scope.json: {error}");
    let mut categories = BTreeMap::new();
    for (category, providers) in asked.categories {
        let mut services = BTreeMap::new();
        for (service, provider) in providers {
            services.insert(service.parse().map_err(wrong)?, provider);
        }
        categories.insert(category.parse().map_err(wrong)?, services);
    }
    let scope = Scope {
        site: asked.site.parse().map_err(wrong)?,
        controller: asked.controller,
        revision: asked.revision,
        categories,
    };
    if scope.site != record.site {
        return Err(format!(
            "scope.json is of site {}, the record of {}",
            scope.site, record.site
        ));
    }
    let checked = scope.check(&record.decision, record.previous);
    checked.map_err(|error| format!("the record is no answer to scope.json: {error}"))?;
    Ok(scope)
}
