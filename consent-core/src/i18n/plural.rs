//! Which form of a word goes with a number.

/// The rule of a language for whole numbers below a million: CLDR's cardinal rules, those that several languages share
/// under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plural {
    /// One form for all: Japanese, Chinese, Korean.
    Same,
    /// 1, and all others: English, German, Greek and many more.
    One,
    /// 0 and 1, and all others: French, Brazilian Portuguese.
    ZeroOne,
    /// What ends in 1 but not in 11, and all others.
    Icelandic,
    /// 1; 2 to 4; all others.
    Czech,
    /// 1; what ends in 2 to 4 but not in 12 to 14; all others.
    Polish,
    /// What ends in 1; in 2 to 4; all others, and all that ends in 11 to 14: Croatian.
    Croatian,
    /// The same numbers as in Croatian, under CLDR's other name of the third form.
    Ukrainian,
    /// What ends in 01; in 02; in 03 or 04; all others.
    Slovenian,
    /// What ends in 0 or in 11 to 19; in 1; all others.
    Latvian,
    /// What ends in 1; in 2 to 9; all others, and all that ends in 11 to 19.
    Lithuanian,
    /// 1; 0 and what ends in 01 to 19; all others.
    Romanian,
    /// 1; 2; 3 to 6; 7 to 10; all others.
    Irish,
    /// 1; 2; 0 and what ends in 03 to 10; in 11 to 19; all others.
    Maltese,
    /// 0; 1; 2; what ends in 03 to 10; in 11 to 99; all others.
    Arabic,
    /// 1; 2; all others.
    Hebrew,
}

impl Plural {
    /// CLDR's names of the forms, in the order in which [`Strings::units`](super::Strings::units) has them.
    #[must_use]
    pub const fn forms(self) -> &'static [&'static str] {
        match self {
            Self::Same => &["other"],
            Self::One | Self::ZeroOne | Self::Icelandic => &["one", "other"],
            Self::Czech | Self::Croatian | Self::Lithuanian | Self::Romanian => {
                &["one", "few", "other"]
            }
            Self::Polish | Self::Ukrainian => &["one", "few", "many"],
            Self::Slovenian => &["one", "two", "few", "other"],
            Self::Latvian => &["zero", "one", "other"],
            Self::Irish | Self::Maltese => &["one", "two", "few", "many", "other"],
            Self::Arabic => &["zero", "one", "two", "few", "many", "other"],
            Self::Hebrew => &["one", "two", "other"],
        }
    }

    /// The place of a number's form among [`forms`](Self::forms).
    #[must_use]
    pub const fn form(self, number: u32) -> usize {
        let (ten, hundred) = (number % 10, number % 100);
        match self {
            Self::Same => 0,
            Self::One => match number {
                1 => 0,
                _ => 1,
            },
            Self::ZeroOne => match number {
                0 | 1 => 0,
                _ => 1,
            },
            Self::Icelandic => match (ten, hundred) {
                (_, 11) => 1,
                (1, _) => 0,
                _ => 1,
            },
            Self::Czech => match number {
                1 => 0,
                2..=4 => 1,
                _ => 2,
            },
            Self::Polish => match (number, ten, hundred) {
                (1, ..) => 0,
                (_, _, 12..=14) => 2,
                (_, 2..=4, _) => 1,
                _ => 2,
            },
            Self::Croatian | Self::Ukrainian => match (ten, hundred) {
                (_, 11..=14) => 2,
                (1, _) => 0,
                (2..=4, _) => 1,
                _ => 2,
            },
            Self::Slovenian => match hundred {
                1 => 0,
                2 => 1,
                3 | 4 => 2,
                _ => 3,
            },
            Self::Latvian => match (ten, hundred) {
                (0, _) | (_, 11..=19) => 0,
                (1, _) => 1,
                _ => 2,
            },
            Self::Lithuanian => match (ten, hundred) {
                (0, _) | (_, 11..=19) => 2,
                (1, _) => 0,
                _ => 1,
            },
            Self::Romanian => match (number, hundred) {
                (1, _) => 0,
                (0, _) | (_, 1..=19) => 1,
                _ => 2,
            },
            Self::Irish => match number {
                1 => 0,
                2 => 1,
                3..=6 => 2,
                7..=10 => 3,
                _ => 4,
            },
            Self::Maltese => match (number, hundred) {
                (1, _) => 0,
                (2, _) => 1,
                (0, _) | (_, 3..=10) => 2,
                (_, 11..=19) => 3,
                _ => 4,
            },
            Self::Arabic => match (number, hundred) {
                (0, _) => 0,
                (1, _) => 1,
                (2, _) => 2,
                (_, 3..=10) => 3,
                (_, 11..=99) => 4,
                _ => 5,
            },
            Self::Hebrew => match number {
                1 => 0,
                2 => 1,
                _ => 2,
            },
        }
    }
}
