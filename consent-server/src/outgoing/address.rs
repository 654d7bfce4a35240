//! The address of somebody else's service.

use axum::http::Uri;
use axum::http::uri::Scheme;
use std::fmt;
use std::str::FromStr;

/// An http(s) URL with a host, as it was written. What follows a `?` is asked with, and never shown: it may open a door.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    https: bool,
}

/// The text is not such a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No http(s) URL with a host.
    #[error("must be like https://witness.example/ or http://127.0.0.1:8081")]
    Form,
    /// A name or a password before the host.
    #[error(
        "must have no user and password before the host: nobody is asked with them; leave out what ends with @"
    )]
    User,
    /// A part after a `#`.
    #[error("must end before the #: what follows it is never sent")]
    Fragment,
}

impl Address {
    /// The URL, to ask with. To be shown, it is written with [`fmt::Display`].
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
        let uri: Uri = text.parse().map_err(|_| AddressError::Form)?;
        let scheme = uri.scheme().ok_or(AddressError::Form)?;
        let https = *scheme == Scheme::HTTPS;
        let named = uri.host().is_some_and(|host| !host.is_empty());
        if !named || !(https || *scheme == Scheme::HTTP) {
            return Err(AddressError::Form);
        }
        if uri
            .authority()
            .is_some_and(|host| host.as_str().contains('@'))
        {
            return Err(AddressError::User);
        }
        if text.contains('#') {
            return Err(AddressError::Fragment);
        }
        Ok(Self {
            text: text.to_owned(),
            https,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.text.split('?').next();
        f.write_str(shown.unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
            assert_eq!(bad.parse::<Address>(), Err(AddressError::Form), "{bad}");
        }
    }

    #[test]
    fn no_password_is_taken_and_no_query_is_shown() {
        for (bad, error) in [
            ("http://u5er:pa55w0rd@tsa.example/", AddressError::User),
            ("https://u5er@tsa.example", AddressError::User),
            ("https://tsa.example/#pa55w0rd", AddressError::Fragment),
        ] {
            let refused = bad.parse::<Address>().unwrap_err();
            assert_eq!(refused, error, "{bad}");
            assert!(!refused.to_string().contains("pa55w0rd"));
        }
        let address: Address = "https://tsa.example:8443/a@b?token=pa55w0rd"
            .parse()
            .unwrap();
        assert!(address.as_str().ends_with("pa55w0rd"));
        for shown in [address.to_string(), format!("{address:?}")] {
            assert_eq!(shown, "https://tsa.example:8443/a@b");
        }
    }
}
