//! The words for the categories that services of the catalogue belong to, beyond those that the library has in all its
//! languages.

use crate::language::Language;

/// Title and description of a category, in English and in French.
struct CategoryWords {
    id: &'static str,
    english: (&'static str, &'static str),
    french: (&'static str, &'static str),
}

const CATEGORIES: [CategoryWords; 2] = [
    CategoryWords {
        id: "advertising",
        english: (
            "Advertising",
            "Shows adverts that fit you, here or elsewhere, and counts who acts on them.",
        ),
        french: (
            "Publicité",
            "Affiche ici ou ailleurs des publicités qui vous correspondent, et compte qui y donne suite.",
        ),
    },
    CategoryWords {
        id: "functional",
        english: (
            "Chat, maps, forms and other tools",
            "Tools that other companies provide on our pages; these companies learn that you visit this page.",
        ),
        french: (
            "Discussion, cartes, formulaires et autres outils",
            "Outils que d’autres entreprises fournissent sur nos pages\u{a0}; ces entreprises apprennent que vous consultez cette page.",
        ),
    },
];

/// Title and description of a category in a language; there for `advertising` and `functional`, in English and French.
#[must_use]
pub fn category_words(id: &str, language: &Language) -> Option<(&'static str, &'static str)> {
    let words = CATEGORIES.iter().find(|category| category.id == id)?;
    match language.primary() {
        "en" => Some(words.english),
        "fr" => Some(words.french),
        _ => None,
    }
}
