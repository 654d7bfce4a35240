//! What an export is asked for.

use super::{Format, Selection};
use crate::day::Day;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;

/// What is wanted, in which form.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// Which receipts.
    pub selection: Selection,
    /// As what.
    pub format: Format,
    /// What the site declares now, if that is known better than from the storage: tables for people speak its words.
    pub declared: Option<Site>,
    /// Only those after this place; 0: from the first on.
    pub after: i64,
    /// So many at most; `None`: all.
    pub limit: Option<u64>,
}

impl ExportRequest {
    /// A name for the file: the site, from when, until when, and for whom. Without an end, that of today.
    #[must_use]
    pub fn file_name(&self, now: UnixSeconds) -> String {
        let filter = &self.selection.filter;
        let site = &filter.site;
        let day = |moment: UnixSeconds| Day::in_utc(moment.get()).to_iso();
        let from = filter.from.map_or("start".to_owned(), day);
        let to = day(filter.to.unwrap_or(now));
        let reader = match self.format {
            Format::Table(reader) => format!("_{}", reader.tag()),
            Format::Csv | Format::JsonLines => String::new(),
        };
        format!("{site}_{from}_{to}{reader}.{}", self.format.extension())
    }

    /// In one line, for the audit trail.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut words = vec![format!("format={}", self.format.name())];
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
