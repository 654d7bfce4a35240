//! The notice that a server shows: another build may show another one, and takes no record of this one's.

use crate::fixture::Fixture;
use anyhow::{Context as _, Result};
use consent_core::digest::Digest;
use std::net::SocketAddr;

/// The digest of the French notice.
pub(crate) fn notice(fixture: &Fixture, address: SocketAddr) -> Result<Digest> {
    let base = format!("http://{address}/s/{}", fixture.site);
    let gate = get(&format!("{base}/consent.js"))?;
    let folder = between(&gate, "\"p\":\"").context("no folder in the gate")?;
    let page = get(&format!("{base}/{folder}/fr.html"))?;
    let digest = between(&page, "data-notice=\"").context("no digest in the notice")?;
    Ok(digest.parse()?)
}

fn get(url: &str) -> Result<String> {
    Ok(ureq::get(url).call()?.body_mut().read_to_string()?)
}

fn between<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    text.split(before).nth(1)?.split('"').next()
}
