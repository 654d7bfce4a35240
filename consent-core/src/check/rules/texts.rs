//! What visitors read.

use alloc::format;
use alloc::string::String;

use super::facts::services;
use crate::check::rule::{Found, Rule, Severity};
use crate::check::wording;
use crate::site::{Category, Localized, Site};
use crate::time::UnixSeconds;

/// What stands for a text that somebody has yet to write, as in `provider = "…"`.
const UNWRITTEN: &str = "…";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "unwritten",
        severity: Severity::Error,
        summary: "No text is left to be written.",
        source: "GDPR art. 12(1) and 13(1)",
        look: unwritten,
    },
    Rule {
        id: "presumed-consent",
        severity: Severity::Error,
        summary: "Browsing on is not consent: no text may say that it is.",
        source: "CNIL guidelines 2020-091, §26-27; CJEU C-673/17 (Planet49); GDPR recital 32",
        look: presumed_consent,
    },
    Rule {
        id: "pushing-words",
        severity: Severity::Warning,
        summary: "Texts are neutral: they do not praise agreeing or deplore refusing.",
        source: "EDPB guidelines 03/2022 v2.0, annex I (emotional steering); CNIL recommendation 2020-092, art. 2.4",
        look: pushing_words,
    },
    Rule {
        id: "vague-purpose",
        severity: Severity::Warning,
        summary: "A purpose says what is done, in a short sentence.",
        source: "CNIL recommendation 2020-092, art. 2.1; CNIL SAN-2025-005 (vague purposes)",
        look: vague_purpose,
    },
    Rule {
        id: "long-description",
        severity: Severity::Advice,
        summary: "What stands in the first layer is a line, the detail stands one click deeper.",
        source: "CNIL recommendation 2020-092, art. 2.1 (short description)",
        look: long_description,
    },
    Rule {
        id: "untranslated",
        severity: Severity::Warning,
        summary: "Each text is in the language that the notice is shown in.",
        source: "GDPR art. 12(1); EDPB guidelines 03/2022 v2.0, annex I (language discontinuity)",
        look: untranslated,
    },
    Rule {
        id: "one-policy-for-all-languages",
        severity: Severity::Advice,
        summary: "The policy is in the language of the notice that links to it.",
        source: "GDPR art. 12(1); EDPB guidelines 03/2022 v2.0, annex I (language discontinuity)",
        look: one_policy,
    },
];

fn unwritten(site: &Site, _: UnixSeconds, found: &mut Found) {
    let mut look = |key: String, text: &str| {
        if text.trim() == UNWRITTEN {
            found.push(key, "is yet to be written", "write it in place of …");
        }
    };
    let controller = &site.controller;
    look("controller.name".into(), &controller.name);
    look("controller.address".into(), &controller.address);
    look("controller.contact".into(), &controller.contact);
    for (key, service) in services(site) {
        look(format!("{key}.provider"), &service.provider);
        for language in &site.languages {
            look(format!("{key}.name.{language}"), service.name.get(language));
        }
    }
    each_text(site, look);
}

fn presumed_consent(site: &Site, _: UnixSeconds, found: &mut Found) {
    each_text(site, |key, text| {
        if let Some(part) = wording::presumed(text) {
            found.push(
                key,
                format!("\"{part}\" takes browsing on for an agreement"),
                "consent is a clear act: remove the sentence (this library has no mode that presumes it)",
            );
        }
    });
}

fn pushing_words(site: &Site, _: UnixSeconds, found: &mut Found) {
    each_text(site, |key, text| {
        if let Some(part) = wording::pushing(text) {
            found.push(
                key,
                format!("\"{part}\" pushes towards agreeing"),
                "say what is done, and no more",
            );
        }
    });
}

fn vague_purpose(site: &Site, _: UnixSeconds, found: &mut Found) {
    const ADVICE: &str = "say in a short sentence what is done, like \"Counts visits and shows which pages are read.\"";
    for (key, service) in services(site) {
        for language in &site.languages {
            let text = service.purpose.get(language);
            if text.chars().count() < 12 && text != UNWRITTEN {
                let problem = format!("\"{text}\" does not say what is done");
                found.push(format!("{key}.purpose.{language}"), problem, ADVICE);
            }
        }
    }
    each_text(site, |key, text| {
        if let Some(part) = wording::vague(text) {
            found.push(key, format!("\"{part}\" could mean anything"), ADVICE);
        }
    });
}

fn long_description(site: &Site, _: UnixSeconds, found: &mut Found) {
    const MOST: usize = 200;
    for category in site.asked() {
        for language in &site.languages {
            let length = category.description.get(language).chars().count();
            if length > MOST {
                found.push(
                    format!("categories.{}.description.{language}", category.id),
                    format!("has {length} characters in {language}"),
                    format!("the first layer has room for a line: {MOST} characters at most"),
                );
            }
        }
    }
}

fn untranslated(site: &Site, _: UnixSeconds, found: &mut Found) {
    each_localized(site, |key, texts| {
        // Names and titles may be the same word everywhere; sentences are not.
        if key.ends_with("name") || key.ends_with("title") {
            return;
        }
        let Some((first, other)) = languages_of_one_text(site, texts) else {
            return;
        };
        found.push(
            key,
            format!("is the same text in {first} and in {other}"),
            format!("write {{ {first} = \"…\", {other} = \"…\" }}"),
        );
    });
}

fn one_policy(site: &Site, _: UnixSeconds, found: &mut Found) {
    if let Some((first, other)) = languages_of_one_text(site, &site.policy.url) {
        found.push(
            "policy.url",
            format!("visitors who read {first} and those who read {other} are sent to one page"),
            format!("give each language its page, as {{ {first} = \"…\", {other} = \"…\" }}; pay no heed if the page itself answers in both"),
        );
    }
}

/// The default language and another one that say the same, where regional variants of one language do not count.
fn languages_of_one_text<'a>(site: &'a Site, texts: &Localized) -> Option<(&'a str, &'a str)> {
    let (first, others) = site.languages.split_first()?;
    if texts.get(first) == UNWRITTEN {
        return None;
    }
    let same = |other: &&crate::language::Language| {
        first.primary() != other.primary() && texts.get(first) == texts.get(other)
    };
    Some((first.as_str(), others.iter().find(same)?.as_str()))
}

/// Every text that the owner wrote, in every language.
fn each_text(site: &Site, mut visit: impl FnMut(String, &str)) {
    each_localized(site, |key, texts| {
        for language in &site.languages {
            visit(format!("{key}.{language}"), texts.get(language));
        }
    });
    for language in &site.languages {
        for (name, text) in site.texts.in_language(language) {
            visit(format!("texts.{name}.{language}"), text);
        }
    }
}

fn each_localized(site: &Site, mut visit: impl FnMut(String, &Localized)) {
    visit("name".into(), &site.name);
    for Category {
        id,
        title,
        description,
        ..
    } in &site.categories
    {
        visit(format!("categories.{id}.title"), title);
        visit(format!("categories.{id}.description"), description);
    }
    for (key, service) in services(site) {
        visit(format!("{key}.purpose"), &service.purpose);
        if let Some(reason) = &service.exempt {
            visit(format!("{key}.exempt"), reason);
        }
        for (place, cookie) in service.cookies.iter().enumerate() {
            visit(format!("{key}.cookies[{place}].purpose"), &cookie.purpose);
        }
    }
}
