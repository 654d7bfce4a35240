//! What somebody has pasted, told by its form.

use crate::presented::{Presented, UnclearError};
use consent_core::id::{ConsentId, RecordId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;

/// What a history is looked for by.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A signed receipt, and the record that it claims to be of.
    Receipt(String, Box<Record>),
    /// What a browser keeps that no server has signed, as JSON, and the record it claims.
    Unsigned(Vec<u8>, Box<Record>),
    Record(RecordId),
    Consent(ConsentId),
}

/// Why nothing can be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// There is nothing.
    Empty,
    /// Choices of several cookies.
    Several,
    /// Nothing that leads to a record.
    Unknown,
}

impl Asked {
    /// Spreadsheets write an apostrophe before an id that begins like a formula, and people paste quotes along.
    pub(super) fn read(text: &str) -> Result<Self, Unclear> {
        let text = text.trim().trim_matches(['\'', '"']).trim();
        if text.is_empty() {
            return Err(Unclear::Empty);
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Record(id));
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Consent(id));
        }
        match Presented::of(text, None).map_err(|unclear| match unclear {
            UnclearError::BothNames => Unclear::Several,
            UnclearError::Lines | UnclearError::NoName => Unclear::Unknown,
        })? {
            Presented::Cookies(..) => Err(Unclear::Several),
            Presented::Receipt(receipt) => {
                let read = UnverifiedReceipt::parse(receipt).map_err(|_| Unclear::Unknown)?;
                let record = Box::new(read.record().clone());
                Ok(Self::Receipt(receipt.to_owned(), record))
            }
            Presented::Unsigned(json) => {
                let record = Record::from_json(&json).map_err(|_| Unclear::Unknown)?;
                Ok(Self::Unsigned(json, Box::new(record)))
            }
        }
    }

    /// The record that it is about; `None`: all of a consent id.
    pub(super) const fn record(&self) -> Option<RecordId> {
        match self {
            Self::Receipt(_, record) | Self::Unsigned(_, record) => Some(record.id),
            Self::Record(id) => Some(*id),
            Self::Consent(_) => None,
        }
    }

    /// Its kind, as the trail tells it of a search that found nothing.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Receipt(..) => "receipt",
            Self::Unsigned(..) => "cookie",
            Self::Record(_) => "record",
            Self::Consent(_) => "consent id",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    #[test]
    fn each_kind_is_told_by_its_form() {
        let record = conformance::record(1, "shop", 100);
        let consent = record.subject.to_text();
        assert_eq!(Asked::read(&consent), Ok(Asked::Consent(record.subject)));
        let quoted = format!(" '{consent}\n");
        assert_eq!(Asked::read(&quoted), Ok(Asked::Consent(record.subject)));
        let id = record.id.to_text();
        assert_eq!(Asked::read(&id), Ok(Asked::Record(record.id)));
        let value = format!("eu-consent={}", record.to_cookie_value());
        let Ok(Asked::Unsigned(_, read)) = Asked::read(&value) else {
            panic!("{value}");
        };
        assert_eq!(*read, record);
        for (text, why) in [
            (" ", Unclear::Empty),
            ("Marie Dupont", Unclear::Unknown),
            ("a.b.c", Unclear::Unknown),
            ("a=1; b=2", Unclear::Unknown),
            ("eu-consent=a.b.c; eu-consent=d.e.f", Unclear::Several),
        ] {
            assert_eq!(Asked::read(text), Err(why), "{text}");
        }
    }
}
