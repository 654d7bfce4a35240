//! What is declared as needing no consent.

use alloc::format;

use super::facts::{asked, exempt, is_measurement, is_over, is_own, key, recognise};
use crate::check::rule::{Found, Rule, Severity};
use crate::site::Site;
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "tracker-as-operation",
        severity: Severity::Error,
        summary: "A tracker that needs consent is not declared as exempt.",
        source: "CNIL guidelines 2020-091, §48-51; CNIL SAN-2025-010 (trackers labelled strictly necessary)",
        look: tracker_as_operation,
    },
    Rule {
        id: "exempt-and-asked",
        severity: Severity::Error,
        summary: "A tracker with several purposes is exempt only if all of them are.",
        source: "CNIL guidelines 2020-091, §48",
        look: exempt_and_asked,
    },
    Rule {
        id: "exempt-without-ground",
        severity: Severity::Warning,
        summary: "Why something needs no consent is said, and fits the exemptions.",
        source: "CNIL guidelines 2020-091, §48-51; GDPR art. 5(2)",
        look: exempt_without_ground,
    },
    Rule {
        id: "exempt-measurement-by-others",
        severity: Severity::Warning,
        summary: "Exempt audience measurement is for the site alone, and nothing goes to others.",
        source: "CNIL guidelines 2020-091, §50-51",
        look: exempt_measurement_by_others,
    },
    Rule {
        id: "exempt-measurement-over-13-months",
        severity: Severity::Error,
        summary: "An exempt audience tracker lives for at most 13 months, and later visits do not extend it.",
        source: "CNIL recommendation 2020-092, art. 5",
        look: exempt_measurement_over_13_months,
    },
    Rule {
        id: "exempt-stores-long",
        severity: Severity::Warning,
        summary: "What is exempt lives no longer than its purpose needs.",
        source: "GDPR art. 5(1)(c) and (e); CNIL recommendation 2020-092, art. 5 (13 months, for audience trackers)",
        look: exempt_stores_long,
    },
    Rule {
        id: "data-over-25-months",
        severity: Severity::Error,
        summary: "Data of exempt audience measurement are kept for at most 25 months.",
        source: "CNIL recommendation 2020-092, art. 5",
        look: data_over_25_months,
    },
];

fn tracker_as_operation(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site) {
        if let Some(tracker) = recognise(service) {
            found.push(
                key(service),
                format!(
                    "{} needs consent, and is declared as `operation`",
                    tracker.name
                ),
                "move it to a category that people can refuse",
            );
        }
    }
}

fn exempt_and_asked(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site) {
        for (place, cookie) in service.cookies.iter().enumerate() {
            let same = |other: &&crate::site::Cookie| {
                (&other.name, other.kind, &other.domain)
                    == (&cookie.name, cookie.kind, &cookie.domain)
            };
            let exempt = exempt(site).find(|exempt| exempt.cookies.iter().any(|c| same(&c)));
            if let Some(exempt) = exempt {
                found.push(
                    format!("{}.cookies[{place}]", key(service)),
                    format!(
                        "`{}` is exempt as part of `{}`, and asked about here",
                        cookie.name, exempt.id
                    ),
                    "declare it once: as exempt if all that it does is exempt, and here if not",
                );
            }
        }
    }
}

fn exempt_without_ground(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site) {
        for language in &site.languages {
            let reason = service
                .exempt
                .as_ref()
                .map_or("", |reason| reason.get(language));
            if reason.chars().count() < 15 {
                found.push(
                    format!("{}.exempt.{language}", key(service)),
                    format!("\"{reason}\" gives no ground"),
                    "say which exemption it is: stores the choice, signs people in, keeps a basket, balances load, counts visits for this site alone",
                );
            }
        }
    }
}

fn exempt_measurement_by_others(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site) {
        // One that is known to need consent is said to do so already.
        if is_measurement(service) && !is_own(site, service) && recognise(service).is_none() {
            found.push(
                format!("{}.provider", key(service)),
                format!("{} counts visits, and is neither the controller nor the processor", service.provider),
                "it is exempt only if the contract says: for this site alone, anonymous totals, nothing combined or passed on; else ask for consent",
            );
        }
    }
}

fn exempt_measurement_over_13_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site).filter(|service| is_measurement(service)) {
        for (place, cookie) in service.cookies.iter().enumerate() {
            if is_over(cookie.lifetime, 13) {
                found.push(
                    format!("{}.cookies[{place}].lifetime", key(service)),
                    format!("`{}` lives for longer than 13 months", cookie.name),
                    "let it live for 13 months at most, counted from the first visit, or ask for consent",
                );
            }
        }
    }
}

fn exempt_stores_long(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site).filter(|service| !is_measurement(service)) {
        for (place, cookie) in service.cookies.iter().enumerate() {
            if is_over(cookie.lifetime, 13) {
                found.push(
                    format!("{}.cookies[{place}].lifetime", key(service)),
                    format!("`{}` needs no consent, and lives for longer than 13 months", cookie.name),
                    "let it end with the visit, or soon after; keep a longer life only with a reason on file",
                );
            }
        }
    }
}

fn data_over_25_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in exempt(site).filter(|service| is_measurement(service)) {
        if service
            .retention
            .is_some_and(|retention| is_over(retention, 25))
        {
            found.push(
                format!("{}.retention", key(service)),
                "its data are kept for more than 25 months",
                "keep them for 25 months at most, or ask for consent",
            );
        }
    }
}
