//! The frame of the pages, the login, and what there is to say where there is no page.

use super::reader::Reader;
use crate::auth::Staff;
use crate::retired::Kept;
use crate::texts::ReaderLanguage;
use maud::{DOCTYPE, Markup, html};

/// A whole page. `root` leads to the folder that holds `/admin`, so that pages work behind a proxy's prefix.
pub(super) fn frame(
    reader: &Reader,
    title: &str,
    root: &str,
    staff: Option<&Staff>,
    content: &Markup,
) -> Markup {
    let texts = reader.desk();
    html! {
        (DOCTYPE)
        html lang=(reader.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · " (texts.brand) }
                link rel="stylesheet" href={ (root) "admin/style.css" };
            }
            body {
                header {
                    a.brand href={ (root) "admin" } { (texts.brand) }
                    @if staff.is_some() {
                        nav.main aria-label=(texts.brand) {
                            a href={ (root) "admin" } { (texts.sites) }
                            a href={ (root) "admin/accesses" } { (reader.accesses().accesses) }
                            a href={ (root) "admin/integrity" } { (reader.integrity().short) }
                        }
                        (finder(reader, root))
                    }
                    div.who {
                        (languages(reader, root, staff))
                        @if let Some(staff) = staff {
                            form method="post" action={ (root) "admin/logout" } {
                                span { (staff.label) " · " (staff.role) }
                                button type="submit" { (texts.log_out) }
                            }
                        }
                    }
                }
                main { (content) }
            }
        }
    }
}

/// The field that leads to one person's proof. Its text goes in the body: never into an address, nor into what browsers keep.
fn finder(reader: &Reader, root: &str) -> Markup {
    let texts = reader.proof();
    html! {
        form.finder method="post" role="search" aria-label=(texts.title) action={ (root) "admin/proof" } {
            input type="search" name="asked" required autocomplete="off" spellcheck="false" aria-label=(texts.field) placeholder=(texts.field);
            button type="submit" { (texts.find) }
        }
    }
}

/// Links to the page in the other languages. What answers a form has no address of its own: from there, they lead to the login.
fn languages(reader: &Reader, root: &str, staff: Option<&Staff>) -> Markup {
    let place = match staff {
        Some(_) => String::new(),
        None => format!("{root}admin"),
    };
    html! {
        @for language in ReaderLanguage::ALL {
            @if language != reader.language {
                a lang=(language.tag()) hreflang=(language.tag()) href={ (place) (reader.in_language(language)) } { (language.name()) }
            }
        }
    }
}

pub(super) fn login(reader: &Reader, failed: bool) -> Markup {
    let texts = reader.desk();
    // A failed login is answered under /admin/login, where relative addresses begin one step deeper.
    let root = if failed { "../" } else { "" };
    let content = html! {
        section.login {
            h1 { (texts.log_in) }
            @if failed { p.error role="alert" { (texts.wrong_token) } }
            form method="post" action={ (root) "admin/login" } {
                label for="token" { (texts.your_token) }
                input #token type="password" name="token" required autocomplete="current-password" autofocus;
                button type="submit" { (texts.log_in) }
            }
            p.hint { (texts.tokens_are_made) " " code { "consent token create" } "." }
        }
    };
    frame(reader, texts.log_in, root, None, &content)
}

/// `root` is the address of the pages, as the server knows it.
pub(super) fn foreign(reader: &Reader, root: &str) -> Markup {
    let texts = reader.desk();
    let content = html! {
        section.login {
            h1 { (texts.not_from_here) }
            p.error role="alert" { (texts.nothing_done) }
            p { (texts.log_in_at) " " a href={ (root) "/admin" } { (root) "/admin" } "." }
            p.hint { (texts.other_address) " " code { "--staff-url" } "." }
        }
    };
    // Relative addresses begin below /admin.
    frame(reader, texts.not_from_here, "../", None, &content)
}

/// The controller, unless the site is called the same.
pub(super) fn controller(site: &Kept) -> Option<&str> {
    site.controller()
        .filter(|controller| *controller != site.name())
}

/// The head of a page about a site; `root` as for the [`frame`].
pub(super) fn of_site(reader: &Reader, site: &Kept, root: &str, title: &str) -> Markup {
    html! {
        p.back { a href={ (root) "admin/sites/" (site.id()) } { "← " (site.name()) } }
        h1 { (title) }
        @if site.is_retired() { p { (retired(reader)) } }
    }
}

/// The mark of a site that is served no longer.
pub(super) fn retired(reader: &Reader) -> Markup {
    html! { span.retired { (reader.desk().retired) } }
}

/// What is said of a site that is not there; `root` as for the [`frame`].
pub(super) fn missing(reader: &Reader, staff: &Staff, root: &str) -> Markup {
    let texts = reader.desk();
    let content = html! {
        h1 { (texts.nothing_here) }
        p { (texts.no_such_site) " " a href={ (root) "admin" } { (texts.back_to_sites) } }
    };
    frame(reader, texts.nothing_here, root, Some(staff), &content)
}
