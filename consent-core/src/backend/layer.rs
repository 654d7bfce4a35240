//! The visitor's consent beside each request, for services built on tower.

use core::task::{Context, Poll};

use alloc::borrow::Cow;
use alloc::string::String;

use http::header::COOKIE;
use http::{HeaderMap, Request};
use tower_layer::Layer;
use tower_service::Service;

use super::SharedVerifier;
use crate::time::UnixSeconds;

/// Puts the visitor's [`Consent`](super::Consent) into the extensions of each request, from its `Cookie` headers.
///
/// Every request gets one: without a valid receipt it allows nothing, and says why. No request leaves the process.
/// The clock is asked once a request; this crate has none of its own.
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::{Router, routing::get};
/// use consent_core::backend::{Consent, ConsentLayer, Verifier};
/// use consent_core::time::UnixSeconds;
/// # use consent_core::key::{KeySet, SigningKey};
/// # use std::time::SystemTime;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let keys: KeySet = [SigningKey::from_seed(&[7; 32]).public_key()].into_iter().collect();
///
/// fn now() -> UnixSeconds {
///     SystemTime::now().try_into().expect("a clock that shows a year from 1970 to 9998")
/// }
///
/// async fn page(consent: Consent) -> &'static str {
///     if consent.allows("analytics") { "counted" } else { "not counted" }
/// }
///
/// let verifier = Verifier::new("https://consent.example", "shop".parse()?, keys);
/// let app: Router = Router::new().route("/", get(page)).layer(ConsentLayer::new(verifier, now));
/// # use tower::ServiceExt as _;
/// # let request = http::Request::new(axum::body::Body::empty());
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # let response = runtime.block_on(app.oneshot(request))?;
/// # let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 100))?;
/// # assert_eq!(&body[..], b"not counted");
/// # Ok(())
/// # }
/// ```
///
/// Without axum, the consent is in the request: `request.extensions().get::<Consent>()`.
#[derive(Clone, Debug)]
pub struct ConsentLayer<C> {
    verifier: SharedVerifier,
    clock: C,
}

impl<C: Fn() -> UnixSeconds> ConsentLayer<C> {
    /// Checks with a [`Verifier`](super::Verifier), or with a [`SharedVerifier`] whose keys are replaced now and then.
    pub fn new(verifier: impl Into<SharedVerifier>, clock: C) -> Self {
        Self {
            verifier: verifier.into(),
            clock,
        }
    }
}

impl<S, C: Clone> Layer<S> for ConsentLayer<C> {
    type Service = ConsentService<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        ConsentService {
            inner,
            verifier: self.verifier.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// A service behind a [`ConsentLayer`].
#[derive(Clone, Debug)]
pub struct ConsentService<S, C> {
    inner: S,
    verifier: SharedVerifier,
    clock: C,
}

impl<S, C, B> Service<Request<B>> for ConsentService<S, C>
where
    S: Service<Request<B>>,
    C: Fn() -> UnixSeconds,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let cookies = cookies(request.headers());
        let consent = self.verifier.verifier().consent(&cookies, (self.clock)());
        request.extensions_mut().insert(consent);
        self.inner.call(request)
    }
}

/// All cookies as one header: HTTP/2 may send several (RFC 9113 §8.2.3).
fn cookies(headers: &HeaderMap) -> Cow<'_, str> {
    // Bytes that are no text are somebody else's cookie: ours is plain ASCII.
    let mut lines = headers
        .get_all(COOKIE)
        .iter()
        .map(|line| String::from_utf8_lossy(line.as_bytes()));
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |all, line| {
        Cow::Owned(all.into_owned() + "; " + &line)
    })
}
