//! One change, and what it does.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use crate::language::Language;

/// Something that two declarations of a site have otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is declared: `services.youtube.purpose`.
    pub key: String,
    /// The languages of the texts; none where the change is the same in every language of both declarations.
    pub languages: Vec<Language>,
    /// What was there; none for what is new.
    pub old: Option<String>,
    /// What is there now; none for what is gone.
    pub new: Option<String>,
    /// What the change does.
    pub effect: Effect,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// It is part of what visitors agreed to: all of them are asked again.
    AsksAgain,
    /// It makes another thing of what visitors agreed to, and asks nobody: another purpose, more data, for longer, with others.
    Meaning,
    /// Visitors read otherwise.
    Wording,
    /// Visitors do not read it: settings of the banner, of signals, of mark-up.
    Unread,
}

impl Effect {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsksAgain => "asks-again",
            Self::Meaning => "meaning",
            Self::Wording => "wording",
            Self::Unread => "unread",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        for (place, language) in self.languages.iter().enumerate() {
            f.write_str(if place == 0 { " (" } else { ", " })?;
            f.write_str(language.as_str())?;
        }
        if !self.languages.is_empty() {
            f.write_str(")")?;
        }
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, ": \"{old}\" → \"{new}\""),
            (None, Some(new)) => write!(f, " is new: \"{new}\""),
            (Some(old), None) => write!(f, " is gone: \"{old}\""),
            (None, None) => f.write_str(" is another"),
        }
    }
}
