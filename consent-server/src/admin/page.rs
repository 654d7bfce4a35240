//! The frame of the pages, the login, and the list of sites.

use crate::auth::Staff;
use crate::retired::Kept;
use maud::{DOCTYPE, Markup, html};

/// A whole page. `root` leads to the folder that holds `/admin`, so that pages work behind a proxy's prefix.
pub(super) fn frame(title: &str, root: &str, staff: Option<&Staff>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · Consent records" }
                link rel="stylesheet" href={ (root) "admin/style.css" };
            }
            body {
                header {
                    a.brand href={ (root) "admin" } { "Consent records" }
                    @if let Some(staff) = staff {
                        form method="post" action={ (root) "admin/logout" } {
                            span { (staff.label) " · " (staff.role) }
                            button type="submit" { "Log out" }
                        }
                    }
                }
                main { (content) }
            }
        }
    }
}

pub(super) fn login(failed: bool) -> Markup {
    // A failed login is answered under /admin/login, where relative addresses begin one step deeper.
    let root = if failed { "../" } else { "" };
    let content = html! {
        section.login {
            h1 { "Log in" }
            @if failed {
                p.error role="alert" { "This token is not known, or it has ended. Ask your administrator for a new one." }
            }
            form method="post" action={ (root) "admin/login" } {
                label for="token" { "Your token" }
                input #token type="password" name="token" required autocomplete="current-password" autofocus;
                button type="submit" { "Log in" }
            }
            p.hint { "Tokens are made with " code { "consent token create" } "." }
        }
    };
    frame("Log in", root, None, &content)
}

/// `root` is the address of the pages, as the server knows it.
pub(super) fn foreign(root: &str) -> Markup {
    let content = html! {
        section.login {
            h1 { "Not from here" }
            p.error role="alert" { "This was sent by a page of another address, or by none that says its own. Nothing was done." }
            p { "Log in at " a href={ (root) "/admin" } { (root) "/admin" } "." }
            p.hint { "If that is not where you open these pages, whoever runs the server tells it with " code { "--staff-url" } "." }
        }
    };
    // Relative addresses begin below /admin.
    frame("Not from here", "../", None, &content)
}

/// The sites that this member of staff may see: first those that are served.
pub(super) fn sites(staff: &Staff, sites: &[Kept]) -> Markup {
    let content = html! {
        h1 { "Sites" }
        @if sites.is_empty() {
            p.empty { "Your token is bound to no site of this server." }
        } @else {
            ul.sites {
                @for site in sites {
                    li {
                        a href={ "admin/sites/" (site.id()) } {
                            strong { (site.name()) }
                            @if let Some(controller) = controller(site) { span { (controller) } }
                            code { (site.id()) }
                            @if site.is_retired() { (retired()) }
                        }
                    }
                }
            }
        }
    };
    frame("Sites", "", Some(staff), &content)
}

/// The controller, unless the site is called the same.
pub(super) fn controller(site: &Kept) -> Option<&str> {
    site.controller()
        .filter(|controller| *controller != site.name())
}

/// The mark of a site that is served no longer.
pub(super) fn retired() -> Markup {
    html! { span.retired { "retired" } }
}

pub(super) fn missing(staff: &Staff) -> Markup {
    let content = html! {
        h1 { "Nothing here" }
        p { "There is no such site, or your token does not allow you to see it. " a href="../../admin" { "Back to the sites" } }
    };
    frame("Nothing here", "../../", Some(staff), &content)
}
