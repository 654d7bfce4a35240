//! The cookie that holds the choice.

use alloc::string::String;

use crate::number::push_number;
#[cfg(feature = "receipt")]
use crate::receipt::UnverifiedReceipt;
#[cfg(feature = "receipt")]
use crate::record::Record;

/// The name that CNIL suggests for the cookie that holds the choice (recommendation 2020-092, art. 6).
pub const DEFAULT_NAME: &str = "eu-consent";

/// The same in the form that no other host can set: a sibling of the site's host cannot plant a choice under it. Browsers
/// take it on https alone, with the path `/` and no domain (RFC 6265bis, §4.1.3).
pub const HOST_NAME: &str = "__Host-eu-consent";

/// The cookie that holds a browser's key to its own consent id: with it, that browser alone goes on under the id, reads
/// its records or erases them. The server sets it, no script sees it, and static sites have none.
pub const HOLDER_NAME: &str = "eu-consent-holder";

/// What begins the names that browsers take on https alone.
const PREFIXES: [&str; 2] = ["__Host-", "__Secure-"];

/// How a site's cookie is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieSettings {
    /// The cookie's name on https; [`CookieSettings::name_on`] is the one that is used.
    pub name: String,
    /// `Path`; `/` unless several sites share one host.
    pub path: String,
    /// `Domain`, to share one choice over subdomains; none keeps it to the page's own host.
    pub domain: Option<String>,
}

impl CookieSettings {
    /// Under the name that is usual for this path and domain: [`HOST_NAME`] where browsers take it, else
    /// [`DEFAULT_NAME`].
    ///
    /// ```
    /// use consent_core::cookie::CookieSettings;
    /// assert_eq!(CookieSettings::new("/".into(), None).name, "__Host-eu-consent");
    /// assert_eq!(CookieSettings::new("/shop/".into(), None).name, "eu-consent");
    /// assert_eq!(CookieSettings::new("/".into(), Some("example.org".into())).name, "eu-consent");
    /// ```
    #[must_use]
    pub fn new(path: String, domain: Option<String>) -> Self {
        let is_of_the_host = path == "/" && domain.is_none();
        let name = if is_of_the_host {
            HOST_NAME
        } else {
            DEFAULT_NAME
        };
        Self {
            name: name.into(),
            path,
            domain,
        }
    }

    /// The cookie's name on https (`secure`), or on http, where browsers refuse a name that begins with `__Host-` or
    /// `__Secure-`: there it goes without. A choice that was made under one of the two is not read under the other.
    ///
    /// ```
    /// use consent_core::cookie::CookieSettings;
    /// let cookie = CookieSettings::default();
    /// assert_eq!(cookie.name_on(true), "__Host-eu-consent");
    /// assert_eq!(cookie.name_on(false), "eu-consent");
    /// ```
    #[must_use]
    pub fn name_on(&self, secure: bool) -> &str {
        let name = &*self.name;
        if secure {
            return name;
        }
        let mut plain = PREFIXES
            .into_iter()
            .filter_map(|prefix| name.strip_prefix(prefix));
        plain.next().unwrap_or(name)
    }

    /// The text of a `Set-Cookie` header, or of an assignment to `document.cookie`.
    ///
    /// `secure` is for pages and servers on https. `max_age` is in seconds; 0 deletes the cookie.
    ///
    /// ```
    /// use consent_core::cookie::CookieSettings;
    /// let cookie = CookieSettings::default();
    /// assert_eq!(cookie.set("abc", 60, true), "__Host-eu-consent=abc; Path=/; Max-Age=60; SameSite=Lax; Secure");
    /// assert_eq!(cookie.set("abc", 60, false), "eu-consent=abc; Path=/; Max-Age=60; SameSite=Lax");
    /// ```
    #[must_use]
    pub fn set(&self, value: &str, max_age: u64, secure: bool) -> String {
        let mut text = String::new();
        for part in [
            self.name_on(secure),
            "=",
            value,
            "; Path=",
            &self.path,
            "; Max-Age=",
        ] {
            text.push_str(part);
        }
        push_number(&mut text, max_age);
        if let Some(domain) = &self.domain {
            text.push_str("; Domain=");
            text.push_str(domain);
        }
        text.push_str("; SameSite=Lax");
        if secure {
            text.push_str("; Secure");
        }
        text
    }
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self::new("/".into(), None)
    }
}

/// The values of all cookies of this name in a `Cookie` header, in their order: a browser may send several, of several paths.
///
/// ```
/// let values: Vec<_> = consent_core::cookie::from_header("a=1; eu-consent=x.y.z", "eu-consent").collect();
/// assert_eq!(values, ["x.y.z"]);
/// ```
#[cfg(feature = "receipt")]
pub fn from_header<'h>(header: &'h str, name: &str) -> impl Iterator<Item = &'h str> {
    // Not by a library that takes any white space away: browsers keep what is not a space or a tab as a part of the name
    // (RFC 6265 §5.2), and promise nothing of a cookie whose name only looks like `__Host-…`.
    header
        .split(';')
        .filter_map(|pair| pair.split_once('='))
        .filter(move |(its, _)| its.trim_matches([' ', '\t']) == name)
        .map(|(_, value)| value.trim_matches([' ', '\t']))
}

/// The record that a value of the cookie claims, signed or not. Nothing in it is to be believed.
#[cfg(feature = "receipt")]
#[must_use]
pub fn claimed(value: &str) -> Option<Record> {
    if value.contains('.') {
        let receipt = UnverifiedReceipt::parse(value).ok()?;
        Some(receipt.record().clone())
    } else {
        Record::from_cookie_value(value).ok()
    }
}

#[cfg(all(test, feature = "receipt"))]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned as _;
    use alloc::vec::Vec;
    use alloc::{format, vec};

    #[test]
    fn only_spaces_and_tabs_are_not_part_of_a_name() {
        let values = |header: &str| {
            let values = from_header(header, "__Host-eu-consent");
            values.map(str::to_owned).collect::<Vec<_>>()
        };
        for (header, expected) in [
            ("a=b; \t__Host-eu-consent=x.y.z ;c", vec!["x.y.z"]),
            ("__Host-eu-consent =1;__Host-eu-consent=2", vec!["1", "2"]),
            (
                "__host-eu-consent=1; __Host-eu-consent2=2; __Host-eu-consent",
                vec![],
            ),
            ("__Host-eu-consent=a=b", vec!["a=b"]),
        ] {
            assert_eq!(values(header), expected, "{header}");
        }
        // All that Unicode takes for white space, and what else libraries take away.
        for strange in "\u{b}\u{c}\r\n\u{85}\u{a0}\u{1680}\u{2000}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}\u{0}\u{fffd}".chars() {
            for header in [
                format!("{strange}__Host-eu-consent=1"),
                format!("a=b; {strange}__Host-eu-consent=1"),
                format!("__Host-eu-consent{strange}=1"),
            ] {
                assert!(values(&header).is_empty(), "{strange:?}");
            }
        }
    }

    #[test]
    fn the_cookie_crate_reads_what_is_set() {
        let settings = CookieSettings {
            name: "choice".into(),
            path: "/a/".into(),
            domain: Some("example.org".into()),
        };
        let text = settings.set("v-_1", 34_214_400, true);
        let parsed = cookie::Cookie::parse(text).unwrap();
        assert_eq!(parsed.name_value(), ("choice", "v-_1"));
        assert_eq!(parsed.path(), Some("/a/"));
        assert_eq!(parsed.domain(), Some("example.org"));
        assert_eq!(parsed.max_age().unwrap().whole_seconds(), 34_214_400);
        assert_eq!(parsed.same_site(), Some(cookie::SameSite::Lax));
        assert_eq!(parsed.secure(), Some(true));
        assert_eq!(parsed.http_only(), None);
    }

    #[test]
    fn a_name_that_browsers_take_on_https_alone_loses_its_prefix_elsewhere_and_no_other_does() {
        for (name, on_http) in [
            ("__Host-eu-consent", "eu-consent"),
            ("__Host-choice", "choice"),
            ("__Secure-choice", "choice"),
            ("__Http-choice", "__Http-choice"),
            ("choice__Host-", "choice__Host-"),
            ("_Host-choice", "_Host-choice"),
            ("eu-consent", "eu-consent"),
        ] {
            let settings = CookieSettings {
                name: name.into(),
                ..CookieSettings::default()
            };
            assert_eq!(settings.name_on(true), name);
            assert_eq!(settings.name_on(false), on_http);
            let set = settings.set("v", 1, false);
            assert!(set.starts_with(&alloc::format!("{on_http}=v;")), "{set}");
        }
    }

    #[test]
    fn all_cookies_of_the_name_are_found() {
        let header = "eu-consent=one; x=eu-consent; eu-consent=two; broken; eu-consent-2=three";
        assert!(from_header(header, "eu-consent").eq(["one", "two"]));
        assert!(from_header("", "eu-consent").next().is_none());
    }
}
