//! What every part of the notice is made from, and the pieces that several of them have.

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
