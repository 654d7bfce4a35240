//! What every part of the notice is made from, and the pieces that several of them have.

use alloc::vec::Vec;

use maud::{Markup, html};

use crate::i18n::Strings;
use crate::language::Language;
use crate::site::Site;

/// What a page is made from.
pub(super) struct Page<'a> {
    pub(super) site: &'a Site,
    pub(super) language: &'a Language,
    pub(super) strings: &'a Strings<'a>,
}

impl Page<'_> {
    /// A link that leaves the page where it is: what was chosen so far is not lost.
    pub(super) fn link(&self, url: &str, text: &str) -> Markup {
        html! {
            a href=(url) target="_blank" rel="noopener noreferrer" {
                (text) span.unseen { " " (self.strings.new_tab) }
            }
        }
    }

    /// What stands between sentences of the language of this one: nothing where a full stop brings its own room, as in Japanese and Chinese.
    pub(super) fn gap(sentence: &str) -> &'static str {
        if sentence.ends_with('。') { "" } else { " " }
    }

    /// What ends a title that runs on into its sentence: a full stop, which asks for no small letter after it.
    pub(super) fn stop(&self) -> &'static str {
        if self.strings.saved.ends_with('。') {
            "。"
        } else {
            "."
        }
    }

    /// The name of a country; the site's reader takes no code without one.
    pub(super) fn country<'c>(&self, code: &'c str) -> &'c str {
        self.strings.country(code).unwrap_or(code)
    }

    /// How to reach somebody: a link where it is an address of the web or of e-mail.
    pub(super) fn reach(&self, contact: &str) -> Markup {
        let is_one_word = !contact.contains(char::is_whitespace);
        html! {
            @if is_one_word && (contact.starts_with("https://") || contact.starts_with("http://")) {
                (self.link(contact, contact))
            } @else if is_one_word && contact.contains('@') {
                a href={ "mailto:" (contact) } { (contact) }
            } @else {
                (contact)
            }
        }
    }

    pub(super) fn policy_link(&self) -> Markup {
        self.link(self.site.policy.url.get(self.language), self.strings.policy)
    }

    /// A button that closes its layer.
    pub(super) fn close(action: &str, says: &str) -> Markup {
        html! {
            button.close type="button" part="close" data-consent-action=(action) aria-label=(says) title=(says) {
                span aria-hidden="true" { "×" }
            }
        }
    }

    /// Every answer is this button: `::part(button)` reaches all of them, and no single one.
    pub(super) fn answer(action: &str, says: &str) -> Markup {
        html! {
            button type="button" part="button" data-consent-action=(action) { (says) }
        }
    }
}

/// A sentence with elements in the places that it leaves, each made by its name.
pub(super) fn around(sentence: &str, element: impl Fn(&str) -> Markup) -> Markup {
    let (mut rest, mut parts) = (sentence, Vec::new());
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        parts.push((before, element(name)));
        rest = after;
    }
    html! {
        @for (before, element) in parts { (before) (element) }
        (rest)
    }
}
