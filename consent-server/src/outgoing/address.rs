//! The address of somebody else's service.

use axum::http::Uri;
use axum::http::uri::Scheme;
use std::fmt;
use std::str::FromStr;

/// An http(s) URL with a host, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    https: bool,
}

/// The text is not such a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be like https://witness.example/ or http://127.0.0.1:8081")]
pub struct AddressError;

impl Address {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is asked over TLS.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.https
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError)?;
        let scheme = uri.scheme().ok_or(AddressError)?;
        let https = *scheme == Scheme::HTTPS;
        let named = uri.host().is_some_and(|host| !host.is_empty());
        if !named || !(https || *scheme == Scheme::HTTP) {
            return Err(AddressError);
        }
        Ok(Self {
            text: text.to_owned(),
            https,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_schemes_and_no_other() {
        for (text, https) in [
            ("https://witness.example", true),
            ("HTTPS://witness.example:8443/a/", true),
            ("https://[::1]/", true),
            ("http://127.0.0.1:8081/tsa?a=b", false),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.as_str(), address.is_https()), (text, https));
        }
        for bad in [
            "",
            "witness.example",
            "//witness.example/",
            "ftp://witness.example/",
            "httpsx://witness.example/",
            "https://",
            "https:///tsa",
            "https://:443/",
            "https://a b/",
        ] {
            assert_eq!(bad.parse::<Address>(), Err(AddressError), "{bad}");
        }
    }
}
