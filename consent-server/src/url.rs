//! The address under which a server is reached from outside.

use axum::http::Uri;
use std::fmt;
use std::str::FromStr;

/// An http(s) URL without a trailing slash: the issuer of receipts, and what addresses are built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    origin: String,
    host: String,
    https: bool,
}

/// The text is not such a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be like https://consent.example or https://www.example.org/consent, without user, query or fragment"
)]
pub struct BaseUrlError;

impl BaseUrl {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, as browsers write them in `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path, without a slash at its end: empty for a server that has its host for itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.text[self.origin.len()..]
    }

    /// Whether it is https: then cookies are `Secure`.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let uri: Uri = text.parse().map_err(|_| BaseUrlError)?;
        let scheme = uri.scheme_str().ok_or(BaseUrlError)?.to_ascii_lowercase();
        let authority = uri.authority().ok_or(BaseUrlError)?;
        let plain = uri.query().is_none() && !text.contains(['#', '@']);
        if !plain || !matches!(&*scheme, "http" | "https") {
            return Err(BaseUrlError);
        }
        let host = authority.host().to_ascii_lowercase();
        let default_port = if scheme == "https" { 443 } else { 80 };
        let origin = match authority.port_u16().filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        let text = format!("{origin}{}", uri.path().trim_end_matches('/'));
        Ok(Self {
            text,
            origin,
            host,
            https: scheme == "https",
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_address() {
        for (text, url, origin) in [
            (
                "https://Consent.Example/",
                "https://consent.example",
                "https://consent.example",
            ),
            (
                "https://a.example:443",
                "https://a.example",
                "https://a.example",
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
            ),
            (
                "https://a.example/consent/",
                "https://a.example/consent",
                "https://a.example",
            ),
            (
                "http://[::1]:8080/",
                "http://[::1]:8080",
                "http://[::1]:8080",
            ),
        ] {
            let parsed: BaseUrl = text.parse().unwrap();
            assert_eq!((parsed.as_str(), parsed.origin()), (url, origin));
        }
        for bad in [
            "",
            "a.example",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example/?x",
            "https://a.example/#x",
        ] {
            assert_eq!(bad.parse::<BaseUrl>(), Err(BaseUrlError), "{bad}");
        }
    }
}
