//! Why somebody's records are erased. One of a few, and no text of one's own: the trail outlives the erasure, and must name nobody.

use crate::texts::ProofTexts;

/// A reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The person asked for it (GDPR 17).
    Request,
    /// The records should never have been made.
    Mistake,
    /// An authority or a court ordered it.
    Order,
    /// Another one, which is written down elsewhere.
    Other,
}

impl Reason {
    pub(super) const ALL: [Self; 4] = [Self::Request, Self::Mistake, Self::Order, Self::Other];

    /// Its name in forms and in the trail.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Mistake => "mistake",
            Self::Order => "order",
            Self::Other => "other",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    pub(super) const fn title(self, texts: &ProofTexts) -> &'static str {
        match self {
            Self::Request => texts.asked_by_person,
            Self::Mistake => texts.made_by_mistake,
            Self::Order => texts.ordered,
            Self::Other => texts.other_reason,
        }
    }
}
