//! Receipts as files: page by page, so memory does not grow with their number.

mod csv;
mod error;
mod format;
mod jsonl;
mod manifest;
mod request;
mod selection;
mod table;

pub use error::ExportError;
pub use format::{Format, FormatError};
pub use manifest::{Exported, Manifest};
pub use request::ExportRequest;
pub use selection::{NAMES, Selection, SelectionError, moment};

use crate::store::{Row, Store};
use consent_core::receipt::UnverifiedReceipt;
use manifest::Hashed;
use std::io::{self, Write};

/// How many receipts are read at a time.
const PAGE: u32 = 500;

/// How many receipts are looked at, about, for an export that is to have so many and no more: then it ends, even with fewer.
const LOOK: i64 = 100_000;

/// Writes receipts in the order of their acceptance. `see` is told how far it has come after each page, and at the end
/// once more, also when it fails.
pub fn write(
    store: &dyn Store,
    asked: &ExportRequest,
    to: impl Write,
    mut see: impl FnMut(&Exported),
) -> Result<Manifest, ExportError> {
    let to = Hashed::new(to);
    let mut lines = match asked.format {
        Format::Csv => Lines::Csv(Box::new(csv::Writer::new(to)?)),
        Format::Table(reader) => {
            let names = table::Names::of(store, asked, reader)?;
            Lines::Table(Box::new(table::Writer::new(to, reader, names)?))
        }
        Format::JsonLines => Lines::Objects(io::BufWriter::new(to)),
    };
    let mut written = Exported {
        seen: asked.after,
        ..Exported::default()
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
    asked: &ExportRequest,
    lines: &mut Lines<impl Write>,
    written: &mut Exported,
    see: &mut impl FnMut(&Exported),
) -> Result<(), ExportError> {
    let selection = &asked.selection;
    // For tables, each must be read anyway.
    let reads = selection.reads_receipts() || asked.format != Format::JsonLines;
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
    Table(Box<table::Writer<Hashed<W>>>),
    Objects(io::BufWriter<Hashed<W>>),
}

impl<W: Write> Lines<W> {
    fn row(
        &mut self,
        row: &Row,
        receipt: Option<&UnverifiedReceipt<'_>>,
    ) -> Result<(), ExportError> {
        match (self, receipt) {
            (Self::Csv(to), Some(receipt)) => to.row(row, receipt),
            (Self::Table(to), Some(receipt)) => to.row(row, receipt),
            (Self::Csv(_) | Self::Table(_), None) => Err(ExportError::of(row, &"it was not read")),
            (Self::Objects(to), _) => jsonl::write(row, to),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(to) => to.flush(),
            Self::Table(to) => to.flush(),
            Self::Objects(to) => to.flush(),
        }
    }

    fn hashed(&self) -> &Hashed<W> {
        match self {
            Self::Csv(to) => to.get_ref(),
            Self::Table(to) => to.get_ref(),
            Self::Objects(to) => to.get_ref(),
        }
    }
}

/// One receipt as a line of JSON.
pub(crate) fn line(row: &Row, to: &mut impl Write) -> Result<(), ExportError> {
    jsonl::write(row, to)
}
