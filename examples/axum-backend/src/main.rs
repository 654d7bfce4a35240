//! A page that is counted by a third party, for visitors who agreed to that.

use std::env;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use consent_core::backend::{Consent, ConsentLayer, SharedVerifier, Verifier};
use consent_core::key::KeySet;
use consent_core::time::UnixSeconds;

const DAY: Duration = Duration::from_hours(24);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let issuer = setting("CONSENT_URL")?;
    let site = setting("CONSENT_SITE")?.parse()?;
    let keys = fetch_keys(&issuer).context("the consent server's keys cannot be had")?;
    let verifier = SharedVerifier::from(Verifier::new(&issuer, site, keys));
    tokio::spawn(renew_keys(verifier.clone(), issuer));

    let app = Router::new()
        .fallback(page)
        .with_state(setting("ANALYTICS_URL")?)
        .layer(ConsentLayer::new(verifier, now));
    let address = format!("127.0.0.1:{}", setting("PORT")?);
    let listener = tokio::net::TcpListener::bind(address).await?;
    Ok(axum::serve(listener, app).await?)
}

async fn page(State(analytics): State<String>, consent: Consent, uri: Uri) -> String {
    if !consent.allows_service("google-analytics", "analytics") {
        let reason = consent.refusal().map(ToString::to_string);
        return format!("not counted: {}", reason.as_deref().unwrap_or("refused"));
    }
    let call = move || ureq::post(analytics).send(uri.path());
    // The page is answered whether or not the call went well.
    let _ = tokio::task::spawn_blocking(call).await;
    "counted".to_owned()
}

async fn renew_keys(verifier: SharedVerifier, issuer: String) {
    loop {
        tokio::time::sleep(DAY).await;
        let issuer = issuer.clone();
        let fetched = tokio::task::spawn_blocking(move || fetch_keys(&issuer)).await;
        // Otherwise the old ones stand until tomorrow.
        if let Ok(Ok(keys)) = fetched {
            verifier.set_keys(keys);
        }
    }
}

fn fetch_keys(issuer: &str) -> Result<KeySet> {
    let mut answer = ureq::get(format!("{issuer}/.well-known/jwks.json")).call()?;
    Ok(KeySet::from_jwks(&answer.body_mut().read_to_string()?)?)
}

fn now() -> UnixSeconds {
    let now = SystemTime::now().try_into();
    now.expect("a clock that shows a year from 1970 to 9998")
}

fn setting(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set: README.md lists the settings"))
}
