//! The laws of all languages. What CLDR says of numbers and dates is compared in `tests/`, by Node's Intl.

use super::*;
use crate::site::{Lifetime, Unit};

fn of(tag: &str) -> &'static Strings<'static> {
    Strings::of(&tag.parse().unwrap()).unwrap()
}

#[test]
fn texts_are_filled_in_once() {
    assert_eq!(
        fill("{a} and {b}.", &[("a", "{b}"), ("b", "2")]),
        "{b} and 2."
    );
}

#[test]
fn dates_and_times_are_in_the_form_of_the_language() {
    assert_eq!(of("en").date((2026, 3, 1)), "1\u{a0}March 2026");
    assert_eq!(of("fr-CA").date((2026, 3, 1)), "1er\u{a0}mars 2026");
    assert_eq!(of("fr").month_count(13), "13\u{a0}mois");
    assert_eq!(of("en").lifetime(Lifetime::For(1, Unit::Day)), "1\u{a0}day");
    assert_eq!(
        of("fr").lifetime(Lifetime::For(2, Unit::Year)),
        "2\u{a0}ans"
    );
}
