//! A record in the formats of others: [`kantara`] for consents given, [`dpv`] for every state.
//!
//! Both tell what the record and the declaration know, and nothing else. A record names its parts by id; the names,
//! providers, purposes and lifetimes come from the declaration that the visitor answered, so that very declaration must
//! be handed in: another one is an error. What a standard requires and neither of the two says is marked as not known,
//! never made up; each function lists it.
//!
//! The signed proof is the receipt: these are readings of it, for tools that want a standard's own words.
//!
//! ```
//! use consent_core::formats;
//! # use consent_core::{digest::Digest, record::Record, site::Site};
//! # let site = Site::parse("site.toml", include_str!("../../tests/broken/00-nothing.toml")).map_err(|wrong| wrong[0].to_string())?;
//! # let json = r#"{"act":"custom","aud":"bakery","choices":{"analytics":true,"preferences":false},"dat":1795316891,"exp":1811041691,"jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"SCOPE","src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;
//! # let json = json.replace("SCOPE", &site.scope().digest().to_text());
//! # let record = Record::from_json(json.as_bytes())?;
//! let then = record.decided_at;
//! let receipt = formats::kantara(&record, &site, then)?;
//! assert_eq!(receipt["services"][0]["purposes"][0]["purpose"], "Compte les visites, page par page.");
//!
//! // Given, refused, and at the end of the choice what was given has expired.
//! let state = formats::dpv(&record, &site, record.expires_at)?;
//! assert_eq!(state["dpv:hasConsentStatus"][2]["@type"][0], "dpv:ConsentExpired");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::format;
use alloc::string::String;

use crate::decision::{Act, Source};
use crate::digest::Digest;
use crate::id::SiteId;
use crate::language::Language;
use crate::record::Record;
use crate::scope::DecisionError;
use crate::site::{Category, Localized, Service, Site};
use crate::time::UnixSeconds;

mod dpv;
mod kantara;

pub use dpv::dpv;
pub use kantara::kantara;

/// Why a record cannot be told in a format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The record was made at another site.
    #[error(
        "the record was made at site \"{record}\", the declaration is that of \"{site}\"; hand in the declaration of \"{record}\""
    )]
    Site {
        /// Where the record was made.
        record: SiteId,
        /// Whose declaration was handed in.
        site: SiteId,
    },
    /// The visitor agreed to something else than what the declaration says.
    #[error(
        "the record answers scope {0}, the declaration asks another; hand in the declaration as it was when the visitor chose"
    )]
    Scope(Digest),
    /// The declaration has no texts in the language that the visitor was shown.
    #[error(
        "the declaration has no texts in \"{0}\", in which the visitor chose; hand in the declaration as it was then"
    )]
    Language(Language),
    /// The choices are not those that the declaration asks for.
    #[error("the record does not answer the declaration: {0}")]
    Decision(#[from] DecisionError),
    /// The visitor had not yet decided at the moment in question.
    #[error("the visitor decided only at {}; ask about a later moment", .0.to_rfc3339())]
    NotYet(UnixSeconds),
    /// A format for consents given, and none was given.
    #[error(
        "nothing was agreed to (act `{0}`), and this format knows only consents given; use `dpv`"
    )]
    NothingGiven(Act),
    /// A format for consents that stand, and these do not at the moment in question.
    #[error(
        "the consent ended at {}, and this format knows only consents that stand; ask about an earlier moment, or use `dpv`",
        .0.to_rfc3339()
    )]
    Expired(UnixSeconds),
}

/// How the formats write what they require and nobody has declared.
const NOT_KNOWN: &str = "N/A";

/// A record beside the declaration that it answers.
struct Answer<'a> {
    record: &'a Record,
    site: &'a Site,
}

impl<'a> Answer<'a> {
    /// Sees to it that the declaration is the one that was answered, and that it was by then.
    fn new(record: &'a Record, site: &'a Site, at: UnixSeconds) -> Result<Self, FormatError> {
        if record.site != site.id {
            return Err(FormatError::Site {
                record: record.site.clone(),
                site: site.id.clone(),
            });
        }
        let scope = site.scope();
        if record.scope != scope.digest() {
            return Err(FormatError::Scope(record.scope));
        }
        if !site.languages.contains(&record.language) {
            return Err(FormatError::Language(record.language.clone()));
        }
        scope.check(&record.decision, record.previous)?;
        if at < record.decided_at {
            return Err(FormatError::NotYet(record.decided_at));
        }
        Ok(Self { record, site })
    }

    /// A text, in the language that the visitor was shown.
    fn text(&self, text: &'a Localized) -> &'a str {
        text.get(&self.record.language)
    }

    /// A URL of the declaration; one without a host is a page of the site.
    fn url(&self, url: &'a Localized) -> String {
        let url = self.text(url);
        match self.site.origins.first() {
            Some(origin) if url.starts_with('/') => format!("{origin}{url}"),
            _ => url.into(),
        }
    }

    /// Every service that was asked about, its category, and whether it was granted.
    fn services(&self) -> impl Iterator<Item = (&'a Category, &'a Service, bool)> {
        let decision = &self.record.decision;
        self.site.asked().flat_map(move |category| {
            let by_category = decision.choices.get(&category.id) == Some(true);
            category.services.iter().map(move |service| {
                let own = decision.services.get(&service.id);
                (category, service, own.unwrap_or(by_category))
            })
        })
    }

    /// Where the controller is established: the country of a service that it provides itself. ISO 3166-1 alpha-2.
    ///
    /// Declarations say no country of the controller, and its address is free text.
    fn country(&self) -> Option<&'a str> {
        let mut services = self.site.categories.iter().flat_map(|c| &c.services);
        services
            .find(|service| self.is_controller(service))
            .map(|service| &*service.country)
    }

    fn is_controller(&self, service: &Service) -> bool {
        service.provider == self.site.controller.name
    }

    fn is_processor(&self, service: &Service) -> bool {
        let processor = self.site.processor.as_ref();
        processor.is_some_and(|processor| processor.name == service.provider)
    }

    /// How the visitor decided, in words.
    fn method(&self) -> String {
        let place = match self.record.decision.source {
            Source::Banner => "first layer of the consent notice",
            Source::Preferences => "preferences dialog of the consent notice",
            Source::Placeholder => "box in place of content that is held back",
            Source::Api => "the page's own controls",
            Source::Signal => "privacy signal of the browser",
        };
        let act = match self.record.decision.act {
            Act::AcceptAll => "everything was accepted",
            Act::RefuseAll => "everything was refused",
            Act::Custom => "categories or services were chosen one by one",
            Act::Dismiss => "the notice was closed without choosing",
            Act::Withdraw => "consent was withdrawn",
            Act::Signal => "Global Privacy Control was on",
        };
        format!("{place}; {act}")
    }
}

/// A way to reach somebody, as declarations write it.
enum Contact<'a> {
    Email(&'a str),
    Url(&'a str),
    Other(&'a str),
}

impl<'a> Contact<'a> {
    fn of(text: &'a str) -> Self {
        if text.starts_with("https://") || text.starts_with("http://") {
            Self::Url(text)
        } else if text.contains('@') && !text.contains(char::is_whitespace) {
            Self::Email(text)
        } else {
            Self::Other(text)
        }
    }
}
