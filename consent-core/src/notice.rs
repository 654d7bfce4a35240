//! All that a visitor is shown in one language, and its digest.

use alloc::string::String;
use alloc::vec::Vec;

use crate::canonical::Value;
use crate::digest::Digest;
use crate::language::Language;
use crate::look::Look;
use crate::render;
use crate::site::{Controller, Site, StorageKind};

/// All that a visitor is shown in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The language.
    pub language: Language,
    /// The markup of the first layer, as the banner puts it in place.
    pub first_layer: String,
    /// The markup of the preferences.
    pub preferences: String,
    /// The canonical object: whoever holds its digest can prove which words, which look and which code were on the screen.
    pub value: Value,
    /// The digest that records name.
    pub digest: Digest,
}

impl Notice {
    /// Renders the notice of a site in one of its languages; `bundle` is the digest of the code that shows it.
    #[must_use]
    pub(crate) fn new(site: &Site, language: &Language, look: &Look, bundle: Digest) -> Self {
        let first_layer = render::first_layer(site, language);
        let preferences = render::preferences(site, language);
        let value = Value::object([
            ("bundle", bundle.into()),
            ("controller", controller(&site.controller)),
            ("cookies", cookies(site, language)),
            ("html", [&*first_layer, &*preferences].concat().into()),
            ("language", language.as_str().into()),
            ("scope", site.scope().digest().into()),
            ("site", site.id.as_str().into()),
            ("style", [&*look.first, &*look.preferences].concat().into()),
            ("valid_months", u32::from(site.valid.get()).into()),
        ]);
        Self {
            language: language.clone(),
            first_layer,
            preferences,
            digest: value.digest(),
            value,
        }
    }
}

fn controller(controller: &Controller) -> Value {
    Value::object([
        ("address", Value::from(&*controller.address)),
        ("contact", Value::from(&*controller.contact)),
        ("name", Value::from(&*controller.name)),
    ])
}

fn cookies(site: &Site, language: &Language) -> Value {
    let mut rows: Vec<Value> = Vec::new();
    for category in &site.categories {
        for service in &category.services {
            for cookie in &service.cookies {
                let kind = match cookie.kind {
                    StorageKind::Cookie => "cookie",
                    StorageKind::LocalStorage => "local-storage",
                    StorageKind::SessionStorage => "session-storage",
                };
                rows.push(Value::object([
                    ("category", Value::from(category.id.as_str())),
                    ("kind", kind.into()),
                    (
                        "lifetime",
                        site.strings(language).lifetime(cookie.lifetime).into(),
                    ),
                    ("name", Value::from(&*cookie.name)),
                    ("purpose", cookie.purpose.get(language).into()),
                    ("service", service.id.as_str().into()),
                ]));
            }
        }
    }
    Value::Array(rows)
}
