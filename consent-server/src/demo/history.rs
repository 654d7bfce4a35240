//! Two years of decisions for the demo's sites, so that whoever looks at the pages for staff for the first time sees what they
//! are for. Made up, and the same for the same seed and moment.

use super::DECLARATIONS;
use crate::bundle::{Bundle, BundleError};
use crate::data::{DataFolder, FileError, LockError};
use crate::day::Day;
use crate::intake::to_row;
use crate::keys::{Keys, KeysError};
use crate::publish::{PublishError, Published, Sites};
use crate::store::{NewRow, Store, StoreAddress, StoreError};
use crate::url::BaseUrl;
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId};
use consent_core::language::Language;
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use std::path::PathBuf;

/// Two years and a bit: each month of last year can be compared with that of the year before.
pub const DAYS: u32 = 760;

/// How many decisions a site gets on an ordinary weekday: some have more visitors than others.
const DAILY: [(&str, f64); 5] = [
    ("carians", 2.0),
    ("cime", 3.0),
    ("cryostem", 1.5),
    ("lacassagne", 9.0),
    ("mast", 4.0),
];

/// After how much of the time the words were changed, and after how much a service came that was not there before.
const REWORDED: f64 = 0.62;
const ENLARGED: f64 = 0.87;

/// Words of today, and what stood there before.
const REWORDINGS: [(&str, &str); 8] = [
    (
        "Counts visits and shows which pages are read and how visitors reach them.",
        "Counts visits.",
    ),
    (
        "Compte les visites et montre quelles pages sont lues et comment les visiteurs y arrivent.",
        "Compte les visites.",
    ),
    (
        "Shows how visitors reach the site and which pages they read one after another.",
        "Measures the site’s audience.",
    ),
    (
        "Montre comment les visiteurs arrivent sur le site et quelles pages ils lisent à la suite.",
        "Mesure l’audience du site.",
    ),
    (
        "Count visits and show which pages are read.",
        "Count visits.",
    ),
    (
        "Comptent les visites et montrent quelles pages sont lues.",
        "Comptent les visites.",
    ),
    ("Count visits and the pages that are read.", "Count visits."),
    (
        "Comptent les visites et les pages lues.",
        "Comptent les visites.",
    ),
];

/// The service of each site that came last.
const NEWEST: [(&str, &str); 5] = [
    ("carians", "x"),
    ("cime", "linkedin"),
    ("cryostem", "matomo"),
    ("lacassagne", "instagram"),
    ("mast", "facebook"),
];

const DAY: i64 = 86_400;

/// Receipts that are written in one go.
const BATCH: usize = 1000;

/// Why no history was made.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There are receipts, which may be somebody's.
    #[error(
        "{} is there already, and made-up decisions are mixed with no others: name an empty folder",
        .0.display()
    )]
    Exists(PathBuf),
    /// The folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another program is at work there.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The half for browsers.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A declaration of this program.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is made up.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// Where the receipts say that they were signed.
    pub url: &'a BaseUrl,
    /// What chance begins with.
    pub seed: u64,
    /// How many days back it begins.
    pub days: u32,
    /// When it ends.
    pub now: UnixSeconds,
}

impl History<'_> {
    /// Fills a folder that has no database yet; answers how many receipts there are. Blocks.
    pub fn write_to(&self, data: &DataFolder) -> Result<u64, HistoryError> {
        if data.database().exists() {
            return Err(HistoryError::Exists(data.database()));
        }
        data.make()?;
        let _lock = data.lock()?;
        let begin = self.at(0.0);
        let signer = Keys::open(data, begin)?.into_signer(self.url.as_str());
        let store = StoreAddress::of(data).open()?;
        let bundle = Bundle::embedded()?;
        let mut chance = Chance(self.seed);
        let mut count = 0;
        for (era, (from, to)) in [(0.0, REWORDED), (REWORDED, ENLARGED), (ENLARGED, 1.0)]
            .into_iter()
            .enumerate()
        {
            let sites = declared(era)?;
            let sites = Sites::publish(sites, &bundle, &*store, self.at(from))?;
            let mut rows = Vec::new();
            for site in sites.iter() {
                self.decide(
                    site,
                    (self.at(from), self.at(to)),
                    &signer,
                    &mut chance,
                    &mut rows,
                );
            }
            rows.sort_by_key(|row| row.received_at);
            count += rows.len() as u64;
            append(&*store, rows)?;
        }
        Ok(count)
    }

    /// The moment after so much of the time.
    fn at(&self, part: f64) -> UnixSeconds {
        let all = i64::from(self.days) * DAY;
        let left = ((1.0 - part) * f64::from(self.days)).round();
        // A number of days: whole, and none below zero.
        #[allow(clippy::cast_possible_truncation, reason = "at most a few hundred")]
        let left = (left as i64 * DAY).min(all);
        UnixSeconds::new(self.now.get() - left).unwrap_or(self.now)
    }

    /// The decisions at one site between two moments.
    fn decide(
        &self,
        site: &Published,
        (from, to): (UnixSeconds, UnixSeconds),
        signer: &Signer,
        chance: &mut Chance,
        rows: &mut Vec<NewRow>,
    ) {
        let zone = &site.declaration.time_zone;
        let daily = DAILY.iter().find(|(id, _)| *id == site.id.as_str());
        let daily = daily.map_or(1.0, |(_, daily)| *daily);
        let mut midnight = from.get() - from.get().rem_euclid(DAY);
        while midnight < to.get() {
            let moment = UnixSeconds::new(midnight).unwrap_or(from);
            let day = Day::of(moment, zone);
            let expected = daily * rhythm(day) * (1.0 + 0.25 * self.part(midnight));
            for _ in 0..chance.about(expected) {
                let at = UnixSeconds::new(midnight + chance.hour()).unwrap_or(from);
                if from <= at && at < to {
                    self.visit(site, at, signer, chance, rows);
                }
            }
            midnight += DAY;
        }
    }

    /// How much of the time has gone by.
    fn part(&self, seconds: i64) -> f64 {
        let gone = seconds - self.at(0.0).get();
        #[allow(clippy::cast_precision_loss, reason = "a few years in seconds")]
        let part = gone as f64 / (f64::from(self.days) * 86_400.0);
        part
    }

    /// What one visitor decides; a few think better of it some days later.
    fn visit(
        &self,
        site: &Published,
        at: UnixSeconds,
        signer: &Signer,
        chance: &mut Chance,
        rows: &mut Vec<NewRow>,
    ) {
        let languages: Vec<(&Language, &Digest)> = site.notices.iter().collect();
        // They are French organisations.
        let is_french = |language: &Language| language.primary() == "fr";
        let main = languages.iter().find(|(language, _)| is_french(language));
        let other = languages.iter().find(|(language, _)| !is_french(language));
        let shown = if chance.below(0.8) { main } else { other };
        let Some((language, notice)) = shown.or(main) else {
            return;
        };
        // Since it was said what is counted, fewer agree.
        let agree = if self.part(at.get()) < REWORDED {
            0.56
        } else {
            0.47
        };
        let act = chance.act(site, agree);
        let record = Record {
            id: chance.record_id(at),
            site: site.id.clone(),
            subject: chance.subject(),
            decision: chance.decision(site, act),
            decided_at: at,
            expires_at: at.plus_months(site.declaration.valid),
            scope: site.scope_digest,
            notice: **notice,
            language: (*language).clone(),
            previous: None,
            gpc: act == Act::Signal,
        };
        let back = at.get() + DAY * 3 + chance.hour();
        let withdrawn = (chance.below(0.03) && record.decision.choices.any_granted())
            .then(|| UnixSeconds::new(back).ok())
            .flatten()
            .filter(|back| back.get() < self.now.get());
        if let Some(back) = withdrawn {
            let again = Record {
                id: chance.record_id(back),
                decision: chance.decision(site, Act::Withdraw),
                decided_at: back,
                expires_at: back.plus_months(site.declaration.valid),
                previous: Some(record.id),
                ..record.clone()
            };
            rows.push(signed(site, again, signer));
        }
        rows.push(signed(site, record, signer));
    }
}

fn signed(site: &Published, record: Record, signer: &Signer) -> NewRow {
    let at = record.decided_at;
    let receipt = signer.sign(&record, at);
    let day = Day::of(at, &site.declaration.time_zone);
    to_row(record, at, day, receipt)
}

fn append(store: &dyn Store, rows: Vec<NewRow>) -> Result<(), StoreError> {
    let mut rows = rows.into_iter();
    loop {
        let batch: Vec<NewRow> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        store.append(&batch)?;
    }
}

/// The demo's sites as they were in an era: at first in other words, and until the last one without their newest service.
fn declared(era: usize) -> Result<Vec<Site>, PublishError> {
    let mut sites = Vec::new();
    for (file, text) in DECLARATIONS {
        let mut text = text.to_owned();
        if era == 0 {
            for (now, before) in REWORDINGS {
                text = text.replace(now, before);
            }
        }
        sites.push(Site::parse(file, &text).map_err(PublishError::Declarations)?);
    }
    super::on_one_host(&mut sites);
    if era < 2 {
        for site in &mut sites {
            let newest = NEWEST.iter().find(|(id, _)| *id == site.id.as_str());
            for category in &mut site.categories {
                let is_older = |id: &str| newest.is_none_or(|(_, newest)| id != *newest);
                category
                    .services
                    .retain(|service| is_older(service.id.as_str()));
            }
        }
    }
    Ok(sites)
}

/// How busy a day is, beside an ordinary weekday.
fn rhythm(day: Day) -> f64 {
    // 1 January 1970 was a Thursday.
    let of_week = match (day.number() + 3).rem_euclid(7) {
        0 | 1 => 1.1,
        5 => 0.5,
        6 => 0.45,
        _ => 1.0,
    };
    let (_, month, of_month) = day.civil();
    let of_year = match (month, of_month) {
        (8, _) | (12, 22..) => 0.6,
        (7, _) => 0.8,
        (9 | 1, _) => 1.15,
        _ => 1.0,
    };
    of_week * of_year
}

/// Numbers that look like chance and are the same for the same seed (`SplitMix64`). Nothing secret is made of them.
struct Chance(u64);

impl Chance {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 on, below 1.
    fn unit(&mut self) -> f64 {
        let [_, _, _, _, a, b, c, d] = self.next().to_be_bytes();
        f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }

    /// True so many times of one.
    fn below(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// As many as expected, give or take a few: Poisson's, by Knuth's multiplication.
    fn about(&mut self, expected: f64) -> u32 {
        let (limit, mut product, mut count) = ((-expected).exp(), self.unit(), 0);
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// Seconds after the beginning of a day: most come in the daytime.
    fn hour(&mut self) -> i64 {
        let (one, other) = (self.unit(), self.unit());
        #[allow(clippy::cast_possible_truncation, reason = "a day's seconds")]
        let seconds = (7.0 * 3600.0 + f64::midpoint(one, other) * 14.0 * 3600.0) as i64;
        seconds
    }

    fn record_id(&mut self, at: UnixSeconds) -> RecordId {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_be_bytes());
        let millis = at.get().unsigned_abs() * 1000 + self.next() % 1000;
        RecordId::v7(millis, random)
    }

    fn subject(&mut self) -> ConsentId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        ConsentId::from_random(bytes)
    }

    /// What somebody does whom the notice asks.
    fn act(&mut self, site: &Published, agree: f64) -> Act {
        let drawn = self.unit();
        let act = if drawn < agree {
            Act::AcceptAll
        } else if drawn < agree + 0.3 {
            Act::RefuseAll
        } else if drawn < agree + 0.39 {
            Act::Custom
        } else if drawn < agree + 0.42 {
            Act::Signal
        } else {
            Act::Dismiss
        };
        if site.can(act) { act } else { Act::RefuseAll }
    }

    fn decision(&mut self, site: &Published, act: Act) -> Decision {
        let mut choices = Choices::default();
        let mut services = Choices::default();
        for category in site.declaration.asked() {
            let granted = match act {
                Act::AcceptAll => true,
                Act::Custom => self.below(0.5),
                Act::RefuseAll | Act::Dismiss | Act::Withdraw | Act::Signal => false,
            };
            choices.insert(category.id.clone(), granted);
            for service in &category.services {
                if act == Act::Custom && category.services.len() > 1 && self.below(0.15) {
                    services.insert(service.id.clone(), !granted);
                }
            }
        }
        let source = match act {
            Act::Signal => Source::Signal,
            Act::Custom | Act::Withdraw => Source::Preferences,
            Act::AcceptAll | Act::RefuseAll | Act::Dismiss => Source::Banner,
        };
        Decision {
            act,
            source,
            choices,
            services,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ArtefactKind;
    use std::collections::BTreeSet;

    fn made(seed: u64) -> (tempfile::TempDir, u64, Vec<(Act, u64)>) {
        let folder = tempfile::tempdir().unwrap();
        let url = "http://127.0.0.1:8080".parse().unwrap();
        let history = History {
            url: &url,
            seed,
            days: 60,
            now: UnixSeconds::new(1_795_316_891).unwrap(),
        };
        let data = DataFolder::at(folder.path());
        let count = history.write_to(&data).unwrap();
        let store = StoreAddress::of(&data).open().unwrap();
        let site = "lacassagne".parse().unwrap();
        let counts = store.counts(&site).unwrap();
        let counts = counts
            .into_iter()
            .map(|(act, count)| (act.parse().unwrap(), count));
        let again = history.write_to(&data).unwrap_err();
        assert!(matches!(again, HistoryError::Exists(_)), "{again}");
        let counts = counts.collect();
        (folder, count, counts)
    }

    #[test]
    fn the_same_seed_makes_the_same_past_and_each_site_three_notices_a_language() {
        let (folder, count, acts) = made(1);
        let (_other, again, same) = made(1);
        assert_eq!((count, &acts), (again, &same));
        assert!(count > 500, "{count}");
        let known: BTreeSet<Act> = acts.iter().map(|(act, _)| *act).collect();
        assert!(
            known.contains(&Act::Custom) && known.contains(&Act::RefuseAll),
            "{acts:?}"
        );
        let store = StoreAddress::of(&DataFolder::at(folder.path()))
            .open()
            .unwrap();
        for (site, _) in DAILY {
            let site = site.parse().unwrap();
            let notices = store.artefacts(&site, ArtefactKind::Notice).unwrap();
            assert_eq!(notices.len(), 6, "{site}");
            let scopes = store.artefacts(&site, ArtefactKind::Scope).unwrap();
            assert_eq!(scopes.len(), 2, "{site}");
        }
    }
}
