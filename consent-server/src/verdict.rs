//! What a check of a receipt found, step by step, for people and programs.

use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, Step, UnverifiedReceipt, VerifyError};
use serde::Serialize;
use serde_json::value::RawValue;

/// A verdict, as JSON.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// Whether every step that was taken passed.
    pub valid: bool,
    /// The steps, in order.
    pub steps: Vec<StepVerdict>,
    /// What the receipt says, once its form is right. Believe it only if `valid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<RawValue>>,
}

/// What one step found.
#[derive(Debug, Serialize)]
pub struct StepVerdict {
    /// Which step.
    pub step: &'static str,
    /// `passed`, `failed`, or `not_checked`: an earlier one failed, or nothing was expected.
    pub result: &'static str,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Checks a receipt and tells how far it came.
#[must_use]
pub fn verdict(text: &str, keys: &KeySet, expect: &Expectations<'_>) -> Verdict {
    let record = UnverifiedReceipt::parse(text)
        .ok()
        .map(|receipt| receipt.record().to_json());
    let failure = Receipt::verify(text, keys, expect).err();
    Verdict {
        valid: failure.is_none(),
        steps: Step::ALL
            .iter()
            .map(|step| step_verdict(*step, failure.as_ref(), expect))
            .collect(),
        record: record.and_then(|json| RawValue::from_string(json).ok()),
    }
}

fn step_verdict(
    step: Step,
    failure: Option<&VerifyError>,
    expect: &Expectations<'_>,
) -> StepVerdict {
    let is_expected = match step {
        Step::Issuer => expect.issuer.is_some(),
        Step::Audience => expect.site.is_some(),
        Step::Scope => expect.scope.is_some(),
        Step::Form | Step::Type | Step::Key | Step::Signature | Step::Time => true,
    };
    let (result, reason) = match failure {
        Some(error) if error.step() == step => ("failed", Some(error.to_string())),
        Some(error) if error.step() < step => ("not_checked", None),
        _ if !is_expected => ("not_checked", None),
        _ => ("passed", None),
    };
    StepVerdict {
        step: step.as_str(),
        result,
        reason,
    }
}
