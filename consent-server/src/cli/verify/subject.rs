//! What a file to be verified is.

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Subject<'a> {
    /// A zip archive.
    Evidence,
    /// JSON Lines.
    Export(&'a str),
    /// Three parts between two dots, or what was to be that.
    Receipt(&'a str),
    /// The value of a cookie that no server has signed yet: its JSON.
    Unsigned(Vec<u8>),
}

impl<'a> Subject<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self> {
        if bytes.starts_with(b"PK") {
            return Ok(Self::Evidence);
        }
        let text = std::str::from_utf8(bytes)
            .context("this is neither text nor a zip archive: give a receipt, a cookie, an export or an evidence file")?
            .trim_start_matches('\u{FEFF}')
            .trim();
        if text.is_empty() {
            bail!(
                "there is nothing in it: give a receipt, a cookie, an export or an evidence file"
            );
        }
        if text.starts_with('{') {
            return Ok(Self::Export(text));
        }
        if text.starts_with("c2sp.org/tlog-proof") {
            bail!(
                "a proof says nothing without its receipt: give the receipt, and this file with --proof"
            );
        }
        if text.starts_with('"') || text.contains(',') {
            bail!(
                "this looks like CSV, which is for spreadsheets and holds no exact copy: export as jsonl to verify it"
            );
        }
        // A cookie as browsers show it: NAME=VALUE.
        let value = text.split_once('=').map_or(text, |(_, value)| value);
        if !value.contains('.')
            && let Ok(json) = URL_SAFE_NO_PAD.decode(value)
            && json.starts_with(b"{")
        {
            return Ok(Self::Unsigned(json));
        }
        Ok(Self::Receipt(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_by_its_beginning() {
        let of =
            |text: &'static str| Subject::of(text.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(of("PK\u{3}\u{4}"), Ok(Subject::Evidence));
        assert_eq!(of(" a.b.c\n"), Ok(Subject::Receipt("a.b.c")));
        assert_eq!(of("eu-consent=a.b.c"), Ok(Subject::Receipt("a.b.c")));
        assert_eq!(of("e30"), Ok(Subject::Unsigned(b"{}".to_vec())));
        assert_eq!(of("{\"a\":1}\n{}"), Ok(Subject::Export("{\"a\":1}\n{}")));
        assert!(
            of("c2sp.org/tlog-proof@v1\n")
                .unwrap_err()
                .contains("--proof")
        );
        assert!(of("\"id\",\"site\"\r\n").unwrap_err().contains("jsonl"));
        assert!(Subject::of(&[0xFF, 0xFE]).is_err());
    }
}
