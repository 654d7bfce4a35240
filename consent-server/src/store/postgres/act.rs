//! What a visitor did, as two bytes of a row.

use crate::store::StoreError;
use consent_core::decision::Act;

/// The number of an act. One that was given never changes.
pub(super) const fn number(act: Act) -> i16 {
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
pub(super) fn of(stored: i16) -> Result<Act, StoreError> {
    let act = Act::ALL.iter().find(|act| number(**act) == stored);
    act.copied().ok_or(StoreError::Corrupt("act"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_has_a_number_of_its_own() {
        for act in Act::ALL {
            assert_eq!(of(number(*act)).unwrap(), *act);
        }
        assert!(of(0).is_err());
    }
}
