//! The rules.

use alloc::format;
use alloc::string::String;

use super::trackers;
use super::wording;
use super::{Found, Rule, Severity};
use crate::site::{Category, Lifetime, Localized, Service, Site, StorageKind, Unit};
use crate::time::{Months, UnixSeconds};

/// Every rule, in the order of their ids' subjects: choice, texts, people, services, cookies, proofs.
pub const RULES: &[Rule] = &[
    Rule {
        id: "choice-over-6-months",
        severity: Severity::Advice,
        summary: "A choice is best kept for six months.",
        source: "CNIL recommendation 2020-092, §38-39 (good practice, not binding)",
        look: choice_over_6_months,
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
        id: "unidentifiable-controller",
        severity: Severity::Error,
        summary: "Visitors can tell who the controller is, and write to it.",
        source: "GDPR art. 13(1)(a); recital 42; CNIL guidelines 2020-091, §24",
        look: unidentifiable_controller,
    },
    Rule {
        id: "no-authority",
        severity: Severity::Advice,
        summary: "Visitors are told where to complain.",
        source: "GDPR art. 13(2)(d)",
        look: no_authority,
    },
    Rule {
        id: "stale-policy",
        severity: Severity::Advice,
        summary: "The policy is reviewed at least once a year.",
        source: "GDPR art. 5(2) and 24(1) (measures are reviewed and updated)",
        look: stale_policy,
    },
    Rule {
        id: "no-way-back",
        severity: Severity::Advice,
        summary: "A way to change the choice is on every page.",
        source: "CNIL recommendation 2020-092, art. 3; EDPB cookie banner taskforce report, §32-35; GDPR art. 7(3)",
        look: no_way_back,
    },
    Rule {
        id: "tracker-as-operation",
        severity: Severity::Error,
        summary: "A tracker that needs consent is not declared as exempt.",
        source: "CNIL guidelines 2020-091, §48-51; CNIL SAN-2025-010 (trackers labelled strictly necessary)",
        look: tracker_as_operation,
    },
    Rule {
        id: "advertising-hidden",
        severity: Severity::Warning,
        summary: "Advertising is asked about as advertising, not inside another purpose.",
        source: "CNIL guidelines 2020-091, §19; GDPR recital 43",
        look: advertising_hidden,
    },
    Rule {
        id: "data-without-end",
        severity: Severity::Warning,
        summary: "How long the data of a service are kept is said.",
        source: "GDPR art. 13(2)(a) and 5(1)(e)",
        look: data_without_end,
    },
    Rule {
        id: "data-over-25-months",
        severity: Severity::Warning,
        summary: "Data of audience measurement are kept for at most 25 months.",
        source: "CNIL recommendation 2020-092, art. 5 (exempt audience measurement)",
        look: data_over_25_months,
    },
    Rule {
        id: "transfer-outside",
        severity: Severity::Advice,
        summary: "A provider outside the European Economic Area means a transfer of data, which the policy must explain.",
        source: "GDPR art. 13(1)(f) and 44-49",
        look: transfer_outside,
    },
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
        summary: "A cookie does not outlive the choice that allows it.",
        source: "CNIL recommendation 2020-092, art. 5 (13 months for exempt audience cookies), and the end of the choice",
        look: cookie_over_13_months,
    },
    Rule {
        id: "exempt-stores-long",
        severity: Severity::Error,
        summary: "An exempt cookie lives for at most 13 months.",
        source: "CNIL recommendation 2020-092, art. 5; GDPR art. 5(1)(c)",
        look: exempt_stores_long,
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
    for (key, service) in services(site) {
        for language in &site.languages {
            let text = service.purpose.get(language);
            if text.chars().count() < 12 {
                found.push(
                    format!("{key}.purpose"),
                    format!("\"{text}\" does not say what is done"),
                    "write a short sentence, like \"Counts visits and shows which pages are read.\"",
                );
            }
        }
    }
}

fn long_description(site: &Site, _: UnixSeconds, found: &mut Found) {
    const MOST: usize = 200;
    for category in site.asked() {
        for language in &site.languages {
            let length = category.description.get(language).chars().count();
            if length > MOST {
                found.push(
                    format!("categories.{}.description", category.id),
                    format!("has {length} characters in {language}"),
                    format!("the first layer has room for a line: {MOST} characters at most"),
                );
            }
        }
    }
}

fn unidentifiable_controller(site: &Site, _: UnixSeconds, found: &mut Found) {
    let controller = &site.controller;
    if !is_reachable(&controller.contact) {
        found.push(
            "controller.contact",
            format!(
                "\"{}\" is no way to write to the controller",
                controller.contact
            ),
            "write an e-mail address, or the URL of a contact page",
        );
    }
    if controller.name.chars().count() < 3 {
        found.push(
            "controller.name",
            format!("nobody can be identified by \"{}\"", controller.name),
            "write the full legal name",
        );
    }
    if !controller.address.contains([',', '\n']) {
        found.push(
            "controller.address",
            format!("\"{}\" is not a postal address", controller.address),
            "write street, town and country",
        );
    }
}

fn no_authority(site: &Site, _: UnixSeconds, found: &mut Found) {
    if site.controller.authority.is_none() {
        found.push(
            "controller.authority",
            "is missing",
            "name the authority to complain to, like { name = \"CNIL\", url = \"https://www.cnil.fr/\" }",
        );
    }
}

fn stale_policy(site: &Site, today: UnixSeconds, found: &mut Found) {
    let (year, month, day) = site.policy.updated;
    let updated = format!("{year:04}-{month:02}-{day:02}");
    let Ok(moment) = UnixSeconds::from_rfc3339(&updated) else {
        return;
    };
    if moment > today {
        found.push(
            "policy.updated",
            format!("{updated} is in the future"),
            "write the date of the last update",
        );
    } else if Months::new(12).is_ok_and(|year| moment.plus_months(year) < today) {
        found.push(
            "policy.updated",
            format!("was last updated on {updated}"),
            "review the policy, and write the new date; raise `revision` if what people agreed to has changed",
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

fn tracker_as_operation(site: &Site, _: UnixSeconds, found: &mut Found) {
    for (key, service) in services(site) {
        if service.exempt.is_none() {
            continue;
        }
        if let Some(tracker) = recognise(service) {
            found.push(
                key,
                format!(
                    "{} needs consent, and is declared as `operation`",
                    tracker.name
                ),
                "move it to a category that people can refuse",
            );
        }
    }
}

fn advertising_hidden(site: &Site, _: UnixSeconds, found: &mut Found) {
    const ADVERTISING: [&str; 10] = [
        "_fbp",
        "_fbc",
        "IDE",
        "_gcl_",
        "_uetsid",
        "_uetvid",
        "_ttp",
        "cto_",
        "li_fat_id",
        "muc_ads",
    ];
    for category in site.asked() {
        if category.id.as_str().contains("advertising")
            || category.id.as_str().contains("marketing")
        {
            continue;
        }
        for service in &category.services {
            for (place, cookie) in service.cookies.iter().enumerate() {
                if ADVERTISING
                    .iter()
                    .any(|start| cookie.name.starts_with(start))
                {
                    found.push(
                        format!("services.{}.cookies[{place}]", service.id),
                        format!("`{}` serves advertising, and is asked about as `{}`", cookie.name, category.id),
                        "declare a category for advertising and move the service, or load it without this cookie",
                    );
                }
            }
        }
    }
}

fn data_without_end(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in site.asked().flat_map(|category| &category.services) {
        let ends = match service.retention {
            None => site.data_retention.is_some(),
            Some(Lifetime::Persistent) => false,
            Some(_) => true,
        };
        if !ends {
            found.push(
                format!("services.{}.retention", service.id),
                "nothing says how long its data are kept",
                "write `retention`, or one for the whole site in [data]",
            );
        }
    }
}

fn data_over_25_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for category in &site.categories {
        let counts = |service: &&Service| {
            category.id.as_str() == "analytics" || category.is_exempt() && is_measurement(service)
        };
        for service in category.services.iter().filter(counts) {
            if service
                .retention
                .is_some_and(|retention| days(retention) > days(Lifetime::For(25, Unit::Month)))
            {
                found.push(
                    format!("services.{}.retention", service.id),
                    "its data are kept for more than 25 months",
                    "keep them for at most 25 months",
                );
            }
        }
    }
}

/// Whether an exempt service counts the audience, to judge by its id.
fn is_measurement(service: &Service) -> bool {
    ["analytics", "audience", "matomo", "statistic", "counter"]
        .iter()
        .any(|word| service.id.as_str().contains(word))
}

fn transfer_outside(site: &Site, _: UnixSeconds, found: &mut Found) {
    /// The European Economic Area, as ISO 3166-1.
    const AREA: [&str; 30] = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    ];
    for (key, service) in services(site) {
        if !AREA.contains(&&*service.country) {
            found.push(
                format!("{key}.country"),
                format!("{} is in {}, outside the European Economic Area", service.provider, service.country),
                "say in the policy on what ground the data leave (adequacy decision, contract clauses)",
            );
        }
    }
}

fn cookie_without_end(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in site.asked().flat_map(|category| &category.services) {
        for (place, cookie) in service.cookies.iter().enumerate() {
            if cookie.lifetime == Lifetime::Persistent && cookie.kind != StorageKind::SessionStorage
            {
                found.push(
                    format!("services.{}.cookies[{place}].lifetime", service.id),
                    format!("`{}` stays until somebody deletes it", cookie.name),
                    "give it an end, or say so to the provider; withdrawing deletes it in any case",
                );
            }
        }
    }
}

fn cookie_over_13_months(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in site.asked().flat_map(|category| &category.services) {
        long_cookies(
            service,
            "outlives every choice",
            "set it to 13 months at most in the service's settings",
            found,
        );
    }
}

fn exempt_stores_long(site: &Site, _: UnixSeconds, found: &mut Found) {
    let exempt = site
        .categories
        .iter()
        .filter(|category| category.is_exempt());
    for service in exempt.flat_map(|category| &category.services) {
        long_cookies(
            service,
            "is exempt, and lives for longer than 13 months",
            "let it live for 13 months at most",
            found,
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
    for (place, origin) in site.origins.iter().enumerate() {
        let host = origin
            .strip_prefix("http://")
            .map(|host| host.split(':').next().unwrap_or(host));
        if host.is_some_and(|host| host != "localhost" && host != "127.0.0.1") {
            found.push(
                format!("origins[{place}]"),
                format!("{origin} is not encrypted"),
                "serve the site over https",
            );
        }
    }
}

fn long_cookies(service: &Service, problem: &str, advice: &str, found: &mut Found) {
    for (place, cookie) in service.cookies.iter().enumerate() {
        if days(cookie.lifetime) > days(Lifetime::For(13, Unit::Month)) {
            found.push(
                format!("services.{}.cookies[{place}].lifetime", service.id),
                format!("`{}` {problem}", cookie.name),
                advice,
            );
        }
    }
}

/// How long a lifetime is at most, in days; 0 where it has no such length.
fn days(lifetime: Lifetime) -> u32 {
    match lifetime {
        Lifetime::Session | Lifetime::Persistent => 0,
        Lifetime::For(count, unit) => match unit {
            Unit::Minute | Unit::Hour => 1,
            Unit::Day => count,
            // 13 calendar months take up to 397 days, and so do 13 of these.
            Unit::Month => count.saturating_mul(397) / 13,
            Unit::Year => count.saturating_mul(366),
        },
    }
}

fn is_reachable(contact: &str) -> bool {
    let is_url = contact.starts_with("https://") || contact.starts_with("http://");
    let is_mail = contact.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !contact.contains(' ')
    });
    is_url || is_mail
}

fn recognise(service: &Service) -> Option<&'static trackers::Tracker> {
    let hosts = service.hosts.iter().map(String::as_str);
    let cookies = service.cookies.iter().map(|cookie| cookie.name.as_str());
    trackers::recognise(service.id.as_str(), hosts, cookies)
}

fn services(site: &Site) -> impl Iterator<Item = (String, &Service)> {
    site.categories
        .iter()
        .flat_map(|category| &category.services)
        .map(|service| (format!("services.{}", service.id), service))
}

/// Every text that the owner wrote, in every language.
fn each_text(site: &Site, mut visit: impl FnMut(String, &str)) {
    let mut localized = |key: String, texts: &Localized| {
        for language in &site.languages {
            visit(format!("{key}.{language}"), texts.get(language));
        }
    };
    localized("name".into(), &site.name);
    for Category {
        id,
        title,
        description,
        ..
    } in &site.categories
    {
        localized(format!("categories.{id}.title"), title);
        localized(format!("categories.{id}.description"), description);
    }
    for (key, service) in services(site) {
        localized(format!("{key}.purpose"), &service.purpose);
        if let Some(reason) = &service.exempt {
            localized(format!("{key}.exempt"), reason);
        }
        for (place, cookie) in service.cookies.iter().enumerate() {
            localized(format!("{key}.cookies[{place}].purpose"), &cookie.purpose);
        }
    }
}
