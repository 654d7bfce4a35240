//! What is stored under consent.

use alloc::format;

use super::facts::{asked, is_over, key};
use crate::check::rule::{Found, Rule, Severity};
use crate::site::{Cookie, Lifetime, StorageKind};
use crate::site::{Service, Site};
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "cookie-without-end",
        severity: Severity::Warning,
        summary: "What is stored under consent ends by itself.",
        source: "GDPR art. 5(1)(e); ePrivacy directive art. 5(3)",
        look: cookie_without_end,
    },
    Rule {
        id: "cookie-over-13-months",
        severity: Severity::Warning,
        summary: "A cookie does not outlive the longest choice that can allow it, 13 months.",
        source: "GDPR art. 5(1)(e); CNIL recommendation 2020-092, art. 5 (13 months, binding for exempt audience cookies alone)",
        look: cookie_over_13_months,
    },
    Rule {
        id: "third-party-over-13-months",
        severity: Severity::Advice,
        summary: "What third parties store on their own domains is weighed before they are used.",
        source: "GDPR art. 5(1)(e); CNIL guidelines 2020-091, §34-39 (who lets them store answers for it too)",
        look: third_party_over_13_months,
    },
];

fn cookie_without_end(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site) {
        for (place, cookie) in service.cookies.iter().enumerate() {
            if cookie.lifetime != Lifetime::Persistent || cookie.kind == StorageKind::SessionStorage
            {
                continue;
            }
            let key = format!("{}.cookies[{place}].lifetime", key(service));
            match &cookie.domain {
                None => found.push(
                    key,
                    format!("`{}` stays until somebody deletes it", cookie.name),
                    "store its date with it and delete it after a time, or use a cookie with an end",
                ),
                Some(domain) => found.push(
                    key,
                    format!("`{}` stays at {domain} until the visitor deletes it", cookie.name),
                    "withdrawing here cannot delete it: say so in its purpose, or do without the service",
                ),
            }
        }
    }
}

fn cookie_over_13_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site) {
        for (place, cookie) in long(service).filter(|(_, cookie)| cookie.domain.is_none()) {
            found.push(
                format!("{}.cookies[{place}].lifetime", key(service)),
                format!(
                    "`{}` lives for longer than 13 months, and outlives every choice",
                    cookie.name
                ),
                "set it to 13 months at most in the service's settings",
            );
        }
    }
}

/// One finding a service: the site cannot shorten them one by one.
fn third_party_over_13_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site) {
        let theirs = || long(service).filter(|(_, cookie)| cookie.domain.is_some());
        let Some((place, _)) = theirs().next() else {
            continue;
        };
        let names: alloc::vec::Vec<_> = theirs()
            .map(|(_, cookie)| format!("`{}`", cookie.name))
            .collect();
        found.push(
            format!("{}.cookies[{place}].lifetime", key(service)),
            format!("{} stores {} for longer than 13 months, out of this site's reach", service.provider, names.join(", ")),
            "nothing to set here: the notice tells visitors; prefer a variant of the service that stores less",
        );
    }
}

fn long(service: &Service) -> impl Iterator<Item = (usize, &Cookie)> {
    let all = service.cookies.iter().enumerate();
    all.filter(|(_, cookie)| is_over(cookie.lifetime, 13))
}
