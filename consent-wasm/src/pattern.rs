//! Which cookies and storage entries a refusal deletes: services declare names, where `*` stands for any characters.

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

use crate::notice::{SERVICES, each};

/// Whether a service with its switch off declared a name in this attribute, and none with its switch on did.
#[wasm_bindgen]
#[must_use]
pub fn must_go(notice: &Element, attribute: &str, name: &str) -> bool {
    let (mut refused, mut granted) = (false, false);
    each(notice, SERVICES, &mut |switch| {
        if let Some(patterns) = switch.get_attribute(attribute)
            && fits_any(&patterns, name)
        {
            *(if switch.checked() {
                &mut granted
            } else {
                &mut refused
            }) = true;
        }
    });
    refused && !granted
}

fn fits_any(patterns: &str, name: &str) -> bool {
    // Not `split(' ')`: the module carries no other search in text.
    patterns
        .as_bytes()
        .split(|byte| *byte == b' ')
        .any(|pattern| !pattern.is_empty() && fits(pattern, name.as_bytes()))
}

fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    // Behind the last star, and what of the name is left to what follows it.
    let mut star = None;
    while read < name.len() {
        let wanted = pattern.get(at);
        if wanted == Some(&b'*') {
            at += 1;
            star = Some((at, read));
        } else if wanted == name.get(read) {
            at += 1;
            read += 1;
        } else if let Some((behind, from)) = star {
            // What followed the star does not fit here: the star takes one more.
            star = Some((behind, from + 1));
            (at, read) = (behind, from + 1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        for (patterns, name) in [
            ("_ga", "_ga"),
            ("_ga _ga_*", "_ga_ABC"),
            ("*", "x"),
            ("a*b*c", "a-b-b-c"),
            ("*_id", "a_id_id"),
            ("a**", "a"),
            (" x ", "x"),
        ] {
            assert!(fits_any(patterns, name), "{patterns} {name}");
        }
        for (patterns, name) in [
            ("_ga", "_gat"),
            ("_ga_*", "_ga"),
            ("", "x"),
            ("", ""),
            ("a*b", "a-b-c"),
            ("*_id", "user_ids"),
            ("_GA", "_ga"),
            ("ab", "a"),
        ] {
            assert!(!fits_any(patterns, name), "{patterns} {name}");
        }
    }

    #[test]
    fn a_hostile_name_takes_no_time() {
        let pattern = "*a".repeat(40);
        assert!(!fits_any(&(pattern + "b"), &"a".repeat(20_000)));
    }
}
