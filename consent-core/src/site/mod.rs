//! What an owner declares: one web property of one controller, its categories, services and cookies.
//!
//! The format is that of [`schema`], which editors read too; several sites can share a [`Base`]. Whatever is wrong is
//! found at once, each with its file, line, column, key, and what to do:
//!
//! ```
//! let text = r#"
//! id = "shop"
//! name = "The shop"
//! languages = ["en"]
//! origins = ["https://shop.example"]
//! [controller]
//! name = "Shop Ltd"
//! address = "1 High Street, York"
//! contact = "privacy@shop.example"
//! [policy]
//! url = "https://shop.example/cookies"
//! updated = 2026-03-01
//! [services.counter]
//! category = "analitics"
//! name = "Counter"
//! provider = "Counter Ltd"
//! country = "GB"
//! purpose = "Counts visits."
//! policy = "https://counter.example/privacy"
//! "#;
//! let wrong = consent_core::site::Site::parse("shop.toml", text).unwrap_err();
//! assert_eq!(
//!     wrong[0].to_string(),
//!     "shop.toml:14:12: services.counter.category: there is no category \"analitics\"; did you mean `analytics`?"
//! );
//! ```

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::cookie::CookieSettings;
use crate::id::{CategoryId, ServiceId, SiteId};
use crate::language::Language;
use crate::scope::Scope;
use crate::time::Months;

mod appearance;
mod base;
mod declaration;
mod diagnostic;
mod document;
mod lifetime;
mod markup;
mod reader;
mod schema;
mod signals;
mod texts;

pub use appearance::{Appearance, Colour, ColourError, Colours, Layout, Role, Side, Theme};
pub use base::Base;
pub use diagnostic::{Diagnostic, Place, Places};
pub use lifetime::{Lifetime, LifetimeError, Unit};
pub(crate) use markup::usual_names;
pub use markup::{Dialect, Markup};
pub use schema::{base_schema, schema};
pub use signals::{GOOGLE_TYPES, Grants, Signals};
pub use texts::Texts;

/// A `site.toml` that was read: the site, and where in the file each of its keys stands.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What is declared.
    pub site: Site,
    /// Where.
    pub places: Places,
}

impl Declaration {
    /// Reads a `site.toml` that stands alone. Everything that is wrong is found at once, in the order of the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let alone = |_: &str| Err("only this text was given".into());
        Self::parse_with_base(file, text, alone)
    }

    /// Reads a `site.toml` that may begin with `base = "publisher.toml"`: what it does not say itself, it takes from
    /// there.
    ///
    /// `read` is asked for the base by the path in the file, which is relative to it, or says why there is none.
    /// Errors and [`Places`] name the file that a key stands in; what is missing is reported in the site's own.
    ///
    /// ```
    /// use consent_core::site::{Base, Declaration};
    ///
    /// let practice = r#"
    /// base = "publisher.toml"
    /// id = "practice"
    /// name = "The practice"
    /// origins = ["https://practice.example"]
    /// [controller]
    /// name = "Dr Example"
    /// "#;
    /// let publisher = r#"
    /// languages = ["en"]
    /// [controller]
    /// address = "1 High Street, York"
    /// contact = "privacy@publisher.example"
    /// [policy]
    /// url = "https://publisher.example/cookies"
    /// updated = 2026-03-01
    /// "#;
    /// let declaration = Declaration::parse_with_base("practice.toml", practice, |path| {
    ///     assert_eq!(path, "publisher.toml");
    ///     Ok(Base { file: path.into(), text: publisher.into() })
    /// })
    /// .map_err(|wrong| wrong[0].to_string())?;
    /// assert_eq!(declaration.site.controller.name, "Dr Example");
    /// assert_eq!(declaration.site.controller.contact, "privacy@publisher.example");
    /// assert_eq!(declaration.places.file("controller.contact"), "publisher.toml");
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse_with_base(
        file: &str,
        text: &str,
        read: impl FnOnce(&str) -> Result<Base, String>,
    ) -> Result<Self, Vec<Diagnostic>> {
        declaration::read(document::Source { file, text }, read)
    }
}

/// One web property of one controller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The id that records carry as their audience.
    pub id: SiteId,
    /// The name that visitors know it by.
    pub name: Localized,
    /// The languages of its notice; the first is shown to visitors who read none of them.
    pub languages: Vec<Language>,
    /// Where its pages live: `https://www.example.org`.
    pub origins: Vec<String>,
    /// Raising it asks everybody again.
    pub revision: u32,
    /// Who answers for the site.
    pub controller: Controller,
    /// Who runs the site for the controller.
    pub processor: Option<Processor>,
    /// The policy that the notice links to.
    pub policy: Policy,
    /// How long a choice is valid.
    pub valid: Months,
    /// After how many months, of 31 days, those who refused everything are asked again; their refusal stands until they answer.
    pub ask_again: Months,
    /// Whether a page is loaded again when something that runs is refused and cannot be stopped otherwise.
    pub reload: bool,
    /// How long proofs are kept.
    pub proof: ProofRetention,
    /// How long the data collected under consent are kept, where the site says so as a whole.
    pub data_retention: Option<Lifetime>,
    /// How the choice's own cookie is set.
    pub cookie: CookieSettings,
    /// The origins of other sites whose frames may hold its pages. In a frame of any other, nobody is asked.
    pub frame_ancestors: Vec<String>,
    /// How the notice looks, and where it stands.
    pub appearance: Appearance,
    /// How its pages mark what is held back.
    pub markup: Markup,
    /// Whom the gate tells about a choice, and whose signals it hears.
    pub signals: Signals,
    /// What it says in its own words where the library has words of its own.
    pub texts: Texts,
    /// What is declared, in the order of the file, `operation` first.
    pub categories: Vec<Category>,
}

/// Who answers for a site (GDPR art. 13(1)(a) and (b)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// E-mail address or URL.
    pub contact: String,
    /// E-mail address, URL or name of the data protection officer.
    pub data_protection_officer: Option<String>,
    /// Where to complain.
    pub authority: Option<Authority>,
}

/// A supervisory authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Name.
    pub name: String,
    /// URL.
    pub url: String,
}

/// Who runs a site for its controller (GDPR art. 28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Name.
    pub name: String,
    /// E-mail address or URL.
    pub contact: String,
}

/// The site's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// URL.
    pub url: Localized,
    /// Year, month and day of its last update.
    pub updated: (u16, u8, u8),
}

/// How long proofs are kept, and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofRetention {
    /// Years after the choice ended.
    pub years: u32,
    /// What happens then.
    pub at_end: AtEnd,
}

/// What happens to proofs when their time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// They are deleted.
    Delete,
    /// They lose what ties them to a browser.
    Anonymise,
    /// They leave daily reach, and are deleted later.
    Archive,
}

/// A category, with its services in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its id.
    pub id: CategoryId,
    /// A few words.
    pub title: Localized,
    /// A line.
    pub description: Localized,
    /// What belongs to it. A category without services is declared, but not used and not asked about.
    pub services: Vec<Service>,
}

impl Category {
    /// Whether it needs no consent: it is always on, and never recorded as consented to.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.id.as_str() == CategoryId::OPERATION
    }

    /// Whether visitors are asked about it.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        !self.is_exempt() && !self.services.is_empty()
    }
}

/// One third party or tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The name that visitors know it by.
    pub name: Localized,
    /// The company behind it.
    pub provider: String,
    /// The provider's country, as ISO 3166-1 alpha-2.
    pub country: String,
    /// What it is for, in a line.
    pub purpose: Localized,
    /// URL of the provider's policy.
    pub policy: Localized,
    /// How long the data it collects are kept.
    pub retention: Option<Lifetime>,
    /// The hosts it contacts.
    pub hosts: Vec<String>,
    /// Why it needs no consent; there exactly in `operation`.
    pub exempt: Option<Localized>,
    /// What it stores.
    pub cookies: Vec<Cookie>,
}

/// Something stored in the visitor's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name, or a pattern in which `*` stands for any characters.
    pub name: String,
    /// Where it is stored.
    pub kind: StorageKind,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// What it is for.
    pub purpose: Localized,
    /// The third party's domain, when it is not the page's own.
    pub domain: Option<String>,
    /// Whether scripts cannot see it: only the server that set it deletes it.
    pub http_only: bool,
}

/// Where something is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// A cookie.
    Cookie,
    /// The browser's local storage.
    LocalStorage,
    /// The browser's session storage.
    SessionStorage,
}

/// A text in every language of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized(BTreeMap<Language, String>);

impl Localized {
    /// The text in a language of the site; empty in a language that is none of the site's.
    #[must_use]
    pub fn get(&self, language: &Language) -> &str {
        self.0.get(language).map_or("", String::as_str)
    }
}

impl Site {
    /// Reads a `site.toml`, like [`Declaration::parse`].
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        Declaration::parse(file, text).map(|declaration| declaration.site)
    }

    /// What visitors are asked to agree to.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let services = |category: &Category| {
            let services = category.services.iter();
            services
                .map(|service| (service.id.clone(), service.provider.clone()))
                .collect()
        };
        Scope {
            site: self.id.clone(),
            controller: self.controller.name.clone(),
            revision: self.revision,
            categories: self
                .asked()
                .map(|category| (category.id.clone(), services(category)))
                .collect(),
        }
    }

    /// The categories that visitors are asked about.
    pub fn asked(&self) -> impl Iterator<Item = &Category> {
        self.categories
            .iter()
            .filter(|category| category.is_asked())
    }

    /// The names that are always allowed: `operation` and its services.
    #[must_use]
    pub fn exempt_names(&self) -> BTreeSet<&str> {
        let exempt = self
            .categories
            .iter()
            .filter(|category| category.is_exempt());
        let services = exempt
            .flat_map(|category| &category.services)
            .map(|s| s.id.as_str());
        services.chain([CategoryId::OPERATION]).collect()
    }
}
