//! The texts of the page that shows one person's proof, and of erasure.

/// The texts of the history of a consent id.
pub(crate) struct ProofTexts {
    /// The page, and its link.
    pub(crate) title: &'static str,
    /// The field in each page's header.
    pub(crate) field: &'static str,
    pub(crate) find: &'static str,
    pub(crate) what_to_paste: &'static str,
    pub(crate) a_receipt: &'static str,
    pub(crate) a_cookie: &'static str,
    pub(crate) a_record: &'static str,
    pub(crate) a_consent_id: &'static str,
    pub(crate) in_the_trail: &'static str,
    pub(crate) empty: &'static str,
    pub(crate) several: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) nothing_hint: &'static str,
    /// `{count}` stands for a number.
    pub(crate) one_record: &'static str,
    pub(crate) records: &'static str,
    pub(crate) newest_only: &'static str,
    pub(crate) unreadable: &'static str,
    pub(crate) times_of: &'static str,
    /// `{date}` stands for a day.
    pub(crate) counts_until: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) replaced: &'static str,
    pub(crate) asked_for: &'static str,
    pub(crate) received: &'static str,
    pub(crate) decided: &'static str,
    pub(crate) shown_in: &'static str,
    pub(crate) log: &'static str,
    /// `{place}` stands for a number.
    pub(crate) log_entry: &'static str,
    pub(crate) not_logged_yet: &'static str,
    pub(crate) no_log: &'static str,
    pub(crate) replaces: &'static str,
    pub(crate) gpc: &'static str,
    pub(crate) service_only: &'static str,
    pub(crate) see_words: &'static str,
    pub(crate) words_gone: &'static str,
    pub(crate) evidence: &'static str,

    pub(crate) valid: &'static str,
    pub(crate) valid_hint: &'static str,
    pub(crate) over: &'static str,
    pub(crate) over_hint: &'static str,
    pub(crate) not_valid: &'static str,
    pub(crate) not_valid_hint: &'static str,
    pub(crate) unsigned: &'static str,
    pub(crate) unsigned_hint: &'static str,
    pub(crate) what_was_checked: &'static str,
    pub(crate) passed: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) not_checked: &'static str,
    /// What a step of the verdict looks at, by the step's name.
    pub(super) steps: [(&'static str, &'static str); 9],

    pub(crate) erase: &'static str,
    /// `{count}` and `{site}` stand for what they say.
    pub(crate) erase_one: &'static str,
    pub(crate) erase_these: &'static str,
    pub(crate) why: &'static str,
    pub(crate) asked_by_person: &'static str,
    pub(crate) made_by_mistake: &'static str,
    pub(crate) ordered: &'static str,
    pub(crate) other_reason: &'static str,
    pub(crate) next_step: &'static str,
    pub(crate) what_happens: [&'static str; 5],
    pub(crate) erase_for_good: &'static str,
    pub(crate) keep: &'static str,
    pub(crate) choose_reason: &'static str,
    pub(crate) erased_one: &'static str,
    pub(crate) erased_these: &'static str,
    pub(crate) erased_hint: &'static str,
    /// `{date}` and `{reason}` stand for what they say.
    pub(crate) held: &'static str,
}

impl ProofTexts {
    /// What a step of the verdict looks at.
    pub(crate) fn step<'a>(&self, name: &'a str) -> &'a str {
        let known = self.steps.iter().find(|(step, _)| *step == name);
        known.map_or(name, |(_, title)| title)
    }
}

#[cfg(test)]
mod tests {
    use crate::texts::ReaderLanguage;
    use consent_core::receipt::Step;

    #[test]
    fn each_step_of_a_verdict_has_its_words() {
        for language in ReaderLanguage::ALL {
            let texts = &language.texts().proof;
            for step in Step::ALL.iter().map(|step| step.as_str()).chain(["stored"]) {
                assert_ne!(texts.step(step), step, "{}", language.tag());
            }
        }
    }
}
