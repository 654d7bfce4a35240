//! The texts of the list of accesses.

/// The texts of the list of accesses.
pub(crate) struct AccessesTexts {
    pub(crate) accesses: &'static str,
    pub(crate) what_accesses_are: &'static str,
    pub(crate) own_accesses: &'static str,
    pub(crate) all_sites: &'static str,
    pub(crate) of_one_person: &'static str,
    pub(crate) of_one_person_hint: &'static str,
    pub(crate) consent_id: &'static str,
    pub(crate) no_consent_id: &'static str,
    pub(crate) no_access: &'static str,
    pub(crate) newest_lines: &'static str,
    pub(crate) when: &'static str,
    pub(crate) who: &'static str,
    pub(crate) what: &'static str,
    pub(crate) about: &'static str,
    pub(crate) how_many: &'static str,
    /// What the trail calls an action, and people.
    pub(super) actions: [(&'static str, &'static str); 16],
}

impl AccessesTexts {
    /// What somebody did, as people call it.
    pub(crate) fn action<'a>(&self, name: &'a str) -> &'a str {
        let known = self.actions.iter().find(|(action, _)| *action == name);
        known.map_or(name, |(_, words)| words)
    }
}
