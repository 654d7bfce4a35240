//! What a check of a receipt found, step by step, for people and programs.

use consent_core::evidence::{Outcome, Report, Verdict as Last};
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, Step, UnverifiedReceipt, VerifyError};
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A verdict, as JSON.
#[derive(Debug)]
pub struct Verdict {
    /// The last word.
    pub verdict: Last,
    /// The steps, in order.
    pub steps: Vec<StepVerdict>,
    /// What the receipt says, once its form is right. Believe it only if it is valid.
    pub record: Option<Box<RawValue>>,
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            valid: bool,
            verdict: &'static str,
            steps: &'a [StepVerdict],
            #[serde(skip_serializing_if = "Option::is_none")]
            record: Option<&'a RawValue>,
        }
        let written = Written {
            valid: self.is_valid(),
            verdict: self.verdict.as_str(),
            steps: &self.steps,
            record: self.record.as_deref(),
        };
        written.serialize(serializer)
    }
}

/// What one step found.
#[derive(Debug, Serialize)]
pub struct StepVerdict {
    /// Which step.
    pub step: &'static str,
    /// `passed`, `failed`, or `not_checked`: an earlier one failed, or nothing was expected.
    pub result: &'static str,
    /// Why it failed or was not taken, or what was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Verdict {
    /// Adds a step that was taken besides.
    pub fn add(&mut self, step: StepVerdict) {
        if step.result == FAILED {
            self.verdict = Last::NotValid;
        }
        self.steps.push(step);
    }

    /// Whether it is to be believed.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.verdict == Last::Valid
    }
}

const FAILED: &str = "failed";

impl StepVerdict {
    /// A step that was taken.
    #[must_use]
    pub fn of(step: &'static str, found: Result<(), String>) -> Self {
        Self {
            step,
            result: if found.is_ok() { "passed" } else { FAILED },
            reason: found.err(),
        }
    }

    /// A step that passed, and what was seen.
    #[must_use]
    pub fn passed(step: &'static str, seen: String) -> Self {
        Self {
            reason: Some(seen),
            ..Self::of(step, Ok(()))
        }
    }

    /// A step that was not.
    #[must_use]
    pub const fn not_checked(step: &'static str, reason: Option<String>) -> Self {
        Self {
            step,
            result: "not_checked",
            reason,
        }
    }
}

/// The verdict on an evidence file.
#[must_use]
pub fn of_evidence(report: &Report) -> Verdict {
    let steps = report.findings.iter().map(|finding| {
        let (result, reason) = match &finding.outcome {
            Outcome::Passed(seen) => ("passed", seen),
            Outcome::Failed(why) => (FAILED, why),
            Outcome::NotChecked(why) => ("not_checked", why),
        };
        StepVerdict {
            step: finding.step.as_str(),
            result,
            reason: Some(reason.clone()),
        }
    });
    let record = report
        .receipt
        .as_ref()
        .map(|receipt| receipt.record().to_json());
    Verdict {
        verdict: report.verdict(),
        steps: steps.collect(),
        record: record.and_then(|json| RawValue::from_string(json).ok()),
    }
}

/// The verdict on cookies of so many consent ids in one header: somebody else has put one there, and none stands alone.
#[must_use]
pub fn of_several_persons(count: usize) -> Verdict {
    let mut verdict = Verdict {
        verdict: Last::NotValid,
        steps: Vec::new(),
        record: None,
    };
    let why = format!(
        "choices of {count} consent ids are in this header: only what each of them allows may run, and none stands alone; verify one by itself"
    );
    verdict.add(StepVerdict::of("one_person", Err(why)));
    verdict
}

/// The verdict on a record that nobody has signed: not valid, or unproven if that is not minded.
#[must_use]
pub fn of_unsigned(
    json: &[u8],
    may_be_unsigned: bool,
    at: UnixSeconds,
    site: Option<&SiteId>,
) -> Verdict {
    let record = Record::from_json(json);
    let mut verdict = Verdict {
        verdict: Last::Unproven,
        steps: Vec::new(),
        record: None,
    };
    let form = record.as_ref().map(drop).map_err(ToString::to_string);
    verdict.add(StepVerdict::of("form", form));
    verdict.add(if may_be_unsigned {
        let why = "nobody has signed this record: anybody can have made it";
        StepVerdict::not_checked("signature", Some(why.into()))
    } else {
        let why =
            "nobody has signed this record: a browser keeps it so until the server has answered";
        StepVerdict::of("signature", Err(why.into()))
    });
    if let (Ok(record), Some(site)) = (&record, site) {
        let audience = if record.site == *site {
            Ok(())
        } else {
            Err(VerifyError::Audience(record.site.clone()).to_string())
        };
        verdict.add(StepVerdict::of("audience", audience));
    }
    if let Ok(record) = &record {
        let time = if record.expires_at <= at {
            Err(VerifyError::Expired(record.expires_at).to_string())
        } else if record.decided_at > at {
            Err(format!(
                "decided only at {}",
                record.decided_at.to_rfc3339()
            ))
        } else {
            Ok(())
        };
        verdict.add(StepVerdict::of("time", time));
    }
    verdict.record = record
        .ok()
        .and_then(|record| RawValue::from_string(record.to_json()).ok());
    verdict
}

/// Checks a receipt and tells how far it came.
#[must_use]
pub fn verdict(text: &str, keys: &KeySet, expect: &Expectations<'_>) -> Verdict {
    let record = UnverifiedReceipt::parse(text)
        .ok()
        .map(|receipt| receipt.record().to_json());
    let failure = Receipt::verify(text, keys, expect).err();
    Verdict {
        verdict: match failure {
            None => Last::Valid,
            Some(_) => Last::NotValid,
        },
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
        Some(error) if error.step() == step => (FAILED, Some(error.to_string())),
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
