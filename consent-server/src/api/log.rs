//! `/log/…`: the log as C2SP tlog-tiles has it, and the proofs of single receipts.

use super::Problem;
use super::bearer::own_receipt;
use super::blocking::with_log;
use super::extract::{Named, Site};
use crate::app::App;
use crate::log::{Covering, Log};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::id::{RecordId, SiteId};
use consent_core::merkle::Tile;
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;

const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /log/checkpoint`
pub(super) async fn checkpoint(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let log = app.log().ok_or(Problem::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        // As long as it can be the last one.
        (header::CACHE_CONTROL, "public, max-age=1"),
    ];
    Ok((headers, log.latest().to_string()))
}

/// `GET /log/vkey`: the key that checks checkpoints.
pub(super) async fn vkey(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let log = app.log().ok_or(Problem::NotFound)?;
    Ok(([(header::CONTENT_TYPE, TEXT)], format!("{}\n", log.key())))
}

/// `GET /log/minimum-index`: where the tiles that are given out begin.
pub(super) async fn minimum_index(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let minimum = with_log(&app, Log::minimum).await?;
    let headers = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    Ok((headers, format!("{minimum}\n")))
}

/// `GET /log/tile/{level}/{index}`
pub(super) async fn tile(
    State(app): State<App>,
    Path(path): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let tile: Tile = path.parse().map_err(|_| Problem::NotFound)?;
    let bytes = with_log(&app, move |log| log.tile(tile)).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes.ok_or(Problem::NotFound)?))
}

/// `GET /v1/sites/{site}/consents/{record}/proof`, for whoever presents the record's own receipt.
pub(super) async fn proof(
    State(app): State<App>,
    Site(site): Site,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    own_receipt(&app, &headers, &site, id).await?;
    proof_file(&app, &site.id, id).await
}

/// The proof of a receipt as a file.
pub(super) async fn proof_file(
    app: &App,
    site: &SiteId,
    id: RecordId,
) -> Result<Response, Problem> {
    let proof = proof_of(app, site, id).await?.ok_or(Problem::NotFound)?;
    let name = format!("attachment; filename=\"{}.tlog-proof\"", id.to_text());
    let headers = [
        (header::CONTENT_TYPE, TEXT.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, proof.to_string()).into_response())
}

/// What the log says of a receipt, and others of the log.
pub(super) struct Proven {
    pub(super) proof: TlogProof,
    pub(super) witnesses: Vec<NoteKey>,
    pub(super) timestamp: Option<Vec<u8>>,
}

/// The proof of a receipt: to a checkpoint soon after it that somebody has vouched for, if there is one, else to the last.
pub(super) async fn vouched_proof_of(
    app: &App,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<Proven>, Problem> {
    let Some(mut proof) = proof_of(app, site, id).await? else {
        return Ok(None);
    };
    let place = proof.index;
    let asked = with_log(app, move |log| {
        let witnesses = log.vouched().witnesses()?;
        let Covering { voucher, damaged } = log.vouched().covering(place, log.key())?;
        for error in damaged {
            tracing::warn!(%error, "passed over for evidence");
        }
        let Some(voucher) = voucher else {
            return Ok((witnesses, None));
        };
        let hashes = log.prove(place, voucher.checkpoint.unverified().size())?;
        Ok((witnesses, Some((voucher, hashes))))
    });
    let (witnesses, voucher) = asked.await?;
    let mut timestamp = None;
    if let Some((voucher, hashes)) = voucher {
        proof.hashes = hashes;
        proof.checkpoint = voucher.checkpoint;
        timestamp = voucher.timestamp;
    }
    Ok(Some(Proven {
        proof,
        witnesses,
        timestamp,
    }))
}

/// The proof of a receipt; `None` if it is not there. It waits a moment for one that has just come.
pub(super) async fn proof_of(
    app: &App,
    site: &SiteId,
    id: RecordId,
) -> Result<Option<TlogProof>, Problem> {
    let site = site.clone();
    let Some(found) = with_log(app, move |log| log.logged(&site, id)).await? else {
        return Ok(None);
    };
    let log = app.log().ok_or(Problem::NotFound)?;
    let place = found.place;
    let checkpoint = log.covering(place).await.ok_or(Problem::NotLoggedYet)?;
    let entries = checkpoint.unverified().size();
    let hashes = with_log(app, move |log| log.prove(place, entries)).await?;
    let checkpoint = SignedCheckpoint::clone(&checkpoint);
    let proof = TlogProof::of_receipt(&found.salt, place, hashes, checkpoint);
    Ok(Some(proof))
}
