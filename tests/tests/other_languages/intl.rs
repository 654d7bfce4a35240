//! Numbers and dates in every language of the notice, compared with Node's Intl, which has CLDR's data in it.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::Result;
use consent_core::i18n::{Strings, countries, languages};
use consent_core::site::{Lifetime, Unit};
use consent_core::time::UnixSeconds;

use super::{output_of, script};

const UNITS: [(&str, Unit); 5] = [
    ("minute", Unit::Minute),
    ("hour", Unit::Hour),
    ("day", Unit::Day),
    ("month", Unit::Month),
    ("year", Unit::Year),
];

/// Where people say it in other words than CLDR has them.
const IN_OTHER_WORDS: [(&str, &[&str], &str); 8] = [
    (
        "ar",
        &["minute", "hour", "day", "month", "year"],
        "1 is a word",
    ),
    (
        "he",
        &["minute", "hour", "day", "month", "year"],
        "1 is a word, and so are two years",
    ),
    ("et", &["day"], "CLDR has the word for day and night"),
    ("nb", &["day"], "CLDR has the word for day and night"),
    ("sv", &["day"], "CLDR has the word for day and night"),
    ("sl", &["year"], "CLDR has the form of 5 for 3 and 4"),
    ("ga", &["minute", "hour", "year"], "CLDR has abbreviations"),
    (
        "mt",
        &["minute", "hour", "day", "month", "year"],
        "CLDR has abbreviations",
    ),
];

#[test]
fn node_has_the_data_of_every_language() -> Result<()> {
    let answers = ask(languages().map(|tag| format!("knows {tag}")).collect())?;
    assert_eq!(answers, languages().collect::<Vec<_>>());
    Ok(())
}

#[test]
fn numbers_take_the_forms_that_cldr_gives_them() -> Result<()> {
    // All that people meet, and the numbers around every hundred and thousand.
    let numbers = || (0..=3000u32).chain(9_990..=10_030).chain(99_990..=100_130);
    let asked = |tag: &str| {
        numbers()
            .map(|n| format!("form {} {n}", theirs(tag)))
            .collect::<Vec<_>>()
    };
    let answers = ask(languages().flat_map(asked).collect())?;
    let mut answers = answers.iter();
    for tag in languages() {
        let plural = strings(tag)?.plural;
        let mut met = BTreeSet::new();
        for number in numbers() {
            let form = plural.forms()[plural.form(number)];
            assert_eq!(
                Some(form),
                answers.next().map(String::as_str),
                "{tag}: {number}"
            );
            met.insert(form);
        }
        assert_eq!(met, plural.forms().iter().copied().collect(), "{tag}");
    }
    Ok(())
}

#[test]
fn durations_are_in_the_words_of_cldr_or_better_ones() -> Result<()> {
    let numbers = || (1..=130u32).chain([200, 365, 1000]);
    let mut questions = Vec::new();
    for tag in languages() {
        for (unit, _) in UNITS {
            questions.extend(numbers().map(|n| format!("duration {} {unit} {n}", theirs(tag))));
        }
    }
    let answers = ask(questions)?;
    let mut answers = answers.iter();
    let mut other = BTreeSet::new();
    for tag in languages() {
        let strings = strings(tag)?;
        for (name, unit) in UNITS {
            for number in numbers() {
                let ours = strings.lifetime(Lifetime::For(number, unit));
                let theirs = answers.next().map_or("", String::as_str);
                if spaced(&ours, tag) != spaced(theirs, tag) {
                    other.insert((tag, name));
                }
            }
        }
    }
    let known = IN_OTHER_WORDS.into_iter();
    let known = known.flat_map(|(tag, units, _)| units.iter().map(move |unit| (tag, *unit)));
    assert_eq!(other, known.collect());
    Ok(())
}

#[test]
fn dates_are_in_the_form_of_cldr_on_every_day_of_a_leap_year() -> Result<()> {
    const DAY: usize = 86_400;
    let first = UnixSeconds::from_rfc3339("2028-01-01T00:00:00Z")?.get();
    let last = UnixSeconds::from_rfc3339("2028-12-31T00:00:00Z")?.get();
    let days = (first..=last)
        .step_by(DAY)
        .map(|second| Ok(UnixSeconds::new(second)?.to_rfc3339()));
    let days: Vec<String> = days.collect::<Result<_>>()?;
    assert_eq!(days.len(), 366);
    let asked = |tag: &str| {
        days.iter()
            .map(|day| format!("date {} {day}", theirs(tag)))
            .collect::<Vec<_>>()
    };
    let answers = ask(languages().flat_map(asked).collect())?;
    let mut answers = answers.iter();
    for tag in languages() {
        let strings = strings(tag)?;
        for day in &days {
            let [year, month, number] = [&day[0..4], &day[5..7], &day[8..10]];
            let ours = strings.date((year.parse()?, month.parse()?, number.parse()?));
            let theirs = answers.next().map_or("", String::as_str);
            // French counts the first day of a month as the first.
            let theirs = match (tag, theirs.strip_prefix("1 ")) {
                ("fr", Some(rest)) => format!("1er {rest}"),
                _ => theirs.to_owned(),
            };
            assert_eq!(spaced(&ours, tag), spaced(&theirs, tag), "{tag}: {day}");
        }
    }
    Ok(())
}

/// Editions of CLDR differ in a few names: in none of the countries that notices are most often about.
#[test]
fn countries_have_the_names_that_cldr_gives_them() -> Result<()> {
    const OFTEN: [&str; 36] = [
        "AT", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR",
        "HR", "HU", "IE", "IL", "IS", "IT", "JP", "KR", "LI", "LT", "LU", "LV", "MT", "NL", "NO",
        "PL", "PT", "RO", "SE", "SI", "US",
    ];
    let asked =
        |tag: &'static str| countries().map(move |code| format!("country {} {code}", theirs(tag)));
    let answers = ask(languages().flat_map(asked).collect())?;
    let mut answers = answers.iter();
    for tag in languages() {
        let strings = strings(tag)?;
        let mut other = Vec::new();
        for code in countries() {
            let (ours, theirs) = (strings.country(code), answers.next().map(String::as_str));
            if ours != theirs {
                other.push((code, ours, theirs));
            }
        }
        let is_of_an_edition = other.len() <= 10;
        let is_often = other.iter().any(|(code, ..)| OFTEN.contains(code));
        assert!(is_of_an_edition && !is_often, "{tag}: {other:?}");
    }
    Ok(())
}

fn ask(questions: Vec<String>) -> Result<Vec<String>> {
    let mut command = Command::new("node");
    command.arg(script("intl").with_extension("mjs"));
    let asked = questions.len();
    let answers = output_of(command, questions.into_iter())?;
    assert_eq!(answers.len(), asked);
    Ok(answers)
}

/// CLDR's name for what we call by the shorter one; ours is the English of Europe.
fn theirs(tag: &str) -> &str {
    match tag {
        "en" => "en-GB",
        "pt" => "pt-PT",
        tag => tag,
    }
}

/// Spaces differ in width only, but that ours has none between a number and a character.
fn spaced(text: &str, tag: &str) -> String {
    let narrow = text.replace(['\u{a0}', '\u{202f}'], " ");
    match tag {
        "ja" | "zh-Hant" => narrow.replace(' ', ""),
        _ => narrow,
    }
}

fn strings(tag: &str) -> Result<&'static Strings<'static>> {
    let strings = Strings::of(&tag.parse()?);
    strings.ok_or_else(|| anyhow::anyhow!("there are no texts in {tag}"))
}
