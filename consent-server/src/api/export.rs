//! `GET /v1/sites/{site}/export`: a site's receipts as a file, streamed.

use super::Problem;
use super::audit::note;
use super::bearer::staff;
use super::extract::{Params, Site, moment};
use crate::app::App;
use crate::auth::Role;
use crate::export::{self, Format};
use crate::store::Filter;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// How much is put together before it is sent, and how many such pieces may wait: what a slow reader costs in memory.
const PIECE: usize = 32 * 1024;
const PIECES: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    format: String,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn get(
    State(app): State<App>,
    Site(site): Site,
    Params(question): Params<Question>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let staff = staff(&app, &headers, Role::Exporter, &site.id).await?;
    let format: Format = question
        .format
        .parse()
        .map_err(|error| Problem::InvalidQuery(format!("`format` {error}")))?;
    let filter = Filter {
        site: site.id.clone(),
        from: moment("from", question.from.as_deref())?,
        to: moment("to", question.to.as_deref())?,
    };
    let asked = export::describe(&filter, format);
    let line = note(&app, &staff, "export", Some(&site.id), asked, None).await?;
    let (pieces, stream) = mpsc::channel(PIECES);
    let store = Arc::clone(&app.store);
    tokio::task::spawn_blocking(move || {
        let mut sender = Sender {
            waiting: Vec::with_capacity(PIECE),
            pieces,
        };
        let mut rows = 0;
        let written = export::write(&*store, &filter, format, &mut sender, &mut rows);
        if let Err(error) = store.settle(line, rows) {
            tracing::error!(%error, "the audit trail lacks the rows of an export");
        }
        if let Err(error) = written {
            // An error in the stream cuts the answer short, so that nobody takes it for the whole file.
            tracing::warn!(%error, "an export ended early");
            let _ = sender.pieces.blocking_send(Err(io::Error::other(error)));
        }
    });
    let name = format!(
        "attachment; filename=\"{}.{}\"",
        site.id,
        format.extension()
    );
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(ReceiverStream::new(stream))).into_response())
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
