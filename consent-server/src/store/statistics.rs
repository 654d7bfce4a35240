//! How many decisions were made each day, told apart by what staff ask about. Counts name nobody, and stay when receipts go.

use super::StoreError;
use crate::day::Day;
use consent_core::decision::{Act, Choices, Source};
use consent_core::digest::Digest;
use consent_core::id::{CategoryId, ServiceId, SiteId};
use consent_core::language::Language;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What is counted of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The day of acceptance, by the time zone that the site declared then.
    pub day: Day,
    /// What the visitor did.
    pub act: Act,
    /// Where.
    pub source: Source,
    /// Whether Global Privacy Control was on.
    pub gpc: bool,
    /// The digest of what was shown.
    pub notice: Digest,
    /// The language it was shown in.
    pub language: Language,
    /// What was granted and refused.
    pub choices: Choices<CategoryId>,
    /// The services that differ from their categories.
    pub services: Choices<ServiceId>,
}

impl Counted {
    /// What is counted of a record that was accepted on this day.
    #[must_use]
    pub fn of(record: &Record, day: Day) -> Self {
        Self {
            day,
            act: record.decision.act,
            source: record.decision.source,
            gpc: record.gpc,
            notice: record.notice,
            language: record.language.clone(),
            choices: record.decision.choices.clone(),
            services: record.decision.services.clone(),
        }
    }

    /// What is counted of a stored receipt; `shift` is how far the site's own day was from that of UTC. `None`: it cannot be
    /// read.
    pub(crate) fn of_stored(receipt: &str, received_at: i64, shift: i64) -> Option<Self> {
        let receipt = UnverifiedReceipt::parse(receipt).ok()?;
        Some(Self::of(receipt.record(), day_of(received_at, shift)))
    }

    fn grants(&self) -> bool {
        self.choices.any_granted() || self.services.any_granted()
    }
}

/// A notice by the first eight bytes of its digest: notices are their owner's, and too few for two to begin the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeKey(i64);

impl NoticeKey {
    /// The key of a digest.
    #[must_use]
    pub fn of(digest: &Digest) -> Self {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(digest.as_bytes()) {
            *to = *from;
        }
        Self(i64::from_be_bytes(first))
    }

    pub(super) const fn from_column(stored: i64) -> Self {
        Self(stored)
    }

    pub(super) const fn to_column(self) -> i64 {
        self.0
    }
}

/// What decisions have in common that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionKey {
    /// The day of acceptance.
    pub day: Day,
    /// What was shown.
    pub notice: NoticeKey,
    /// The language it was shown in.
    pub language: String,
    /// What the visitors did.
    pub act: Act,
    /// Where.
    pub source: Source,
    /// Whether Global Privacy Control was on.
    pub gpc: bool,
    /// Whether anything was granted.
    pub granted: bool,
}

/// What a choice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChoiceOf {
    /// A category.
    Category,
    /// A service, apart from its category.
    Service,
}

/// What choices have in common that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChoiceKey {
    /// The day of acceptance.
    pub day: Day,
    /// What was shown.
    pub notice: NoticeKey,
    /// What `id` names.
    pub of: ChoiceOf,
    /// The category or service.
    pub id: String,
    /// The choice.
    pub granted: bool,
}

/// What the list of sites shows of one site: counts of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteDay {
    /// The site.
    pub site: SiteId,
    /// The day.
    pub day: Day,
    /// What the visitors did.
    pub act: Act,
    /// Whether anything was granted.
    pub granted: bool,
    /// How many.
    pub count: u64,
}

/// Counts by day. Receipts that were erased or purged since are counted still. Calls block.
pub trait Statistics: Send + Sync + 'static {
    /// The decisions of a site on these days.
    fn decisions(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<DecisionKey, u64>, StoreError>;

    /// The choices of a site on these days.
    fn choices(
        &self,
        site: &SiteId,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<ChoiceKey, u64>, StoreError>;

    /// The decisions of all sites on these days.
    fn of_all_sites(&self, days: RangeInclusive<Day>) -> Result<Vec<SiteDay>, StoreError>;
}

/// Which way counted receipts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// They are stored.
    In,
    /// They are erased or purged.
    Out,
}

impl Direction {
    pub(super) const fn is_removal(self) -> bool {
        matches!(self, Self::Out)
    }
}

/// Receipts that come or go together, counted: the same decision once. Few differ, so a list is looked through.
#[derive(Debug, Default)]
pub(crate) struct Counting<'a>(Vec<(i64, &'a Counted, i64)>);

/// Counts of decisions, and of choices, by the number of their site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of decisions.
    pub decisions: BTreeMap<(i64, DecisionKey), i64>,
    /// Of choices.
    pub choices: BTreeMap<(i64, ChoiceKey), i64>,
}

impl<'a> Counting<'a> {
    /// Counts one, of the site of this number.
    pub(crate) fn count(&mut self, site: i64, counted: &'a Counted) {
        let known = self.0.iter_mut();
        for (of, same, count) in known {
            if *of == site && *same == counted {
                *count += 1;
                return;
            }
        }
        self.0.push((site, counted, 1));
    }

    /// Adds them up, in the order of their keys: whoever writes waits for no other in a circle.
    pub(crate) fn add_to(self, counts: &mut Counts) {
        for (site, counted, count) in self.0 {
            let (day, notice) = (counted.day, NoticeKey::of(&counted.notice));
            let key = DecisionKey {
                day,
                notice,
                language: counted.language.as_str().to_owned(),
                act: counted.act,
                source: counted.source,
                gpc: counted.gpc,
                granted: counted.grants(),
            };
            *counts.decisions.entry((site, key)).or_default() += count;
            let categories = counted.choices.iter();
            let categories =
                categories.map(|(id, granted)| (ChoiceOf::Category, id.as_str(), *granted));
            let services = counted.services.iter();
            let services = services.map(|(id, granted)| (ChoiceOf::Service, id.as_str(), *granted));
            for (of, id, granted) in categories.chain(services) {
                let id = id.to_owned();
                let key = ChoiceKey {
                    day,
                    notice,
                    of,
                    id,
                    granted,
                };
                *counts.choices.entry((site, key)).or_default() += count;
            }
        }
    }

    pub(crate) fn counts(self) -> Counts {
        let mut counts = Counts::default();
        self.add_to(&mut counts);
        counts
    }
}

impl<'a> FromIterator<(i64, &'a Counted)> for Counting<'a> {
    fn from_iter<I: IntoIterator<Item = (i64, &'a Counted)>>(all: I) -> Self {
        let mut counting = Self::default();
        for (site, counted) in all {
            counting.count(site, counted);
        }
        counting
    }
}

impl ChoiceOf {
    pub(super) const fn to_column(self) -> i16 {
        match self {
            Self::Category => 0,
            Self::Service => 1,
        }
    }

    pub(super) const fn from_column(stored: i16) -> Result<Self, StoreError> {
        match stored {
            0 => Ok(Self::Category),
            1 => Ok(Self::Service),
            _ => Err(StoreError::Corrupt("kind of a choice")),
        }
    }
}

/// How many there are of each act, in the order of their names, without those of which there are none.
pub(super) fn by_act(left: Vec<(Act, i64)>) -> Vec<(String, u64)> {
    let counts = left.into_iter().filter(|(_, count)| *count != 0);
    let mut counts: Vec<_> = counts
        .map(|(act, count)| (act.as_str().to_owned(), count.unsigned_abs()))
        .collect();
    counts.sort_unstable();
    counts
}

/// The day of a receipt's acceptance: how far the site's own is from that of UTC stands in its row.
fn day_of(received_at: i64, shift: i64) -> Day {
    Day::in_utc(received_at).plus(i32::try_from(shift).unwrap_or(0))
}

/// What [`day_of`] adds.
pub(crate) fn shift_of(received_at: i64, day: Day) -> i16 {
    i16::try_from(Day::in_utc(received_at).until(day)).unwrap_or(0)
}
