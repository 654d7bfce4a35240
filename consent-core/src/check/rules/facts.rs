//! What several rules ask of a declaration.

use alloc::format;
use alloc::string::String;

use crate::check::trackers::{self, Tracker};
use crate::site::{Category, Lifetime, Service, Site, Unit};

/// Every service, with its key.
pub(super) fn services(site: &Site) -> impl Iterator<Item = (String, &Service)> {
    let all = site
        .categories
        .iter()
        .flat_map(|category| &category.services);
    all.map(|service| (key(service), service))
}

/// What visitors are asked about.
pub(super) fn asked(site: &Site) -> impl Iterator<Item = &Service> {
    site.asked().flat_map(|category| &category.services)
}

/// What needs no consent.
pub(super) fn exempt(site: &Site) -> impl Iterator<Item = &Service> {
    let all = site
        .categories
        .iter()
        .filter(|category| category.is_exempt());
    all.flat_map(|category: &Category| &category.services)
}

pub(super) fn key(service: &Service) -> String {
    format!("services.{}", service.id)
}

pub(super) fn recognise(service: &Service) -> Option<&'static Tracker> {
    let hosts = service.hosts.iter().map(String::as_str);
    let cookies = service.cookies.iter().map(|cookie| cookie.name.as_str());
    trackers::recognise(service.id.as_str(), hosts, cookies)
}

/// Whether the controller, or the company that runs the site for it, provides a service. People shorten names: one that
/// is part of the other is the same.
pub(super) fn is_own(site: &Site, service: &Service) -> bool {
    let provider = service.provider.to_lowercase();
    let is_provider = |name: &String| {
        let name = name.to_lowercase();
        // A name of a letter or two is part of many.
        let (short, long) = if provider.len() < name.len() {
            (&provider, &name)
        } else {
            (&name, &provider)
        };
        short == long || short.len() > 3 && long.contains(&**short)
    };
    let processor = site.processor.as_ref().map(|processor| &processor.name);
    is_provider(&site.controller.name) || processor.is_some_and(is_provider)
}

/// Whether a service counts the audience, to judge by its id.
pub(super) fn is_measurement(service: &Service) -> bool {
    ["analytics", "audience", "matomo", "statistic", "counter"]
        .iter()
        .any(|word| service.id.as_str().contains(word))
}

/// Whether something lives for longer than so many calendar months; what has no length in days does not.
pub(super) fn is_over(lifetime: Lifetime, months: u32) -> bool {
    lifetime != Lifetime::Persistent && lifetime.is_longer_than(Lifetime::For(months, Unit::Month))
}

/// The host of an origin, without its port.
pub(super) fn host(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.split(':').next().unwrap_or(host)
}

/// Whether a host is a domain, or below it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    host == domain
        || host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'))
}
