//! For backends: from a `Cookie` header to "may I?", with no request to anybody.
//!
//! Fetch the server's key set once (`/.well-known/jwks.json`), keep it, and fetch it again when a receipt names a key
//! that is not in it ([`Consent::refusal`] says so) or once a day. [`SharedVerifier`] takes new keys while requests are
//! served. With feature `tower`, `ConsentLayer` asks for each request; with feature `axum`, [`Consent`] is an argument of
//! handlers.
//!
//! ```
//! # use consent_core::key::{KeySet, SigningKey};
//! # use consent_core::receipt::Signer;
//! # use consent_core::record::Record;
//! use consent_core::backend::Verifier;
//! # let json = r#"{"act":"custom","aud":"shop","choices":{"analytics":true,"social":false},"dat":1795316891,"exp":1829444891,"jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;
//! # let record = Record::from_json(json.as_bytes())?;
//! # let now = record.decided_at;
//! # let signer = Signer::new(SigningKey::from_seed(&[7; 32]), "https://consent.example");
//! # let header = format!("eu-consent={}", signer.sign(&record, now));
//! # let keys: KeySet = [SigningKey::from_seed(&[7; 32]).public_key()].into_iter().collect();
//! # let jwks = keys.to_jwks();
//! let keys = KeySet::from_jwks(&jwks)?;
//! let verifier = Verifier::new("https://consent.example", "shop".parse()?, keys);
//!
//! let consent = verifier.consent(&header, now);
//! assert!(consent.allows("analytics"));
//! assert!(!consent.allows("social"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::string::String;

use crate::cookie;
use crate::digest::Digest;
use crate::id::{CategoryId, SiteId};
use crate::key::KeySet;
use crate::receipt::{Expectations, Receipt, VerifyError};
use crate::time::UnixSeconds;

#[cfg(feature = "axum")]
mod extractor;
#[cfg(feature = "tower")]
mod layer;
mod shared;

#[cfg(feature = "axum")]
pub use extractor::MissingLayer;
#[cfg(feature = "tower")]
pub use layer::{ConsentLayer, ConsentService};
pub use shared::SharedVerifier;

/// Checks the consent of visitors of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    issuer: String,
    site: SiteId,
    keys: KeySet,
    cookie: String,
    scope: Option<Digest>,
}

impl Verifier {
    /// Trusts the receipts of this server (its base URL) for this site, signed by these keys.
    #[must_use]
    pub fn new(issuer: &str, site: SiteId, keys: KeySet) -> Self {
        Self {
            issuer: issuer.into(),
            site,
            keys,
            cookie: cookie::DEFAULT_NAME.into(),
            scope: None,
        }
    }

    /// Looks for the choice in a cookie of another name than `eu-consent`.
    #[must_use]
    pub fn cookie_name(mut self, name: &str) -> Self {
        self.cookie = name.into();
        self
    }

    /// Takes only agreements to this scope: choices made before the site changed what it asks for no longer count.
    #[must_use]
    pub const fn scope(mut self, scope: Digest) -> Self {
        self.scope = Some(scope);
        self
    }

    /// The keys that are trusted.
    #[must_use]
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Replaces the keys.
    pub fn set_keys(&mut self, keys: KeySet) {
        self.keys = keys;
    }

    /// What the sender of this `Cookie` header has agreed to, as of now.
    ///
    /// Of several cookies of the name the first counts: that of the most specific path (RFC 6265 §5.4), which is also
    /// the one that the page's own script sees first. An older one behind it must not grant what it takes back.
    #[must_use]
    pub fn consent(&self, cookie_header: &str, now: UnixSeconds) -> Consent {
        let expect = Expectations {
            at: now,
            issuer: Some(&self.issuer),
            site: Some(&self.site),
            scope: self.scope,
        };
        let Some(value) = cookie::from_header(cookie_header, &self.cookie).next() else {
            return Consent(Err(Refusal::NoCookie));
        };
        if !value.contains('.') {
            return Consent(Err(Refusal::Unsigned));
        }
        Consent(Receipt::verify(value, &self.keys, &expect).map_err(Refusal::Invalid))
    }
}

/// What one visitor has agreed to. Without a valid receipt, nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent(Result<Receipt, Refusal>);

/// Why nothing is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No cookie of the name.
    #[error("the visitor has not chosen yet")]
    NoCookie,
    /// An unsigned record: the server's answer has not reached the browser yet, or somebody wrote it by hand.
    #[error("the choice is not signed")]
    Unsigned,
    /// A receipt that does not stand.
    #[error("the receipt does not stand: {0}")]
    Invalid(VerifyError),
}

impl Consent {
    /// Whether a category is allowed. `operation` always is.
    #[must_use]
    pub fn allows(&self, category: &str) -> bool {
        category == CategoryId::OPERATION || self.choice(category) == Some(true)
    }

    /// Whether a service is allowed: by a choice of its own, or else by that of its category.
    #[must_use]
    pub fn allows_service(&self, service: &str, category: &str) -> bool {
        let own = self.receipt().and_then(|receipt| {
            let mut services = receipt.record().decision.services.iter();
            services
                .find(|(id, _)| id.as_str() == service)
                .map(|(_, granted)| *granted)
        });
        own.unwrap_or_else(|| self.allows(category))
    }

    /// The receipt, where there is a valid one.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.0.as_ref().ok()
    }

    /// Why nothing is allowed, where there is no valid receipt.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.as_ref().err()
    }

    fn choice(&self, category: &str) -> Option<bool> {
        let mut choices = self.receipt()?.record().decision.choices.iter();
        choices
            .find(|(id, _)| id.as_str() == category)
            .map(|(_, granted)| *granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::tests::rfc_8037;
    use crate::receipt::{Signer, Step};
    use crate::record::tests::example;
    use alloc::format;

    const ISSUER: &str = "https://consent.example";

    fn verifier() -> Verifier {
        let keys = [rfc_8037().public_key()].into_iter().collect();
        Verifier::new(ISSUER, "lacassagne".parse().unwrap(), keys)
    }

    fn receipt() -> String {
        Signer::new(rfc_8037(), ISSUER).sign(&example(), example().decided_at)
    }

    #[test]
    fn a_category_is_allowed_by_its_choice_and_a_service_by_its_own_before_that() {
        let header = format!("a=b; eu-consent={}", receipt());
        let consent = verifier().consent(&header, example().decided_at);
        assert!(consent.allows("analytics") && consent.allows("operation"));
        assert!(!consent.allows("social") && !consent.allows("unheard-of"));
        assert!(consent.allows_service("youtube", "social"));
        assert!(!consent.allows_service("facebook", "social"));
        assert!(consent.allows_service("google-analytics", "analytics"));
    }

    #[test]
    fn nothing_is_allowed_without_a_valid_receipt_and_the_reason_is_known() {
        let now = example().decided_at;
        let refusal = |header: &str| verifier().consent(header, now).refusal().cloned();
        assert_eq!(refusal(""), Some(Refusal::NoCookie));
        assert_eq!(
            refusal(&format!("eu-consent={}", example().to_cookie_value())),
            Some(Refusal::Unsigned)
        );
        let other_scope = verifier().scope(Digest::from_bytes([9; 32]));
        let consent = other_scope.consent(&format!("eu-consent={}", receipt()), now);
        assert!(
            matches!(consent.refusal(), Some(Refusal::Invalid(error)) if error.step() == Step::Scope)
        );
        assert!(!consent.allows("analytics") && consent.allows("operation"));
    }

    #[test]
    fn the_first_cookie_of_the_name_counts() {
        let now = example().decided_at;
        let header = format!(
            "eu-consent={}; eu-consent={}",
            example().to_cookie_value(),
            receipt()
        );
        assert_eq!(
            verifier().consent(&header, now).refusal(),
            Some(&Refusal::Unsigned)
        );
        let renamed = verifier().cookie_name("choice");
        assert!(
            renamed
                .consent(&format!("{header}; choice={}", receipt()), now)
                .allows("analytics")
        );
    }
}
