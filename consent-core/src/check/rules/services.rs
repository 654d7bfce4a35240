//! Third parties and tools that need consent.

use alloc::format;

use super::facts::{asked, host, is_over, is_own, is_within, key, recognise, services};
use crate::catalogue::Catalogue;
use crate::check::rule::{Found, Rule, Severity};
use crate::check::trackers::Kind;
use crate::site::{Service, Site};
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "advertising-hidden",
        severity: Severity::Warning,
        summary: "Advertising is asked about as advertising, not inside another purpose.",
        source: "CNIL guidelines 2020-091, §19; GDPR recital 43",
        look: advertising_hidden,
    },
    Rule {
        id: "advertising-signal",
        severity: Severity::Warning,
        summary: "Vendors are told that advertising is agreed to only where it was asked about.",
        source: "CNIL guidelines 2020-091, §19; GDPR recital 43",
        look: advertising_signal,
    },
    Rule {
        id: "purposes-bundled",
        severity: Severity::Warning,
        summary: "Each purpose is agreed to on its own.",
        source: "CNIL guidelines 2020-091, §19; GDPR recital 43",
        look: purposes_bundled,
    },
    Rule {
        id: "policy-not-the-providers",
        severity: Severity::Warning,
        summary: "Each third party is named with a link to its own policy.",
        source: "CNIL recommendation 2020-092, art. 2.3; guidelines 2020-091, §25",
        look: policy_not_the_providers,
    },
    Rule {
        id: "operator-hidden",
        severity: Severity::Warning,
        summary: "Who reads a tracker is not hidden behind a sub-domain of the site.",
        source: "CNIL recommendation 2020-092, art. 6 (no delegation of sub-domains)",
        look: operator_hidden,
    },
    Rule {
        id: "data-without-end",
        severity: Severity::Warning,
        summary: "How long the data of a service are kept is said.",
        source: "GDPR art. 13(2)(a) and 5(1)(e)",
        look: data_without_end,
    },
    Rule {
        id: "audience-data-long",
        severity: Severity::Advice,
        summary: "Audience data are kept no longer than their purpose needs.",
        source: "GDPR art. 5(1)(e); CNIL recommendation 2020-092, art. 5 (25 months, binding for exempt measurement alone)",
        look: audience_data_long,
    },
    Rule {
        id: "transfer-outside",
        severity: Severity::Advice,
        summary: "A provider outside the European Economic Area means a transfer of data, which the policy must explain.",
        source: "GDPR art. 13(1)(f) and 44-49",
        look: transfer_outside,
    },
];

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
        if is_advertising(category.id.as_str()) {
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

fn advertising_signal(site: &Site, _: UnixSeconds, found: &mut Found) {
    let signals = &site.signals;
    let vendors = [
        ("google_consent_mode", &signals.google_consent_mode),
        ("microsoft_uet", &signals.microsoft_uet),
        ("microsoft_clarity", &signals.microsoft_clarity),
    ];
    let mut told = alloc::vec::Vec::new();
    for (vendor, grants) in vendors {
        let ads = grants.iter().flatten();
        let ads = ads.filter(|(kind, _)| kind.starts_with("ad_"));
        told.extend(ads.map(|(kind, name)| (format!("signals.{vendor}.{kind}"), name)));
    }
    let pixel = signals.meta_pixel.iter();
    told.extend(pixel.map(|name| ("signals.meta_pixel".into(), name)));
    for (key, name) in told {
        let mut categories = site.categories.iter();
        let category = categories.find(|category| {
            let mut services = category.services.iter();
            category.id.as_str() == name || services.any(|service| service.id.as_str() == name)
        });
        if let Some(category) = category.filter(|category| !is_advertising(category.id.as_str())) {
            found.push(
                key,
                format!(
                    "tells of consent to advertising when `{}` is agreed to",
                    category.id
                ),
                "name a category for advertising, or leave it out: it then stays denied",
            );
        }
    }
}

/// Whether a category asks about advertising, to judge by its id.
fn is_advertising(category: &str) -> bool {
    category == "ads" || category.contains("advertising") || category.contains("marketing")
}

/// Two purposes that are known to differ, behind one switch.
fn purposes_bundled(site: &Site, _: UnixSeconds, found: &mut Found) {
    for category in site.asked() {
        let known = category.services.iter().filter_map(known_kind);
        let mut known = known.collect::<alloc::vec::Vec<_>>().into_iter();
        let Some((_, first, kind)) = known.next() else {
            continue;
        };
        if let Some((service, other, other_kind)) = known.find(|(_, _, other)| *other != kind) {
            found.push(
                format!("{}.category", key(service)),
                format!(
                    "{} {}, and {} in the same category {}: one switch allows both",
                    other,
                    other_kind.does(),
                    first,
                    kind.does()
                ),
                "give each purpose a category of its own",
            );
        }
    }
}

/// A service, its name, and what it is for, as the catalogue has it where a declaration names that.
fn known_kind(service: &Service) -> Option<(&Service, &'static str, Kind)> {
    let Some(id) = service.like else {
        let tracker = recognise(service)?;
        return Some((service, tracker.name, tracker.kind?));
    };
    let known = &Catalogue::built_in().find(id)?.service;
    let kind = match &*known.category {
        "analytics" => Kind::Audience,
        "advertising" => Kind::Advertising,
        "social" => Kind::Social,
        _ => return None,
    };
    Some((service, known.name.get("en")?, kind))
}

fn policy_not_the_providers(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site).filter(|service| !is_own(site, service)) {
        let is_ours = |language| {
            let url = service.policy.get(language);
            url.starts_with('/') || url == site.policy.url.get(language)
        };
        if site.languages.iter().any(is_ours) {
            found.push(
                format!("{}.policy", key(service)),
                format!(
                    "links to the site's own policy, not to that of {}",
                    service.provider
                ),
                "write the URL of the provider's policy",
            );
        }
    }
}

fn operator_hidden(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site).filter(|service| !is_own(site, service)) {
        for (place, theirs) in service.hosts.iter().enumerate() {
            let own = site.origins.iter().map(|origin| host(origin));
            let mut own = own.map(|host| host.strip_prefix("www.").unwrap_or(host));
            if own.any(|own| is_within(theirs, own)) {
                found.push(
                    format!("{}.hosts[{place}]", key(service)),
                    format!(
                        "{theirs} looks like the site's own, and answers for {}",
                        service.provider
                    ),
                    "load the service from its provider's own host",
                );
            }
        }
    }
}

fn data_without_end(site: &Site, _: UnixSeconds, found: &mut Found) {
    for service in asked(site) {
        let ends = service.retention.or(site.data_retention).is_some();
        // What the site itself keeps in the browser alone ends with its cookie.
        let stays_in_browser = is_own(site, service) && service.hosts.is_empty();
        if !ends && !stays_in_browser {
            found.push(
                format!("services.{}.retention", service.id),
                "nothing says how long its data are kept",
                "write `retention`, or one for the whole site in [data]",
            );
        }
    }
}

fn audience_data_long(site: &Site, _: UnixSeconds, found: &mut Found) {
    let analytics = site
        .asked()
        .filter(|category| category.id.as_str() == "analytics");
    for service in analytics.flat_map(|category| &category.services) {
        if service
            .retention
            .is_some_and(|retention| is_over(retention, 25))
        {
            found.push(
                format!("{}.retention", key(service)),
                "its data are kept for more than 25 months",
                "keep them for 25 months at most, or put the reason on file",
            );
        }
    }
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
