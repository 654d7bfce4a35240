//! The rules, by what they look at.

use super::rule::Rule;

mod catalogue;
mod choice;
mod cookies;
mod exempt;
mod facts;
mod looks;
mod people;
mod services;
mod texts;

/// Every rule, subject by subject: the choice and its cookie, texts, people, what is exempt, services, what the catalogue
/// knows of them, cookies, looks.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    let subjects = [
        choice::RULES,
        texts::RULES,
        people::RULES,
        exempt::RULES,
        services::RULES,
        catalogue::RULES,
        cookies::RULES,
        looks::RULES,
    ];
    subjects.into_iter().flatten()
}
