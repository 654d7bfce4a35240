//! What another tool's configuration says, in our words, before it is a declaration; and what does not carry over.

use super::script::Literal;
use consent_core::catalogue::{Catalogue, CatalogueEntry};
use consent_core::site::Dialect;
use std::collections::BTreeMap;

/// A text by language tag.
pub(super) type Texts = BTreeMap<String, String>;

/// All that was read.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The tool's marks in pages, where the gate reads them.
    pub(super) dialect: Option<Dialect>,
    pub(super) languages: Vec<String>,
    pub(super) revision: Option<u32>,
    /// How long a choice is valid.
    pub(super) months: Option<u8>,
    /// URL of the site's policy.
    pub(super) policy: Option<String>,
    pub(super) categories: Vec<ForeignCategory>,
    pub(super) services: Vec<ForeignService>,
    pub(super) left: Vec<Left>,
}

#[derive(Debug, Default)]
pub(super) struct ForeignCategory {
    /// Its name there.
    pub(super) name: String,
    pub(super) title: Texts,
    pub(super) description: Texts,
}

#[derive(Debug, Default)]
pub(super) struct ForeignService {
    /// Its name there.
    pub(super) name: String,
    /// The name that visitors know.
    pub(super) title: Option<String>,
    /// The name of its category there.
    pub(super) category: String,
    pub(super) purpose: Texts,
    pub(super) provider: Option<String>,
    pub(super) cookies: Vec<ForeignCookie>,
    /// The id in the catalogue, where the tool's own name for it says so.
    pub(super) known: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ForeignCookie {
    /// A name, or a pattern with `*`.
    pub(super) name: String,
    /// As a declaration writes it.
    pub(super) lifetime: Option<String>,
    pub(super) purpose: Texts,
    pub(super) kind: Option<&'static str>,
}

/// Something that does not carry over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// What it is, as the tool calls it.
    pub(super) what: String,
    /// Why, and what to do.
    pub(super) why: String,
}

/// Why code is left.
const CODE: &str = "is code: it was not run; listen with `consent.on(\"change\", …)` if it does more than release or delete";

impl Draft {
    pub(super) fn leave(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.left.push(Left {
            what: what.into(),
            why: why.into(),
        });
    }

    /// Leaves what an object has besides the keys that were read; `known` says why of those that the tool has.
    pub(super) fn leave_rest(
        &mut self,
        of: &str,
        object: &Literal,
        read: &[&str],
        known: &[(&str, &str)],
    ) {
        for (key, value) in object.entries() {
            if read.contains(&key.as_str()) {
                continue;
            }
            let what = if of.is_empty() {
                key.clone()
            } else {
                format!("{of}.{key}")
            };
            let said = known.iter().find(|(name, _)| name == key);
            let why = match (said, value) {
                (Some((_, why)), _) => why,
                (None, Literal::Code) => CODE,
                (None, _) => "is not known here",
            };
            self.leave(what, why);
        }
    }

    /// How long a choice is valid, from days.
    pub(super) fn set_days(&mut self, days: f64) {
        const DAYS_OF_A_MONTH: f64 = 30.0;
        let months = (days / DAYS_OF_A_MONTH).floor();
        let kept = (1_u8..=13).rev().find(|most| f64::from(*most) <= months);
        self.months = kept.or(Some(1));
        if months > 13.0 {
            self.leave(
                "the choice's lifetime",
                format!("was {days} days; 13 months are the most here"),
            );
        }
    }

    /// A pattern of cookies' names; leaves what has none here.
    pub(super) fn cookie(&mut self, of: &str, name: &Literal) -> Option<ForeignCookie> {
        let name = match name {
            Literal::Text(text) => Some(text.clone()),
            Literal::Pattern(source) => {
                let pattern = pattern(source);
                if pattern.is_none() {
                    let why = "is a regular expression that no pattern with * says: write the names under `cookies`";
                    self.leave(format!("{of}: /{source}/"), why);
                }
                pattern
            }
            _ => None,
        };
        Some(ForeignCookie {
            name: name.filter(|name| !name.is_empty())?,
            ..ForeignCookie::default()
        })
    }
}

/// Puts a cookie that stands in a category, and in no service, into the one of these that it is of: else into one that is named
/// after what it is of, or after the category.
pub(super) fn put(services: &mut Vec<ForeignService>, category: &str, cookie: ForeignCookie) {
    let known = of_cookie(&cookie).map(|entry| entry.id);
    let is_of = |service: &&mut ForeignService| match known {
        Some(_) => recognise(service).map(|entry| entry.id) == known,
        None => service.name == category,
    };
    if let Some(service) = services.iter_mut().find(is_of) {
        service.cookies.push(cookie);
        return;
    }
    services.push(ForeignService {
        name: known.unwrap_or(category).into(),
        category: category.into(),
        cookies: Vec::from([cookie]),
        known,
        ..ForeignService::default()
    });
}

/// A regular expression as a pattern with `*`, if it is one.
fn pattern(source: &str) -> Option<String> {
    let (start, source) = match source.strip_prefix('^') {
        Some(rest) => ("", rest),
        None => ("*", source),
    };
    let (source, end) = match source.strip_suffix('$') {
        Some(rest) => (rest, ""),
        None => (source, "*"),
    };
    let mut plain = String::from(start);
    let mut letters = source.replace(".*", "*").replace(".+", "*");
    letters.push_str(end);
    let mut rest = letters.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => plain.push(rest.next().filter(|next| !next.is_alphanumeric())?),
            '.' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '+' | '?' | '^' | '$' => return None,
            '*' if plain.ends_with('*') => {}
            other => plain.push(other),
        }
    }
    (plain != "*").then_some(plain)
}

/// The service of the catalogue that a name, or else a cookie, is of.
pub(super) fn recognise(service: &ForeignService) -> Option<&'static CatalogueEntry> {
    let catalogue = Catalogue::built_in();
    if let Some(entry) = service.known.and_then(|id| catalogue.find(id)) {
        return Some(entry);
    }
    let names = [Some(&*service.name), service.title.as_deref()];
    let by_name = names.into_iter().flatten().find_map(by_name);
    by_name.or_else(|| service.cookies.iter().find_map(of_cookie))
}

fn by_name(name: &str) -> Option<&'static CatalogueEntry> {
    let name = joined(name);
    let is_called = |entry: &&CatalogueEntry| {
        let shown = entry.service.name.get("en").unwrap_or_default();
        [entry.id, shown].iter().any(|known| joined(known) == name)
    };
    let mut entries = Catalogue::built_in().iter();
    entries.find(is_called)
}

/// The service of the catalogue that alone has a cookie of this name.
pub(super) fn of_cookie(cookie: &ForeignCookie) -> Option<&'static CatalogueEntry> {
    let has = |entry: &&CatalogueEntry| {
        let mut cookies = entry.service.cookies.iter();
        cookies.any(|known| stem(&known.name) == stem(&cookie.name))
    };
    let mut entries = Catalogue::built_in().iter().filter(has);
    let found = entries.next()?;
    entries.next().is_none().then_some(found)
}

/// What of a pattern stands before its `*`, without the marks that part it.
pub(super) fn stem(name: &str) -> &str {
    let start = name.split(['*', '#']).next().unwrap_or(name);
    start.trim_end_matches(['_', '.', '-'])
}

/// The category here that a category there is.
pub(super) fn category_here(name: &str) -> String {
    let id = slug(name);
    let known = match &*id {
        "necessary" | "essential" | "required" | "mandatory" | "technical" | "operation" => {
            "operation"
        }
        "analytics" | "analytic" | "statistics" | "statistic" | "performance" | "measurement"
        | "audience" | "mesure" => "analytics",
        "marketing" | "ads" | "ad" | "advertising" | "advertisement" | "targeting" => "advertising",
        "social" | "video" | "videos" | "media" | "socialmedia" => "social",
        "functional" | "functionality" | "support" | "comment" | "api" | "other" => "functional",
        _ => return id,
    };
    known.into()
}

/// Whether a category is one that the library or its catalogue has words for.
pub(super) fn is_known_category(id: &str) -> bool {
    [
        "operation",
        "analytics",
        "social",
        "advertising",
        "functional",
    ]
    .contains(&id)
}

/// An id: a-z, 0-9 and hyphens.
pub(super) fn slug(name: &str) -> String {
    let mut id = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_ascii_uppercase() && id.ends_with(|last: char| last.is_ascii_lowercase()) {
                id.push('-');
            }
            id.push(letter.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-').to_owned();
    if id.starts_with(|first: char| first.is_ascii_lowercase()) {
        id
    } else {
        format!("x-{id}").trim_end_matches('-').to_owned()
    }
}

fn joined(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// A text, or an object with one by language.
pub(super) fn texts(value: Option<&Literal>, language: &str) -> Texts {
    let Some(value) = value else {
        return Texts::new();
    };
    if let Some(text) = value.text() {
        return [(language.to_owned(), plain(text))].into();
    }
    let each = value.entries().iter();
    each.filter_map(|(tag, text)| Some((tag.clone(), plain(text.text()?))))
        .collect()
}

/// Without mark-up, in one line.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut in_tag = false;
    for letter in text.chars() {
        match letter {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if !in_tag => plain.push(letter),
            _ => {}
        }
    }
    for (entity, letter) in [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_are_patterns_where_they_can_be() {
        for (source, expected) in [
            ("^_ga", Some("_ga*")),
            ("^_gid$", Some("_gid")),
            (r"^_pk_.*$", Some("_pk_*")),
            (r"^_pk_id\.", Some("_pk_id.*")),
            ("_fb", Some("*_fb*")),
            ("^(_ga|_gid)", None),
            ("^_ga[0-9]", None),
            (r"^\d", None),
            ("", None),
        ] {
            assert_eq!(pattern(source).as_deref(), expected, "{source}");
        }
    }

    #[test]
    fn services_are_recognised_by_name_or_by_a_cookie_of_theirs_alone() {
        let found = |name: &str, cookie: &str| {
            let cookies = Vec::from([ForeignCookie {
                name: cookie.into(),
                ..ForeignCookie::default()
            }]);
            let service = ForeignService {
                name: name.into(),
                cookies,
                ..ForeignService::default()
            };
            recognise(&service).map(|entry| entry.id)
        };
        assert_eq!(found("googleAnalytics", ""), Some("google-analytics"));
        assert_eq!(found("Google Analytics", ""), Some("google-analytics"));
        assert_eq!(found("stats", "_clck"), Some("microsoft-clarity"));
        assert_eq!(found("stats", "none_of_all"), None);
    }

    #[test]
    fn ids_are_of_letters_digits_and_hyphens() {
        for (name, id) in [
            ("googleAnalytics", "google-analytics"),
            ("Mon Service", "mon-service"),
            ("2gether", "x-2gether"),
            ("é", "x"),
        ] {
            assert_eq!(slug(name), id);
            assert!(id.parse::<consent_core::id::ServiceId>().is_ok(), "{id}");
        }
    }
}
