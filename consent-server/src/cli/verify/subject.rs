//! What a file to be verified is.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::cookie;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// A zip archive.
    Evidence,
    /// JSON Lines.
    Export,
    /// Three parts between two dots, or what was to be that.
    Receipt(&'a str),
    /// A `Cookie` header with several cookies, and the name of those that are ours.
    Cookies(&'a str, String),
    /// The value of a cookie that no server has signed yet: its JSON.
    Unsigned(Vec<u8>),
}

/// What our cookies are called if nothing else is said, the more trustworthy name first.
const NAMES: [&str; 2] = ["__Host-eu-consent", cookie::DEFAULT_NAME];

impl<'a> Subject<'a> {
    /// By how it begins. Of a text, this must be all.
    pub(super) fn of(bytes: &'a [u8], name: Option<&'a str>) -> Result<Self> {
        if bytes.starts_with(b"PK") {
            return Ok(Self::Evidence);
        }
        let begin = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if begin.trim_ascii_start().starts_with(b"{") {
            return Ok(Self::Export);
        }
        let text = std::str::from_utf8(begin)
            .context("this is neither text nor a zip archive: give a receipt, a cookie, an export or an evidence file")?
            .trim();
        if text.is_empty() {
            bail!(
                "there is nothing in it: give a receipt, a cookie, an export or an evidence file"
            );
        }
        if text.starts_with("c2sp.org/tlog-proof") {
            bail!(
                "a proof says nothing without its receipt: give the receipt, and this file with --proof"
            );
        }
        if text.starts_with('"') || text.contains(',') {
            bail!(
                "this looks like CSV, which is for spreadsheets and holds no exact copy: export as jsonl to verify it"
            );
        }
        // A cookie as browsers show it: NAME=VALUE; or all that a browser sends.
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
            None => NAMES.into_iter().find(found),
        };
        let name = name.context(
            "none of these cookies is called eu-consent: give the name that the site uses with --cookie",
        )?;
        let mut values = cookie::from_header(header, name);
        Ok(match (values.next(), values.next()) {
            (Some(value), None) => Self::one(value),
            _ => Self::Cookies(header, name.into()),
        })
    }

    /// The value of one cookie.
    pub(super) fn one(value: &'a str) -> Self {
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
    fn each_kind_is_told_by_its_beginning() {
        let of = |text: &'static str| {
            Subject::of(text.as_bytes(), None).map_err(|error| error.to_string())
        };
        assert_eq!(of("PK\u{3}\u{4}"), Ok(Subject::Evidence));
        assert_eq!(of(" a.b.c\n"), Ok(Subject::Receipt("a.b.c")));
        assert_eq!(of("eu-consent=a.b.c"), Ok(Subject::Receipt("a.b.c")));
        assert_eq!(of("e30"), Ok(Subject::Unsigned(b"{}".to_vec())));
        assert_eq!(of("{\"a\":1}\n{}"), Ok(Subject::Export));
        assert_eq!(of("\u{FEFF} {"), Ok(Subject::Export));
        assert_eq!(
            of("Cookie: a=1; eu-consent=a.b.c"),
            Ok(Subject::Receipt("a.b.c"))
        );
        let several = "eu-consent=a.b.c; eu-consent=d.e.f";
        let cookies = Subject::Cookies(several, "eu-consent".into());
        assert_eq!(of(several), Ok(cookies));
        assert!(of("a=1; b=2").unwrap_err().contains("--cookie"));
        assert!(
            of("c2sp.org/tlog-proof@v1\n")
                .unwrap_err()
                .contains("--proof")
        );
        assert!(of("\"id\",\"site\"\r\n").unwrap_err().contains("jsonl"));
        assert!(Subject::of(&[0xFF, 0xFE], None).is_err());
    }
}
