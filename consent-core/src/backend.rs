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
//! # let header = format!("__Host-eu-consent={}", signer.sign(&record, now));
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
use alloc::vec::Vec;

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
mod standing;

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
    ///
    /// The choice is looked for in the cookie that sites have by default: `__Host-eu-consent` if the server is on https,
    /// else `eu-consent`. A site that sets a path, a domain or a name of its own has another ([`Verifier::cookie_name`]).
    #[must_use]
    pub fn new(issuer: &str, site: SiteId, keys: KeySet) -> Self {
        let cookie = if issuer.starts_with("https://") {
            cookie::HOST_NAME
        } else {
            cookie::DEFAULT_NAME
        };
        Self {
            issuer: issuer.into(),
            site,
            keys,
            cookie: cookie.into(),
            scope: None,
        }
    }

    /// Looks for the choice in a cookie of this name.
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
    /// Of several cookies of the name, in any order, the newest choice stands: one from before a withdrawal may lie at
    /// another path. And where they are of several consent ids, somebody else has put one there: a sibling host can set
    /// cookies for all hosts of a domain. Then only that is allowed which the newest of each allows, so a planted cookie
    /// can take away, and never grant.
    #[must_use]
    pub fn consent(&self, cookie_header: &str, now: UnixSeconds) -> Consent {
        let standing = self.standing(cookie_header, now);
        if standing.is_empty() {
            return Consent(Err(Refusal::NoCookie));
        }
        let receipts = standing.into_iter().map(|value| self.receipt(value, now));
        Consent(receipts.collect())
    }

    /// The values of the cookies that [`Verifier::consent`] goes by: the newest choice of each consent id, the newest of all
    /// first, whether they verify or not. Of one consent id there is one; without a cookie of the name, none.
    #[must_use]
    pub fn standing<'h>(&self, cookie_header: &'h str, now: UnixSeconds) -> Vec<&'h str> {
        let mut values: Vec<&str> = cookie::from_header(cookie_header, &self.cookie).collect();
        if values.len() > 1 {
            let standing = standing::newest(&values, &self.site, self.scope, now);
            if !standing.is_empty() {
                return standing;
            }
            // None of them is a choice that could stand: the first says why.
            values.truncate(1);
        }
        values
    }

    fn receipt(&self, value: &str, now: UnixSeconds) -> Result<Receipt, Refusal> {
        let expect = Expectations {
            at: now,
            issuer: Some(&self.issuer),
            site: Some(&self.site),
            scope: self.scope,
        };
        if !value.contains('.') {
            return Err(Refusal::Unsigned);
        }
        Receipt::verify(value, &self.keys, &expect).map_err(Refusal::Invalid)
    }
}

/// What one visitor has agreed to. Without a valid receipt, nothing.
///
/// The receipts are the newest of each consent id, the newest of all first; there is at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent(Result<Vec<Receipt>, Refusal>);

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
        category == CategoryId::OPERATION || self.all(|receipt| choice(receipt, category))
    }

    /// Whether a service is allowed: by a choice of its own, or else by that of its category.
    #[must_use]
    pub fn allows_service(&self, service: &str, category: &str) -> bool {
        category == CategoryId::OPERATION
            || self.all(|receipt| {
                let mut services = receipt.record().decision.services.iter();
                let own = services.find(|(id, _)| id.as_str() == service);
                own.map_or_else(|| choice(receipt, category), |(_, granted)| *granted)
            })
    }

    /// The receipt of the choice that stands, where there is a valid one.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipts().first()
    }

    /// All receipts that were looked at, the newest first: more than one where cookies of several consent ids came.
    #[must_use]
    pub fn receipts(&self) -> &[Receipt] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Why nothing is allowed, where there is no valid receipt.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.as_ref().err()
    }

    fn all(&self, grants: impl Fn(&Receipt) -> bool) -> bool {
        self.0
            .as_ref()
            .is_ok_and(|receipts| receipts.iter().all(grants))
    }
}

fn choice(receipt: &Receipt, category: &str) -> bool {
    let mut choices = receipt.record().decision.choices.iter();
    choices.any(|(id, granted)| id.as_str() == category && *granted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Choices;
    use crate::id::{ConsentId, RecordId};
    use crate::key::tests::rfc_8037;
    use crate::receipt::{Signer, Step};
    use crate::record::Record;
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
        let header = format!("a=b; __Host-eu-consent={}", receipt());
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
        // A sibling host can set that name: it does not count beside https.
        let plain = format!("eu-consent={}", receipt());
        assert_eq!(refusal(&plain), Some(Refusal::NoCookie));
        assert_eq!(
            refusal(&header(&[&example().to_cookie_value()])),
            Some(Refusal::Unsigned)
        );
        let other_scope = verifier().scope(Digest::from_bytes([9; 32]));
        let consent = other_scope.consent(&header(&[&receipt()]), now);
        assert!(
            matches!(consent.refusal(), Some(Refusal::Invalid(error)) if error.step() == Step::Scope)
        );
        assert!(!consent.allows("analytics") && consent.allows("operation"));
        assert!(consent.allows_service("login", "operation"));
    }

    #[test]
    fn names_follow_the_server_and_the_site() {
        let now = example().decided_at;
        let signer = Signer::new(rfc_8037(), "http://localhost:8080");
        let plain = format!("eu-consent={}", signer.sign(&example(), now));
        let keys = [rfc_8037().public_key()].into_iter().collect();
        let local = Verifier::new("http://localhost:8080", "lacassagne".parse().unwrap(), keys);
        assert!(local.consent(&plain, now).allows("analytics"));
        let renamed = verifier().cookie_name("choice");
        let both = format!("{}; choice={}", header(&["e30"]), receipt());
        assert!(renamed.consent(&both, now).allows("analytics"));
    }

    /// A record, so many seconds after the example, with analytics granted or not; of this consent id.
    fn later(seconds: u32, analytics: bool, subject: u8) -> Record {
        let mut record = example();
        let millis = record.id.unix_millis() + u64::from(seconds) * 1000;
        record.id = RecordId::v7(millis, [subject; 10]);
        record.subject = ConsentId::from_random([subject; 16]);
        record.decision.services = Choices::default();
        record.decision.choices = [("analytics".parse().unwrap(), analytics)]
            .into_iter()
            .collect();
        record
    }

    fn header(values: &[&str]) -> String {
        let mut header = String::from("a=b");
        for value in values {
            header = format!("{header}; __Host-eu-consent={value}");
        }
        header
    }

    #[test]
    fn of_several_choices_the_newest_stands_in_any_order() {
        let now = example().decided_at;
        let sign = |record: &Record| Signer::new(rfc_8037(), ISSUER).sign(record, now);
        let (old_yes, old_no) = (sign(&later(1, true, 1)), sign(&later(1, false, 1)));
        let (new_yes, new_no) = (sign(&later(2, true, 1)), sign(&later(2, false, 1)));
        let not_yet_signed = later(2, false, 1).to_cookie_value();
        let signed_too = later(1, true, 1).to_cookie_value();
        let by_others = sign(&later(3, true, 2));
        let refused_by_others = sign(&later(1, false, 2));
        let not_signed_by_others = later(3, true, 2).to_cookie_value();
        let forged = format!("{}AAAA", &by_others[..by_others.len() - 4]);
        let elsewhere = sign(&Record {
            site: "carians".parse().unwrap(),
            ..later(9, false, 1)
        });
        let ended = sign(&Record {
            decided_at: UnixSeconds::new(now.get() - 100).unwrap(),
            expires_at: UnixSeconds::new(now.get() - 1).unwrap(),
            ..later(9, false, 1)
        });
        for (values, is_allowed) in [
            ([&*old_yes, &*new_no], false),
            ([&old_no, &new_yes], true),
            ([&old_yes, &new_yes], true),
            // Withdrawn a moment ago, and not signed yet.
            ([&old_yes, &not_yet_signed], false),
            // The same record twice, signed and not.
            ([&old_yes, &signed_too], true),
            // Planted: an agreement of somebody else, newer and older, signed, unsigned and forged, beside a refusal.
            ([&new_no, &by_others], false),
            ([&old_no, &by_others], false),
            ([&old_no, &not_signed_by_others], false),
            ([&old_no, &forged], false),
            // It can take away.
            ([&new_yes, &refused_by_others], false),
            ([&new_yes, &not_signed_by_others], false),
            ([&new_yes, &by_others], true),
            // What can be no choice here is not looked at.
            ([&new_yes, "a.b.c"], true),
            ([&new_yes, ""], true),
            ([&new_yes, &elsewhere], true),
            ([&new_yes, &ended], true),
            ([&ended, &elsewhere], false),
        ] {
            let [one, two] = values;
            for values in [[one, two], [two, one]] {
                let consent = verifier().consent(&header(&values), now);
                assert_eq!(consent.allows("analytics"), is_allowed, "{values:?}");
                let service = consent.allows_service("google-analytics", "analytics");
                assert_eq!(service, is_allowed, "{values:?}");
            }
        }
        let standing = verifier().consent(&header(&[&new_yes, &by_others, &old_no]), now);
        let ids = standing
            .receipts()
            .iter()
            .map(|receipt| receipt.record().id);
        assert!(ids.eq([later(3, true, 2).id, later(2, true, 1).id]));
    }
}
