//! What a first visit is shown.

use alloc::string::String;
use alloc::vec::Vec;

use maud::{Markup, html};

use super::page::Page;
use crate::i18n::fill;
use crate::site::{Cookie, StorageKind};
use crate::time::Months;

impl Page<'_> {
    pub(super) fn first_layer(&self) -> Markup {
        let s = self.strings;
        let intro = fill(s.intro, &[("controller", &self.site.controller.name)]);
        let months = |months: Months| s.month_count(u32::from(months.get()));
        let lasts = fill(s.lasts, &[("months", &months(self.site.valid))]);
        html! {
            section.banner role="region" aria-labelledby="consent-title" data-layer="first" part="banner" hidden {
                @if self.site.appearance.close_button { (Self::close("dismiss", s.dismiss)) }
                div.text {
                    @if let Some(logo) = &self.site.appearance.logo { img.logo src=(logo) alt=""; }
                    h2 #consent-title part="title" { (s.title) }
                    @if !self.site.signals.global_privacy_control.is_empty() {
                        p.note data-signal hidden { (s.signal) }
                    }
                    p { (intro) }
                    ul.purposes aria-label=(s.purposes) {
                        @for category in self.site.asked() {
                            li {
                                strong { (category.title.get(self.language)) (self.stop()) }
                                (Self::gap(self.stop())) span { (category.description.get(self.language)) }
                            }
                        }
                    }
                    p {
                        (s.refusal) (Self::gap(s.refusal)) (lasts)
                        @if self.site.ask_again < self.site.valid {
                            (Self::gap(s.lasts)) (fill(s.asked_again, &[("months", &months(self.site.ask_again))]))
                        }
                    }
                    p.links {
                        (self.policy_link())
                        " " button.link type="button" data-consent-action="list" { (s.list) }
                    }
                }
                div.actions part="actions" {
                    (Self::answer("refuse", s.refuse_all))
                    (Self::answer("accept", s.accept_all))
                    (Self::answer("choose", s.choose))
                }
            }
        }
    }

    /// The choice itself, which the switches of the preferences show: accepting and refusing need no more than this.
    pub(super) fn switches(&self) -> Markup {
        html! {
            div hidden {
                @for category in self.site.asked() {
                    input type="checkbox" data-category=(category.id);
                    @for service in &category.services {
                        @let names = |kind| names_of(&service.cookies, kind);
                        input type="checkbox" data-service=(service.id) data-of=(category.id)
                            data-cookies=[names(StorageKind::Cookie)]
                            data-storage=[names(StorageKind::LocalStorage)]
                            data-session-storage=[names(StorageKind::SessionStorage)];
                    }
                }
            }
        }
    }

    /// Announces, and shows what went wrong.
    pub(super) fn status(&self) -> Markup {
        let s = self.strings;
        html! {
            p.unseen role="status" data-status data-saved=(s.saved) data-failed=(s.failed) {}
        }
    }
}

/// The names of what is stored in one place, as the banner's sweep reads them.
fn names_of(cookies: &[Cookie], kind: StorageKind) -> Option<String> {
    let names: Vec<_> = cookies
        .iter()
        .filter(|cookie| cookie.kind == kind)
        .map(|cookie| cookie.name.as_str())
        .collect();
    (!names.is_empty()).then(|| names.join(" "))
}
