//! The state that requests share, and the router.

use crate::admin::Sessions;
use crate::api::{Calls, Problem, Refused};
use crate::clock::Clock;
use crate::data::{DataFolder, Lock};
use crate::intake::Intake;
use crate::keys::{Keys, KeysError};
use crate::limit::{Client, Rates};
use crate::live::Live;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::publish::{Published, Sites};
use crate::readiness::Readiness;
use crate::reload::Source;
use crate::store::{Actor, Moment, Store, StoreError};
use crate::timeline::{Timeline, WrongClock};
use crate::url::BaseUrl;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use consent_core::backend::Verifier;
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::time::UnixSeconds;
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
    /// Whether that can be believed.
    pub timeline: Timeline,
    /// Where the server is reached.
    pub url: BaseUrl,
    /// Other origins that count as the server's own.
    pub own_origins: Vec<String>,
    /// Where the pages and routes for staff are reached.
    pub staff_url: BaseUrl,
    /// The origins of pages that may change something for staff.
    pub staff_origins: Vec<String>,
    /// Staff who are logged in.
    pub sessions: Sessions,
    /// How much one client or one site may send.
    pub rates: Rates,
    /// How many calls that block run at a time.
    pub calls: Calls,
    /// Whether records can be taken, as of a moment ago.
    pub readiness: Readiness,
    /// What operators watch.
    pub metrics: Arc<Metrics>,
    /// The log of what is given out; `None` if the server keeps none.
    pub log: Option<Arc<Log>>,
    pub(crate) source: Option<Source>,
    /// Of a server without a log: the log holds it otherwise.
    pub lock: Option<Lock>,
    /// The data folder, where the operator's metrics look; `None` if the server was not told.
    pub data: Option<DataFolder>,
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
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why keys that sign no more could not be retired. They are when it is tried again, at the next reload or start.
#[derive(Debug, thiserror::Error)]
pub enum RetireError {
    /// The moment is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be written down.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

/// Retires the keys that another one has replaced, after all that they have signed: by the clock as it is now, and as it was
/// when it was ahead.
pub fn retire_replaced(
    keys: &mut Keys,
    store: &dyn Store,
    now: UnixSeconds,
) -> Result<(), RetireError> {
    // Looking through the database is for the one start or reload in many that has something to retire.
    if keys.replaced().is_empty() {
        return Ok(());
    }
    let last = store.last_received()?.map_or(now, |last| now.max(last));
    // `iat` has whole seconds: the next one is after all that was signed in this.
    let at = UnixSeconds::new(last.get() + 1).unwrap_or(last);
    Ok(keys.retire_replaced(at)?)
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
        let metrics = Arc::new(Metrics::default());
        metrics.refused_sites(sites.refused().len());
        let serving = Serving::new(sites, keys.public(), &url);
        let signer = keys.into_signer(url.as_str());
        metrics.serve(serving.sites.iter().map(|site| site.id.as_str()));
        let newest = store.moment(Moment::Signed)?;
        Ok(Self(Arc::new(Parts {
            intake: Intake::start(signer, Arc::clone(&store), Arc::clone(&metrics))?,
            metrics,
            own_origins: vec![url.origin().to_owned()],
            staff_url: url.clone(),
            // Until it is said where staff are: no page may change anything for them.
            staff_origins: Vec::new(),
            sessions: Sessions::default(),
            rates: Rates::default(),
            calls: Calls::default(),
            readiness: Readiness::default(),
            log: None,
            source: None,
            lock: None,
            data: None,
            timeline: Timeline::from(newest.unwrap_or_else(|| clock.now())),
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

    /// Serves these sites and trusts these keys from the next request on, signs with the one that is to sign, and retires the
    /// others once nothing more is signed with them. Blocks.
    pub fn replace(&self, sites: Sites, mut keys: Keys) -> Result<(), RetireError> {
        self.metrics.refused_sites(sites.refused().len());
        self.metrics
            .serve(sites.iter().map(|site| site.id.as_str()));
        // Published before it signs: whoever holds a receipt finds its key.
        self.publish(sites.clone(), &keys);
        let last = self.intake.sign_with(keys.signer(self.url.as_str()));
        let retired = retire_replaced(&mut keys, &*self.store, self.clock.now().max(last));
        self.publish(sites, &keys);
        retired
    }

    fn publish(&self, sites: Sites, keys: &Keys) {
        let serving = Serving::new(sites, keys.public(), &self.url);
        self.serving.set(serving);
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

    /// Tells where the data folder is; before the first request only.
    #[must_use]
    pub fn with_data(mut self, data: DataFolder) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.data = Some(data);
        }
        self
    }

    /// The time to sign a receipt at, unless the clock cannot be believed.
    pub fn signing_time(&self) -> Result<UnixSeconds, WrongClock> {
        self.timeline.believe(self.clock.now())
    }

    /// Goes on from what the clock says now, although it cannot be believed, and writes that into the trail. Answers what
    /// was wrong; nothing is done if nothing is. Blocks.
    pub fn accept_clock(&self) -> Result<Option<WrongClock>, StoreError> {
        let now = self.clock.now();
        let Err(wrong) = self.timeline.check(now) else {
            return Ok(None);
        };
        let before = format!("before={}", self.timeline.newest().to_rfc3339());
        let operator = Actor::operator("command line", now);
        self.store
            .note(&operator.access("accept_clock", None, before, Some(0)))?;
        self.timeline.accept(now);
        self.write_time()?;
        Ok(Some(wrong))
    }

    /// Writes down the newest time that was believed: the next start goes on from there. Blocks.
    pub fn write_time(&self) -> Result<(), StoreError> {
        self.store
            .set_moment(Moment::Signed, self.timeline.newest())
    }

    /// Limits what one client and one site may send; before the first request only.
    #[must_use]
    pub fn with_rates(mut self, rates: Rates) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.rates = rates;
        }
        self
    }

    /// Lets so many calls that block run at a time; before the first request only.
    #[must_use]
    pub fn with_calls(mut self, calls: Calls) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.calls = calls;
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

    /// Tells where staff reach their pages and routes; before the first request only.
    #[must_use]
    pub fn with_staff_url(mut self, url: BaseUrl) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.staff_origins = vec![url.origin().to_owned()];
            parts.staff_url = url;
        }
        self
    }

    /// Lets staff use another origin, too, which leads to the same pages; before the first request only.
    #[must_use]
    pub fn with_staff_origin(mut self, origin: String) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.staff_origins.push(origin);
        }
        self
    }

    /// The routes for visitors, pages and backends: usable without a socket, as tests do. On a socket,
    /// [`serve`](crate::serve) limits what clients may do: how long a head and a body may take, and how many connections
    /// there are.
    pub fn router(&self) -> Router {
        self.complete(crate::api::routes())
    }

    /// The pages and routes for staff, for a listener and an origin of their own.
    pub fn staff_router(&self) -> Router {
        self.complete(crate::api::staff::routes(self).merge(crate::admin::routes(self)))
    }

    fn complete(&self, routes: Router<Self>) -> Router {
        // For those that do not say theirs: a login is a few dozen bytes.
        routes
            .layer(DefaultBodyLimit::max(8192))
            .with_state(self.clone())
            .layer(axum::middleware::from_fn_with_state(
                self.clone(),
                access_log,
            ))
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

/// The access log, one line a request: the route as it is declared, never the address as it was sent, which may hold ids. And what
/// every answer says.
async fn access_log(
    State(app): State<App>,
    request: Request<axum::body::Body>,
    next: Next,
) -> Response {
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .cloned();
    let method = request.method().clone();
    let began = Instant::now();
    let mut response = within_tries(&app, request, next).await;
    let took = began.elapsed();
    let route = route.as_ref().map_or("-", |route| route.as_str());
    let status = response.status().as_u16();
    app.metrics.answered(method.as_str(), route, status, took);
    if let Some(Refused(code)) = response.extensions().get()
        && (method == Method::POST && route == crate::api::CONSENTS)
    {
        app.metrics.refused(code);
    }
    tracing::debug!(%method, route, status, micros = took.as_micros(), "answered");
    let headers = response.headers_mut();
    for (name, value) in SAFE {
        headers.entry(name).or_insert(value);
    }
    response
}

/// Passes a request on. One with a token only if its client has not sent too many wrong ones: before any is looked up.
async fn within_tries(app: &App, request: Request<axum::body::Body>, next: Next) -> Response {
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let client = request.extensions().get::<Client>().copied();
    if let Err(many) = app.rates.may_try(client) {
        return Problem::from(many).into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        app.rates.tried_wrongly(client);
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
