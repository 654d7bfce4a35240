//! A site's `consent.js`, in the form that suits who asks.
//!
//! Whoever has chosen gets the gate alone. Whoever surely has not gets the banner's script and the notice with it, in one
//! answer. Both do the same on any page, so a browser that keeps the other form loses nothing but time.

use crate::preference::{Preference, preferences};
use crate::static_file::{Caching, StaticFile};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use consent_core::cookie::{self, CookieSettings};
use consent_core::language::Language;
use consent_core::publication::{Bundle, Publication};
use std::cmp::Reverse;
use std::sync::Arc;

/// Whether the page is of this server's own site (Fetch Metadata §2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// `consent.js` of a site.
#[derive(Debug)]
pub struct Gate {
    cookies: [String; 2],
    alone: Arc<StaticFile>,
    /// The gate with a notice, by language; the site's default first.
    ahead: Vec<(Language, Arc<StaticFile>)>,
}

/// What both forms are served as.
pub(crate) const CONTENT_TYPE: &str = "text/javascript; charset=utf-8";

impl Gate {
    /// Both forms, compressed.
    #[must_use]
    pub fn new(publication: &Publication, bundle: &Bundle<'_>) -> Self {
        let compress = |text: String| Arc::new(StaticFile::new(CONTENT_TYPE, text.into()));
        Self::compressed_by(publication, bundle, compress)
    }

    /// Both forms, compressed by somebody who may have them already.
    pub(crate) fn compressed_by(
        publication: &Publication,
        bundle: &Bundle<'_>,
        compress: impl Fn(String) -> Arc<StaticFile>,
    ) -> Self {
        let site = &publication.site;
        let ahead = site.languages.iter().filter_map(|language| {
            let gate = publication.gate_ahead(bundle, language)?;
            Some((language.clone(), compress(gate)))
        });
        Self {
            cookies: names(&site.cookie),
            ahead: ahead.collect(),
            alone: compress(publication.gate.clone()),
        }
    }

    /// Of files that were made before.
    pub(crate) fn of(
        cookie: &CookieSettings,
        alone: Arc<StaticFile>,
        ahead: Vec<(Language, Arc<StaticFile>)>,
    ) -> Self {
        Self {
            cookies: names(cookie),
            alone,
            ahead,
        }
    }

    /// The gate alone.
    pub(crate) const fn alone(&self) -> &Arc<StaticFile> {
        &self.alone
    }

    /// The gate with a notice, by language.
    pub(crate) fn ahead(&self) -> &[(Language, Arc<StaticFile>)] {
        &self.ahead
    }

    /// Answers a `GET`.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap) -> Response {
        match self.ahead_for(request) {
            // Not for caches that visitors share: most of them have chosen.
            Some(file) => file.respond(request, Caching::ShortPrivate),
            None => self.alone.respond(request, Caching::Short),
        }
    }

    /// The form for somebody who has yet to choose. The pages of another site would not send the cookie, so that its
    /// absence says nothing; and neither does it in a browser that does not say whose page it is.
    fn ahead_for(&self, request: &HeaderMap) -> Option<&Arc<StaticFile>> {
        let site = request.get(FETCH_SITE).map(HeaderValue::as_bytes);
        let sends_cookies = matches!(site, Some(b"same-origin" | b"same-site"));
        if !sends_cookies || self.cookies.iter().any(|name| has_cookie(request, name)) {
            return None;
        }
        let wanted = wanted_languages(request);
        let is = |language: &Language, tag: &str| {
            let begins = tag.get(..language.as_str().len());
            begins.is_some_and(|begin| begin.eq_ignore_ascii_case(language.as_str()))
        };
        let find = |tag: &&str| self.ahead.iter().find(|(language, _)| is(language, tag));
        wanted
            .iter()
            .find_map(find)
            .or_else(|| self.ahead.first())
            .map(|(_, file)| file)
    }
}

/// The names of a site's cookie, on https and on http.
fn names(cookie: &CookieSettings) -> [String; 2] {
    [true, false].map(|secure| cookie.name_on(secure).to_owned())
}

fn has_cookie(request: &HeaderMap, name: &str) -> bool {
    let headers = request.get_all(header::COOKIE).iter();
    headers
        .filter_map(|value| value.to_str().ok())
        .any(|value| cookie::from_header(value, name).next().is_some())
}

/// The languages of `Accept-Language`, the dearest first (RFC 9110 §12.5.4).
fn wanted_languages(request: &HeaderMap) -> Vec<&str> {
    let mut wanted: Vec<_> = preferences(request, header::ACCEPT_LANGUAGE)
        .filter(Preference::is_acceptable)
        .collect();
    wanted.sort_by_key(|one| Reverse(one.weight));
    wanted.into_iter().map(|one| one.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle;
    use consent_core::site::Site;

    fn gate() -> Gate {
        let text = include_str!("../embedded/sites/lacassagne.toml");
        let site = Site::parse("lacassagne.toml", text).unwrap();
        let bundle = bundle::Bundle::embedded().unwrap();
        let bundle = bundle.for_publication();
        Gate::new(&Publication::new(site, &bundle), &bundle)
    }

    fn asking(headers: &[(&'static str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&'static str, &str)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        };
        headers.iter().map(header).collect()
    }

    #[test]
    fn only_a_visitor_who_surely_has_not_chosen_gets_the_notice_with_the_gate() {
        let gate = gate();
        let own = ("sec-fetch-site", "same-origin");
        for (headers, ahead) in [
            (&[own][..], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[own, ("cookie", "a=b; other=eu-consent")], true),
            (&[own, ("cookie", "a=b; eu-consent=x")], false),
            (&[own, ("cookie", "a=b; __Host-eu-consent=x")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[], false),
        ] {
            let request = asking(headers);
            assert_eq!(gate.ahead_for(&request).is_some(), ahead, "{headers:?}");
            let kept_by_all = gate.respond(&request).headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .starts_with("public");
            assert_eq!(kept_by_all, !ahead, "{headers:?}");
        }
    }

    #[test]
    fn the_notice_is_in_the_language_that_the_visitor_likes_best() {
        let gate = gate();
        for (accepted, language) in [
            ("en-GB,en;q=0.9", "en"),
            ("fr;q=0.5, en;q=0.9", "en"),
            ("ja, fr;q=0.1", "fr"),
            ("ja", "en"),
            ("e", "en"),
            ("", "en"),
            ("en;q=nonsense, fr", "fr"),
            ("en; q=0.5, fr;q=0.9", "fr"),
            ("fr ; Q=0.1, en;q=0.9", "en"),
            ("fr;q=0, ja", "en"),
            ("fr;q=0.2, en;q=1.5", "fr"),
        ] {
            let request = asking(&[
                ("sec-fetch-site", "same-origin"),
                ("accept-language", accepted),
            ]);
            let file = gate.ahead_for(&request).unwrap();
            let text = std::str::from_utf8(file.bytes()).unwrap();
            assert!(
                text.contains(&format!("lang=\\\"{language}\\\"")),
                "{accepted}"
            );
        }
    }
}
