//! What a new declaration changes: what visitors will read otherwise, whether they are asked again, and what becomes another
//! thing without asking them.
//!
//! ```
//! # use consent_core::changes::{Changes, Effect};
//! # use consent_core::site::Site;
//! # let text = |purpose: &str| format!(r#"
//! # id = "shop"
//! # name = "The shop"
//! # languages = ["en"]
//! # origins = ["https://shop.example"]
//! # [controller]
//! # name = "Shop Ltd"
//! # address = "1 High Street, York"
//! # contact = "privacy@shop.example"
//! # [policy]
//! # url = "https://shop.example/cookies"
//! # updated = 2026-03-01
//! # [services.counter]
//! # category = "analytics"
//! # name = "Counter"
//! # provider = "Counter Ltd"
//! # country = "GB"
//! # purpose = "{purpose}"
//! # policy = "https://counter.example/privacy"
//! # "#);
//! # let old = Site::parse("old.toml", &text("Counts visits.")).unwrap();
//! # let new = Site::parse("new.toml", &text("Shows adverts.")).unwrap();
//! let changes = Changes::between(&old, &new);
//! assert!(!changes.ask_again());
//! let unasked: Vec<_> = changes.unasked().map(ToString::to_string).collect();
//! assert_eq!(unasked, ["services.counter.purpose: \"Counts visits.\" → \"Shows adverts.\""]);
//! ```

mod change;
mod compare;
mod json;

use alloc::string::String;
use alloc::vec::Vec;

pub use change::{Change, Effect};

use crate::digest::Digest;
use crate::site::Site;

/// What a new declaration changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The digests of what visitors agree to: of the old declaration, and of the new.
    pub scopes: [Digest; 2],
    /// Each change, in the order in which a declaration has its keys.
    pub all: Vec<Change>,
}

impl Changes {
    /// Compares two declarations of a site.
    #[must_use]
    pub fn between(old: &Site, new: &Site) -> Self {
        Self {
            scopes: [old, new].map(|site| site.scope().digest()),
            all: compare::compare(old, new),
        }
    }

    /// Whether everybody is asked again: something of what they agreed to is another.
    #[must_use]
    pub fn ask_again(&self) -> bool {
        self.scopes[0] != self.scopes[1]
    }

    /// The changes of one effect.
    pub fn with(&self, effect: Effect) -> impl Iterator<Item = &Change> {
        self.all
            .iter()
            .filter(move |change| change.effect == effect)
    }

    /// What is another thing than was agreed to (GDPR art. 6(4) and 13(3)), while nobody is asked again.
    pub fn unasked(&self) -> impl Iterator<Item = &Change> {
        let is_asked = self.ask_again();
        self.with(Effect::Meaning).filter(move |_| !is_asked)
    }

    /// Each change under what is to be said of it, the weightiest first.
    #[must_use]
    pub fn told(&self) -> Vec<(&'static str, &Change)> {
        let said = |effect| match effect {
            Effect::AsksAgain => "everybody is asked again",
            Effect::Meaning if self.ask_again() => "everybody is asked about it as well",
            Effect::Meaning => "it is another thing than was agreed to, and nobody is asked",
            Effect::Wording => "visitors read otherwise",
            Effect::Unread => "visitors do not read it",
        };
        let effects = [
            Effect::AsksAgain,
            Effect::Meaning,
            Effect::Wording,
            Effect::Unread,
        ];
        let each = |effect| self.with(effect).map(move |change| (said(effect), change));
        effects.into_iter().flat_map(each).collect()
    }

    /// All of it as one JSON object:
    ///
    /// ```json
    /// {"asks_again": false, "scopes": ["sha256:…", "sha256:…"], "changes": [{
    ///     "key": "services.counter.purpose", "languages": ["en"], "effect": "meaning",
    ///     "old": "Counts visits.", "new": "Shows adverts."}]}
    /// ```
    ///
    /// `effect` is `asks-again`, `meaning`, `wording` or `unread`. `languages` is empty where the change is the same in all of
    /// them; `old` is null for what is new, `new` for what is gone, and both for what visitors do not read.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::to_json(self.ask_again(), self.scopes, &self.all)
    }
}
