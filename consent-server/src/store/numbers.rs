//! Acts and sources as small numbers of a row. One that was given never changes.

use super::StoreError;
use consent_core::decision::{Act, Source};

/// The number of an act.
pub(super) const fn of_act(act: Act) -> i16 {
    match act {
        Act::AcceptAll => 1,
        Act::RefuseAll => 2,
        Act::Custom => 3,
        Act::Dismiss => 4,
        Act::Withdraw => 5,
        Act::Signal => 6,
    }
}

/// The act of this number.
pub(super) fn act(stored: i16) -> Result<Act, StoreError> {
    let act = Act::ALL.iter().find(|act| of_act(**act) == stored);
    act.copied().ok_or(StoreError::Corrupt("act"))
}

/// The number of a source.
pub(super) const fn of_source(source: Source) -> i16 {
    match source {
        Source::Banner => 1,
        Source::Preferences => 2,
        Source::Placeholder => 3,
        Source::Api => 4,
        Source::Signal => 5,
    }
}

/// The source of this number.
pub(super) fn source(stored: i16) -> Result<Source, StoreError> {
    let all = Source::ALL.iter();
    let source = all.copied().find(|source| of_source(*source) == stored);
    source.ok_or(StoreError::Corrupt("source"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_and_each_source_has_a_number_of_its_own() {
        for kind in Act::ALL {
            assert_eq!(act(of_act(*kind)).unwrap(), *kind);
        }
        for from in Source::ALL {
            assert_eq!(source(of_source(*from)).unwrap(), *from);
        }
        assert!(act(0).is_err() && source(0).is_err());
    }
}
