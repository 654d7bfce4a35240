//! Which texts serve a language that has none of its own.

use core::iter;

use alloc::vec::Vec;

use crate::language::Language;

/// The tag that the library has texts under, or the primary subtag where it has none.
pub(super) fn known_as(language: &Language) -> &str {
    let says = |subtags: &[&str]| {
        let mut own = language.as_str().split('-').skip(1);
        own.any(|own| {
            subtags
                .iter()
                .any(|subtag| own.eq_ignore_ascii_case(subtag))
        })
    };
    match language.primary() {
        // The script decides before the region does.
        "zh" if says(&["Hant"]) || !says(&["Hans"]) && says(&["TW", "HK", "MO"]) => "zh-Hant",
        "zh" => "zh-Hans",
        "pt" if says(&["BR"]) => "pt-BR",
        "no" | "nn" => "nb",
        primary => primary,
    }
}

/// Other tags that visitors may bring, each with the language of a site that serves it.
///
/// A browser or page that says `zh-TW` reads `zh-Hant`, and one that says `pt` reads `pt-BR` where there is no other
/// Portuguese. The gate only compares how tags begin, the longest first: what it would miss, or take for another, is
/// listed for it.
#[must_use]
pub fn also_known(languages: &[Language]) -> Vec<(Language, &Language)> {
    const ONE_FORM: [&[&str]; 2] = [&["nb", "no", "nn"], &["zh-Hant", "zh-TW", "zh-HK", "zh-MO"]];
    let group = |language: &Language| {
        let mut groups = ONE_FORM.into_iter();
        let group = groups.find(|group| group.contains(&known_as(language)));
        group.unwrap_or_default().iter().copied()
    };
    let wanted = languages
        .iter()
        .flat_map(|language| iter::once(language.primary()).chain(group(language)))
        .filter_map(|tag| tag.parse::<Language>().ok());
    let mut also: Vec<(Language, &Language)> = Vec::new();
    for tag in wanted {
        let best = best(languages, &tag);
        let listed = languages.iter().map(|own| (own, own));
        let all: Vec<_> = listed
            .chain(also.iter().map(|(tag, own)| (tag, *own)))
            .collect();
        if chosen_by_the_gate(&all, tag.as_str()) != best {
            also.extend(best.map(|best| (tag, best)));
        }
    }
    also
}

/// The language of a site that serves a tag: one with the same texts, or else of the same primary subtag.
fn best<'l>(languages: &'l [Language], tag: &Language) -> Option<&'l Language> {
    let same = |language: &&Language| known_as(language) == known_as(tag);
    let near = |language: &&Language| language.primary() == tag.primary();
    let mut all = languages.iter();
    all.clone().find(same).or_else(|| all.find(near))
}

/// What the gate makes of a tag.
fn chosen_by_the_gate<'l>(list: &[(&Language, &'l Language)], tag: &str) -> Option<&'l Language> {
    let begins = |(code, _): &&(&Language, &Language)| {
        let code = code.as_str();
        let begin = tag.get(..code.len());
        let is_whole = matches!(tag.as_bytes().get(code.len()), None | Some(b'-'));
        is_whole && begin.is_some_and(|begin| begin.eq_ignore_ascii_case(code))
    };
    let longest = list
        .iter()
        .filter(begins)
        .max_by_key(|(code, _)| code.as_str().len());
    longest.map(|(_, own)| *own)
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned as _;

    use super::*;

    #[test]
    fn tags_find_their_texts() {
        for (tag, known) in [
            ("fr-CA", "fr"),
            ("en", "en"),
            ("no", "nb"),
            ("nn-NO", "nb"),
            ("nb-NO", "nb"),
            ("pt", "pt"),
            ("pt-PT", "pt"),
            ("pt-AO", "pt"),
            ("pt-BR", "pt-BR"),
            ("pt-br", "pt-BR"),
            ("zh", "zh-Hans"),
            ("zh-CN", "zh-Hans"),
            ("zh-SG", "zh-Hans"),
            ("zh-Hans-HK", "zh-Hans"),
            ("zh-TW", "zh-Hant"),
            ("zh-HK", "zh-Hant"),
            ("zh-MO", "zh-Hant"),
            ("zh-hant", "zh-Hant"),
            ("zh-Hant-CN", "zh-Hant"),
        ] {
            assert_eq!(known_as(&tag.parse().unwrap()), known, "{tag}");
        }
    }

    #[test]
    fn the_gate_is_given_what_it_would_miss() {
        let served = |site: &[&str], tag: &str| {
            let site: Vec<Language> = site.iter().map(|tag| tag.parse().unwrap()).collect();
            let also = also_known(&site);
            let own = site.iter().map(|own| (own, own));
            let all: Vec<_> = own
                .chain(also.iter().map(|(tag, own)| (tag, *own)))
                .collect();
            chosen_by_the_gate(&all, tag)
                .map_or("", Language::as_str)
                .to_owned()
        };
        for (site, tag, expected) in [
            (&["en", "nb"][..], "no", "nb"),
            (&["en", "nb"], "no-NO", "nb"),
            (&["en", "nb"], "nn-NO", "nb"),
            (&["nn", "nb"], "no", "nn"),
            (&["en", "no"], "nb-NO", "no"),
            (&["en", "pt-BR"], "pt", "pt-BR"),
            (&["en", "pt-BR"], "pt-PT", "pt-BR"),
            (&["en", "pt"], "pt-BR", "pt"),
            (&["pt-BR", "pt"], "pt-PT", "pt"),
            (&["pt-BR", "pt-PT"], "pt-AO", "pt-PT"),
            (&["pt", "pt-BR"], "pt-BR", "pt-BR"),
            (&["zh-Hans", "zh-Hant"], "zh", "zh-Hans"),
            (&["zh-Hant", "zh-Hans"], "zh-CN", "zh-Hans"),
            (&["zh-Hans", "zh-Hant"], "zh-TW", "zh-Hant"),
            (&["zh-Hans", "zh-Hant"], "zh-HK", "zh-Hant"),
            (&["zh-Hans", "zh-Hant"], "zh-MO", "zh-Hant"),
            (&["zh-Hans", "zh-Hant"], "zh-Hant-TW", "zh-Hant"),
            (&["zh", "zh-Hant"], "zh-TW", "zh-Hant"),
            (&["zh-CN", "zh-TW"], "zh-Hant", "zh-TW"),
            (&["zh-CN", "zh-TW"], "zh-Hans-CN", "zh-CN"),
            (&["zh-Hant"], "zh-CN", "zh-Hant"),
            (&["fr", "en-GB"], "en-US", "en-GB"),
            (&["fr", "en"], "ja", ""),
        ] {
            assert_eq!(served(site, tag), expected, "{tag} at {site:?}");
        }
        let none: [&[&str]; 2] = [&["en", "fr"], &["pt", "pt-BR", "de"]];
        for site in none {
            let site: Vec<Language> = site.iter().map(|tag| tag.parse().unwrap()).collect();
            assert_eq!(also_known(&site), [], "nothing more to load for most sites");
        }
    }
}
