//! What handlers take out of a request.

use super::Problem;
use crate::app::App;
use crate::limit::Client;
use crate::publish::Published;
use axum::extract::{FromRequestParts, Query, RawPathParams};
use axum::http::request::Parts;
use consent_core::id::RecordId;
use consent_core::time::UnixSeconds;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The site that the address names.
pub(crate) struct Site(pub(crate) Arc<Published>);

impl FromRequestParts<App> for Site {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let named = named(parts, app, "site").await;
        named
            .and_then(|id| app.serving().sites.get(&id).cloned())
            .map(Self)
            .ok_or(Problem::UnknownSite)
    }
}

/// The query's parameters: unknown ones and wrong values are errors.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => Err(Problem::InvalidQuery(rejection.body_text())),
        }
    }
}

/// A moment in the query.
pub(crate) fn moment(
    name: &'static str,
    text: Option<&str>,
) -> Result<Option<UnixSeconds>, Problem> {
    let said = text.filter(|text| !text.is_empty());
    let moment = said
        .map(|text| crate::export::moment(name, text))
        .transpose();
    moment.map_err(|error| Problem::InvalidQuery(error.to_string()))
}

/// The record that the address names.
pub(crate) struct Named(pub(crate) RecordId);

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let named = named(parts, app, "record").await;
        named
            .and_then(|id| id.parse().ok())
            .map(Self)
            .ok_or(Problem::NotFound)
    }
}

/// A part of the address, by the name that its route gives it.
async fn named(parts: &mut Parts, app: &App, name: &str) -> Option<String> {
    let params = RawPathParams::from_request_parts(parts, app).await.ok()?;
    let named = params.iter().find(|(known, _)| *known == name);
    named.map(|(_, value)| value.to_owned())
}

/// Who asks, if the request came over a socket.
pub(crate) struct Asking(pub(crate) Option<Client>);

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(parts.extensions.get().copied()))
    }
}
