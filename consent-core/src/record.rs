//! A decision made durable, and its two written forms: JSON, and the value of the cookie.

use alloc::string::String;

use crate::base64url;
use crate::decision::Decision;
use crate::digest::Digest;
use crate::id::{ConsentId, RecordId, SiteId};
use crate::language::Language;
use crate::number::push_number;
use crate::time::UnixSeconds;

#[cfg(feature = "json")]
mod parse;
#[cfg(feature = "receipt")]
pub(crate) use parse::Claims;
#[cfg(feature = "json")]
pub use parse::RecordError;

/// What a visitor decided, at which site, when, until when, and on which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The record's own id (claim `jti`).
    pub id: RecordId,
    /// The site it was decided at (claim `aud`).
    pub site: SiteId,
    /// The pseudonym of the browser at this site (claim `sub`).
    pub subject: ConsentId,
    /// What was decided (claims `act`, `src`, `choices`, `services`).
    pub decision: Decision,
    /// When the visitor decided, by their own clock (claim `dat`).
    pub decided_at: UnixSeconds,
    /// When the choice ends and people are asked again (claim `exp`).
    pub expires_at: UnixSeconds,
    /// What was agreed to, whatever the language (claim `scope`).
    pub scope: Digest,
    /// What was shown (claim `notice`).
    pub notice: Digest,
    /// The language it was shown in (claim `lang`).
    pub language: Language,
    /// The record that this one replaces (claim `prev`).
    pub previous: Option<RecordId>,
    /// Whether Global Privacy Control was on (claim `gpc`; absent when it was not).
    pub gpc: bool,
}

impl Record {
    /// The claims as JSON, in RFC 8785 form.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.claims(None)
    }

    /// The value of the cookie while no receipt has come: base64url of [`Record::to_json`], without dots.
    #[must_use]
    pub fn to_cookie_value(&self) -> String {
        base64url::encode(self.to_json().as_bytes())
    }

    /// The claims as JSON; with the issuer (already JSON) and the time of signing, those of a receipt.
    pub(crate) fn claims(&self, signed: Option<(&str, UnixSeconds)>) -> String {
        let mut json = Object::new();
        json.text("act", self.decision.act.as_str());
        json.text("aud", self.site.as_str());
        json.choices(
            "choices",
            self.decision
                .choices
                .iter()
                .map(|(id, on)| (id.as_str(), *on)),
        );
        json.seconds("dat", self.decided_at);
        json.seconds("exp", self.expires_at);
        if self.gpc {
            json.raw("gpc", "true");
        }
        if let Some((issuer, at)) = signed {
            json.seconds("iat", at);
            json.raw("iss", issuer);
        }
        json.text("jti", &self.id.to_text());
        json.text("lang", self.language.as_str());
        json.text("notice", &self.notice.to_text());
        if let Some(previous) = self.previous {
            json.text("prev", &previous.to_text());
        }
        json.text("scope", &self.scope.to_text());
        if !self.decision.services.is_empty() {
            let services = &self.decision.services;
            json.choices(
                "services",
                services.iter().map(|(id, on)| (id.as_str(), *on)),
            );
        }
        json.text("src", self.decision.source.as_str());
        json.text("sub", &self.subject.to_text());
        json.end()
    }
}

/// Writes one JSON object, without the formatting machinery that the banner cannot afford.
///
/// Names and texts must need no escape: every type of a record sees to that.
struct Object(String);

impl Object {
    fn new() -> Self {
        // Few records are longer: a server writes many.
        let mut json = String::with_capacity(640);
        json.push('{');
        Self(json)
    }

    fn raw(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.raw(name, "\"");
        self.0.push_str(text);
        self.0.push('"');
    }

    fn seconds(&mut self, name: &str, moment: UnixSeconds) {
        self.raw(name, "");
        // Never negative: a moment is not before 1970.
        push_number(&mut self.0, moment.get().unsigned_abs());
    }

    fn choices<'a>(&mut self, name: &str, choices: impl Iterator<Item = (&'a str, bool)>) {
        let mut inner = Self::new();
        for (id, granted) in choices {
            inner.raw(id, if granted { "true" } else { "false" });
        }
        let inner = inner.end();
        self.raw(name, &inner);
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::decision::{Act, Choices, Source};
    use crate::time::Months;

    pub(crate) fn example() -> Record {
        let decided_at = UnixSeconds::new(1_795_316_891).unwrap();
        let grant = |name: &str, on| (name.parse().unwrap(), on);
        Record {
            id: RecordId::v7(1_795_316_891_000, [1; 10]),
            site: "lacassagne".parse().unwrap(),
            subject: ConsentId::from_random([2; 16]),
            decision: Decision {
                act: Act::Custom,
                source: Source::Banner,
                choices: Choices::from_iter([grant("social", false), grant("analytics", true)]),
                services: [("youtube".parse().unwrap(), true)].into_iter().collect(),
            },
            decided_at,
            expires_at: decided_at.plus_months(Months::THIRTEEN),
            scope: Digest::from_bytes([3; 32]),
            notice: Digest::from_bytes([4; 32]),
            language: "fr".parse().unwrap(),
            previous: None,
            gpc: false,
        }
    }

    #[test]
    fn the_json_of_a_record_is_this() {
        assert_eq!(
            example().to_json(),
            "{\"act\":\"custom\",\"aud\":\"lacassagne\",\"choices\":{\"analytics\":true,\"social\":false},\
             \"dat\":1795316891,\"exp\":1829444891,\"jti\":\"01a20139-bd78-7101-8101-010101010101\",\"lang\":\"fr\",\
             \"notice\":\"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ\",\
             \"scope\":\"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM\",\"services\":{\"youtube\":true},\
             \"src\":\"banner\",\"sub\":\"AgICAgICAgICAgICAgICAg\"}"
        );
    }

    #[test]
    fn the_cookie_value_of_a_record_has_no_dots() {
        let value = example().to_cookie_value();
        assert!(
            value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
    }
}
