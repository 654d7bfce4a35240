//! What handlers take out of a request.

use super::Problem;
use crate::app::App;
use crate::publish::Published;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;

/// The site that the address names.
pub(crate) struct Site(pub(crate) Arc<Published>);

impl FromRequestParts<App> for Site {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let params = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let params = params.map_err(|_| Problem::UnknownSite)?;
        params
            .get("site")
            .and_then(|id| app.sites.get(id))
            .cloned()
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

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::BodyTooLarge(limit)),
        Err(_) => Err(Problem::IncompleteBody),
    }
}
