//! Receipts as files: page by page, so memory does not grow with their number.

mod csv;
mod jsonl;
mod manifest;
mod selection;

pub use manifest::{Manifest, Written};
pub use selection::{NAMES, Selection, SelectionError, moment};

use crate::store::{Row, Store, StoreError};
use consent_core::receipt::UnverifiedReceipt;
use manifest::Hashed;
use std::io::{self, Write};
use std::str::FromStr;

/// How many receipts are read at a time.
const PAGE: u32 = 500;

/// How many receipts are looked at, about, for an export that is to have so many and no more: then it ends, even with fewer.
const LOOK: i64 = 100_000;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For spreadsheets: RFC 4180, every field quoted, nothing that a spreadsheet would run.
    Csv,
    /// For programs: one receipt a line, its claims beside it.
    JsonLines,
}

/// The text is not a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be csv or jsonl")]
pub struct FormatError;

impl Format {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// The name's ending, as in `lacassagne.csv`.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        [Self::Csv, Self::JsonLines]
            .into_iter()
            .find(|format| format.extension() == text)
            .ok_or(FormatError)
    }
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The storage failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever reads went away, or the disk is full.
    #[error("the export could not be written: {0}")]
    Write(#[from] io::Error),
    /// A stored receipt cannot be read.
    #[error(
        "row {seq} holds a text that is no receipt ({reason}): restore the database from a backup"
    )]
    Row {
        /// Its place.
        seq: i64,
        /// What is wrong with it.
        reason: String,
    },
}

impl ExportError {
    pub(crate) fn of(row: &Row, reason: &impl ToString) -> Self {
        Self::Row {
            seq: row.seq,
            reason: reason.to_string(),
        }
    }
}

/// What is wanted, in which form.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Which receipts.
    pub selection: Selection,
    /// As what.
    pub format: Format,
    /// Only those after this place; 0: from the first on.
    pub after: i64,
    /// So many at most; `None`: all.
    pub limit: Option<u64>,
}

impl Asked {
    /// In one line, for the audit trail.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut words = vec![format!("format={}", self.format.extension())];
        let said = self.selection.said().into_iter();
        words.extend(said.map(|(name, text)| format!("{name}={text}")));
        if self.after > 0 {
            words.push(format!("after={}", self.after));
        }
        if let Some(limit) = self.limit {
            words.push(format!("limit={limit}"));
        }
        words.join(" ")
    }
}

/// Writes receipts in the order of their acceptance. `see` is told how far it has come after each page, and at the end
/// once more, also when it fails.
pub fn write(
    store: &dyn Store,
    asked: &Asked,
    to: impl Write,
    mut see: impl FnMut(&Written),
) -> Result<Manifest, ExportError> {
    let to = Hashed::new(to);
    let mut lines = match asked.format {
        Format::Csv => Lines::Csv(Box::new(csv::Writer::new(to)?)),
        Format::JsonLines => Lines::JsonLines(io::BufWriter::new(to)),
    };
    let mut written = Written {
        seen: asked.after,
        ..Written::default()
    };
    let all = each(store, asked, &mut lines, &mut written, &mut see);
    let flushed = lines.flush();
    written.bytes = lines.hashed().bytes;
    see(&written);
    all?;
    flushed?;
    Ok(Manifest {
        written,
        sha256: lines.hashed().sha256(),
    })
}

fn each(
    store: &dyn Store,
    asked: &Asked,
    lines: &mut Lines<impl Write>,
    written: &mut Written,
    see: &mut impl FnMut(&Written),
) -> Result<(), ExportError> {
    let selection = &asked.selection;
    // For CSV, each must be read anyway.
    let reads = selection.reads_receipts() || asked.format == Format::Csv;
    loop {
        let page = store.page(&selection.filter, written.seen, PAGE)?;
        for row in &page.rows {
            let receipt = if reads {
                let read = UnverifiedReceipt::parse(&row.receipt);
                Some(read.map_err(|error| ExportError::of(row, &error))?)
            } else {
                None
            };
            if receipt
                .as_ref()
                .is_none_or(|receipt| selection.wants(receipt.record()))
            {
                lines.row(row, receipt.as_ref())?;
                written.count(row);
            }
            written.seen = row.seq;
            if asked.limit.is_some_and(|limit| written.receipts >= limit) {
                written.more = true;
                return Ok(());
            }
        }
        let Some(next) = page.next else {
            return Ok(());
        };
        written.seen = next;
        written.bytes = lines.hashed().bytes;
        see(written);
        if asked.limit.is_some() && next - asked.after >= LOOK {
            written.more = true;
            return Ok(());
        }
    }
}

enum Lines<W: Write> {
    Csv(Box<csv::Writer<Hashed<W>>>),
    JsonLines(io::BufWriter<Hashed<W>>),
}

impl<W: Write> Lines<W> {
    fn row(
        &mut self,
        row: &Row,
        receipt: Option<&UnverifiedReceipt<'_>>,
    ) -> Result<(), ExportError> {
        match (self, receipt) {
            (Self::Csv(to), Some(receipt)) => to.row(row, receipt),
            (Self::Csv(_), None) => Err(ExportError::of(row, &"it was not read")),
            (Self::JsonLines(to), _) => jsonl::write(row, to),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(to) => to.flush(),
            Self::JsonLines(to) => to.flush(),
        }
    }

    fn hashed(&self) -> &Hashed<W> {
        match self {
            Self::Csv(to) => to.get_ref(),
            Self::JsonLines(to) => to.get_ref(),
        }
    }
}

/// One receipt as a line of JSON.
pub(crate) fn line(row: &Row, to: &mut impl Write) -> Result<(), ExportError> {
    jsonl::write(row, to)
}
