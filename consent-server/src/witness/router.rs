//! The witness's two routes.

use super::{Witness, WitnessError};
use crate::body::read_body;
use crate::limit::{Client, Rates};
use crate::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use consent_core::witness::{AddCheckpoint, NotCosigned};
use std::sync::Arc;

/// A proof and a checkpoint with many signatures.
const MAX_BODY: usize = 64 * 1024;
const TEXT: &str = "text/plain; charset=utf-8";

/// `POST /add-checkpoint`, and `GET /{sha256 of the origin}/checkpoint` for those who watch the witness.
pub fn router(witness: Arc<Witness>) -> Router {
    let rates = Arc::new(Rates::default());
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/{name}/checkpoint", get(latest))
        .with_state((witness, rates))
}

type Shared = (Arc<Witness>, Arc<Rates>);

async fn add(
    State((witness, rates)): State<Shared>,
    client: Option<Extension<Client>>,
    body: Body,
) -> Response {
    // Before its signatures are looked at. A log comes once in a while.
    if let Err(many) = rates.client(client.map(|Extension(client)| client)) {
        return Problem::from(many).into_response();
    }
    let body = match read_body(body, MAX_BODY).await {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    let Ok(text) = std::str::from_utf8(&body) else {
        return (StatusCode::BAD_REQUEST, "the request is not UTF-8\n").into_response();
    };
    let request: AddCheckpoint = match text.parse() {
        Ok(request) => request,
        Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    };
    let added = tokio::task::spawn_blocking(move || witness.add(&request)).await;
    match added {
        Ok(Ok(signature)) => {
            ([(header::CONTENT_TYPE, TEXT)], format!("{signature}\n")).into_response()
        }
        Ok(Err(WitnessError::Refused(NotCosigned::Size(size) | NotCosigned::Fork(size)))) => {
            let headers = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            (StatusCode::CONFLICT, headers, format!("{size}\n")).into_response()
        }
        Ok(Err(error)) => (status(&error), format!("{error}\n")).into_response(),
        Err(error) => {
            tracing::error!(%error, "a checkpoint could not be looked at");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn status(error: &WitnessError) -> StatusCode {
    match error {
        WitnessError::UnknownLog => StatusCode::NOT_FOUND,
        WitnessError::Refused(refusal) => {
            StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST)
        }
        WitnessError::Notebook(error) => {
            tracing::error!(%error, "a checkpoint could not be kept, and was not cosigned");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

async fn latest(State((witness, _)): State<Shared>, Path(name): Path<String>) -> Response {
    match witness.latest(&name) {
        Some(checkpoint) => {
            ([(header::CONTENT_TYPE, TEXT)], checkpoint.to_string()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
