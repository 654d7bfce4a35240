//! What a file to be verified is.

use anyhow::{Context as _, Result, bail};
use consent_server::presented::Presented;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// A zip archive.
    Evidence,
    /// JSON Lines.
    Export,
    /// A receipt or cookies.
    Presented(Presented<'a>),
}

impl<'a> Subject<'a> {
    /// By how it begins. Of a text, this must be all.
    pub(super) fn of(bytes: &'a [u8], name: Option<&'a str>) -> Result<Self> {
        if bytes.starts_with(b"PK") {
            return Ok(Self::Evidence);
        }
        let begin = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        if begin.trim_ascii_start().starts_with(b"{") {
            return Ok(Self::Export);
        }
        let text = std::str::from_utf8(begin)
            .context("this is neither text nor a zip archive: give a receipt, a cookie, an export or an evidence file")?
            .trim();
        if text.is_empty() {
            bail!(
                "there is nothing in it: give a receipt, a cookie, an export or an evidence file"
            );
        }
        if text.starts_with("c2sp.org/tlog-proof") {
            bail!(
                "a proof says nothing without its receipt: give the receipt, and this file with --proof"
            );
        }
        // Values of cookies have commas, too: those have names.
        let first = text.lines().next().unwrap_or_default();
        if first.starts_with('"') || first.contains(',') && !first.contains('=') {
            bail!(
                "this looks like CSV, which is for spreadsheets and holds no exact copy: export as jsonl to verify it"
            );
        }
        Ok(Self::Presented(Presented::of(text, name)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_by_its_beginning() {
        let of = |text: &'static str| {
            Subject::of(text.as_bytes(), None).map_err(|error| error.to_string())
        };
        assert_eq!(of("PK\u{3}\u{4}"), Ok(Subject::Evidence));
        let receipt = || Subject::Presented(Presented::Receipt("a.b.c"));
        assert_eq!(of(" a.b.c\n"), Ok(receipt()));
        assert_eq!(of("{\"a\":1}\n{}"), Ok(Subject::Export));
        assert_eq!(of("\u{FEFF} {"), Ok(Subject::Export));
        assert_eq!(of("Cookie: a=1; eu-consent=a.b.c"), Ok(receipt()));
        assert_eq!(of("a=1,2; eu-consent=a.b.c"), Ok(receipt()));
        assert!(of("a=1; b=2").unwrap_err().contains("--cookie"));
        assert!(
            of("c2sp.org/tlog-proof@v1\n")
                .unwrap_err()
                .contains("--proof")
        );
        assert!(of("\"id\",\"site\"\r\n").unwrap_err().contains("jsonl"));
        assert!(Subject::of(&[0xFF, 0xFE], None).is_err());
    }
}
