//! How a command ends: what its exit code says.

use consent_core::evidence::Verdict;

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Fine.
    Yes,
    /// It ran, and the answer is no.
    No,
    /// It ran, and nothing contradicts; but nothing that is trusted says yes.
    Unproven,
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Self::Yes,
            Verdict::Unproven => Self::Unproven,
            Verdict::NotValid => Self::No,
        }
    }
}
