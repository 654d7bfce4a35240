//! The elements that a page holds back, derived from what its site declares; written as an owner would write them.

use consent_core::language::Language;
use consent_core::site::{Category, Service, Site, StorageKind};
use maud::{Markup, PreEscaped, html};

/// What kind of element stands for a service on a demo page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A third party's script, which sets the service's cookies and calls home.
    Script,
    /// A third party's widget in an iframe, and its pixel.
    Widget,
    /// A script of the page's own, which remembers something.
    Own,
}

/// A service that is held back on a page.
pub(super) struct Gated<'a> {
    pub(super) category: &'a Category,
    pub(super) service: &'a Service,
    pub(super) kind: Kind,
}

/// Everything on a site's page that waits for a choice.
pub(super) fn of(site: &Site) -> Vec<Gated<'_>> {
    let gated = |category: &'_ Category, service| {
        let kind = match category.id.as_str() {
            "social" => Kind::Widget,
            "preferences" => Kind::Own,
            _ => Kind::Script,
        };
        (kind, service)
    };
    site.asked()
        .flat_map(|category| {
            category.services.iter().map(move |service| {
                let (kind, service) = gated(category, service);
                Gated {
                    category,
                    service,
                    kind,
                }
            })
        })
        .collect()
}

impl Gated<'_> {
    /// The address at the third party that this element asks for.
    pub(super) fn path(&self, site: &Site) -> String {
        let service = self.service.id.as_str();
        match self.kind {
            Kind::Script => format!(
                "/analytics.js?id={}&sets={}",
                tag(site),
                self.cookies(&tag(site)).join(",")
            ),
            Kind::Widget => format!("/social/{service}"),
            Kind::Own => String::new(),
        }
    }

    /// The scripts, for the page's head.
    pub(super) fn script(&self, site: &Site, third: &str) -> Markup {
        let (category, service) = (self.category.id.as_str(), self.service.id.as_str());
        html! {
            @match self.kind {
                Kind::Script => script type="text/plain" data-category=(category) data-service=(service)
                    src={ (third) (self.path(site)) } {},
                Kind::Own => script type="text/plain" data-category=(category) data-service=(service) {
                    (PreEscaped(self.own_script(&site.cookie.path)))
                },
                Kind::Widget => {}
            }
        }
    }

    /// The widget and its pixel, for the page's body.
    pub(super) fn widget(&self, third: &str, language: &Language) -> Markup {
        let (category, service) = (self.category.id.as_str(), self.service.id.as_str());
        let name = self.service.name.get(language);
        html! {
            figure.widget {
                iframe data-src={ (third) "/social/" (service) } data-category=(category) data-service=(service)
                    title=(name) width="320" height="180" {}
                img alt="" width="1" height="1" data-src={ (third) "/pixel.gif?from=" (service) }
                    data-category=(category) data-service=(service);
            }
        }
    }

    /// What the service stores, its patterns filled in.
    fn cookies(&self, id: &str) -> Vec<String> {
        let cookies = self
            .service
            .cookies
            .iter()
            .filter(|cookie| cookie.kind == StorageKind::Cookie);
        cookies.map(|cookie| cookie.name.replace('*', id)).collect()
    }

    fn own_script(&self, path: &str) -> String {
        let mut script = String::new();
        for cookie in &self.service.cookies {
            let name = cookie.name.replace('*', "1");
            let line = match cookie.kind {
                StorageKind::Cookie => {
                    format!("document.cookie = '{name}=1; Path={path}; Max-Age=15552000';\n")
                }
                StorageKind::LocalStorage => format!("localStorage.setItem('{name}', '1');\n"),
                StorageKind::SessionStorage => format!("sessionStorage.setItem('{name}', '1');\n"),
            };
            script.push_str(&line);
        }
        script
    }
}

/// A measurement id as analytics tools hand them out.
fn tag(site: &Site) -> String {
    format!(
        "DEMO{}",
        site.id.as_str().to_ascii_uppercase().replace('-', "")
    )
}
