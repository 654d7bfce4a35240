//! CSV for programs.

use super::ExportError;
use crate::store::Row;
use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use consent_core::decision::Choices;
use consent_core::receipt::UnverifiedReceipt;
use std::fmt::Display;
use std::io::{self, Write};

const COLUMNS: [&str; 19] = [
    "record_id",
    "consent_id",
    "site",
    "act",
    "source",
    "granted",
    "refused",
    "services_granted",
    "services_refused",
    "decided_at",
    "received_at",
    "expires_at",
    "language",
    "scope",
    "notice",
    "previous",
    "gpc",
    "receipt",
    "seq",
];

pub(super) struct Writer<W: Write>(::csv::Writer<W>);

impl<W: Write> Writer<W> {
    pub(super) fn new(to: W) -> Result<Self, ExportError> {
        let mut csv = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(to);
        csv.write_record(COLUMNS).map_err(to_io)?;
        Ok(Self(csv))
    }

    pub(super) fn row(
        &mut self,
        row: &Row,
        receipt: &UnverifiedReceipt<'_>,
    ) -> Result<(), ExportError> {
        let record = receipt.record();
        let decision = &record.decision;
        let fields: [String; COLUMNS.len()] = [
            record.id.to_text(),
            record.subject.to_text(),
            record.site.to_string(),
            decision.act.to_string(),
            decision.source.to_string(),
            names(&decision.choices, true),
            names(&decision.choices, false),
            names(&decision.services, true),
            names(&decision.services, false),
            record.decided_at.to_rfc3339(),
            receipt.issued_at().to_rfc3339(),
            record.expires_at.to_rfc3339(),
            record.language.to_string(),
            record.scope.to_text(),
            record.notice.to_text(),
            record
                .previous
                .map(consent_core::id::RecordId::to_text)
                .unwrap_or_default(),
            record.gpc.to_string(),
            row.receipt.clone(),
            row.seq.to_string(),
        ];
        self.0.write_record(fields.map(harmless)).map_err(to_io)?;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    pub(super) fn get_ref(&self) -> &W {
        self.0.get_ref()
    }
}

fn names<Id: Ord + Display>(choices: &Choices<Id>, granted: bool) -> String {
    let named = choices
        .iter()
        .filter(|(_, choice)| *choice == granted)
        .map(|(id, _)| id.to_string());
    named.collect::<Vec<_>>().join(" ")
}

/// A field that a spreadsheet does not take for a formula: an apostrophe goes before what could begin one.
///
/// Base64url can begin with `-`, so consent ids and digests need this as much as texts would.
pub(super) fn harmless(field: String) -> String {
    let risky = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠',
    ];
    if field.starts_with(risky) {
        format!("'{field}")
    } else {
        field
    }
}

pub(super) fn to_io(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::key::SigningKey;
    use consent_core::receipt::Signer;
    use consent_core::record::Record;

    fn written(subject: &str) -> String {
        let json = format!(
            r#"{{"act":"custom","aud":"shop","choices":{{"analytics":true,"social":false}},"dat":1795316891,"exp":1829444891,"jti":"01a20165-23f8-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","services":{{"youtube":true}},"src":"banner","sub":"{subject}"}}"#
        );
        let record = Record::from_json(json.as_bytes()).unwrap();
        let signer = Signer::new(SigningKey::from_seed(&[7; 32]), "https://consent.example");
        let row = Row {
            seq: 1,
            receipt: signer.sign(&record, record.decided_at),
        };
        let mut bytes = Vec::new();
        let mut csv = Writer::new(&mut bytes).unwrap();
        let receipt = UnverifiedReceipt::parse(&row.receipt).unwrap();
        csv.row(&row, &receipt).unwrap();
        csv.flush().unwrap();
        drop(csv);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn every_field_is_quoted_and_lines_end_as_rfc_4180_says() {
        let text = written("AgICAgICAgICAgICAgICAg");
        let lines: Vec<_> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("\"record_id\",\"consent_id\",\"site\""));
        assert!(lines[1].starts_with(
            "\"01a20165-23f8-7101-8101-010101010101\",\"AgICAgICAgICAgICAgICAg\",\"shop\",\"custom\",\"banner\",\
             \"analytics\",\"social\",\"youtube\",\"\",\"2026-11-22T"
        ), "{}", lines[1]);
        assert_eq!(lines[2], "");
    }

    #[test]
    fn nothing_in_a_file_is_taken_for_a_formula() {
        assert!(written("-gICAgICAgICAgICAgICAg").contains("\"'-gICAgICAgICAgICAgICAg\""));
        for risky in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "\0=1",
        ] {
            assert_eq!(harmless(risky.into()), format!("'{risky}"));
        }
        assert_eq!(harmless("2026-11-22".into()), "2026-11-22");
        assert_eq!(harmless(String::new()), "");
    }
}
