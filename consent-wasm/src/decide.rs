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
    let says = |name| attribute(notice, name);
    let now = js_sys::Date::now();
    let decided_at = UnixSeconds::new(whole(now / 1000.0)).ok()?;
    let mut random = [0; 26];
    fill_with_random(&mut random);
    let (new_subject, new_id) = random.split_first_chunk()?;

    let previous = says("data-previous").and_then(|id| id.parse().ok());
    let (choices, services) = switches::read(notice);
    let record = Record {
        id: RecordId::v7(
            later_than(previous, whole(now).unsigned_abs()),
            *new_id.first_chunk()?,
        ),
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
        previous,
        gpc: says("data-gpc").is_some(),
    };
    Some(record.to_cookie_value())
}

/// The time of a new record's id, in milliseconds: of two choices, the one with the later id stands, also when the clock was
/// set back between them. Where the choice before is further ahead than the server lets an id be, it is left behind.
fn later_than(previous: Option<RecordId>, now: u64) -> u64 {
    let next = previous.map_or(0, |id| id.unix_millis() + 1);
    if next > now + FURTHEST_AHEAD {
        now
    } else {
        next.max(now)
    }
}

/// A little less than how far ahead of its own clock the server lets the time of an id be, which is thirteen months: in
/// milliseconds.
const FURTHEST_AHEAD: u64 = 390 * 86_400_000;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_later_than_that_of_the_choice_before_even_when_the_clock_was_set_back() {
        const NOW: u64 = 1_795_316_891_123;
        let made_at = |millis| Some(RecordId::v7(millis, [0xFF; 10]));
        assert_eq!(later_than(None, NOW), NOW);
        assert_eq!(later_than(made_at(NOW - 1), NOW), NOW);
        assert_eq!(later_than(made_at(NOW), NOW), NOW + 1);
        assert_eq!(later_than(made_at(NOW + 86_400_000), NOW), NOW + 86_400_001);
        // Further ahead than the server lets an id be.
        assert_eq!(later_than(made_at(NOW + FURTHEST_AHEAD), NOW), NOW);
        assert_eq!(later_than(made_at((1 << 48) - 1), NOW), NOW);
    }
}
