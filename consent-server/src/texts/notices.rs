//! The texts of the pages about what a site has shown.

/// The texts of the list of notices, and of what changed between two.
pub(crate) struct NoticesTexts {
    pub(crate) title: &'static str,
    pub(crate) what_this_is: &'static str,
    pub(crate) none: &'static str,
    /// `{date}` stands for a moment.
    pub(crate) since: &'static str,
    pub(crate) until: &'static str,
    pub(crate) still: &'static str,
    pub(crate) asked_again: &'static str,
    pub(crate) first: &'static str,
    pub(crate) see: &'static str,
    pub(crate) as_shown: &'static str,
    pub(crate) changes: &'static str,
    pub(crate) any_two: &'static str,
    pub(crate) older: &'static str,
    pub(crate) newer: &'static str,
    pub(crate) asked_again_yes: &'static str,
    pub(crate) asked_again_no: &'static str,
    pub(crate) asked_the_same: &'static str,
    pub(crate) asked_otherwise: &'static str,
    pub(crate) looks_otherwise: &'static str,
    pub(crate) other_program: &'static str,
    pub(crate) words: &'static str,
    pub(crate) same_words: &'static str,
    pub(crate) one_same: &'static str,
    /// `{count}` stands for a number.
    pub(crate) many_same: &'static str,
    /// `{id}`, `{category}`, `{then}` and `{now}` stand for what they say.
    pub(crate) category_added: &'static str,
    pub(crate) category_removed: &'static str,
    pub(crate) service_added: &'static str,
    pub(crate) service_removed: &'static str,
    pub(crate) provider_changed: &'static str,
    pub(crate) controller_changed: &'static str,
    pub(crate) revision_changed: &'static str,
}
