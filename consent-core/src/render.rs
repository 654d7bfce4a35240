//! The notice as HTML, in two pieces: the first layer, which a first visit loads, and the preferences, which are loaded
//! when a visitor asks for them.
//!
//! No choice of an owner reaches the order, the size or the wording of the two answers: refusing and accepting are
//! the same kind of button, side by side, and every switch is off until a visitor turns it on.

use alloc::string::String;

use maud::{Markup, html};

use crate::i18n::Strings;
use crate::language::Language;
use crate::site::Site;

mod declaration;
mod details;
mod first;
mod preferences;

/// The first layer, the switches behind it, and the line that announces.
pub(crate) fn first_layer(site: &Site, language: &Language) -> String {
    let page = Page {
        site,
        language,
        strings: &site.strings(language),
    };
    let markup = html! {
        (page.first_layer())
        (page.switches())
        (page.status())
    };
    markup.into_string()
}

/// The preferences dialog, and what stands in place of a frame that is held back.
pub(crate) fn preferences(site: &Site, language: &Language) -> String {
    let page = Page {
        site,
        language,
        strings: &site.strings(language),
    };
    let markup = html! {
        (page.preferences())
        (page.placeholder())
    };
    markup.into_string()
}

/// The list of cookies and services as a page that needs no scripts.
pub(crate) fn declaration(site: &Site, language: &Language) -> String {
    let page = Page {
        site,
        language,
        strings: &site.strings(language),
    };
    page.declaration().into_string()
}

struct Page<'a> {
    site: &'a Site,
    language: &'a Language,
    strings: &'a Strings<'a>,
}

impl Page<'_> {
    /// A link that leaves the page where it is: what was chosen so far is not lost.
    fn link(&self, url: &str, text: &str) -> Markup {
        html! {
            a href=(url) target="_blank" rel="noopener noreferrer" {
                (text) span.unseen { " " (self.strings.new_tab) }
            }
        }
    }

    /// What stands between sentences of the language of this one: nothing where a full stop brings its own room, as in Japanese and Chinese.
    fn gap(sentence: &str) -> &'static str {
        if sentence.ends_with('。') { "" } else { " " }
    }

    fn policy_link(&self) -> Markup {
        self.link(self.site.policy.url.get(self.language), self.strings.policy)
    }

    /// A button that closes its layer.
    fn close(action: &str, says: &str) -> Markup {
        html! {
            button.close type="button" part="close" data-consent-action=(action) aria-label=(says) title=(says) {
                span aria-hidden="true" { "×" }
            }
        }
    }

    /// Every answer is this button: `::part(button)` reaches all of them, and no single one.
    fn answer(action: &str, says: &str) -> Markup {
        html! {
            button type="button" part="button" data-consent-action=(action) { (says) }
        }
    }
}
