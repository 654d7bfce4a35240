//! The choice, its cookie, and its proof.

use alloc::format;

use super::facts::{exempt, host, is_within};
use crate::check::rule::{Found, Rule, Severity};
use crate::cookie::{DEFAULT_NAME, HOLDER_NAME};
use crate::site::Site;
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "choice-over-6-months",
        severity: Severity::Advice,
        summary: "A choice is best kept for six months.",
        source: "CNIL recommendation 2020-092, §38-39 (good practice, not binding)",
        look: choice_over_6_months,
    },
    Rule {
        id: "no-way-back",
        severity: Severity::Advice,
        summary: "A way to change the choice is on every page.",
        source: "CNIL recommendation 2020-092, art. 3; EDPB cookie banner taskforce report, §32-35; GDPR art. 7(3)",
        look: no_way_back,
    },
    Rule {
        id: "choice-cookie-undeclared",
        severity: Severity::Advice,
        summary: "The cookie that stores the choice is declared like any other.",
        source: "CNIL recommendation 2020-092, art. 5 (exempt trackers are told of); guidelines 2020-091, §49",
        look: choice_cookie_undeclared,
    },
    Rule {
        id: "holder-cookie-undeclared",
        severity: Severity::Advice,
        summary: "The cookie that holds the key to a browser's own records is declared like any other.",
        source: "CNIL recommendation 2020-092, art. 5 (exempt trackers are told of); guidelines 2020-091, §49",
        look: holder_cookie_undeclared,
    },
    Rule {
        id: "choice-cookie-name",
        severity: Severity::Advice,
        summary: "Trackers have names that say what they are for.",
        source: "CNIL recommendation 2020-092, art. 6 (explicit names; `eu-consent` for the choice)",
        look: choice_cookie_name,
    },
    Rule {
        id: "choice-cookie-refused",
        severity: Severity::Error,
        summary: "Browsers take the cookie that stores the choice: else people are asked on every page.",
        source: "RFC 6265, §5.3; EDPB guidelines 03/2022 v2.0, annex I (continuous prompting)",
        look: choice_cookie_refused,
    },
    Rule {
        id: "proof-too-long",
        severity: Severity::Warning,
        summary: "Proofs are kept no longer than claims can be made.",
        source: "EDPB guidelines 05/2020, §107; Code civil art. 2224 (5 years)",
        look: proof_too_long,
    },
    Rule {
        id: "plain-http",
        severity: Severity::Warning,
        summary: "Pages and choices travel encrypted.",
        source: "GDPR art. 32(1)(a)",
        look: plain_http,
    },
];

fn choice_over_6_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    let months = site.valid.get();
    if months > 6 {
        found.push(
            "choice.valid_months",
            format!("choices are kept for {months} months"),
            "6 months is good practice for acceptances and refusals alike; up to 13 is allowed here",
        );
    }
}

fn no_way_back(site: &Site, _: UnixSeconds, found: &mut Found) {
    if site.appearance.reopen.is_none() {
        found.push(
            "appearance.reopen",
            "the button that changes the choice is off",
            "put an element with `data-consent-open` on every page",
        );
    }
}

/// Whether its cookies are those of https: where some pages are not, the others are what counts.
fn is_secure(site: &Site) -> bool {
    let mut origins = site.origins.iter();
    origins.any(|origin| origin.starts_with("https://"))
}

fn is_declared(site: &Site, name: &str) -> bool {
    let mut declared = exempt(site).flat_map(|service| &service.cookies);
    declared.any(|cookie| cookie.name == name)
}

fn choice_cookie_undeclared(site: &Site, _: UnixSeconds, found: &mut Found) {
    let name = site.cookie.name_on(is_secure(site));
    if !is_declared(site, name) {
        found.push(
            "services",
            format!("no service of `operation` declares `{name}`, which stores the choice"),
            "declare it, for example in a service `consent-choice`: it needs no consent, but visitors are told",
        );
    }
}

fn holder_cookie_undeclared(site: &Site, _: UnixSeconds, found: &mut Found) {
    let prefix = if is_secure(site) { "__Secure-" } else { "" };
    let name = format!("{prefix}{HOLDER_NAME}");
    if !is_declared(site, &name) {
        found.push(
            "services",
            format!("no service of `operation` declares `{name}`, by which the server knows a browser's own records"),
            "declare it beside the cookie of the choice, with `http_only = true` and a lifetime of 13 months; without a server there is none",
        );
    }
}

fn choice_cookie_name(site: &Site, _: UnixSeconds, found: &mut Found) {
    let name = &site.cookie.name;
    if !["consent", "choice", "cookie", "choix"]
        .iter()
        .any(|word| name.to_lowercase().contains(word))
    {
        found.push(
            "cookie.name",
            format!("`{name}` does not say what it is for"),
            format!("`{DEFAULT_NAME}` is the name that CNIL suggests"),
        );
    }
}

fn choice_cookie_refused(site: &Site, _: UnixSeconds, found: &mut Found) {
    let cookie = &site.cookie;
    if let Some(domain) = &cookie.domain {
        let domain = domain.trim_start_matches('.');
        for origin in &site.origins {
            if !is_within(host(origin), domain) {
                found.push(
                    "cookie.domain",
                    format!("browsers refuse the cookie at {origin}, which is not in {domain}"),
                    "name a domain that all origins are in, or declare the others as sites of their own",
                );
            }
        }
    }
    if cookie.name.starts_with("__Host-") && (cookie.domain.is_some() || cookie.path != "/") {
        found.push(
            "cookie.name",
            "browsers refuse a `__Host-` cookie with a domain, or with another path than /",
            "remove `domain` and `path`, or the prefix",
        );
    }
}

fn proof_too_long(site: &Site, _: UnixSeconds, found: &mut Found) {
    let years = site.proof.years;
    if years > 6 {
        found.push(
            "proof.keep_years",
            format!("proofs are kept for {years} years after the choice ended"),
            "5 years cover civil claims in France; keep longer only with a reason on file",
        );
    }
}

fn plain_http(site: &Site, _: UnixSeconds, found: &mut Found) {
    let own = ("origins", &site.origins, "serve the site over https");
    let others = (
        "frames.ancestors",
        &site.frame_ancestors,
        "let nobody ask in a page that can be changed on its way",
    );
    for (key, origins, advice) in [own, others] {
        for (place, origin) in origins.iter().enumerate() {
            let is_local = matches!(host(origin), "localhost" | "127.0.0.1");
            if origin.starts_with("http://") && !is_local {
                found.push(
                    format!("{key}[{place}]"),
                    format!("{origin} is not encrypted"),
                    advice,
                );
            }
        }
    }
}
