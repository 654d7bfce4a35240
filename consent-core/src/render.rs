//! The notice as HTML, in two pieces: the first layer, which a first visit loads, and the preferences, which are loaded
//! when a visitor asks for them.
//!
//! No choice of an owner reaches the order, the size or the wording of the two answers: refusing and accepting are
//! the same kind of button, side by side, and every switch is off until a visitor turns it on.

use alloc::string::String;

use maud::html;

use crate::language::Language;
use crate::site::Site;

mod declaration;
mod details;
mod first;
mod page;
mod preferences;

use page::Page;

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
