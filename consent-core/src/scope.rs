//! What is being agreed to, whatever the language.
//!
//! Consent lapses when what it was given for changes considerably (EDPB guidelines 05/2020, §110): the digest of a scope
//! is in every record, and people are asked again exactly when it changes.
//!
//! ```
//! use consent_core::decision::{Act, Choices, Decision, Source};
//! use consent_core::scope::{DecisionError, Scope};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut scope = Scope {
//!     site: "shop".parse()?,
//!     controller: "Shop Ltd".into(),
//!     revision: 1,
//!     categories: [("analytics".parse()?, [("counter".parse()?, "Counter Ltd".into())].into())].into(),
//! };
//! let before = scope.digest();
//!
//! // A decision answers exactly what was asked.
//! let mut decision = Decision {
//!     act: Act::RefuseAll,
//!     source: Source::Banner,
//!     choices: [("analytics".parse()?, false)].into_iter().collect(),
//!     services: Choices::default(),
//! };
//! scope.check(&decision, None)?;
//! decision.act = Act::AcceptAll;
//! assert_eq!(scope.check(&decision, None), Err(DecisionError::InconsistentAct(Act::AcceptAll)));
//!
//! // Another service: people are asked again.
//! let services = scope.categories.values_mut().next().ok_or("there is one")?;
//! services.insert("heatmap".parse()?, "Heat SAS".into());
//! assert_ne!(scope.digest(), before);
//! # Ok(())
//! # }
//! ```

use core::cmp::Reverse;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::canonical::Value;
use crate::decision::{Act, Choices, Decision, Source};
use crate::digest::Digest;
use crate::id::{CategoryId, ConsentId, RecordId, ServiceId, SiteId};
use crate::language::Language;
use crate::record::Record;
use crate::time::UnixSeconds;

/// The longest receipt in bytes of any choice: it has to fit a cookie beside the page's others. A choice by category among
/// three takes 900 at most.
pub const MAX_RECEIPT_LEN: usize = 1200;

/// What is being agreed to: its digest changes exactly when people must be asked again.
///
/// It holds the controller, each category that needs consent with its services and who provides them, and the
/// owner's revision number. It holds no text, no language and no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The site.
    pub site: SiteId,
    /// The name of the controller.
    pub controller: String,
    /// The owner's revision number: raising it asks everybody again.
    pub revision: u32,
    /// The categories that are asked for, and the provider of each of their services.
    pub categories: BTreeMap<CategoryId, BTreeMap<ServiceId, String>>,
}

/// Why a decision does not fit a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// A choice for a category that was not asked about.
    #[error("the site does not ask about category `{0}`")]
    UnknownCategory(CategoryId),
    /// A choice for a service that was not asked about.
    #[error("the site does not ask about service `{0}`")]
    UnknownService(ServiceId),
    /// No choice for a category that was asked about.
    #[error("the choice for category `{0}` is missing")]
    MissingChoice(CategoryId),
    /// A service with the same choice as its category.
    #[error("service `{0}` has the choice of its category, and is then left out")]
    RedundantService(ServiceId),
    /// The choices are not those that the act makes.
    #[error("the choices do not fit the act `{0}`")]
    InconsistentAct(Act),
}

impl Scope {
    /// The canonical object.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let categories = self.categories.iter().map(|(category, services)| {
            let services = services
                .iter()
                .map(|(id, provider)| (id.as_str(), provider.as_str()));
            (category.as_str(), Value::object(services))
        });
        Value::object([
            ("categories", Value::object(categories)),
            ("controller", self.controller.as_str().into()),
            ("revision", self.revision.into()),
            ("site", self.site.as_str().into()),
        ])
    }

    /// The digest that records name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.to_value().digest()
    }

    /// Whether a decision answers exactly what was asked, given the record that it replaces.
    pub fn check(
        &self,
        decision: &Decision,
        previous: Option<RecordId>,
    ) -> Result<(), DecisionError> {
        for (category, _) in &decision.choices {
            if !self.categories.contains_key(category) {
                return Err(DecisionError::UnknownCategory(category.clone()));
            }
        }
        for category in self.categories.keys() {
            if decision.choices.get(category).is_none() {
                return Err(DecisionError::MissingChoice(category.clone()));
            }
        }
        for (service, granted) in &decision.services {
            let Some(category) = self.category_of(service) else {
                return Err(DecisionError::UnknownService(service.clone()));
            };
            if decision.choices.get(category) == Some(*granted) {
                return Err(DecisionError::RedundantService(service.clone()));
            }
        }
        // A signal only refuses: what it leaves granted, an earlier choice granted.
        let by_signal = decision.act == Act::Signal && previous.is_none();
        let act = if by_signal {
            Act::RefuseAll
        } else {
            decision.act
        };
        if fits_act(act, &decision.choices, &decision.services) {
            Ok(())
        } else {
            Err(DecisionError::InconsistentAct(decision.act))
        }
    }

    /// The lengths in bytes of the longest receipts that the banner can bring about on this scope, of a choice by
    /// category and of one service by service, when the base URL of the server has `issuer_len` bytes.
    #[must_use]
    pub fn longest_receipts(&self, issuer_len: usize) -> [usize; 2] {
        let mut decision = Decision {
            act: Act::RefuseAll,
            source: Source::Placeholder,
            choices: self
                .categories
                .keys()
                .map(|category| (category.clone(), false))
                .collect(),
            services: Choices::default(),
        };
        let by_category = self.receipt_len(decision.clone(), issuer_len);
        for services in self.categories.values() {
            // Switching the last one off as well switches the category off.
            let mut ids: Vec<_> = services.keys().collect();
            ids.sort_by_key(|id| Reverse(id.as_str().len()));
            ids.pop();
            for id in ids {
                decision.services.insert(id.clone(), false);
            }
        }
        [by_category, self.receipt_len(decision, issuer_len)]
    }

    fn receipt_len(&self, decision: Decision, issuer_len: usize) -> usize {
        let record = Record {
            id: RecordId::v7(0, [0; 10]),
            site: self.site.clone(),
            subject: ConsentId::from_random([0; 16]),
            decision,
            decided_at: UnixSeconds::TEN_DIGITS,
            expires_at: UnixSeconds::TEN_DIGITS,
            scope: Digest::from_bytes([0; 32]),
            notice: Digest::from_bytes([0; 32]),
            language: Language::longest_common(),
            previous: Some(RecordId::v7(0, [0; 10])),
            gpc: true,
        };
        let issuer = alloc::format!("\"{}\"", "x".repeat(issuer_len));
        let claims = record.claims(Some((&issuer, UnixSeconds::TEN_DIGITS)));
        HEADER_LEN + 1 + base64_len(claims.len()) + 1 + base64_len(64)
    }

    fn category_of(&self, service: &ServiceId) -> Option<&CategoryId> {
        let mut categories = self.categories.iter();
        categories
            .find(|(_, services)| services.contains_key(service))
            .map(|(id, _)| id)
    }
}

/// The first part of every receipt: `alg`, a thumbprint as `kid`, and `typ`.
const HEADER_LEN: usize = base64_len(95);

/// Base64url without padding.
const fn base64_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

fn fits_act(act: Act, choices: &Choices<CategoryId>, services: &Choices<ServiceId>) -> bool {
    match act {
        Act::Custom | Act::Signal => true,
        Act::AcceptAll => services.is_empty() && choices.iter().all(|(_, granted)| *granted),
        Act::RefuseAll | Act::Dismiss | Act::Withdraw => {
            services.is_empty() && !choices.any_granted()
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn example() -> Scope {
        let services = |ids: &[&str]| {
            ids.iter()
                .map(|id| (id.parse().unwrap(), String::from("Example Ltd")))
                .collect()
        };
        Scope {
            site: "lacassagne".parse().unwrap(),
            controller: "Centre Antoine Lacassagne".into(),
            revision: 1,
            categories: [
                (
                    "analytics".parse().unwrap(),
                    services(&["google-analytics"]),
                ),
                (
                    "social".parse().unwrap(),
                    services(&["facebook", "youtube"]),
                ),
            ]
            .into(),
        }
    }

    fn decision(act: Act, choices: &[(&str, bool)], services: &[(&str, bool)]) -> Decision {
        Decision {
            act,
            source: Source::Banner,
            choices: choices
                .iter()
                .map(|(id, on)| (id.parse().unwrap(), *on))
                .collect(),
            services: services
                .iter()
                .map(|(id, on)| (id.parse().unwrap(), *on))
                .collect(),
        }
    }

    #[test]
    fn a_decision_answers_exactly_what_was_asked() {
        let scope = example();
        let all = [("analytics", true), ("social", true)];
        let none = [("analytics", false), ("social", false)];
        let some = [("analytics", true), ("social", false)];
        for good in [
            decision(Act::AcceptAll, &all, &[]),
            decision(Act::RefuseAll, &none, &[]),
            decision(Act::Dismiss, &none, &[]),
            decision(Act::Withdraw, &none, &[]),
            decision(
                Act::Custom,
                &some,
                &[("youtube", true), ("google-analytics", false)],
            ),
        ] {
            assert_eq!(scope.check(&good, None), Ok(()), "{good:?}");
        }
        let category = |id: &str| id.parse::<CategoryId>().unwrap();
        let service = |id: &str| id.parse::<ServiceId>().unwrap();
        for (bad, error) in [
            (
                decision(Act::Custom, &[("analytics", true)], &[]),
                DecisionError::MissingChoice(category("social")),
            ),
            (
                decision(
                    Act::Custom,
                    &[("analytics", true), ("operation", true), ("social", true)],
                    &[],
                ),
                DecisionError::UnknownCategory(category("operation")),
            ),
            (
                decision(Act::Custom, &some, &[("matomo", true)]),
                DecisionError::UnknownService(service("matomo")),
            ),
            (
                decision(Act::Custom, &some, &[("youtube", false)]),
                DecisionError::RedundantService(service("youtube")),
            ),
            (
                decision(Act::AcceptAll, &some, &[]),
                DecisionError::InconsistentAct(Act::AcceptAll),
            ),
            (
                decision(Act::AcceptAll, &all, &[("youtube", false)]),
                DecisionError::InconsistentAct(Act::AcceptAll),
            ),
            (
                decision(Act::Dismiss, &some, &[]),
                DecisionError::InconsistentAct(Act::Dismiss),
            ),
            (
                decision(Act::Withdraw, &none, &[("youtube", true)]),
                DecisionError::InconsistentAct(Act::Withdraw),
            ),
            (
                decision(Act::Signal, &some, &[]),
                DecisionError::InconsistentAct(Act::Signal),
            ),
        ] {
            assert_eq!(scope.check(&bad, None), Err(error), "{bad:?}");
        }
        // What a signal leaves granted was granted by the record that it replaces.
        let signal = decision(Act::Signal, &some, &[]);
        let earlier = Some(RecordId::v7(0, [0; 10]));
        assert_eq!(scope.check(&signal, earlier), Ok(()));
    }

    #[test]
    fn the_digest_is_this_and_changes_with_each_part() {
        let scope = example();
        assert_eq!(
            scope.to_value().to_json(),
            "{\"categories\":{\"analytics\":{\"google-analytics\":\"Example Ltd\"},\
             \"social\":{\"facebook\":\"Example Ltd\",\"youtube\":\"Example Ltd\"}},\
             \"controller\":\"Centre Antoine Lacassagne\",\"revision\":1,\"site\":\"lacassagne\"}"
        );
        let mut others = [(); 5].map(|()| scope.clone());
        others[0].revision = 2;
        others[1].controller.push('!');
        others[2]
            .categories
            .insert("preferences".parse().unwrap(), BTreeMap::new());
        others[3]
            .categories
            .get_mut(&"social".parse().unwrap())
            .unwrap()
            .insert("x".parse().unwrap(), "X Corp.".into());
        others[4].site = "carians".parse().unwrap();
        for other in others {
            assert_ne!(other.digest(), scope.digest(), "{other:?}");
        }
    }
}
