//! From a click to a record, and the cookie that keeps it.

use consent_core::cookie::CookieSettings;
use consent_core::decision::{Act, Decision};
use consent_core::id::{ConsentId, RecordId};
use consent_core::record::Record;
use consent_core::time::{Months, UnixSeconds};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

use crate::notice::attribute;
use crate::switches;

#[wasm_bindgen]
extern "C" {
    // Not through web-sys: finding the window first would cost a tenth of the module.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &mut [u8]);
}

/// Makes a decision: turns the switches as the act says, and answers with the record as a cookie value.
///
/// `act` is the action of a button, `source` where it was. The notice says the rest in attributes: `data-notice`, `data-scope`, `data-months`,
/// `lang` as rendered; `data-site`, `data-gpc`, and `data-subject` and `data-previous` of the choice that stood
/// before, as the loader sets them. Nothing when one of them is not what was published, or the clock is out of range: then nothing
/// was decided.
#[wasm_bindgen]
#[must_use]
pub fn decide(notice: &Element, act: &str, source: &str) -> Option<String> {
    let act = match act {
        "accept" => Act::AcceptAll,
        "refuse" => Act::RefuseAll,
        "save" => Act::Custom,
        "dismiss" => Act::Dismiss,
        "withdraw" => Act::Withdraw,
        "signal" => Act::Signal,
        _ => return None,
    };
    // The switches are as the visitor, or the policy on signals, has left them.
    if !matches!(act, Act::Custom | Act::Signal) {
        switches::turn_all(notice, act == Act::AcceptAll);
    }
    let now = js_sys::Date::now();
    let decided_at = UnixSeconds::new(whole(now / 1000.0)).ok()?;
    let mut random = [0; 26];
    fill_with_random(&mut random);
    let (new_subject, new_id) = random.split_first_chunk()?;

    let says = |name| attribute(notice, name);
    let (choices, services) = switches::read(notice);
    let record = Record {
        id: RecordId::v7(whole(now).unsigned_abs(), *new_id.first_chunk()?),
        site: says("data-site")?.parse().ok()?,
        subject: match says("data-subject").map(|subject| subject.parse()) {
            Some(Ok(subject)) => subject,
            _ => ConsentId::from_random(*new_subject),
        },
        decision: Decision {
            act,
            source: source.parse().ok()?,
            choices,
            services,
        },
        decided_at,
        expires_at: decided_at.plus_months(says("data-months")?.parse::<Months>().ok()?),
        scope: says("data-scope")?.parse().ok()?,
        notice: says("data-notice")?.parse().ok()?,
        language: says("lang")?.parse().ok()?,
        previous: says("data-previous").and_then(|id| id.parse().ok()),
        gpc: says("data-gpc").is_some(),
    };
    Some(record.to_cookie_value())
}

/// The text that sets the cookie: `data-cookie`, `data-path` and `data-domain` of the notice say how. 0 seconds delete it.
#[wasm_bindgen]
#[must_use]
pub fn cookie(notice: &Element, value: &str, seconds: f64, secure: bool) -> Option<String> {
    let settings = CookieSettings {
        name: attribute(notice, "data-cookie")?,
        path: attribute(notice, "data-path")?,
        domain: attribute(notice, "data-domain"),
    };
    Some(settings.set(value, whole(seconds).unsigned_abs(), secure))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and whoever uses it checks the range"
)]
const fn whole(number: f64) -> i64 {
    number as i64
}
