//! The forms that an export may have.

use std::str::FromStr;

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
