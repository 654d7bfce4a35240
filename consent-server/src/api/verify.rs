//! `POST /v1/verify`: a receipt in, a verdict out.

use super::extract::Asking;
use super::retired::{UNKNOWN, is_known};
use super::{Problem, json};
use crate::app::App;
use crate::body::read_body;
use crate::verdict::{StepVerdict, Verdict, verdict};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use consent_core::id::SiteId;
use consent_core::json::object;
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use consent_core::time::UnixSeconds;
use serde::Deserialize;

/// A receipt is at most 900 bytes, and a cookie at most 4096.
const MAX_BODY: usize = 8192;

/// The JSON form of the question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    receipt: String,
    /// The site it must be for.
    site: Option<String>,
    /// The moment at which the choice must have stood; now if left out.
    at: Option<String>,
}

pub(super) async fn post(
    State(app): State<App>,
    Asking(client): Asking,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.rates.client(client)?;
    let body = read_body(body, MAX_BODY).await?;
    let question = parse(&headers, &body)?;
    let site: Option<SiteId> = match &question.site {
        Some(site) => Some(
            site.parse()
                .map_err(|error| Problem::InvalidRecord(format!("`site` {error}")))?,
        ),
        None => None,
    };
    let at = match &question.at {
        Some(at) => UnixSeconds::from_rfc3339(at).map_err(|_| {
            Problem::InvalidRecord("`at` must be a date or an RFC 3339 time".into())
        })?,
        None => app.clock.now(),
    };
    let expect = Expectations {
        issuer: Some(app.url.as_str()),
        site: site.as_ref(),
        ..Expectations::at(at)
    };
    let verdict = judged(&app, question.receipt.trim(), &expect).await?;
    Ok(json(serde_json::to_string(&verdict).unwrap_or_default()))
}

/// The verdict on a receipt, by this server's keys, and by what it stores where a key is retired.
pub(crate) async fn judged(
    app: &App,
    receipt: &str,
    expect: &Expectations<'_>,
) -> Result<Verdict, Problem> {
    let serving = app.serving();
    let mut verdict = verdict(receipt, &serving.keys, expect);
    if verdict.is_valid()
        && let Ok(read) = UnverifiedReceipt::parse(receipt)
        && !is_known(
            app,
            &serving.keys,
            read.key(),
            read.record(),
            read.issued_at(),
        )
        .await?
    {
        verdict.add(StepVerdict::of("stored", Err(UNKNOWN.into())));
    }
    Ok(verdict)
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Question, Problem> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    if content_type.starts_with("application/json") {
        return object(body).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Problem::InvalidRecord(error.to_string()),
            _ => Problem::MalformedJson(format!("not JSON: {error}")),
        });
    }
    let receipt =
        String::from_utf8(body.to_vec()).map_err(|_| Problem::InvalidRecord("not text".into()))?;
    Ok(Question {
        receipt,
        site: None,
        at: None,
    })
}
