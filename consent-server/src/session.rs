//! Who is logged in. Kept in memory: a restart logs everybody out.

use crate::auth::Staff;
use crate::clock::{RandomError, random};
use crate::cookie_header::cookies;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::cookie::from_header;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The cookie's name. On https browsers promise of the second that this very host has set it, for all its paths.
const COOKIE: &str = "consent-staff";
const COOKIE_OF_HOST: &str = "__Host-consent-staff";

/// Twelve hours.
const LIFETIME: i64 = 12 * 60 * 60;

/// Open sessions, by the digest of their id.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Digest, Session>>);

/// A session knows its token alone. What its bearer may do, and whether the token is there still, is asked each time.
struct Session {
    token: Digest,
    ends: i64,
}

impl Sessions {
    /// Opens a session and gives its cookie. Those that the browser had before end.
    pub(crate) fn open(
        &self,
        staff: &Staff,
        headers: &HeaderMap,
        now: UnixSeconds,
        secure: bool,
    ) -> Result<String, RandomError> {
        let id = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let latest = now.get() + LIFETIME;
        let ends = staff.ends.map_or(latest, |end| latest.min(end.get()));
        let mut sessions = self.lock();
        for key in keys(headers, secure) {
            sessions.remove(&key);
        }
        sessions.retain(|_, session| now.get() < session.ends);
        let token = staff.hash;
        sessions.insert(Digest::of(id.as_bytes()), Session { token, ends });
        Ok(cookie(&id, ends - now.get(), secure))
    }

    /// The tokens of whoever asks, if they are logged in. Of several cookies of the name each is looked at: one that
    /// somebody else has planted locks nobody out.
    pub(crate) fn tokens(
        &self,
        headers: &HeaderMap,
        now: UnixSeconds,
        secure: bool,
    ) -> Vec<Digest> {
        let sessions = self.lock();
        keys(headers, secure)
            .into_iter()
            .filter_map(|key| sessions.get(&key))
            .filter(|session| now.get() < session.ends)
            .map(|session| session.token)
            .collect()
    }

    /// Ends a session and gives the cookie that makes the browser forget it.
    pub(crate) fn close(&self, headers: &HeaderMap, secure: bool) -> String {
        let mut sessions = self.lock();
        for key in keys(headers, secure) {
            sessions.remove(&key);
        }
        cookie("", 0, secure)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(…)")
    }
}

const fn name(secure: bool) -> &'static str {
    if secure { COOKIE_OF_HOST } else { COOKIE }
}

fn keys(headers: &HeaderMap, secure: bool) -> Vec<Digest> {
    let cookies = cookies(headers);
    let ids = from_header(&cookies, name(secure));
    ids.map(|id| Digest::of(id.as_bytes())).collect()
}

/// Not readable by scripts, and never sent along from other sites: their pages can neither read nor press anything.
fn cookie(id: &str, max_age: i64, secure: bool) -> String {
    let cookie = Cookie::build((name(secure), id))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .path("/")
        .max_age(Duration::seconds(max_age));
    cookie.build().to_string()
}
