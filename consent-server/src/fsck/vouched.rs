//! What witnesses and authorities said of the log, in files beside the database: each is of this log's tree.

use super::error::FsckError;
use super::examination::Examination;
use super::place::Stage;
use crate::data::FileError;
use crate::log::{LogError, Vouched};
use crate::sha256::Edge;
use std::path::Path;

/// `sizes`: those of all checkpoints of the shelf, as they were before the database was looked at.
pub(super) fn examine(
    examination: &mut Examination<'_>,
    shelf: &Vouched,
    sizes: &[u64],
) -> Result<(), FsckError> {
    // Its lack is found with the checkpoint that was signed last.
    let Some(log) = examination.log_key else {
        return Ok(());
    };
    for line in shelf.strange_keys()? {
        examination.found(
            "log/vouched/witnesses",
            format!("line {line} is not the key of a witness"),
        )?;
    }
    let (view, stands) = (examination.view, examination.view.log()?);
    let (next, tiled) = (stands.next.unsigned_abs(), stands.size.unsigned_abs());
    let witnesses = shelf.witnesses()?;
    for &size in sizes {
        examination.counted(Stage::Vouched, 1);
        let voucher = match shelf.read(size, log, &witnesses) {
            Ok((voucher, None)) => voucher,
            Ok((voucher, Some(wrong))) => {
                damaged(examination, wrong)?;
                voucher
            }
            Err(wrong) => {
                damaged(examination, wrong)?;
                continue;
            }
        };
        if size > next {
            examination.found(
                file(size),
                format!("is of {size} entries, and the database has {next}: it is an older copy"),
            )?;
        }
        // What waits for its tiles was compared with what was signed last.
        if size > tiled {
            continue;
        }
        let edge = Edge::load(size, |tile| view.tile(tile).map(Option::unwrap_or_default))?;
        let root = edge.map(|edge| edge.root());
        if root != Some(voucher.checkpoint.unverified().root()) {
            examination.found(
                file(size),
                format!("the first {size} leaves of the tree lead to another root"),
            )?;
        }
    }
    Ok(())
}

fn damaged(examination: &mut Examination<'_>, wrong: LogError) -> Result<(), FsckError> {
    match wrong {
        LogError::Vouched { path, reason } => {
            examination.found(place(&path), format!("is damaged: {reason}"))
        }
        LogError::File(FileError { path, source }) => examination.found(place(&path), source),
        other => Err(other.into()),
    }
}

fn file(size: u64) -> String {
    format!("log/vouched/{size:020}.checkpoint")
}

fn place(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    format!("log/vouched/{}", name.to_string_lossy())
}
