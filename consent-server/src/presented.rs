//! What somebody presents to have it looked at: a receipt, or the cookies that a browser keeps one in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::cookie::{self, DEFAULT_NAME, HOST_NAME};

/// What a text is, told by its form alone.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Three parts between two dots, or what was to be that.
    Receipt(&'a str),
    /// A `Cookie` header with several cookies, and the name of those that are ours.
    Cookies(&'a str, String),
    /// The value of a cookie that no server has signed yet: its JSON.
    Unsigned(Vec<u8>),
}

/// Why it is not clear what was presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnclearError {
    /// There are several lines.
    #[error(
        "there are several lines, and a cookie in the second may replace one in the first: write all cookies in one line, with `; ` between them"
    )]
    Lines,
    /// There are cookies of both usual names.
    #[error(
        "both {HOST_NAME} and {DEFAULT_NAME} are among these cookies: say with --cookie which of them the site uses"
    )]
    BothNames,
    /// There are cookies, and none of the name.
    #[error(
        "none of these cookies is called {DEFAULT_NAME}: give the name that the site uses with --cookie"
    )]
    NoName,
}

impl<'a> Presented<'a> {
    /// A receipt, a cookie as browsers show it (`NAME=VALUE`, or the value alone), or all that a browser sends. `name` is what
    /// the cookies are called, if not as usual.
    pub fn of(text: &'a str, name: Option<&str>) -> Result<Self, UnclearError> {
        if text.trim().contains(['\r', '\n']) {
            return Err(UnclearError::Lines);
        }
        let header = text
            .get(..7)
            .filter(|name| name.eq_ignore_ascii_case("cookie:"))
            .map_or(text, |name| text[name.len()..].trim());
        if !header.contains(';') {
            let value = header.split_once('=').map_or(header, |(_, value)| value);
            return Ok(Self::one(value));
        }
        let found = |name: &&str| cookie::from_header(header, name).next().is_some();
        let name = match name {
            Some(name) => Some(name).filter(found),
            None => match [HOST_NAME, DEFAULT_NAME].map(|name| Some(name).filter(found)) {
                [Some(_), Some(_)] => return Err(UnclearError::BothNames),
                [host, usual] => host.or(usual),
            },
        };
        let name = name.ok_or(UnclearError::NoName)?;
        let mut values = cookie::from_header(header, name);
        Ok(match (values.next(), values.next()) {
            (Some(value), None) => Self::one(value),
            _ => Self::Cookies(header, name.into()),
        })
    }

    /// The value of one cookie.
    #[must_use]
    pub fn one(value: &'a str) -> Self {
        if !value.contains('.')
            && let Ok(json) = URL_SAFE_NO_PAD.decode(value)
            && json.starts_with(b"{")
        {
            return Self::Unsigned(json);
        }
        Self::Receipt(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_found_among_the_cookies_of_a_browser() {
        let of = |text| Presented::of(text, None);
        assert_eq!(of("a.b.c"), Ok(Presented::Receipt("a.b.c")));
        assert_eq!(of("eu-consent=a.b.c"), Ok(Presented::Receipt("a.b.c")));
        assert_eq!(of("e30"), Ok(Presented::Unsigned(b"{}".to_vec())));
        assert_eq!(
            of("Cookie: a=1; eu-consent=a.b.c"),
            Ok(Presented::Receipt("a.b.c"))
        );
        let several = "eu-consent=a.b.c; eu-consent=d.e.f";
        let cookies = Presented::Cookies(several, "eu-consent".into());
        assert_eq!(of(several), Ok(cookies));
        assert_eq!(of("a=1; b=2"), Err(UnclearError::NoName));
        for lines in [
            "Cookie: a=1; eu-consent=a.b.c; b=2\nCookie: eu-consent=d.e.f",
            "eu-consent=a.b.c;\neu-consent=d.e.f",
            "eu-consent=a.b.c\r\neu-consent=d.e.f",
            "a.b.c\rd.e.f",
        ] {
            assert_eq!(of(lines), Err(UnclearError::Lines), "{lines}");
        }
        let both = "eu-consent=a.b.c; __Host-eu-consent=d.e.f";
        assert_eq!(of(both), Err(UnclearError::BothNames));
        let usual = Presented::of(both, Some("eu-consent"));
        assert_eq!(usual, Ok(Presented::Receipt("a.b.c")));
        assert_eq!(
            Presented::of("a=1; b=e30", Some("b")),
            Ok(Presented::Unsigned(b"{}".to_vec()))
        );
    }
}
