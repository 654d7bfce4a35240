//! What is known of one language.

/// Parts of sentences of one language, in lower case, from the beginning of a word.
pub(super) struct Phrases {
    /// They take browsing on for an agreement.
    pub(super) presumed: &'static [&'static str],
    /// They push towards agreeing.
    pub(super) pushing: &'static [&'static str],
    /// They could mean anything.
    pub(super) vague: &'static [&'static str],
}
