//! What there is to know about services, and about who answers for the site: in the preferences and in plain pages.

use alloc::format;
use alloc::string::String;

use maud::{Markup, html};

use super::page::Page;
use crate::i18n::fill;
use crate::site::{Category, Cookie, Service};

/// Where a service is described.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListedIn {
    /// Where it has a switch.
    Preferences,
    /// Where it is only read about.
    Plain,
}

/// The id of an element that another one refers to.
pub(super) fn id_of(what: &str, name: &str) -> String {
    format!("consent-{what}-{name}")
}

impl Page<'_> {
    /// What stands beside a category that nobody is asked about.
    pub(super) fn state_of(&self, category: &Category) -> &str {
        if category.is_exempt() {
            self.strings.always_on
        } else {
            self.strings.not_used
        }
    }

    pub(super) fn service(
        &self,
        category: &Category,
        service: &Service,
        place: ListedIn,
    ) -> Markup {
        let s = self.strings;
        let name = service.name.get(self.language);
        let about = id_of("for", service.id.as_str());
        html! {
            div.service part="service" {
                @if category.is_asked() && place == ListedIn::Preferences {
                    label.switch {
                        strong { (name) }
                        input type="checkbox" data-service=(service.id) data-of=(category.id) data-provider=[self.provider_of(service)]
                            aria-describedby=(about);
                    }
                } @else {
                    p.switch { strong { (name) } }
                }
                p #(about) { (service.purpose.get(self.language)) }
                @if let Some(reason) = &service.exempt {
                    p { (fill(s.exempt, &[("reason", reason.get(self.language))])) }
                }
                @if place == ListedIn::Preferences {
                    details {
                        summary { (fill(s.details, &[("service", name)])) }
                        (self.details(service))
                    }
                } @else {
                    (self.details(service))
                }
            }
        }
    }

    fn details(&self, service: &Service) -> Markup {
        let s = self.strings;
        html! {
            p {
                (fill(s.provider, &[("provider", &service.provider), ("country", &service.country)]))
                @if let Some(retention) = service.retention {
                    (Self::gap(s.data_kept)) (fill(s.data_kept, &[("time", &s.lifetime(retention))]))
                }
                " " (self.link(service.policy.get(self.language), &fill(s.provider_policy, &[("provider", &service.provider)])))
            }
            (self.cookies(service.name.get(self.language), &service.cookies))
        }
    }

    /// For placeholders.
    fn provider_of(&self, service: &Service) -> Option<String> {
        let is_used = self.site.markup.placeholders;
        is_used.then(|| format!("{} ({})", service.provider, service.country))
    }

    fn cookies(&self, service: &str, cookies: &[Cookie]) -> Markup {
        let s = self.strings;
        html! {
            @if cookies.is_empty() {
                p { (s.stores_nothing) }
            } @else {
                div.table tabindex="0" role="group" aria-label=(service) {
                    table {
                        thead { tr { @for heading in s.table { th scope="col" { (heading) } } } }
                        tbody {
                            @for cookie in cookies {
                                tr {
                                    th scope="row" {
                                        code { (cookie.name) }
                                        @if let Some(domain) = &cookie.domain { " (" (domain) ")" }
                                    }
                                    td { (s.kinds[cookie.kind as usize]) }
                                    td { (s.lifetime(cookie.lifetime)) }
                                    td {
                                        (cookie.purpose.get(self.language))
                                        @if cookie.domain.is_some() || cookie.http_only { (Self::gap(s.stays)) (s.stays) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    pub(super) fn who(&self) -> Markup {
        let s = self.strings;
        let controller = &self.site.controller;
        html! {
            div.who {
                p { (fill(s.controller, &[("name", &controller.name), ("address", &controller.address)])) }
                @if let Some(processor) = &self.site.processor {
                    p { (fill(s.processor, &[("name", &processor.name), ("contact", &processor.contact)])) }
                }
                p {
                    @match &controller.data_protection_officer {
                        Some(officer) => (fill(s.officer, &[("contact", officer)])),
                        None => (fill(s.contact, &[("contact", &controller.contact)])),
                    }
                    @if let Some(authority) = &controller.authority {
                        (Self::gap(s.authority)) (around(s.authority, &self.link(&authority.url, &authority.name)))
                    }
                }
                p { (self.policy_link()) }
                p {
                    (fill(s.updated, &[("date", &s.date(self.site.policy.updated))]))
                    @if let Some(retention) = self.site.data_retention {
                        (Self::gap(s.data_kept)) (fill(s.data_kept, &[("time", &s.lifetime(retention))]))
                    }
                }
            }
        }
    }
}

/// A sentence with an element in the place that it leaves.
fn around(sentence: &str, element: &Markup) -> Markup {
    let (before, rest) = sentence.split_once('{').unwrap_or((sentence, ""));
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    html! { (before) (element) (after) }
}
