//! The texts of the notice that are the library's own, by language.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString};

use crate::language::Language;
use crate::site::{Lifetime, Unit};

mod en;
mod fr;

/// The texts of one language. `{…}` marks what is filled in.
#[derive(Debug)]
pub struct Strings {
    /// Heading of the first layer.
    pub title: &'static str,
    /// Who asks: `{controller}`.
    pub intro: &'static str,
    /// Before the list of purposes.
    pub purposes: &'static str,
    /// What a refusal means.
    pub refusal: &'static str,
    /// How long the choice lasts: `{months}`.
    pub lasts: &'static str,
    /// Button.
    pub accept_all: &'static str,
    /// Button.
    pub refuse_all: &'static str,
    /// Button that opens the preferences.
    pub choose: &'static str,
    /// Button that closes the first layer: it says that this refuses.
    pub dismiss: &'static str,
    /// Link to the policy.
    pub policy: &'static str,
    /// Link of the first layer to all that may be stored, in the preferences.
    pub list: &'static str,
    /// After the words of a link that opens a new tab; for those who do not see its sign.
    pub new_tab: &'static str,
    /// In the first layer, where the browser sends Global Privacy Control and the site heeds it.
    pub signal: &'static str,
    /// Announced, and shown, where the preferences could not be loaded.
    pub failed: &'static str,
    /// Date of the policy's last update: `{date}`.
    pub updated: &'static str,
    /// Heading of the preferences.
    pub preferences: &'static str,
    /// Button.
    pub save: &'static str,
    /// Button.
    pub withdraw: &'static str,
    /// Button.
    pub close: &'static str,
    /// Beside what needs no consent.
    pub always_on: &'static str,
    /// Beside what is declared and not used.
    pub not_used: &'static str,
    /// Summary of a service's details: `{service}`.
    pub details: &'static str,
    /// The provider: `{provider}`, `{country}`.
    pub provider: &'static str,
    /// Link to a provider's policy: `{provider}`.
    pub provider_policy: &'static str,
    /// How long the data are kept: `{time}`.
    pub data_kept: &'static str,
    /// Why no consent is needed: `{reason}`.
    pub exempt: &'static str,
    /// A service that stores nothing.
    pub stores_nothing: &'static str,
    /// Headings of the table of cookies: name, kind, lifetime, purpose.
    pub table: [&'static str; 4],
    /// Kinds of storage: cookie, local storage, session storage.
    pub kinds: [&'static str; 3],
    /// A lifetime that ends with the browser's session.
    pub session: &'static str,
    /// A lifetime that does not end by itself.
    pub persistent: &'static str,
    /// One and many of minute, hour, day, month, year.
    pub units: [[&'static str; 2]; 5],
    /// The present choice; `{decided}`, `{expires}` and `{subject}` are filled in by the banner.
    pub current: &'static str,
    /// In the same place, before there is a choice.
    pub undecided: &'static str,
    /// Button: saves the receipt of the present choice as a file.
    pub receipt: &'static str,
    /// Heading of the list of cookies and services that stands in a page of the site.
    pub declaration: &'static str,
    /// Below that heading, where no script runs.
    pub no_script: &'static str,
    /// In place of what is held back: `{provider}`.
    pub placeholder: &'static str,
    /// Button: shows it this time.
    pub show_once: &'static str,
    /// Button: grants the service: `{service}`.
    pub always_allow: &'static str,
    /// Beside a cookie of another domain, or one that scripts cannot see.
    pub stays: &'static str,
    /// Announced after a choice.
    pub saved: &'static str,
    /// The small button that reopens the preferences.
    pub reopen: &'static str,
    /// Who answers: `{name}`, `{address}`.
    pub controller: &'static str,
    /// Where to write: `{contact}`.
    pub contact: &'static str,
    /// Who runs the site: `{name}`, `{contact}`.
    pub processor: &'static str,
    /// The data protection officer: `{contact}`.
    pub officer: &'static str,
    /// Where to complain; the link follows.
    pub authority: &'static str,
    /// Title and line of `operation`, `social`, `analytics`.
    pub categories: [(&'static str, &'static str); 3],
    /// The months of the year.
    pub months: [&'static str; 12],
    /// How the first day of a month is written.
    pub first_day: &'static str,
    /// From right to left.
    pub right_to_left: bool,
}

const ALL: [(&str, &Strings); 2] = [("en", &en::STRINGS), ("fr", &fr::STRINGS)];

/// The languages that the library has texts in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(language, _)| *language)
}

impl Strings {
    /// The texts in a language: of the tag itself, or of its primary subtag.
    #[must_use]
    pub fn of(language: &Language) -> Option<&'static Self> {
        let find = |tag: &str| ALL.iter().find(|(known, _)| *known == tag).map(|(_, s)| *s);
        find(language.as_str()).or_else(|| find(language.primary()))
    }

    /// Title and line of a category that the library knows.
    #[must_use]
    pub fn category(&self, id: &str) -> Option<(&'static str, &'static str)> {
        let place = ["operation", "social", "analytics"]
            .iter()
            .position(|known| *known == id)?;
        Some(self.categories[place])
    }

    /// A number of months: `13 months`.
    #[must_use]
    pub fn month_count(&self, count: u32) -> String {
        self.lifetime(Lifetime::For(count, Unit::Month))
    }

    /// A lifetime in words.
    #[must_use]
    pub fn lifetime(&self, lifetime: Lifetime) -> String {
        match lifetime {
            Lifetime::Session => self.session.to_owned(),
            Lifetime::Persistent => self.persistent.to_owned(),
            Lifetime::For(count, unit) => {
                let words = self.units[unit as usize];
                let word = words[usize::from(count != 1)];
                count.to_string() + "\u{a0}" + word
            }
        }
    }

    /// A date in words.
    #[must_use]
    pub fn date(&self, (year, month, day): (u16, u8, u8)) -> String {
        let day = if day == 1 {
            self.first_day.to_owned()
        } else {
            day.to_string()
        };
        let month = self
            .months
            .get(usize::from(month) - 1)
            .copied()
            .unwrap_or_default();
        alloc::format!("{day}\u{a0}{month} {year}")
    }
}

/// Puts texts in place of their `{names}`.
#[must_use]
pub fn fill(template: &str, texts: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        filled.push_str(
            texts
                .iter()
                .find(|(known, _)| *known == name)
                .map_or("", |(_, text)| text),
        );
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_in_once() {
        assert_eq!(
            fill("{a} and {b}.", &[("a", "{b}"), ("b", "2")]),
            "{b} and 2."
        );
    }

    #[test]
    fn dates_and_times_are_in_the_form_of_the_language() {
        let of = |tag: &str| Strings::of(&tag.parse().unwrap()).unwrap();
        assert_eq!(of("en").date((2026, 3, 1)), "1\u{a0}March 2026");
        assert_eq!(of("fr-CA").date((2026, 3, 1)), "1er\u{a0}mars 2026");
        assert_eq!(of("fr").month_count(13), "13\u{a0}mois");
        assert_eq!(of("en").lifetime(Lifetime::For(1, Unit::Day)), "1\u{a0}day");
        assert_eq!(
            of("fr").lifetime(Lifetime::For(2, Unit::Year)),
            "2\u{a0}ans"
        );
    }

    /// Every `{name}` of one language stands in every other.
    #[test]
    fn the_languages_fill_in_the_same_names() {
        let names = |strings: &Strings| {
            [
                strings.intro,
                strings.lasts,
                strings.updated,
                strings.details,
                strings.provider,
                strings.provider_policy,
                strings.data_kept,
                strings.exempt,
                strings.current,
                strings.controller,
                strings.contact,
                strings.processor,
                strings.officer,
            ]
            .map(|text| {
                let mut names: alloc::vec::Vec<_> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
                    .collect();
                names.sort_unstable();
                names
            })
        };
        for (tag, strings) in ALL {
            assert_eq!(names(strings), names(&en::STRINGS), "{tag}");
        }
    }
}
