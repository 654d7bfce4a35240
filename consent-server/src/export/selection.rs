//! Which of a site's receipts are wanted: the same words in addresses, on the command line and in the form for staff.

use crate::store::{Filter, in_trail};
use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::id::{CategoryId, SiteId};
use consent_core::language::Language;
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// The words, in the order in which they are told.
pub const NAMES: [&str; 8] = [
    "from", "to", "act", "granted", "refused", "language", "notice", "subject",
];

/// Receipts of one site that fit everything that is said.
#[derive(Clone, Debug)]
pub struct Selection {
    /// What the storage itself can tell apart.
    pub filter: Filter,
    /// A category that was granted.
    pub granted: Option<CategoryId>,
    /// A category that was refused.
    pub refused: Option<CategoryId>,
    /// The language of the notice.
    pub language: Option<Language>,
    /// The notice that was shown.
    pub notice: Option<Digest>,
}

/// Why a selection is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No such word.
    #[error("`{0}` is not known here: there are {names}", names = NAMES.join(", "))]
    Unknown(String),
    /// A word that is there already.
    #[error("`{0}` is given twice")]
    Twice(&'static str),
    /// What is said makes no sense.
    #[error("`{name}` {problem}")]
    Wrong {
        /// The word.
        name: &'static str,
        /// What it must be.
        problem: String,
    },
}

impl Selection {
    /// All receipts of a site.
    #[must_use]
    pub const fn all(site: SiteId) -> Self {
        Self {
            filter: Filter::all(site),
            granted: None,
            refused: None,
            language: None,
            notice: None,
        }
    }

    /// Narrows it by one more word. An empty text says nothing, as an empty field of a form.
    pub fn narrow(&mut self, name: &str, text: &str) -> Result<(), SelectionError> {
        let known = NAMES.into_iter().find(|known| *known == name);
        let name = known.ok_or_else(|| SelectionError::Unknown(name.to_owned()))?;
        if text.is_empty() {
            return Ok(());
        }
        match name {
            "from" => set(name, &mut self.filter.from, moment(name, text)?),
            "to" => set(name, &mut self.filter.to, moment(name, text)?),
            "act" => set(name, &mut self.filter.act, act(text)?),
            "granted" => set(name, &mut self.granted, parse(name, text)?),
            "refused" => set(name, &mut self.refused, parse(name, text)?),
            "language" => set(name, &mut self.language, parse(name, text)?),
            "notice" => set(name, &mut self.notice, parse(name, text)?),
            _ => set(name, &mut self.filter.subject, parse(name, text)?),
        }
    }

    /// What was said, by name. A consent id is told by its digest: what it was asked for stays when it is erased.
    #[must_use]
    pub fn said(&self) -> BTreeMap<&'static str, String> {
        let Filter {
            from,
            to,
            act,
            subject,
            ..
        } = &self.filter;
        let subject = subject.map(in_trail);
        let said = [
            ("from", from.map(UnixSeconds::to_rfc3339)),
            ("to", to.map(UnixSeconds::to_rfc3339)),
            ("act", text(act.as_ref())),
            ("granted", text(self.granted.as_ref())),
            ("refused", text(self.refused.as_ref())),
            ("language", text(self.language.as_ref())),
            ("notice", text(self.notice.as_ref())),
            ("subject", subject),
        ];
        let said = said.into_iter();
        said.filter_map(|(name, text)| Some((name, text?)))
            .collect()
    }

    /// Whether receipts must be read to know.
    pub(super) const fn reads_receipts(&self) -> bool {
        self.granted.is_some()
            || self.refused.is_some()
            || self.language.is_some()
            || self.notice.is_some()
    }

    /// Whether a record that the storage's filter has let through is wanted.
    pub(super) fn wants(&self, record: &Record) -> bool {
        let chose = |category: &Option<CategoryId>, granted| {
            category
                .as_ref()
                .is_none_or(|id| record.decision.choices.get(id) == Some(granted))
        };
        chose(&self.granted, true)
            && chose(&self.refused, false)
            && self
                .language
                .as_ref()
                .is_none_or(|language| *language == record.language)
            && self.notice.is_none_or(|notice| notice == record.notice)
    }
}

/// A day or a moment, as in `2026-01-31` or `2026-01-31T10:00:00Z`.
pub fn moment(name: &'static str, text: &str) -> Result<UnixSeconds, SelectionError> {
    UnixSeconds::from_rfc3339(text).map_err(|_| SelectionError::Wrong {
        name,
        problem: "must be like 2026-01-31 or 2026-01-31T10:00:00Z".into(),
    })
}

fn act(text: &str) -> Result<Act, SelectionError> {
    text.parse().map_err(|_| {
        let known: Vec<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
        SelectionError::Wrong {
            name: "act",
            problem: format!("must be one of {}", known.join(", ")),
        }
    })
}

fn parse<T: FromStr<Err: Display>>(name: &'static str, text: &str) -> Result<T, SelectionError> {
    text.parse().map_err(|error: T::Err| SelectionError::Wrong {
        name,
        problem: error.to_string(),
    })
}

fn set<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), SelectionError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(SelectionError::Twice(name)),
    }
}

fn text(value: Option<&impl ToString>) -> Option<String> {
    value.map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;

    fn selection(words: &[(&str, &str)]) -> Result<Selection, SelectionError> {
        let mut selection = Selection::all("shop".parse().unwrap());
        for (name, text) in words {
            selection.narrow(name, text)?;
        }
        Ok(selection)
    }

    #[test]
    fn every_name_is_taken_and_told_again() {
        let notice = Digest::from_bytes([4; 32]).to_text();
        let texts = [
            "2026-01-31T00:00:00Z",
            "2026-02-01T00:00:00Z",
            "custom",
            "analytics",
            "social",
            "en",
            &notice,
            "AgICAgICAgICAgICAgICAg",
        ];
        let words: Vec<_> = NAMES.into_iter().zip(texts).collect();
        let said = selection(&words).unwrap().said();
        assert_eq!(said.len(), NAMES.len());
        for (name, text) in &words[..7] {
            assert_eq!(said[name], *text);
        }
        assert!(said["subject"].starts_with("sha256:"), "{said:?}");
        assert_eq!(selection(&[("act", "")]).unwrap().said().len(), 0);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_name() {
        for (words, says) in [
            (
                &[("akt", "custom")][..],
                "`akt` is not known here: there are from, to, act",
            ),
            (
                &[("act", "maybe")],
                "`act` must be one of accept_all, refuse_all",
            ),
            (&[("from", "yesterday")], "`from` must be like 2026-01-31"),
            (&[("subject", "x")], "`subject` "),
            (&[("granted", "A B")], "`granted` "),
            (
                &[("act", "custom"), ("act", "custom")],
                "`act` is given twice",
            ),
        ] {
            let error = selection(words).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }

    #[test]
    fn a_record_is_wanted_when_it_fits_every_word() {
        // Number 1 refuses analytics, in English, with the notice of fours.
        let record = conformance::record(1, "shop", 100);
        let notice = record.notice.to_text();
        for (words, wanted) in [
            (&[][..], true),
            (&[("refused", "analytics")], true),
            (&[("granted", "analytics")], false),
            (&[("refused", "social")], false),
            (&[("language", "en"), ("notice", &*notice)], true),
            (&[("language", "fr"), ("notice", &*notice)], false),
        ] {
            assert_eq!(
                selection(words).unwrap().wants(&record),
                wanted,
                "{words:?}"
            );
        }
    }
}
