//! The texts of the page about what a site declares.

/// The texts of the checker's findings.
pub(crate) struct DeclarationTexts {
    pub(crate) declaration: &'static str,
    pub(crate) what_this_is: &'static str,
    pub(crate) not_kept: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) nothing_found_hint: &'static str,
    pub(crate) in_english: &'static str,
    pub(crate) error: &'static str,
    pub(crate) warning: &'static str,
    pub(crate) advice: &'static str,
    /// `{number}` stands for a number.
    pub(crate) line: &'static str,
}
