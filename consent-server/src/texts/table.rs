//! The texts of a table of decisions.

use consent_core::decision::{Act, Source};

/// A table of decisions. `{zone}` stands for the name of a time zone.
pub(crate) struct TableTexts {
    /// What spreadsheets of the language take to stand between two fields.
    pub(crate) separator: u8,
    pub(crate) number: &'static str,
    pub(crate) received: &'static str,
    pub(crate) decided: &'static str,
    pub(crate) decision: &'static str,
    pub(crate) place: &'static str,
    pub(crate) also_accepted: &'static str,
    pub(crate) also_refused: &'static str,
    pub(crate) valid_until: &'static str,
    pub(crate) language: &'static str,
    pub(crate) gpc: &'static str,
    pub(crate) consent_id: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) replaces: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(super) act: fn(Act) -> &'static str,
    pub(super) source: fn(Source) -> &'static str,
}

impl TableTexts {
    /// What the visitor did.
    pub(crate) fn act(&self, act: Act) -> &'static str {
        (self.act)(act)
    }

    /// Where.
    pub(crate) fn source(&self, source: Source) -> &'static str {
        (self.source)(source)
    }

    /// Yes or no.
    pub(crate) const fn answer(&self, is_so: bool) -> &'static str {
        if is_so { self.yes } else { self.no }
    }
}
