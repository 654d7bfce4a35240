//! What a rule is, and what it says of a declaration.

use alloc::string::String;
use alloc::vec::Vec;

use crate::site::Site;
use crate::time::UnixSeconds;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Unlawful, or very likely so.
    Error,
    /// Against a guideline, or a risk.
    Warning,
    /// Good practice.
    Advice,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// A rule of law or of a guideline.
#[derive(Debug)]
pub struct Rule {
    /// Its stable id.
    pub id: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// What it asks for, in a sentence.
    pub summary: &'static str,
    /// The law or guideline, with its paragraph.
    pub source: &'static str,
    pub(super) look: fn(&Site, UnixSeconds, &mut Found),
}

/// What one rule has found so far: key, problem, advice.
#[derive(Default)]
pub(super) struct Found(pub(super) Vec<(String, String, String)>);

impl Found {
    pub(super) fn push(
        &mut self,
        key: impl Into<String>,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.0.push((key.into(), problem.into(), advice.into()));
    }
}
