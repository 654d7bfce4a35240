//! What the catalogue knows of the services that a site declares.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::facts::{exempt, key, recognise, services};
use crate::catalogue::{Catalogue, CatalogueEntry, KnownCookie};
use crate::check::rule::{Found, Rule, Severity};
use crate::i18n::Strings;
use crate::id::CategoryId;
use crate::site::{Cookie, Lifetime, Service, Site, Unit};
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "known-service-as-operation",
        severity: Severity::Warning,
        summary: "A service that is known to need consent is not declared as exempt.",
        source: "CNIL guidelines 2020-091, §48-51; ePrivacy directive art. 5(3)",
        look: known_service_as_operation,
    },
    Rule {
        id: "known-cookie-undeclared",
        severity: Severity::Warning,
        summary: "What a known service stores is declared: withdrawing deletes what is listed.",
        source: "CNIL recommendation 2020-092, art. 2; GDPR art. 7(3) and 13",
        look: known_cookie_undeclared,
    },
    Rule {
        id: "known-cookie-longer",
        severity: Severity::Warning,
        summary: "A cookie lives no longer than is declared.",
        source: "GDPR art. 5(1)(a) and 13(2)(a); CJEU C-673/17 (Planet49), §75-81",
        look: known_cookie_longer,
    },
];

fn known_service_as_operation(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site) {
        let Some(entry) = known(service).filter(|entry| needs_consent(entry)) else {
            continue;
        };
        // What is said to be a tracker already is said once.
        if recognise(service).is_none() {
            found.push(
                key(service),
                format!(
                    "the catalogue knows `{}` as a service that people can refuse",
                    entry.id
                ),
                format!(
                    "move it to a category like `{}`, or put the reason on file",
                    entry.service.category
                ),
            );
        }
    }
}

/// What a site runs itself may be exempt, as some authorities exempt measurement: by its settings, which nobody sees here.
fn needs_consent(entry: &CatalogueEntry) -> bool {
    entry.service.category != CategoryId::OPERATION && !entry.is_self_hosted()
}

/// Every service that the catalogue knows, with its key; where it stands as exempt and is not, that is said first.
fn known_services(
    site: &Site,
) -> impl Iterator<Item = (String, &Service, &'static CatalogueEntry)> {
    let is_exempt = |service: &Service| exempt(site).any(|exempt| exempt.id == service.id);
    services(site).filter_map(move |(key, service)| {
        let entry = known(service)?;
        let is_wrong = is_exempt(service) && needs_consent(entry);
        (!is_wrong).then_some((key, service, entry))
    })
}

fn known_cookie_undeclared(site: &Site, _: UnixSeconds, found: &mut Found) {
    for (key, service, entry) in known_services(site) {
        let cookies = entry.service.cookies.iter();
        let missing = cookies.filter(|known| declared(service, known).next().is_none());
        let missing: Vec<_> = missing.map(|known| format!("`{}`", known.name)).collect();
        if !missing.is_empty() {
            found.push(
                format!("{key}.cookies"),
                format!("`{}` is known to store {}", entry.id, missing.join(", ")),
                advice(
                    service,
                    "declare it: what is not listed stays when people withdraw",
                    entry,
                ),
            );
        }
    }
}

/// Who writes lifetimes beside `like` has seen the catalogue's, and shortened them in the service's settings; who runs a
/// service has set them.
fn known_cookie_longer(site: &Site, _: UnixSeconds, found: &mut Found) {
    let is_set = |service: &Service, entry: &CatalogueEntry| {
        service.like.is_some() || entry.is_self_hosted()
    };
    for (key, service, entry) in known_services(site).filter(|(_, s, entry)| !is_set(s, entry)) {
        for known in &entry.service.cookies {
            let shorter = declared(service, known)
                .filter(|(_, cookie)| is_longer(known.lifetime, cookie.lifetime));
            for (place, cookie) in shorter {
                let lifetime = Strings::ENGLISH.lifetime(known.lifetime);
                let lifetime = lifetime.replace('\u{a0}', " ");
                found.push(
                    format!("{key}.cookies[{place}].lifetime"),
                    format!("`{}` lives longer by default: {lifetime}", cookie.name),
                    format!(
                        "declare that; or, where the service is set to less, say so with `like = \"{}\"` beside it",
                        entry.id
                    ),
                );
            }
        }
    }
}

/// What to do about what is missing: the short way, where it is not taken yet.
fn advice(service: &Service, advice: &str, entry: &CatalogueEntry) -> String {
    if service.like.is_some() {
        advice.into()
    } else {
        format!(
            "{advice}; `like = \"{}\"` takes all from the catalogue",
            entry.id
        )
    }
}

/// The service of the catalogue that a declaration names, or has the id of, or a host that no other one has.
fn known(service: &Service) -> Option<&'static CatalogueEntry> {
    let catalogue = Catalogue::built_in();
    let id = service.like.unwrap_or(service.id.as_str());
    let by_host = || {
        let mut hosts = service.hosts.iter();
        hosts.find_map(|host| {
            let mut having = catalogue
                .iter()
                .filter(|entry| entry.service.hosts.contains(host));
            let entry = having.next()?;
            having.next().is_none().then_some(entry)
        })
    };
    catalogue.find(id).or_else(by_host)
}

/// The declared cookies, each with its place, that stand for one of the catalogue.
fn declared<'s>(
    service: &'s Service,
    known: &'s KnownCookie,
) -> impl Iterator<Item = (usize, &'s Cookie)> {
    let all = service.cookies.iter().enumerate();
    all.filter(|(_, cookie)| cookie.kind == known.kind && covers(&cookie.name, &known.name))
}

/// Whether a declared name or pattern stands for a known one; `*` of the known one is a character like any other.
fn covers(declared: &str, known: &str) -> bool {
    let Some((start, rest)) = declared.split_once('*') else {
        return declared == known;
    };
    let Some(after) = known.strip_prefix(start) else {
        return false;
    };
    let ends = after.char_indices().map(|(place, _)| &after[place..]);
    ends.chain([""]).any(|end| covers(rest, end))
}

/// Whether a known lifetime is longer than the declared one, in a browser: none keeps a cookie for more than 400 days
/// (RFC 6265bis, §5.5).
fn is_longer(known: Lifetime, declared: Lifetime) -> bool {
    let most = Lifetime::For(400, Unit::Day);
    let is_kept = matches!(known, Lifetime::For(..)) && known.is_longer_than(most);
    (if is_kept { most } else { known }).is_longer_than(declared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_the_names_that_it_matches() {
        for (declared, known) in [
            ("_ga", "_ga"),
            ("_ga*", "_ga"),
            ("_ga*", "_ga_*"),
            ("_ga_*", "_ga_*"),
            ("*_posthog", "ph_*_posthog"),
            ("ph_*_posthog", "ph_*_posthog"),
        ] {
            assert!(covers(declared, known), "{declared} {known}");
        }
        for (declared, known) in [("_ga", "_ga_*"), ("_ga_1", "_ga_*"), ("_gid*", "_ga")] {
            assert!(!covers(declared, known), "{declared} {known}");
        }
    }

    #[test]
    fn lifetimes_are_compared_by_days_and_by_whether_they_end() {
        let lifetime = |text: &str| text.parse::<Lifetime>().unwrap();
        for (known, declared, longer) in [
            ("2 years", "13 months", true),
            ("13 months", "13 months", false),
            ("2 years", "400 days", false),
            ("365 days", "1 year", false),
            ("30 minutes", "session", true),
            ("persistent", "2 years", true),
            ("session", "1 hour", false),
            ("2 years", "persistent", false),
        ] {
            let is = is_longer(lifetime(known), lifetime(declared));
            assert_eq!(is, longer, "{known} {declared}");
        }
    }
}
