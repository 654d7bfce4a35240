//! The state that requests share, and the router.

use crate::admin::Sessions;
use crate::clock::Clock;
use crate::intake::Intake;
use crate::keys::{Keys, KeysError};
use crate::limit::Rates;
use crate::live::Live;
use crate::log::{Lock, Log};
use crate::metrics::Metrics;
use crate::publish::{Published, Sites};
use crate::reload::Source;
use crate::store::Store;
use crate::url::BaseUrl;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Request, header};
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
    /// Where receipts are kept.
    pub store: Arc<dyn Store>,
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
    /// How much one client or one site may send.
    pub rates: Rates,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
    /// The log of what is given out; `None` if the server keeps none.
    pub log: Option<Arc<Log>>,
    pub(crate) source: Option<Source>,
    /// Of a server without a log: the log holds it otherwise.
    pub lock: Option<Lock>,
    serving: Live<Serving>,
}

/// What is served now, and replaced as a whole: a request keeps to what it began with.
#[derive(Debug)]
pub struct Serving {
    /// The sites, as published.
    pub sites: Sites,
    /// The public keys.
    pub keys: KeySet,
    /// The keys as a JWK set, ready to be sent.
    pub jwks: String,
    /// What checks the visitors of each site.
    pub verifiers: BTreeMap<SiteId, Verifier>,
}

/// Why the server's parts do not come together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The threads.
    #[error("no thread for writing: {0}")]
    Threads(#[from] std::io::Error),
}

impl App {
    /// Puts a server together and starts its writing thread.
    pub fn new(
        sites: Sites,
        store: Arc<dyn Store>,
        keys: Keys,
        clock: Clock,
        url: BaseUrl,
    ) -> Result<Self, AppError> {
        let serving = Serving::new(sites, keys.public(), &url);
        let signer = keys.into_signer(url.as_str());
        let metrics = Arc::new(Metrics::default());
        Ok(Self(Arc::new(Parts {
            intake: Intake::start(signer, Arc::clone(&store), Arc::clone(&metrics))?,
            metrics,
            own_origins: vec![url.origin().to_owned()],
            sessions: Sessions::default(),
            rates: Rates::default(),
            log: None,
            source: None,
            lock: None,
            serving: Live::new(serving),
            store,
            clock,
            url,
        })))
    }

    /// What is served now.
    #[must_use]
    pub fn serving(&self) -> Arc<Serving> {
        self.serving.get()
    }

    /// Serves these sites and trusts these keys from the next request on, and signs with the newest.
    pub fn replace(&self, sites: Sites, keys: Keys) {
        // Published before it signs: whoever holds a receipt finds its key.
        self.serving
            .set(Serving::new(sites, keys.public(), &self.url));
        self.intake.sign_with(keys.into_signer(self.url.as_str()));
    }

    /// Tells where sites and keys are read from when they have changed; before the first request only.
    #[must_use]
    pub fn with_source(mut self, source: Source) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.source = Some(source);
        }
        self
    }

    /// Gives every receipt a place in a log; before the first request only.
    #[must_use]
    pub fn with_log(mut self, log: Log) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.intake.commit_to_log();
            parts.log = Some(Arc::new(log));
        }
        self
    }

    /// Keeps other servers off the data folder for as long as this one is there; before the first request only.
    #[must_use]
    pub fn with_lock(mut self, lock: Lock) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.lock = Some(lock);
        }
        self
    }

    /// Limits what one client and one site may send; before the first request only.
    #[must_use]
    pub fn with_rates(mut self, rates: Rates) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.rates = rates;
        }
        self
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
            // For those that do not say theirs: a login is a few dozen bytes.
            .layer(DefaultBodyLimit::max(8192))
            .with_state(self.clone())
            .layer(axum::middleware::from_fn_with_state(self.clone(), log))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Serving {
    fn new(sites: Sites, keys: KeySet, url: &BaseUrl) -> Self {
        let verifier = |site: &Arc<Published>| {
            let verifier = Verifier::new(url.as_str(), site.id.clone(), keys.clone())
                .cookie_name(site.cookie.name_on(url.is_https()))
                .scope(site.scope_digest);
            (site.id.clone(), verifier)
        };
        Self {
            verifiers: sites.iter().map(verifier).collect(),
            jwks: keys.to_jwks(),
            sites,
            keys,
        }
    }
}

/// One line a request, and what every answer says: the route as it is declared, never the address as it was sent, which may hold ids.
async fn log(State(app): State<App>, request: Request<axum::body::Body>, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .cloned();
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = next.run(request).await;
    let took = began.elapsed();
    let route = route.as_ref().map_or("-", |route| route.as_str());
    let status = response.status().as_u16();
    app.metrics.answered(method.as_str(), route, status, took);
    tracing::debug!(%method, route, status, micros = took.as_micros(), "answered");
    let headers = response.headers_mut();
    for (name, value) in SAFE {
        headers.entry(name).or_insert(value);
    }
    response
}

/// What every answer says unless its route says otherwise: it is what its type says, nobody keeps it, no page may
/// show or load it, and nothing in it runs. HTTPS is the proxy's to promise: `Strict-Transport-Security` would bind the whole host.
const SAFE: [(HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];
