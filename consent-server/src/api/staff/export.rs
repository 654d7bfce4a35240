//! `GET` and `POST /v1/sites/{site}/export`: a site's receipts as a file, streamed, or a page at a time.

use super::door::enter;
use super::trail::note;
use crate::api::blocking::{blocking, unavailable};
use crate::api::extract::Params;
use crate::api::{Problem, json, with_store};
use crate::app::App;
use crate::auth::{Role, Staff};
use crate::body::read_body;
use crate::clock::Clock;
use crate::export::{self, ExportError, ExportRequest, Exported, Format, FormatError, Selection};
use crate::retired::Kept;
use crate::store::Store;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::fmt::Display;
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// How much is put together before it is sent, and how many such pieces may wait: what a slow reader costs in memory.
const PIECE: usize = 32 * 1024;
const PIECES: usize = 4;

/// The most receipts that one answer of a paging reader may hold.
const LARGEST_PAGE: u64 = 1000;

/// The word that names a person. Addresses stand in the logs of proxies and in browsers' histories: it is for bodies alone.
const NAMES_A_PERSON: &str = "subject";

/// The most that a form may hold: all words, each at its longest.
const LARGEST_FORM: usize = 4096;

/// With its words in the address.
pub(super) async fn get(
    State(app): State<App>,
    Path(site): Path<String>,
    Params(words): Params<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (staff, site) = enter(&app, &headers, Role::Exporter, &site).await?;
    refuse_persons(&words)?;
    export(&app, &staff, &site, words).await
}

/// With its words in the address and in the body, a form: there a person may be named.
pub(super) async fn post(
    State(app): State<App>,
    Path(site): Path<String>,
    Params(mut words): Params<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (staff, site) = enter(&app, &headers, Role::Exporter, &site).await?;
    refuse_persons(&words)?;
    let body = read_body(body, LARGEST_FORM).await?;
    words.extend(form_urlencoded::parse(&body).into_owned());
    export(&app, &staff, &site, words).await
}

fn refuse_persons(words: &[(String, String)]) -> Result<(), Problem> {
    let named = |(name, text): &(String, String)| name == NAMES_A_PERSON && !text.is_empty();
    if words.iter().any(named) {
        let problem =
            "names a person, and addresses stand in logs: send it in the body of a POST, as a form";
        return Err(Problem::InvalidQuery(format!(
            "`{NAMES_A_PERSON}` {problem}"
        )));
    }
    Ok(())
}

async fn export(
    app: &App,
    staff: &Staff,
    site: &Kept,
    words: Vec<(String, String)>,
) -> Result<Response, Problem> {
    let asked = ExportRequest {
        declared: site.declaration().cloned(),
        ..question(site.id().clone(), &words)?
    };
    let site = site.id();
    let line = asked.describe();
    let line = note(app, staff, "export", Some(site), line, None).await?;
    let manifest = format!("{}/v1/sites/{site}/exports/{line}", app.staff_url);
    let manifest = format!("<{manifest}>; rel=\"describedby\"; type=\"application/json\"");
    if asked.limit.is_some() {
        return page(app, site, asked, line, &words, manifest).await;
    }
    let export = app.calls.export()?;
    let headers = head(&asked, app.clock.now());
    let (pieces, stream) = mpsc::channel(PIECES);
    let (store, clock) = (Arc::clone(&app.store), app.clock.clone());
    tokio::task::spawn_blocking(move || {
        let _export = export;
        let mut sender = Sender {
            waiting: Vec::with_capacity(PIECE),
            pieces,
        };
        let written = write_and_settle(&*store, &clock, &asked, line, &mut sender);
        if let Err(error) = written {
            // An error in the stream cuts the answer short, so that nobody takes it for the whole file.
            tracing::warn!(%error, "an export ended early");
            let _ = sender.pieces.blocking_send(Err(io::Error::other(error)));
        }
    });
    let body = Body::from_stream(ReceiverStream::new(stream));
    Ok((headers, [(header::LINK, manifest)], body).into_response())
}

/// So many receipts, and the address of those that follow: it holds all words but the one that names a person, which is
/// sent in the body again.
async fn page(
    app: &App,
    site: &SiteId,
    asked: ExportRequest,
    line: i64,
    words: &[(String, String)],
    manifest: String,
) -> Result<Response, Problem> {
    let headers = head(&asked, app.clock.now());
    let (store, clock) = (Arc::clone(&app.store), app.clock.clone());
    let written = blocking(app, move || {
        let mut bytes = Vec::new();
        let written = write_and_settle(&*store, &clock, &asked, line, &mut bytes)?;
        Ok::<_, ExportError>((written, bytes))
    });
    let (written, bytes) = written
        .await?
        .map_err(|error| unavailable("an export ended early", &error))?;
    let mut links = manifest;
    if written.more {
        let kept = words.iter();
        let kept = kept.filter(|(name, _)| name != "after" && name != NAMES_A_PERSON);
        let mut next = form_urlencoded::Serializer::new(String::new());
        next.extend_pairs(kept);
        next.append_pair("after", &written.seen.to_string());
        let next = next.finish();
        let address = format!("{}/v1/sites/{site}/export?{next}", app.staff_url);
        links = format!("<{address}>; rel=\"next\", {links}");
    }
    Ok((headers, [(header::LINK, links)], bytes).into_response())
}

fn head(asked: &ExportRequest, now: UnixSeconds) -> [(HeaderName, String); 2] {
    let name = asked.file_name(now);
    let name = format!("attachment; filename=\"{name}\"");
    [
        (header::CONTENT_TYPE, asked.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ]
}

/// Completes the line of the trail, also when the export fails: how many receipts went out is known all the same.
fn write_and_settle(
    store: &dyn Store,
    clock: &Clock,
    asked: &ExportRequest,
    line: i64,
    to: impl io::Write,
) -> Result<Exported, ExportError> {
    let mut seen = Exported::default();
    let exported = export::write(store, asked, to, |written| seen = *written);
    let manifest = exported.as_ref().ok();
    let manifest = manifest.map(|manifest| manifest.to_json(asked, clock.now()));
    store.settle(line, seen.receipts, manifest.as_deref())?;
    Ok(exported?.written)
}

fn question(site: SiteId, words: &[(String, String)]) -> Result<ExportRequest, Problem> {
    let wrong =
        |name: &str, problem: &dyn Display| Problem::InvalidQuery(format!("`{name}` {problem}"));
    let mut asked = ExportRequest {
        selection: Selection::all(site),
        format: Format::JsonLines,
        declared: None,
        after: 0,
        limit: None,
    };
    let mut format = None;
    for (name, text) in words {
        match &**name {
            "format" => {
                let known: Result<Format, FormatError> = text.parse();
                format = Some(known.map_err(|error| wrong(name, &error))?);
            }
            "after" => {
                asked.after = text
                    .parse()
                    .ok()
                    .filter(|after| *after >= 0)
                    .ok_or_else(|| wrong(name, &"must be the `seq` of a receipt"))?;
            }
            "limit" => {
                let limit = text.parse().ok();
                let limit = limit.filter(|limit| (1..=LARGEST_PAGE).contains(limit));
                let problem = format!("must be a number from 1 to {LARGEST_PAGE}");
                asked.limit = Some(limit.ok_or_else(|| wrong(name, &problem))?);
            }
            _ => {
                let narrowed = asked.selection.narrow(name, text);
                narrowed.map_err(|error| Problem::InvalidQuery(error.to_string()))?;
            }
        }
    }
    asked.format = format.ok_or_else(|| wrong("format", &FormatError))?;
    Ok(asked)
}

/// `GET /v1/sites/{site}/exports/{number}`: what an export consisted of, once it is whole.
pub(super) async fn manifest(
    State(app): State<App>,
    Path((site, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (_, site) = enter(&app, &headers, Role::Exporter, &site).await?;
    let number: i64 = number.parse().map_err(|_| Problem::NotFound)?;
    let id = site.id().clone();
    let manifest = with_store(&app, move |store| store.manifest(&id, number)).await?;
    Ok(json(manifest.ok_or(Problem::NotFound)?))
}

/// Hands pieces to the connection, waiting for it when it is slow.
struct Sender {
    waiting: Vec<u8>,
    pieces: mpsc::Sender<Result<Bytes, io::Error>>,
}

impl Sender {
    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        self.pieces
            .blocking_send(Ok(piece.into()))
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl io::Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            Ok(())
        } else {
            self.send()
        }
    }
}
