//! Who is logged in. Kept in memory: a restart logs everybody out.

use crate::auth::Staff;
use crate::clock::{RandomError, random};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::cookie::from_header;
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

const COOKIE: &str = "consent-staff";

/// Twelve hours.
const LIFETIME: i64 = 12 * 60 * 60;

/// Open sessions, by the digest of their id.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Digest, Session>>);

struct Session {
    staff: Staff,
    ends: i64,
}

impl Sessions {
    /// Opens a session and gives its cookie.
    pub(super) fn open(
        &self,
        staff: Staff,
        now: UnixSeconds,
        secure: bool,
    ) -> Result<String, RandomError> {
        let id = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let mut sessions = self.lock();
        sessions.retain(|_, session| now.get() < session.ends);
        sessions.insert(
            Digest::of(id.as_bytes()),
            Session {
                staff,
                ends: now.get() + LIFETIME,
            },
        );
        Ok(cookie(&id, LIFETIME, secure))
    }

    /// Who asks, if they are logged in.
    pub(crate) fn staff(&self, headers: &HeaderMap, now: UnixSeconds) -> Option<Staff> {
        let key = key(headers)?;
        self.lock()
            .get(&key)
            .filter(|session| now.get() < session.ends)
            .map(|session| session.staff.clone())
    }

    /// Ends a session and gives the cookie that makes the browser forget it.
    pub(super) fn close(&self, headers: &HeaderMap, secure: bool) -> String {
        if let Some(key) = key(headers) {
            self.lock().remove(&key);
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

fn key(headers: &HeaderMap) -> Option<Digest> {
    let mut cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies.find_map(|text| {
        from_header(text, COOKIE)
            .next()
            .map(|id| Digest::of(id.as_bytes()))
    })
}

/// Not readable by scripts, and never sent along from other sites: their pages can neither read nor press anything.
fn cookie(id: &str, max_age: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}")
}
