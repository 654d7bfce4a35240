//! A page of the site `shop`, as far as records need one.

use super::NOW;
use consent_core::id::RecordId;
use serde_json::{Value, json};

/// What a browser would put into a record, read from where a browser reads it.
#[derive(Clone)]
pub struct Page {
    pub url: String,
    pub scope: String,
    pub notice: String,
}

impl Page {
    pub fn open(url: &str) -> Self {
        let gate = get(&format!("{url}/s/shop/consent.js"));
        let folder = after(&gate, "\"p\":\"");
        let notice = get(&format!("{url}/s/shop/{folder}/en.html"));
        Self {
            url: url.to_owned(),
            scope: after(&notice, "data-scope=\""),
            notice: after(&notice, "data-notice=\""),
        }
    }

    pub fn record(&self, number: u64) -> Value {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&number.to_be_bytes());
        json!({
            "act": "refuse_all",
            "aud": "shop",
            "choices": { "analytics": false, "social": false },
            "dat": NOW - 5,
            "exp": NOW + 1000,
            "jti": RecordId::v7(1_795_316_891_000 + number, random).to_text(),
            "lang": "en",
            "notice": self.notice,
            "scope": self.scope,
            "src": "banner",
            "sub": "AgICAgICAgICAgICAgICAg",
        })
    }

    /// Sends a record; the status, or none when the connection ended.
    pub fn send(&self, record: &Value) -> Option<u16> {
        let answer = ureq::post(format!("{}/v1/sites/shop/consents", self.url))
            .header("content-type", "application/json")
            .send(record.to_string());
        match answer {
            Ok(answer) => Some(answer.status().as_u16()),
            Err(ureq::Error::StatusCode(status)) => Some(status),
            Err(_) => None,
        }
    }
}

/// The status of a page.
pub fn status(url: &str) -> u16 {
    match ureq::get(url).call() {
        Ok(answer) => answer.status().as_u16(),
        Err(ureq::Error::StatusCode(status)) => status,
        Err(error) => panic!("{url}: {error}"),
    }
}

/// What is at an address.
pub fn get(url: &str) -> String {
    let answer = ureq::get(url).call();
    answer
        .unwrap_or_else(|error| panic!("{url}: {error}"))
        .body_mut()
        .read_to_string()
        .unwrap()
}

fn after(text: &str, mark: &str) -> String {
    let (_, rest) = text
        .split_once(mark)
        .unwrap_or_else(|| panic!("no {mark} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}
