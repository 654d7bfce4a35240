//! The notice as HTML.
//!
//! No choice of an owner reaches the order, the size or the wording of the two answers: refusing and accepting are
//! the same kind of button, side by side, and every switch is off until a visitor turns it on.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use maud::{Markup, html};

use crate::i18n::{Strings, fill};
use crate::language::Language;
use crate::site::{Category, Cookie, Service, Site, StorageKind};

/// The whole notice: first layer, preferences, and the line that announces.
pub(crate) fn notice(site: &Site, language: &Language) -> String {
    let page = Page {
        site,
        language,
        strings: &site.strings(language),
    };
    let markup = html! {
        (page.first_layer())
        (page.preferences())
        (page.placeholder())
        p.status role="status" data-status data-saved=(page.strings.saved) {}
    };
    markup.into_string()
}

struct Page<'a> {
    site: &'a Site,
    language: &'a Language,
    strings: &'a Strings<'a>,
}

impl Page<'_> {
    fn first_layer(&self) -> Markup {
        let s = self.strings;
        let intro = fill(s.intro, &[("controller", &self.site.controller.name)]);
        let months = s.month_count(u32::from(self.site.valid.get()));
        html! {
            section.banner role="region" aria-labelledby="consent-title" data-layer="first" hidden {
                @if self.site.appearance.close_button {
                    button.close type="button" data-consent-action="dismiss" aria-label=(s.dismiss) title=(s.dismiss) {
                        span aria-hidden="true" { "×" }
                    }
                }
                div.text {
                    h2 #consent-title tabindex="-1" { (s.title) }
                    p { (intro) }
                    ul.purposes aria-label=(s.purposes) {
                        @for category in self.site.asked() {
                            li {
                                strong { (category.title.get(self.language)) }
                                " " span { (category.description.get(self.language)) }
                            }
                        }
                    }
                    p { (s.refusal) " " (fill(s.lasts, &[("months", &months)])) }
                    p.links { (self.policy_link()) }
                }
                div.actions {
                    button type="button" data-consent-action="refuse" { (s.refuse_all) }
                    button type="button" data-consent-action="accept" { (s.accept_all) }
                    button type="button" data-consent-action="choose" { (s.choose) }
                }
            }
        }
    }

    fn preferences(&self) -> Markup {
        let s = self.strings;
        html! {
            dialog.preferences aria-labelledby="consent-preferences-title" data-layer="preferences" {
                header {
                    h2 #consent-preferences-title tabindex="-1" { (s.preferences) }
                    button.close type="button" data-consent-action="close" aria-label=(s.close) title=(s.close) {
                        span aria-hidden="true" { "×" }
                    }
                }
                div.body {
                    p.current data-current hidden { (self.current()) }
                    @for category in &self.site.categories {
                        @if category.is_asked() {
                            (self.asked(category))
                        } @else {
                            (self.not_asked(category))
                        }
                    }
                    (self.who())
                }
                div.actions {
                    button type="button" data-consent-action="refuse" { (s.refuse_all) }
                    button type="button" data-consent-action="accept" { (s.accept_all) }
                    button type="button" data-consent-action="save" { (s.save) }
                    button type="button" data-consent-action="withdraw" hidden { (s.withdraw) }
                }
            }
        }
    }

    /// What stands in place of a frame that is held back; the banner fills in the service and its provider.
    fn placeholder(&self) -> Markup {
        let s = self.strings;
        html! {
            @if self.site.markup.placeholders {
                template data-placeholder {
                    p { (s.placeholder) }
                    button type="button" data-once { (s.show_once) }
                    button type="button" data-always { (s.always_allow) }
                }
            }
        }
    }

    /// The present choice, with places that the banner fills in.
    fn current(&self) -> Markup {
        let mut rest = self.strings.current;
        let mut parts: Vec<(&str, &str)> = Vec::new();
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            parts.push((before, name));
            rest = after;
        }
        html! {
            @for (before, name) in parts {
                (before)
                @match name {
                    "decided" => span data-decided {},
                    "expires" => span data-expires {},
                    _ => code data-subject {},
                }
            }
            (rest)
        }
    }

    fn asked(&self, category: &Category) -> Markup {
        html! {
            fieldset data-category=(category.id) {
                legend { (category.title.get(self.language)) }
                label.category {
                    span { (category.description.get(self.language)) }
                    input type="checkbox" role="switch" data-category=(category.id)
                        aria-label=(category.title.get(self.language));
                }
                @for service in &category.services { (self.service(category, service)) }
            }
        }
    }

    fn not_asked(&self, category: &Category) -> Markup {
        let state = if category.is_exempt() {
            self.strings.always_on
        } else {
            self.strings.not_used
        };
        html! {
            fieldset.always {
                legend { (category.title.get(self.language)) }
                p.category {
                    span { (category.description.get(self.language)) }
                    " " strong { (state) }
                }
                @for service in &category.services { (self.service(category, service)) }
            }
        }
    }

    fn service(&self, category: &Category, service: &Service) -> Markup {
        let s = self.strings;
        let name = service.name.get(self.language);
        let of = |kind: StorageKind| names_of(&service.cookies, kind);
        html! {
            div.service data-cookies=[of(StorageKind::Cookie)] data-storage=[of(StorageKind::LocalStorage)]
                data-session-storage=[of(StorageKind::SessionStorage)] {
                @if category.is_asked() {
                    label {
                        span { strong { (name) } " " (service.purpose.get(self.language)) }
                        input type="checkbox" data-provider=[self.provider_of(service)] data-service=(service.id) data-of=(category.id) aria-label=(name);
                    }
                } @else {
                    p { strong { (name) } " " (service.purpose.get(self.language)) }
                }
                details {
                    summary { (fill(s.details, &[("service", name)])) }
                    p {
                        (fill(s.provider, &[("provider", &service.provider), ("country", &service.country)]))
                        @if let Some(retention) = service.retention {
                            " " (fill(s.data_kept, &[("time", &s.lifetime(retention))]))
                        }
                        @if let Some(reason) = &service.exempt {
                            " " (fill(s.exempt, &[("reason", reason.get(self.language))]))
                        }
                        " " (link(service.policy.get(self.language), &fill(s.provider_policy, &[("provider", &service.provider)])))
                    }
                    (self.cookies(&service.cookies))
                }
            }
        }
    }

    /// For placeholders.
    fn provider_of(&self, service: &Service) -> Option<String> {
        let is_used = self.site.markup.placeholders;
        is_used.then(|| format!("{} ({})", service.provider, service.country))
    }

    fn cookies(&self, cookies: &[Cookie]) -> Markup {
        let s = self.strings;
        html! {
            @if cookies.is_empty() {
                p { (s.stores_nothing) }
            } @else {
                div.table tabindex="0" role="group" aria-label=(s.kinds[0]) {
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
                                        @if cookie.domain.is_some() || cookie.http_only { " " (s.stays) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn who(&self) -> Markup {
        let s = self.strings;
        let controller = &self.site.controller;
        html! {
            div.links {
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
                        " " (around(s.authority, &link(&authority.url, &authority.name)))
                    }
                }
                p {
                    (self.policy_link()) ". "
                    (fill(s.updated, &[("date", &s.date(self.site.policy.updated))]))
                    @if let Some(retention) = self.site.data_retention {
                        " " (fill(s.data_kept, &[("time", &s.lifetime(retention))]))
                    }
                }
            }
        }
    }

    fn policy_link(&self) -> Markup {
        link(self.site.policy.url.get(self.language), self.strings.policy)
    }
}

/// A sentence with an element in the place that it leaves.
fn around(sentence: &str, element: &Markup) -> Markup {
    let (before, rest) = sentence.split_once('{').unwrap_or((sentence, ""));
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    html! { (before) (element) (after) }
}

fn link(url: &str, text: &str) -> Markup {
    html! { a href=(url) target="_blank" rel="noopener noreferrer" { (text) } }
}

/// The names of what is stored in one place, as the banner's sweep reads them.
fn names_of(cookies: &[Cookie], kind: StorageKind) -> Option<String> {
    let names: Vec<_> = cookies
        .iter()
        .filter(|cookie| cookie.kind == kind)
        .map(|cookie| cookie.name.as_str())
        .collect();
    if names.is_empty() {
        None
    } else {
        Some(names.join(" ").clone())
    }
}
