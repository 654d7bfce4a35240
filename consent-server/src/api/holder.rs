//! The cookie that keeps the secret of a consent id: no script reads it, and it goes to nobody but this site's records.

use crate::cookie_header::cookies;
use crate::url::BaseUrl;
use axum::http::HeaderMap;
use consent_core::cookie::{HOLDER_NAME, from_header};
use consent_core::holder::HolderSecret;
use consent_core::id::SiteId;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use std::fmt::Write as _;

/// Its name on https. `__Host-` would send it along with every request to the host; a cookie of this name that somebody
/// else has planted opens nothing but what is theirs.
const SECURE_NAME: &str = "__Secure-eu-consent-holder";

/// Its name on plain http, where browsers refuse the other.
const PLAIN_NAME: &str = HOLDER_NAME;

/// More than a browser keeps for one host: others that are planted do not crowd out its own. Each costs a hash.
const MOST: usize = 200;

/// The secrets that a browser sends: of several paths, perhaps.
pub(super) fn secrets(headers: &HeaderMap) -> Vec<HolderSecret> {
    let cookies = cookies(headers);
    let both = [SECURE_NAME, PLAIN_NAME];
    let values = both.iter().flat_map(|name| from_header(&cookies, name));
    values
        .filter_map(HolderSecret::from_cookie_value)
        .take(MOST)
        .collect()
}

/// The text of its `Set-Cookie` header. `None` where browsers would not keep it: a page of another site, on plain http.
pub(super) fn cookie(
    secret: &HolderSecret,
    url: &BaseUrl,
    site: &SiteId,
    seconds: u64,
    headers: &HeaderMap,
) -> Option<String> {
    let is_foreign = headers
        .get("sec-fetch-site")
        .is_some_and(|place| place == "cross-site");
    let is_https = url.is_https();
    if is_foreign && !is_https {
        return None;
    }
    let name = if is_https { SECURE_NAME } else { PLAIN_NAME };
    let reach = if is_foreign {
        SameSite::None
    } else {
        SameSite::Strict
    };
    let cookie = Cookie::build((name, secret.to_cookie_value()))
        .http_only(true)
        .same_site(reach)
        // Kept apart for each site that embeds this server: it follows nobody from one to the next.
        .partitioned(is_foreign)
        .secure(is_https)
        .path(format!("{}/v1/sites/{site}", url.path()))
        .max_age(Duration::seconds(
            i64::try_from(seconds).unwrap_or(i64::MAX),
        ));
    let mut text = String::with_capacity(192);
    write!(text, "{}", cookie.build()).ok()?;
    Some(text)
}
