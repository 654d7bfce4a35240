//! The state that requests share, and the router.

use crate::admin::Sessions;
use crate::clock::Clock;
use crate::intake::Intake;
use crate::keys::{Keys, KeysError};
use crate::publish::{Published, Sites};
use crate::store::Store;
use crate::url::BaseUrl;
use axum::Router;
use axum::http::{HeaderValue, Request, header};
use axum::middleware::Next;
use axum::response::Response;
use consent_core::backend::Verifier;
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

/// What a server is made of.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts that handlers use.
pub struct Parts {
    /// The sites, as published.
    pub sites: Sites,
    /// Where receipts are kept.
    pub store: Arc<dyn Store>,
    /// The public keys.
    pub keys: KeySet,
    /// What checks the visitors of each site.
    pub verifiers: BTreeMap<SiteId, Verifier>,
    /// The keys as a JWK set, ready to be sent.
    pub jwks: String,
    /// Takes records in.
    pub intake: Intake,
    /// Tells the time.
    pub clock: Clock,
    /// Where the server is reached.
    pub url: BaseUrl,
    /// Other origins that count as the server's own.
    pub own_origins: Vec<String>,
    /// Staff who are logged in.
    pub sessions: Sessions,
}

/// Why the server's parts do not come together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The threads.
    #[error("no thread for signing and writing: {0}")]
    Threads(#[from] std::io::Error),
}

impl App {
    /// Puts a server together and starts its signing and writing threads.
    pub fn new(
        sites: Sites,
        store: Arc<dyn Store>,
        keys: Keys,
        clock: Clock,
        url: BaseUrl,
    ) -> Result<Self, AppError> {
        let public = keys.public();
        let signer = keys.into_signer(url.as_str());
        let verifier = |site: &Published| {
            Verifier::new(url.as_str(), site.id.clone(), public.clone())
                .cookie_name(&site.cookie.name)
                .scope(site.scope_digest)
        };
        let verifiers = sites
            .iter()
            .map(|site| (site.id.clone(), verifier(site)))
            .collect();
        Ok(Self(Arc::new(Parts {
            intake: Intake::start(signer, Arc::clone(&store))?,
            verifiers,
            jwks: public.to_jwks(),
            keys: public,
            own_origins: vec![url.origin().to_owned()],
            sessions: Sessions::default(),
            sites,
            store,
            clock,
            url,
        })))
    }

    /// Lets pages of another origin count as the server's own; before the first request only.
    #[must_use]
    pub fn with_own_origin(mut self, origin: String) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.own_origins.push(origin);
        }
        self
    }

    /// All routes: usable without a socket, as tests do.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(crate::api::routes())
            .merge(crate::admin::routes())
            .with_state(self.clone())
            .layer(axum::middleware::from_fn(log))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// One line a request: the route as it is declared, never the address as it was sent, which may hold ids.
async fn log(request: Request<axum::body::Body>, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .cloned();
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = next.run(request).await;
    let route = route.as_ref().map_or("-", |route| route.as_str());
    let status = response.status().as_u16();
    tracing::debug!(%method, route, status, micros = began.elapsed().as_micros(), "answered");
    let headers = response.headers_mut();
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}
