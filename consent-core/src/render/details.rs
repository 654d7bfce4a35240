//! What there is to know about services, and about who answers for the site: in the preferences and in plain pages.

use alloc::format;
use alloc::string::String;

use maud::{Markup, html};

use super::page::{Page, around};
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
                        (self.details(category, service))
                    }
                } @else {
                    (self.details(category, service))
                }
            }
        }
    }

    fn details(&self, category: &Category, service: &Service) -> Markup {
        let s = self.strings;
        html! {
            p {
                (fill(s.provider, &[("provider", &service.provider), ("country", self.country(&service.country))]))
                @if let Some(retention) = service.retention {
                    (Self::gap(s.provider)) (fill(s.data_kept, &[("time", &s.lifetime(retention))]))
                }
                " " (self.link(service.policy.get(self.language), &fill(s.provider_policy, &[("provider", &service.provider)])))
            }
            (self.cookies(category, service))
        }
    }

    /// For placeholders.
    fn provider_of(&self, service: &Service) -> Option<String> {
        let is_used = self.site.markup.placeholders;
        let named = [
            ("provider", &*service.provider),
            ("country", self.country(&service.country)),
        ];
        is_used.then(|| fill(self.strings.provider_in, &named))
    }

    fn cookies(&self, category: &Category, service: &Service) -> Markup {
        let s = self.strings;
        let cookies = &service.cookies;
        // What needs no consent is not swept after a withdrawal.
        let stays =
            |cookie: &Cookie| category.is_asked() && (cookie.domain.is_some() || cookie.http_only);
        html! {
            @if cookies.is_empty() {
                p { (s.stores_nothing) }
            } @else {
                div.table tabindex="0" role="group" aria-label=(service.name.get(self.language)) {
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
                                        @if stays(cookie) { (Self::gap(s.stays)) (s.stays) }
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
                    p { (around(s.processor, |name| match name {
                        "name" => html! { (processor.name) },
                        _ => self.reach(&processor.contact),
                    })) }
                }
                p {
                    @match &controller.data_protection_officer {
                        Some(officer) => (around(s.officer, |_| self.reach(officer))),
                        None => (around(s.contact, |_| self.reach(&controller.contact))),
                    }
                }
                @if let Some(authority) = &controller.authority {
                    p { (around(s.authority, |_| self.link(&authority.url, &authority.name))) }
                }
                p { (self.policy_link()) }
                p {
                    (fill(s.updated, &[("date", &s.date(self.site.policy.updated))]))
                    @if let Some(retention) = self.site.data_retention {
                        (Self::gap(s.updated)) (fill(s.collected_kept, &[("time", &s.lifetime(retention))]))
                    }
                }
            }
        }
    }
}
