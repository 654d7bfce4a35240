//! What an export is asked for.

use super::{Format, Selection};

/// What is wanted, in which form.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// Which receipts.
    pub selection: Selection,
    /// As what.
    pub format: Format,
    /// Only those after this place; 0: from the first on.
    pub after: i64,
    /// So many at most; `None`: all.
    pub limit: Option<u64>,
}

impl ExportRequest {
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
