//! Finds services by what people type.

use alloc::string::String;
use alloc::vec::Vec;

use super::entry::CatalogueEntry;

/// How well a word fits: less is better.
type Distance = usize;

const SAME: Distance = 0;
const BEGINS: Distance = 1;
const CONTAINS: Distance = 2;
const MISSPELT: Distance = 3;

/// The services that every typed word fits, the best first; of equals, in the order of ids.
pub(super) fn ranked<'c>(entries: &'c [CatalogueEntry], typed: &str) -> Vec<&'c CatalogueEntry> {
    let typed = words_of(typed);
    if typed.is_empty() {
        return Vec::new();
    }
    let mut fitting: Vec<(Distance, &CatalogueEntry)> = entries
        .iter()
        .filter_map(|entry| Some((distance(entry, &typed)?, entry)))
        .collect();
    fitting.sort_by_key(|(distance, entry)| (*distance, entry.id));
    // Misspelt words fit much: they count where nothing fits as it is written.
    let best = fitting.first().map_or(0, |(distance, _)| *distance);
    let exact = fitting.iter().any(|(distance, _)| *distance < MISSPELT);
    fitting.retain(|(distance, _)| !exact || *distance < MISSPELT || *distance == best);
    fitting.into_iter().map(|(_, entry)| entry).collect()
}

/// The sum over the typed words; none where one of them fits nothing.
fn distance(entry: &CatalogueEntry, typed: &[String]) -> Option<Distance> {
    let known = known_words(entry);
    let nearest = |word: &String| known.iter().filter_map(|known| between(known, word)).min();
    typed.iter().map(nearest).sum()
}

fn known_words(entry: &CatalogueEntry) -> Vec<String> {
    let service = &entry.service;
    let names = ["en", "fr"].map(|language| service.name.get(language).unwrap_or_default());
    let texts = entry.words.iter().map(String::as_str);
    let texts = texts
        .chain(names)
        .chain([entry.id, service.provider.as_deref().unwrap_or_default()]);
    // People write names in one word, too.
    let joined = entry.id.replace('-', "");
    texts.flat_map(words_of).chain([joined]).collect()
}

fn between(known: &str, typed: &str) -> Option<Distance> {
    if known == typed {
        return Some(SAME);
    }
    if known.starts_with(typed) {
        return Some(BEGINS);
    }
    if typed.len() > 2 && known.contains(typed) {
        return Some(CONTAINS);
    }
    let edits = strsim::damerau_levenshtein(known, typed);
    // A third of a word that is another is another word.
    (edits <= 2 && edits * 3 < typed.chars().count()).then_some(MISSPELT + edits)
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
