//! What a visitor did.

use core::fmt;
use core::str::FromStr;

use alloc::vec::Vec;

use crate::id::{CategoryId, ServiceId};

/// A decision: an act, a choice for every category that was asked about, and the services that differ from theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the visitor did.
    pub act: Act,
    /// Where they did it.
    pub source: Source,
    /// One choice per category that needs consent. Never `operation`.
    pub choices: Choices<CategoryId>,
    /// Only the services whose choice differs from that of their category.
    pub services: Choices<ServiceId>,
}

/// The name is not in the table of `design.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not one of the names that are defined for it")]
pub struct NameError;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name that stands in records and receipts.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(NameError),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names! {
    /// What the visitor did.
    Act {
        /// Agreed to everything.
        AcceptAll = "accept_all",
        /// Refused everything that can be refused.
        RefuseAll = "refuse_all",
        /// Chose category by category, or service by service.
        Custom = "custom",
        /// Closed the notice without choosing: everything optional is refused, and the record says that it was seen.
        Dismiss = "dismiss",
        /// Took back what had been agreed to.
        Withdraw = "withdraw",
        /// Decided by a privacy signal of the browser (Global Privacy Control), not by a click.
        Signal = "signal",
    }
}

names! {
    /// Where the visitor decided.
    Source {
        /// The first layer of the notice.
        Banner = "banner",
        /// The preferences dialog.
        Preferences = "preferences",
        /// The box that stands in for something held back.
        Placeholder = "placeholder",
        /// The page's own code.
        Api = "api",
        /// A privacy signal of the browser.
        Signal = "signal",
    }
}

impl Act {
    /// Whether this act can grant anything.
    #[must_use]
    pub const fn can_grant(self) -> bool {
        matches!(self, Self::AcceptAll | Self::Custom)
    }
}

/// Names with a yes or a no each, in the order of their names, each name once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices<Id>(Vec<(Id, bool)>);

impl<Id> Default for Choices<Id> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<Id: Ord> Choices<Id> {
    /// Adds a choice, unless the name has one already: then it answers `false` and changes nothing.
    pub fn insert(&mut self, id: Id, granted: bool) -> bool {
        // A handful of names at most: a scan costs less than a search, in bytes too.
        let mut place = 0;
        for (other, _) in &self.0 {
            if *other == id {
                return false;
            }
            if *other < id {
                place += 1;
            }
        }
        self.0.insert(place, (id, granted));
        true
    }

    /// The choice for a name.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<bool> {
        self.0
            .iter()
            .find(|(other, _)| other == id)
            .map(|(_, granted)| *granted)
    }

    /// The names and choices, in the order of the names.
    pub fn iter(&self) -> core::slice::Iter<'_, (Id, bool)> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them is a yes.
    #[must_use]
    pub fn any_granted(&self) -> bool {
        self.0.iter().any(|(_, granted)| *granted)
    }
}

impl<Id: Ord> FromIterator<(Id, bool)> for Choices<Id> {
    fn from_iter<I: IntoIterator<Item = (Id, bool)>>(choices: I) -> Self {
        let mut all = Self::default();
        for (id, granted) in choices {
            all.insert(id, granted);
        }
        all
    }
}

impl<'a, Id: Ord> IntoIterator for &'a Choices<Id> {
    type Item = &'a (Id, bool);
    type IntoIter = core::slice::Iter<'a, (Id, bool)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for act in Act::ALL {
            assert_eq!(act.as_str().parse(), Ok(*act));
        }
        for source in Source::ALL {
            assert_eq!(source.as_str().parse(), Ok(*source));
        }
        assert_eq!("accept".parse::<Act>(), Err(NameError));
    }

    #[test]
    fn choices_keep_the_order_of_their_names_and_the_first_of_two() {
        let mut choices = Choices::default();
        for name in ["social", "analytics", "preferences"] {
            assert!(choices.insert(name, name == "social"));
        }
        assert!(!choices.insert("social", false));
        let names: Vec<_> = choices.iter().copied().collect();
        assert_eq!(
            names,
            [
                ("analytics", false),
                ("preferences", false),
                ("social", true)
            ]
        );
        assert_eq!(choices.get(&"social"), Some(true));
        assert_eq!(choices.get(&"other"), None);
    }
}
