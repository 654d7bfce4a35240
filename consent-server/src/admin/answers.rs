//! Decisions that were counted together.

use crate::store::DecisionKey;
use consent_core::decision::Act;
use std::collections::BTreeMap;

/// How many decisions of each kind there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) accept_all: u64,
    pub(super) refuse_all: u64,
    pub(super) custom: u64,
    pub(super) dismissed: u64,
    pub(super) withdrawn: u64,
    /// Refusals by Global Privacy Control, without a click.
    pub(super) signalled: u64,
    /// Choices that granted something.
    pub(super) agreed: u64,
}

impl Answers {
    pub(super) const fn add(&mut self, act: Act, granted: bool, count: u64) {
        match act {
            Act::AcceptAll => self.accept_all += count,
            Act::RefuseAll => self.refuse_all += count,
            Act::Custom => self.custom += count,
            Act::Dismiss => self.dismissed += count,
            Act::Withdraw => self.withdrawn += count,
            Act::Signal => self.signalled += count,
        }
        if granted {
            self.agreed += count;
        }
    }

    /// What people chose, asked by the notice: neither withdrawals, nor what their browser decided.
    pub(super) const fn choices(&self) -> u64 {
        self.accept_all + self.refuse_all + self.custom + self.dismissed
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.choices() + self.withdrawn + self.signalled == 0
    }

    /// All counts, by what they have in common.
    pub(super) fn by<K: Ord>(
        counts: &BTreeMap<DecisionKey, u64>,
        of: impl Fn(&DecisionKey) -> K,
    ) -> BTreeMap<K, Self> {
        let mut all: BTreeMap<K, Self> = BTreeMap::new();
        for (key, count) in counts {
            all.entry(of(key))
                .or_default()
                .add(key.act, key.granted, *count);
        }
        all
    }
}
