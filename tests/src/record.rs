//! Records as a banner would make them, for requests without a browser.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::id::RecordId;
use serde_json::{Value, json};

use crate::demo::Demo;
use crate::http;

/// A refusal of everything at a site of the demo, as JSON; each call makes another record.
pub fn refusal(demo: &Demo, site: &str) -> Result<String> {
    Ok(choice(&demo.facts.url, site, false)?.to_string())
}

/// An agreement to everything, or a refusal of everything, at a site of the consent server at `url`.
pub fn choice(url: &str, site: &str, granted: bool) -> Result<Value> {
    let shown = Shown::at(url, site)?;
    let now = std::time::UNIX_EPOCH.elapsed()?;
    let mut random = [0; 10];
    random[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let id = RecordId::v7(now.as_millis().try_into()?, random);
    let choices: serde_json::Map<String, Value> = shown
        .categories
        .iter()
        .map(|category| (category.clone(), granted.into()))
        .collect();
    let act = if granted { "accept_all" } else { "refuse_all" };
    Ok(json!({
        "act": act, "aud": site, "choices": choices, "dat": now.as_secs(), "exp": now.as_secs() + 1,
        "jti": id.to_text(), "lang": shown.language, "notice": shown.notice, "scope": shown.scope,
        "src": "banner", "sub": "AgICAgICAgICAgICAgICAg",
    }))
}

/// Sends a record to the consent server at `url`; answers with the receipt.
pub fn receipt(url: &str, record: &Value) -> Result<String> {
    let site = record["aud"].as_str().unwrap_or_default();
    let address = format!("{url}/v1/sites/{site}/consents");
    let (status, body) = http::post(&address, &record.to_string())?;
    ensure!(status == 201, "{status}: {body}");
    let answer: Value = serde_json::from_str(&body)?;
    let receipt = answer["receipt"].as_str().context("no receipt")?;
    Ok(receipt.to_owned())
}

/// Decodes base64url.
pub fn decode(text: &str) -> Result<Vec<u8>> {
    Ok(URL_SAFE_NO_PAD.decode(text)?)
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// What a visitor of a site is shown, read from the files that a browser loads.
struct Shown {
    scope: String,
    notice: String,
    language: String,
    categories: Vec<String>,
}

impl Shown {
    fn at(url: &str, site: &str) -> Result<Self> {
        let base = format!("{url}/s/{site}");
        let gate = http::get(&format!("{base}/consent.js"), None)?;
        let manifest = manifest(&gate).context("no manifest in the gate")?;
        let text = |value: &Value| {
            value
                .as_str()
                .map(ToOwned::to_owned)
                .context("not a string")
        };
        let language = text(&manifest["l"][0])?;
        let notice = http::get(
            &format!("{base}/{}/{language}.html", text(&manifest["p"])?),
            None,
        )?;
        let attribute = |name: &str| {
            let value = notice.split(&format!("{name}=\"")).nth(1)?;
            value.split('"').next().map(ToOwned::to_owned)
        };
        let names = manifest["c"].as_object().context("no categories")?;
        let categories: BTreeSet<&str> = names.values().filter_map(Value::as_str).collect();
        Ok(Self {
            scope: attribute("data-scope").context("no scope in the notice")?,
            notice: attribute("data-notice").context("no digest in the notice")?,
            language,
            categories: categories.into_iter().map(ToOwned::to_owned).collect(),
        })
    }
}

/// The manifest in a gate: the one JSON object that has a scope.
fn manifest(gate: &str) -> Option<Value> {
    gate.match_indices('{').find_map(|(start, _)| {
        let mut values = serde_json::Deserializer::from_str(&gate[start..]).into_iter::<Value>();
        values.next()?.ok().filter(|value| value["v"].is_string())
    })
}

/// The JSON behind one part of a cookie value.
pub fn decoded(part: &str) -> Result<Value> {
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}

/// JSON as one part of a cookie value.
#[must_use]
pub fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}
