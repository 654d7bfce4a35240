//! Who asks, and where people can turn to.

use alloc::format;

use crate::check::rule::{Found, Rule, Severity};
use crate::site::Site;
use crate::time::{Months, UnixSeconds};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "unidentifiable-controller",
        severity: Severity::Error,
        summary: "Visitors can tell who the controller is, and write to it.",
        source: "GDPR art. 13(1)(a); recital 42; CNIL guidelines 2020-091, §24",
        look: unidentifiable_controller,
    },
    Rule {
        id: "no-officer",
        severity: Severity::Advice,
        summary: "Visitors can reach the data protection officer, where there is one.",
        source: "GDPR art. 13(1)(b) and 37(7)",
        look: no_officer,
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
];

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

fn no_officer(site: &Site, _: UnixSeconds, found: &mut Found) {
    const KEY: &str = "controller.data_protection_officer";
    match &site.controller.data_protection_officer {
        None => found.push(
            KEY,
            "is missing",
            "write how to reach the data protection officer; pay no heed if the controller needs none (GDPR art. 37(1))",
        ),
        Some(officer) if !is_reachable(officer) => found.push(
            KEY,
            format!("\"{officer}\" is no way to write to the officer"),
            "write an e-mail address, or the URL of a contact page",
        ),
        Some(_) => {}
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

fn is_reachable(contact: &str) -> bool {
    let is_url = contact.starts_with("https://") || contact.starts_with("http://");
    let is_mail = contact.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !contact.contains(' ')
    });
    is_url || is_mail
}
