//! All routes, and what holds for each of them.

use crate::api::{self, Problem, Refused};
use crate::app::App;
use crate::limit::Client;
use crate::{admin, api::staff};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, NestedPath, State};
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use std::net::SocketAddr;
use std::time::Instant;

/// The routes for visitors, pages and backends.
pub(crate) fn public(app: &App) -> Router {
    complete(app, api::routes())
}

/// The pages and routes for staff.
pub(crate) fn for_staff(app: &App) -> Router {
    complete(app, staff::routes(app).merge(admin::routes(app)))
}

fn complete(app: &App, routes: Router<App>) -> Router {
    // For those that do not say theirs: a login is a few dozen bytes.
    routes
        .layer(DefaultBodyLimit::max(8192))
        .with_state(app.clone())
        .layer(from_fn_with_state(app.clone(), access_log))
}

/// The access log, one line a request: the route as it is declared, never the address as it was sent, which may hold ids. And what
/// every answer says.
async fn access_log(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response {
    let route = declared(&request);
    let method = request.method().clone();
    know_client(&mut request);
    let began = Instant::now();
    let mut response = within_tries(&app, request, next).await;
    let took = began.elapsed();
    let route = route.as_deref().unwrap_or("-");
    let status = response.status().as_u16();
    app.metrics.answered(method.as_str(), route, status, took);
    if let Some(Refused(code)) = response.extensions().get()
        && (method == Method::POST && route == api::CONSENTS)
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

/// The route as it is declared here, wherever another router has nested it.
fn declared(request: &Request<Body>) -> Option<String> {
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    let nested = request.extensions().get::<NestedPath>();
    let within = nested.and_then(|nested| route.strip_prefix(nested.as_str()));
    Some(within.unwrap_or(route).to_owned())
}

/// In a server of others, whoever is at the other end of the connection, as far as it says: our own says more.
fn know_client(request: &mut Request<Body>) {
    if request.extensions().get::<Client>().is_some() {
        return;
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(peer) = peer.map(|ConnectInfo(peer)| Client::Peer(peer.ip())) {
        request.extensions_mut().insert(peer);
    }
}

/// Passes a request on. One with a token only if its client has not sent too many wrong ones: before any is looked up.
async fn within_tries(app: &App, request: Request<Body>, next: Next) -> Response {
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
