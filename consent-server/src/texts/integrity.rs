//! The texts of the page about what keeps the proofs whole, and for how long.

/// The texts of the page about integrity and retention.
pub(crate) struct IntegrityTexts {
    pub(crate) integrity: &'static str,
    /// In the menu.
    pub(crate) short: &'static str,
    pub(crate) takes_records: &'static str,
    pub(crate) takes_records_hint: &'static str,
    pub(crate) takes_nothing: &'static str,
    pub(crate) the_log: &'static str,
    pub(crate) no_log_hint: &'static str,
    pub(crate) log_name: &'static str,
    pub(crate) entries: &'static str,
    pub(crate) last_signed: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) witnesses: &'static str,
    pub(crate) no_witness: &'static str,
    pub(crate) log_hint: &'static str,
    pub(crate) backup: &'static str,
    pub(crate) last_backup: &'static str,
    pub(crate) backup_hint: &'static str,
    pub(crate) never: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) signs_now: &'static str,
    pub(crate) open: &'static str,
    /// `{date}` stands for a day.
    pub(crate) key_retired: &'static str,
    pub(crate) revoked: &'static str,
    pub(crate) keys_hint: &'static str,
    pub(crate) retention: &'static str,
    pub(crate) retention_hint: &'static str,
    pub(crate) last_purge: &'static str,
    pub(crate) kept_for: &'static str,
    /// `{count}` stands for a number.
    pub(crate) years: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) then: &'static str,
    pub(crate) deleted: &'static str,
    pub(crate) anonymised: &'static str,
    pub(crate) archived: &'static str,
    pub(crate) hold: &'static str,
}
