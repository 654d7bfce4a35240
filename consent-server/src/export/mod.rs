//! Receipts as files: page by page, so memory does not grow with their number.

mod csv;
mod jsonl;

use crate::store::{Filter, Row, Store, StoreError};
use consent_core::time::UnixSeconds;
use std::io::{self, Write};
use std::str::FromStr;

/// How many receipts are read at a time.
const PAGE: u32 = 500;

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

/// What is exported, in one line, for the audit trail.
#[must_use]
pub fn describe(filter: &Filter, format: Format) -> String {
    let bound = |name: &str, moment: Option<UnixSeconds>| {
        moment.map_or_else(String::new, |at| format!(" {name}={}", at.to_rfc3339()))
    };
    let (from, to) = (bound("from", filter.from), bound("to", filter.to));
    format!("format={}{from}{to}", format.extension())
}

/// Writes the receipts that the filter lets through, in the order of their acceptance; counts them, also when it fails.
pub fn write(
    store: &dyn Store,
    filter: &Filter,
    format: Format,
    to: impl Write,
    count: &mut u64,
) -> Result<(), ExportError> {
    match format {
        Format::Csv => {
            let mut to = csv::Writer::new(to)?;
            each(store, filter, count, |row| to.row(row))?;
            to.finish()
        }
        Format::JsonLines => {
            let mut to = io::BufWriter::new(to);
            each(store, filter, count, |row| jsonl::write(row, &mut to))?;
            Ok(to.flush()?)
        }
    }
}

/// One receipt as a line of JSON.
pub(crate) fn line(row: &Row, to: &mut impl Write) -> Result<(), ExportError> {
    jsonl::write(row, to)
}

fn each(
    store: &dyn Store,
    filter: &Filter,
    count: &mut u64,
    mut use_row: impl FnMut(&Row) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut after = 0;
    loop {
        let page = store.page(filter, after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.seq;
        for row in &page {
            use_row(row)?;
            *count += 1;
        }
    }
}
