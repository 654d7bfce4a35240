//! In which language somebody reads the pages, and what their address asks for.

use crate::cookie_header::cookies;
use crate::day::Day;
use crate::preference::preferences;
use crate::texts::{
    AccessesTexts, DeclarationTexts, DeskTexts, IntegrityTexts, NoticesTexts, ProofTexts,
    ReaderLanguage, TableTexts,
};
use axum::http::{HeaderMap, header};
use consent_core::cookie::from_header;
use consent_core::site::TimeZone;
use consent_core::time::UnixSeconds;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};

/// The cookie that keeps the language, where somebody has chosen one.
const COOKIE: &str = "consent-staff-language";

/// The part of an address that chooses one.
const LANGUAGE: &str = "lang";

/// Whoever reads a page.
pub(super) struct Reader {
    pub(super) language: ReaderLanguage,
    has_chosen: bool,
    query: Vec<(String, String)>,
}

impl Reader {
    /// The address counts before the cookie, and this before what the browser prefers. English for everybody else.
    pub(super) fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let (chosen, query): (Vec<_>, Vec<_>) =
            query.into_owned().partition(|(name, _)| name == LANGUAGE);
        let chosen = chosen.iter().find_map(|(_, tag)| language(tag));
        let cookies = cookies(headers);
        let language = chosen
            .or_else(|| from_header(&cookies, COOKIE).find_map(language))
            .or_else(|| preferred(headers))
            .unwrap_or(ReaderLanguage::En);
        Self {
            language,
            has_chosen: chosen.is_some(),
            query,
        }
    }

    pub(super) const fn desk(&self) -> &'static DeskTexts {
        &self.language.texts().desk
    }

    pub(super) const fn proof(&self) -> &'static ProofTexts {
        &self.language.texts().proof
    }

    pub(super) const fn notices(&self) -> &'static NoticesTexts {
        &self.language.texts().notices
    }

    pub(super) const fn accesses(&self) -> &'static AccessesTexts {
        &self.language.texts().accesses
    }

    pub(super) const fn integrity(&self) -> &'static IntegrityTexts {
        &self.language.texts().integrity
    }

    pub(super) const fn declaration(&self) -> &'static DeclarationTexts {
        &self.language.texts().declaration
    }

    /// The day that it was somewhere.
    pub(super) fn date(&self, zone: &TimeZone, at: UnixSeconds) -> String {
        self.desk().date(Day::of(at, zone).civil())
    }

    /// The day and the time, to the minute.
    pub(super) fn moment(&self, zone: &TimeZone, at: UnixSeconds) -> String {
        let local = zone.local(at);
        let part = |from: usize| local.get(from..from + 2).unwrap_or_default();
        let date = Day::of(at, zone).civil();
        self.desk().moment(date, part(11), part(14))
    }

    pub(super) const fn table(&self) -> &'static TableTexts {
        &self.language.texts().table
    }

    /// What the address gives a name.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.trim())
    }

    /// The address's own query with some names given other values.
    pub(super) fn query_with(&self, changed: &[(&str, &str)]) -> String {
        let kept = self.query.iter();
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let kept = kept.filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
        let all = kept.chain(changed.iter().copied());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(all);
        format!("?{}", query.finish())
    }

    /// This page in another language.
    pub(super) fn in_language(&self, language: ReaderLanguage) -> String {
        self.query_with(&[(LANGUAGE, language.tag())])
    }

    /// The cookie that keeps a choice that was made just now.
    pub(super) fn cookie(&self, secure: bool) -> Option<String> {
        let cookie = Cookie::build((COOKIE, self.language.tag()))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(secure)
            .path("/")
            .max_age(Duration::days(365));
        self.has_chosen.then(|| cookie.build().to_string())
    }
}

fn language(tag: &str) -> Option<ReaderLanguage> {
    let primary = tag.trim().split('-').next().unwrap_or_default();
    let mut all = ReaderLanguage::ALL.into_iter();
    all.find(|language| primary.eq_ignore_ascii_case(language.tag()))
}

/// The language with the greatest weight; of two, the one that is listed first.
fn preferred(headers: &HeaderMap) -> Option<ReaderLanguage> {
    let mut best: Option<(u16, ReaderLanguage)> = None;
    for preference in preferences(headers, header::ACCEPT_LANGUAGE) {
        let Some(language) = language(preference.name).filter(|_| preference.is_acceptable())
        else {
            continue;
        };
        if best.is_none_or(|(weight, _)| preference.weight > weight) {
            best = Some((preference.weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ReaderLanguage::{En, Fr};
    use axum::http::HeaderValue;

    #[test]
    fn the_address_counts_before_the_cookie_and_this_before_the_browser() {
        let read = |query: Option<&str>, cookie: &'static str, accepts: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepts));
            Reader::of(&headers, query).language
        };
        assert_eq!(read(None, "", "de, fr-CA;q=0.5, en;q=0.4"), Fr);
        assert_eq!(read(None, "", "fr;q=0, ja"), En);
        assert_eq!(read(None, "consent-staff-language=fr", "en"), Fr);
        let chosen = read(Some("lang=en"), "consent-staff-language=fr", "fr");
        assert_eq!(chosen, En);
        assert_eq!(read(Some("lang=xx"), "", "fr"), Fr);
    }

    #[test]
    fn a_page_in_another_language_asks_for_the_same() {
        let reader = Reader::of(&HeaderMap::new(), Some("from=2026-10-01&lang=en"));
        let switched = reader.in_language(ReaderLanguage::Fr);
        assert_eq!(switched, "?from=2026-10-01&lang=fr");
        assert_eq!(
            Reader::of(&HeaderMap::new(), None).in_language(ReaderLanguage::En),
            "?lang=en"
        );
    }
}
