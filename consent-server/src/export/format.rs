//! The forms that an export may have.

use crate::texts::ReaderLanguage;
use std::str::FromStr;

/// The form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For programs that read tables: RFC 4180, every field quoted, the names and values of receipts, nothing that a
    /// spreadsheet would run.
    Csv,
    /// For people with a spreadsheet: plain words in their language, a column a category, times of the site's time zone.
    Table(ReaderLanguage),
    /// For programs: one receipt a line, its claims beside it.
    JsonLines,
}

/// The text is not a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be csv, csv-en, csv-fr or jsonl")]
pub struct FormatError;

impl Format {
    /// Every one of them.
    pub const ALL: [Self; 4] = [
        Self::Csv,
        Self::Table(ReaderLanguage::En),
        Self::Table(ReaderLanguage::Fr),
        Self::JsonLines,
    ];

    /// How many rows Excel and `LibreOffice` show, the header among them. What follows, they leave out.
    pub const SPREADSHEET_ROWS: u64 = 1_048_576;

    /// Its name, as in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Table(ReaderLanguage::En) => "csv-en",
            Self::Table(ReaderLanguage::Fr) => "csv-fr",
            Self::JsonLines => "jsonl",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv | Self::Table(_) => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }

    /// The ending of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv | Self::Table(_) => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Whether spreadsheets show so many receipts of this form. Programs read any number of lines.
    #[must_use]
    pub const fn is_shown_whole(self, receipts: u64) -> bool {
        matches!(self, Self::JsonLines) || receipts < Self::SPREADSHEET_ROWS
    }
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or(FormatError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_named_in_the_error() {
        let error = "xlsx".parse::<Format>().unwrap_err().to_string();
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert!(error.contains(format.name()), "{error}");
        }
    }

    #[test]
    fn the_header_takes_one_of_the_rows_of_a_spreadsheet() {
        assert!(Format::Csv.is_shown_whole(1_048_575));
        assert!(!Format::Csv.is_shown_whole(1_048_576));
        assert!(Format::JsonLines.is_shown_whole(1_048_576));
    }
}
