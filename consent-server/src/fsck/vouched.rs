//! What witnesses and authorities said of the log, in files beside the database: each is of this log's tree.

use super::check::Check;
use super::error::FsckError;
use super::place::Stage;
use crate::data::FileError;
use crate::log::{LogError, Vouched};
use crate::sha256::Edge;
use std::path::Path;

/// `sizes`: those of all checkpoints of the shelf, as they were before the database was looked at.
pub(super) fn check(
    check: &mut Check<'_>,
    shelf: &Vouched,
    sizes: &[u64],
) -> Result<(), FsckError> {
    // Its lack is found with the checkpoint that was signed last.
    let Some(log) = check.log_key else {
        return Ok(());
    };
    for line in shelf.strange_keys()? {
        check.found(
            "log/vouched/witnesses",
            format!("line {line} is not the key of a witness"),
        )?;
    }
    let (view, stands) = (check.view, check.view.log()?);
    let (next, tiled) = (stands.next.unsigned_abs(), stands.size.unsigned_abs());
    let witnesses = shelf.witnesses()?;
    for &size in sizes {
        check.counted(Stage::Vouched, 1);
        let voucher = match shelf.read(size, log, &witnesses) {
            Ok((voucher, None)) => voucher,
            Ok((voucher, Some(wrong))) => {
                damaged(check, wrong)?;
                voucher
            }
            Err(wrong) => {
                damaged(check, wrong)?;
                continue;
            }
        };
        if size > next {
            check.found(
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
            check.found(
                file(size),
                format!("the first {size} leaves of the tree lead to another root"),
            )?;
        }
    }
    Ok(())
}

fn damaged(check: &mut Check<'_>, wrong: LogError) -> Result<(), FsckError> {
    match wrong {
        LogError::Vouched { path, reason } => {
            check.found(place(&path), format!("is damaged: {reason}"))
        }
        LogError::File(FileError { path, source }) => check.found(place(&path), source),
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
