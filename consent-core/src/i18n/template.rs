//! Texts with `{names}` in them, in whose place others are put.

use alloc::string::String;
use alloc::vec::Vec;

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
pub(crate) fn places(text: &str) -> Vec<&str> {
    let mut names: Vec<_> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    names.sort_unstable();
    names
}
