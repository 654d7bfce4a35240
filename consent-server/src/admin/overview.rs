//! What a site's visitors chose in a period, read from the counts of each day.

use super::answers::Answers;
use super::names::Names;
use super::period::Period;
use crate::day::Day;
use crate::retired::Kept;
use crate::store::{ArtefactKind, ChoiceKey, ChoiceOf, NoticeKey, Store, StoreError};
use crate::texts::ReaderLanguage;
use consent_core::decision::Source;
use consent_core::site::{Site, TimeZone};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// All that the overview of a site shows.
pub(super) struct Overview {
    pub(super) zone: TimeZone,
    pub(super) today: Day,
    pub(super) period: Period,
    pub(super) now: Answers,
    pub(super) before: Answers,
    /// By the starts of the period's steps.
    pub(super) steps: BTreeMap<Day, Answers>,
    /// The days on which the notice changed.
    pub(super) changes: BTreeSet<Day>,
    pub(super) agreed: Vec<Agreed>,
    pub(super) languages: BTreeMap<String, Answers>,
    pub(super) sources: BTreeMap<Source, Answers>,
    /// With their language, and the day they were published; `None`: no longer kept.
    pub(super) notices: Vec<(Option<(String, Day)>, Answers)>,
}

/// How many agreed to a category or a service, and refused it.
pub(super) struct Agreed {
    pub(super) name: String,
    pub(super) is_service: bool,
    pub(super) now: Tally,
    pub(super) before: Tally,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) granted: u64,
    pub(super) refused: u64,
}

impl Overview {
    pub(super) fn read(
        store: &dyn Store,
        site: &Kept,
        period: Period,
        today: Day,
        reader: ReaderLanguage,
    ) -> Result<Self, StoreError> {
        let zone = zone(site);
        let (id, before) = (site.id(), period.before());
        let decisions = store.decisions(id, period.days())?;
        let total =
            |counts| -> Answers { Answers::by(counts, |_| ()).remove(&()).unwrap_or_default() };
        let published = published(store, site, &zone)?;
        let of_notice = Answers::by(&decisions, |key| key.notice);
        let mut notices: Vec<_> = of_notice
            .into_iter()
            .map(|(notice, answers)| (published.get(&notice).cloned(), answers))
            .collect();
        notices.sort_by(|one, other| other.0.cmp(&one.0));
        let choices = store.choices(id, period.days())?;
        let choices_before = store.choices(id, before.days())?;
        Ok(Self {
            today,
            period,
            now: total(&decisions),
            before: total(&store.decisions(id, before.days())?),
            steps: Answers::by(&decisions, |key| period.start(key.day)),
            changes: changes(&published, period),
            agreed: site.declaration().map_or_else(Vec::new, |declared| {
                agreed(declared, &choices, &choices_before, reader)
            }),
            languages: Answers::by(&decisions, |key| key.language.clone()),
            sources: Answers::by(&decisions, |key| key.source),
            notices,
            zone,
        })
    }
}

/// Where those live who look after a site.
pub(super) fn zone(site: &Kept) -> TimeZone {
    let declared = site.declaration();
    declared.map_or_else(TimeZone::default, |site| site.time_zone.clone())
}

/// All notices of a site, with their languages and days.
fn published(
    store: &dyn Store,
    site: &Kept,
    zone: &TimeZone,
) -> Result<BTreeMap<NoticeKey, (String, Day)>, StoreError> {
    #[derive(Deserialize)]
    struct Shown {
        language: String,
    }
    let mut published = BTreeMap::new();
    for kept in store.artefacts(site.id(), ArtefactKind::Notice)? {
        let shown: Shown =
            serde_json::from_slice(&kept.content).map_err(|_| StoreError::Corrupt("notice"))?;
        let day = Day::of(kept.kept_at, zone);
        published.insert(NoticeKey::of(&kept.digest), (shown.language, day));
    }
    Ok(published)
}

/// The first notice of a language is no change.
fn changes(published: &BTreeMap<NoticeKey, (String, Day)>, period: Period) -> BTreeSet<Day> {
    let mut days: BTreeMap<&str, BTreeSet<Day>> = BTreeMap::new();
    for (language, day) in published.values() {
        days.entry(language).or_default().insert(*day);
    }
    let later = days.into_values().flat_map(|days| days.into_iter().skip(1));
    later.filter(|day| period.days().contains(day)).collect()
}

/// What is declared now, in its order: each category, and its services.
fn agreed(
    declared: &Site,
    choices: &BTreeMap<ChoiceKey, u64>,
    before: &BTreeMap<ChoiceKey, u64>,
    reader: ReaderLanguage,
) -> Vec<Agreed> {
    let names = Names::of(declared, reader);
    let mut all = Vec::new();
    for category in declared.asked() {
        let id = category.id.as_str();
        let of_category = |choices| tally(choices, ChoiceOf::Category, id);
        all.push(Agreed {
            name: names.text(&category.title).to_owned(),
            is_service: false,
            now: of_category(choices),
            before: of_category(before),
        });
        for service in &category.services {
            // What was chosen for the service alone is the opposite of what was chosen for its category.
            let of_service = |choices| {
                let Tally { granted, refused } = of_category(choices);
                let own = tally(choices, ChoiceOf::Service, service.id.as_str());
                Tally {
                    granted: (granted + own.granted).saturating_sub(own.refused),
                    refused: (refused + own.refused).saturating_sub(own.granted),
                }
            };
            all.push(Agreed {
                name: names.text(&service.name).to_owned(),
                is_service: true,
                now: of_service(choices),
                before: of_service(before),
            });
        }
    }
    all
}

fn tally(choices: &BTreeMap<ChoiceKey, u64>, of: ChoiceOf, id: &str) -> Tally {
    let mut tally = Tally::default();
    for (key, count) in choices {
        if key.of == of && key.id == id {
            if key.granted {
                tally.granted += count;
            } else {
                tally.refused += count;
            }
        }
    }
    tally
}
