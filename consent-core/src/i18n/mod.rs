//! The texts of the notice that are the library's own, by language.
//!
//! ```
//! use consent_core::i18n::Strings;
//!
//! let polish = Strings::of(&"pl-PL".parse()?).ok_or("no texts")?;
//! assert_eq!(polish.month_count(3), "3\u{a0}miesiące");
//! assert_eq!(polish.date((2026, 3, 1)), "1\u{a0}marca 2026");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::vec::Vec;

use crate::language::Language;

mod fallback;
mod plural;
mod strings;
mod template;

mod ar;
mod bg;
mod cs;
mod da;
mod de;
mod el;
mod en;
mod es;
mod et;
mod fi;
mod fr;
mod ga;
mod he;
mod hr;
mod hu;
mod is;
mod it;
mod ja;
mod ko;
mod lt;
mod lv;
mod mt;
mod nb;
mod nl;
mod pl;
mod pt;
mod pt_br;
mod ro;
mod sk;
mod sl;
mod sv;
mod tr;
mod uk;
mod zh_hans;
mod zh_hant;

pub use fallback::also_known;
pub use plural::Plural;
pub use strings::{Strings, TextKind, columns, names};
pub use template::fill;
pub(crate) use template::places;

const ALL: [(&str, &Strings<'static>); 35] = [
    ("ar", &ar::STRINGS),
    ("bg", &bg::STRINGS),
    ("cs", &cs::STRINGS),
    ("da", &da::STRINGS),
    ("de", &de::STRINGS),
    ("el", &el::STRINGS),
    ("en", &en::STRINGS),
    ("es", &es::STRINGS),
    ("et", &et::STRINGS),
    ("fi", &fi::STRINGS),
    ("fr", &fr::STRINGS),
    ("ga", &ga::STRINGS),
    ("he", &he::STRINGS),
    ("hr", &hr::STRINGS),
    ("hu", &hu::STRINGS),
    ("is", &is::STRINGS),
    ("it", &it::STRINGS),
    ("ja", &ja::STRINGS),
    ("ko", &ko::STRINGS),
    ("lt", &lt::STRINGS),
    ("lv", &lv::STRINGS),
    ("mt", &mt::STRINGS),
    ("nb", &nb::STRINGS),
    ("nl", &nl::STRINGS),
    ("pl", &pl::STRINGS),
    ("pt", &pt::STRINGS),
    ("pt-BR", &pt_br::STRINGS),
    ("ro", &ro::STRINGS),
    ("sk", &sk::STRINGS),
    ("sl", &sl::STRINGS),
    ("sv", &sv::STRINGS),
    ("tr", &tr::STRINGS),
    ("uk", &uk::STRINGS),
    ("zh-Hans", &zh_hans::STRINGS),
    ("zh-Hant", &zh_hant::STRINGS),
];

/// The languages that the library has texts in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(language, _)| *language)
}

/// The codes of ISO 3166-1 that every language has a name for, and Kosovo's.
pub fn countries() -> impl Iterator<Item = &'static str> {
    let lines = Strings::ENGLISH.countries.lines();
    lines.filter_map(|line| line.split_once(' ').map(|(code, _)| code))
}

/// The first subtags that languages with texts begin with.
pub(crate) fn primaries() -> Vec<&'static str> {
    let known = ALL.iter().filter_map(|(tag, _)| tag.split('-').next());
    let mut primaries: Vec<_> = known.chain(["nn", "no"]).collect();
    primaries.sort_unstable();
    primaries.dedup();
    primaries
}

impl Strings<'static> {
    /// The texts in English, which those of all languages say.
    pub const ENGLISH: &'static Self = &en::STRINGS;

    /// The texts for a language tag: those of its language, and where that is written or spoken in several ways, of
    /// the one that its script or region names. European Portuguese stands in for other forms than the Brazilian, and
    /// Bokmål for Nynorsk.
    #[must_use]
    pub fn of(language: &Language) -> Option<&'static Self> {
        let tag = fallback::known_as(language);
        let (_, strings) = ALL.iter().find(|(known, _)| *known == tag)?;
        Some(strings)
    }
}

#[cfg(test)]
mod tests;
