//! The frame of the pages, the login, and the list of sites.

use crate::auth::Staff;
use crate::publish::Published;
use maud::{DOCTYPE, Markup, html};
use std::sync::Arc;

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

pub(super) fn sites<'a>(staff: &Staff, sites: impl Iterator<Item = &'a Arc<Published>>) -> Markup {
    let visible: Vec<_> = sites
        .filter(|site| staff.sites.contains(&site.id))
        .collect();
    let content = html! {
        h1 { "Sites" }
        @if visible.is_empty() {
            p.empty { "Your token is bound to no site of this server." }
        } @else {
            ul.sites {
                @for site in visible {
                    li {
                        a href={ "admin/sites/" (site.id.as_str()) } {
                            strong { (site.name) }
                            @if site.controller != site.name { span { (site.controller) } }
                            code { (site.id.as_str()) }
                        }
                    }
                }
            }
        }
    };
    frame("Sites", "", Some(staff), &content)
}

pub(super) fn missing(staff: &Staff) -> Markup {
    let content = html! {
        h1 { "Nothing here" }
        p { "There is no such site, or your token does not allow you to see it. " a href="../../admin" { "Back to the sites" } }
    };
    frame("Nothing here", "../../", Some(staff), &content)
}
