//! What an export consisted of, counted and hashed while it is written.

use super::ExportRequest;
use crate::store::Row;
use aws_lc_rs::digest::{Context, SHA256};
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use std::io::{self, Write};

/// How far an export has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Receipts.
    pub receipts: u64,
    /// Bytes.
    pub bytes: u64,
    /// The place of the first receipt.
    pub first: Option<i64>,
    /// The place of the last one.
    pub last: Option<i64>,
    /// The place up to which receipts were looked at: the next export goes on after it.
    pub seen: i64,
    /// Whether there is more, after that place.
    pub more: bool,
}

impl Exported {
    pub(super) fn count(&mut self, row: &Row) {
        self.receipts += 1;
        self.first = self.first.or(Some(row.seq));
        self.last = Some(row.seq);
    }
}

/// A whole export: what it was asked for, and what it became.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// How much it is.
    pub written: Exported,
    /// SHA-256 of its bytes, in hexadecimal digits, as `sha256sum` prints it.
    pub sha256: String,
}

impl Manifest {
    /// As JSON, for whoever keeps the file.
    #[must_use]
    pub fn to_json(&self, asked: &ExportRequest, made_at: UnixSeconds) -> String {
        let Exported {
            receipts,
            bytes,
            first,
            last,
            seen,
            more,
        } = self.written;
        let document = serde_json::json!({
            "site": asked.selection.filter.site.as_str(),
            "format": asked.format.name(),
            "filter": asked.selection.said(),
            "after": asked.after,
            "receipts": receipts,
            "bytes": bytes,
            "sha256": self.sha256,
            "first": first,
            "last": last,
            "next": more.then_some(seen),
            "made_at": made_at.to_rfc3339(),
        });
        document.to_string()
    }
}

/// Hashes and counts what goes through.
pub(super) struct Hashed<W> {
    to: W,
    hash: Context,
    pub(super) bytes: u64,
}

impl<W: Write> Hashed<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            to,
            hash: Context::new(&SHA256),
            bytes: 0,
        }
    }

    pub(super) fn sha256(&self) -> String {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.hash.clone().finish().as_ref());
        Digest::from_bytes(bytes).to_hex()
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.to.write(bytes)?;
        self.hash.update(&bytes[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
