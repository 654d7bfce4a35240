//! The texts of one language.

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};

use super::{Plural, fill};
use crate::lifetime::{Lifetime, Unit};

/// Declares the texts with the place that each stands in, so that a site can name them.
macro_rules! strings {
    ($($(#[$about:meta])* $name:ident: $place:ident,)*) => {
        /// The texts of one language. `{…}` marks what is filled in.
        ///
        /// Names stand alone: after a colon, in brackets, or where the language does not bend them. What is put in for
        /// `{time}` and `{months}` is in the nominative, and dates are in the form that follows "on": sentences are put so
        /// that these serve everywhere.
        #[derive(Clone, Debug)]
        pub struct Strings<'a> {
            $($(#[$about])* pub $name: &'a str,)*
            /// Headings of the table of cookies: name, kind, lifetime, purpose.
            pub table: [&'a str; 4],
            /// Kinds of storage: cookie, local storage, session storage.
            pub kinds: [&'a str; 3],
            /// Title and line of `operation`, `social`, `analytics`.
            pub categories: [(&'static str, &'static str); 3],
            /// Which form of a word goes with a number.
            pub plural: Plural,
            /// Minute, hour, day, month, year, each in the forms of [`plural`](Self::plural), with `{n}` for the number
            /// where the word does not say it.
            pub units: [&'static [&'static str]; 5],
            /// A date: `{day}`, `{month}`, `{year}`.
            pub date: &'static str,
            /// The months of the year as they stand in a date.
            pub months: [&'static str; 12],
            /// How the first day of a month is written, where that is no number.
            pub first_day: Option<&'static str>,
            /// What stands between names in a row.
            pub between: &'static str,
            /// A provider with its country: `{provider}`, `{country}`.
            pub provider_in: &'static str,
            /// The countries of ISO 3166-1, and Kosovo: a line each with the code, a space and the name, as it stands
            /// alone.
            pub countries: &'static str,
            /// From right to left.
            pub right_to_left: bool,
        }

        const NAMED: &[(&str, TextKind)] = &[$((stringify!($name), TextKind::$place),)*];

        impl<'a> Strings<'a> {
            fn slot(&mut self, name: &str) -> Option<&mut &'a str> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => {
                        let place = |names: &[(&str, TextKind)]| names.iter().position(|(known, _)| *known == name);
                        match (place(TABLE), place(KINDS)) {
                            (Some(place), _) => self.table.get_mut(place),
                            (_, Some(place)) => self.kinds.get_mut(place),
                            _ => None,
                        }
                    }
                }
            }
        }
    };
}

strings! {
    /// Heading of the first layer.
    title: Heading,
    /// Who asks: `{controller}`.
    intro: Paragraph,
    /// Before the list of purposes.
    purposes: Label,
    /// What a refusal means.
    refusal: Paragraph,
    /// How long the choice lasts: `{months}`.
    lasts: Line,
    /// Where whoever refused everything is asked again before that: `{months}`.
    asked_again: Line,
    /// Button.
    accept_all: Button,
    /// Button.
    refuse_all: Button,
    /// Button that opens the preferences.
    choose: Button,
    /// Button that closes the first layer: it says that this refuses.
    dismiss: Line,
    /// Link to the policy.
    policy: Label,
    /// Link of the first layer to all that may be stored, in the preferences.
    list: Label,
    /// After the words of a link that opens a new tab; for those who do not see its sign.
    new_tab: Label,
    /// In the first layer, where the browser sends Global Privacy Control and the site heeds it.
    signal: Paragraph,
    /// Announced, and shown, where the preferences could not be loaded.
    failed: Line,
    /// Date of the policy's last update: `{date}`.
    updated: Line,
    /// Heading of the preferences.
    preferences: Heading,
    /// Button.
    save: Button,
    /// Button.
    withdraw: Button,
    /// Button.
    close: Button,
    /// Beside what needs no consent.
    always_on: Label,
    /// Beside what is declared and not used.
    not_used: Label,
    /// Summary of a service's details: `{service}`.
    details: Label,
    /// The provider: `{provider}`, `{country}`.
    provider: Label,
    /// Link to a provider's policy: `{provider}`.
    provider_policy: Label,
    /// How long a service's data are kept: `{time}`.
    data_kept: Label,
    /// How long data are kept where the service does not say it: `{time}`.
    collected_kept: Line,
    /// That no consent is needed, and why: `{reason}`, a sentence of the site's.
    exempt: Label,
    /// A service that stores nothing.
    stores_nothing: Line,
    /// A lifetime that ends with the browser's session.
    session: Label,
    /// A lifetime that does not end by itself.
    persistent: Label,
    /// The present choice; `{decided}`, `{expires}` and `{subject}` are filled in by the banner.
    current: Line,
    /// In the same place, before there is a choice.
    undecided: Line,
    /// Button: saves the receipt of the present choice as a file.
    receipt: Button,
    /// Heading of the list of cookies and services that stands in a page of the site.
    declaration: Heading,
    /// Below that heading, where no script runs.
    no_script: Line,
    /// In place of what is held back: `{provider}`, or several in a row.
    placeholder: Paragraph,
    /// Button: shows it this time.
    show_once: Button,
    /// Button: grants the service: `{service}`.
    always_allow: Button,
    /// Beside a cookie of another domain, or one that scripts cannot see.
    stays: Line,
    /// Announced after a choice.
    saved: Line,
    /// The small button that reopens the preferences.
    reopen: Button,
    /// The controller: `{name}`, `{address}`.
    controller: Line,
    /// Where to write: `{contact}`.
    contact: Label,
    /// The processor who runs the site: `{name}`, `{contact}`.
    processor: Line,
    /// The data protection officer: `{contact}`. The law's titles are long.
    officer: Line,
    /// Where to complain: `{authority}`, a link.
    authority: Line,
}

const TABLE: &[(&str, TextKind)] = &[
    ("table_name", TextKind::Label),
    ("table_kind", TextKind::Label),
    ("table_lifetime", TextKind::Label),
    ("table_purpose", TextKind::Label),
];

const KINDS: &[(&str, TextKind)] = &[
    ("kind_cookie", TextKind::Label),
    ("kind_local_storage", TextKind::Label),
    ("kind_session_storage", TextKind::Label),
];

/// What a text is, and so how much room it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// A button: the narrowest phone shows it on one line.
    Button,
    /// A link, a heading of a column, a word beside a switch.
    Label,
    /// A heading.
    Heading,
    /// A sentence.
    Line,
    /// A paragraph of the first layer.
    Paragraph,
}

impl TextKind {
    /// The most columns that a text may take there, without what is filled in.
    #[must_use]
    pub const fn most_columns(self) -> usize {
        match self {
            Self::Button => 30,
            Self::Label => 45,
            Self::Heading => 60,
            Self::Line => 110,
            Self::Paragraph => 190,
        }
    }
}

/// How wide a text is, in columns: letters of Chinese, Japanese and Korean take two, marks on letters none.
#[must_use]
pub fn columns(text: &str) -> usize {
    let width = |c| match c {
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{2066}'..='\u{2069}' => 0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{ff00}'..='\u{ff60}' => 2,
        _ => 1,
    };
    text.chars().map(width).sum()
}

/// The names of the texts that a site can put others for, and their places.
pub fn names() -> impl Iterator<Item = (&'static str, TextKind)> {
    [NAMED, TABLE, KINDS].into_iter().flatten().copied()
}

impl<'a> Strings<'a> {
    /// A text by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.clone().slot(name).copied()
    }

    /// The same with another text in place of one; of no effect where there is none of that name.
    #[must_use]
    pub fn with(mut self, name: &str, text: &'a str) -> Self {
        if let Some(slot) = self.slot(name) {
            *slot = text;
        }
        self
    }

    /// Title and line of a category that the library knows.
    #[must_use]
    pub fn category(&self, id: &str) -> Option<(&'static str, &'static str)> {
        let place = ["operation", "social", "analytics"]
            .iter()
            .position(|known| *known == id)?;
        Some(self.categories[place])
    }

    /// The name of a country by its ISO 3166-1 alpha-2 code.
    #[must_use]
    pub fn country(&self, code: &str) -> Option<&'static str> {
        let named = self
            .countries
            .lines()
            .filter_map(|line| line.split_once(' '));
        named
            .into_iter()
            .find(|(known, _)| *known == code)
            .map(|(_, name)| name)
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
                let forms = self.units[unit as usize];
                let form = forms.get(self.plural.form(count)).copied();
                let words = fill(form.unwrap_or_default(), &[("n", &count.to_string())]);
                // A number stays on the line of its unit.
                words.replace(' ', "\u{a0}")
            }
        }
    }

    /// A date in words.
    #[must_use]
    pub fn date(&self, (year, month, day): (u16, u8, u8)) -> String {
        let day = match self.first_day {
            Some(first) if day == 1 => first.to_owned(),
            _ => day.to_string(),
        };
        let place = usize::from(month).wrapping_sub(1);
        let month = self.months.get(place).copied().unwrap_or_default();
        let year = year.to_string();
        fill(
            self.date,
            &[("day", &day), ("month", month), ("year", &year)],
        )
    }
}
