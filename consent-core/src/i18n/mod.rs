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

use alloc::string::String;

use crate::language::Language;

mod fallback;
mod plural;
mod strings;

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
pub(crate) use fallback::primaries;
pub use plural::Plural;
pub use strings::{Place, Strings, columns, names};

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

impl Strings<'static> {
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

/// The `{names}` in a text, in the order of the alphabet.
pub(crate) fn places(text: &str) -> alloc::vec::Vec<&str> {
    let mut names: alloc::vec::Vec<_> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests;
