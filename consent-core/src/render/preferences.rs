//! What is loaded when a visitor asks for it: every choice, and all that there is to know about it.

use maud::{Markup, html};

use super::details::{ListedIn, id_of};
use super::page::{Page, around};
use crate::i18n::fill;
use crate::site::Category;

impl Page<'_> {
    pub(super) fn preferences(&self) -> Markup {
        let s = self.strings;
        html! {
            dialog.preferences aria-labelledby="consent-preferences-title" data-layer="preferences" part="preferences"
                data-declaration=[self.site.markup.declaration.then_some(s.declaration)] {
                header {
                    h2 #consent-preferences-title tabindex="-1" part="title" { (s.preferences) }
                    (Self::close("close", s.close))
                }
                div.body {
                    (self.present())
                    @for category in &self.site.categories { (self.category(category)) }
                    (self.who())
                }
                div.actions part="actions" {
                    (Self::answer("refuse", s.refuse_all))
                    (Self::answer("accept", s.accept_all))
                    (Self::answer("save", s.save))
                }
            }
        }
    }

    /// What stands in place of a frame that is held back; the banner fills in the service and its provider.
    pub(super) fn placeholder(&self) -> Markup {
        let s = self.strings;
        html! {
            @if self.site.markup.placeholders {
                template data-placeholder data-between=(s.between) {
                    p { (s.placeholder) }
                    button type="button" part="button" data-once { (s.show_once) }
                    button type="button" part="button" data-always { (s.always_allow) }
                }
            }
        }
    }

    /// The choice that stands, with what a visitor can do about it.
    fn present(&self) -> Markup {
        let s = self.strings;
        html! {
            div.present part="present" {
                p data-undecided { (s.undecided) }
                @if !self.site.signals.global_privacy_control.is_empty() {
                    p data-signal hidden { (s.signal) }
                }
                div data-current hidden {
                    // How this language writes a date: browsers do not know all of them.
                    p data-date=(s.date) data-months=(s.months.join("|")) data-first-day=[s.first_day] { (self.current()) }
                    p.tools {
                        button type="button" part="tool" data-consent-action="withdraw" hidden { (s.withdraw) }
                        " " button type="button" part="tool" data-consent-action="receipt" { (s.receipt) }
                    }
                }
            }
        }
    }

    /// The present choice, with places that the banner fills in.
    fn current(&self) -> Markup {
        around(self.strings.current, |name| match name {
            "decided" => html! { span data-decided {} },
            "expires" => html! { span data-expires {} },
            _ => html! { code data-subject {} },
        })
    }

    fn category(&self, category: &Category) -> Markup {
        let (title, line) = (
            category.title.get(self.language),
            category.description.get(self.language),
        );
        let (name, about) = (
            id_of("title", category.id.as_str()),
            id_of("about", category.id.as_str()),
        );
        html! {
            div.category role="group" aria-labelledby=(name) part="category" {
                @if category.is_asked() {
                    label.switch {
                        strong #(name) { (title) }
                        input type="checkbox" role="switch" data-category=(category.id) aria-describedby=(about);
                    }
                } @else {
                    p.switch {
                        strong #(name) { (title) }
                        " " em { (self.state_of(category)) }
                    }
                }
                p #(about) { (line) }
                @if category.is_asked() {
                    @for service in &category.services { (self.service(category, service, ListedIn::Preferences)) }
                } @else if !category.services.is_empty() {
                    details {
                        summary { (fill(self.strings.details, &[("service", title)])) }
                        @for service in &category.services { (self.service(category, service, ListedIn::Plain)) }
                    }
                }
            }
        }
    }
}
