//! The language a notice is shown in.

use core::fmt;
use core::str::FromStr;

use alloc::boxed::Box;

/// A BCP 47 language tag, like `fr` or `pt-BR`. At most 35 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Box<str>);

/// The text is not a language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as \"fr\" or \"pt-BR\"")]
pub struct LanguageError;

impl Language {
    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As long as tags get in practice: language and script.
    #[cfg(feature = "json")]
    pub(crate) fn longest_common() -> Self {
        Self("zh-Hant".into())
    }

    /// The primary subtag: `pt` of `pt-BR`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let mut subtags = text.as_bytes().split(|byte| *byte == b'-');
        let primary = subtags.next().unwrap_or_default();
        let well_formed = text.len() <= 35
            && (2..=3).contains(&primary.len())
            && primary.iter().all(u8::is_ascii_lowercase)
            && subtags
                .all(|s| (2..=8).contains(&s.len()) && s.iter().all(u8::is_ascii_alphanumeric));
        if well_formed {
            Ok(Self(text.into()))
        } else {
            Err(LanguageError)
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_well_formed() {
        for good in ["fr", "pt-BR", "zh-Hant", "ast"] {
            assert!(good.parse::<Language>().is_ok(), "{good}");
        }
        for bad in ["", "f", "FR", "french", "fr-", "fr_FR", "fr-\"x\"", "fr-é"] {
            assert_eq!(bad.parse::<Language>(), Err(LanguageError), "{bad}");
        }
    }
}
