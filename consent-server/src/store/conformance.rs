//! What every backend must do, whatever it is made of: each law is run against a store that is new.
//!
//! Behind the feature `conformance`, for backends outside of this crate:
//!
//! ```ignore
//! for (name, law) in consent_server::store::conformance::LAWS {
//!     eprintln!("{name}");
//!     law(&*fresh());
//! }
//! ```
#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the name of a law says what holds; one that does not panics"
)]

use super::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, ChoiceOf, Counted, Doomed, Filter,
    Hold, Moment, NewRow, NoticeKey, Store, StoreError, StoredToken, Stretch, Tally,
    digests_beginning_with, leaf_of, leaf_of_artefact,
};
use crate::day::Day;
use crate::staff::{Role, SiteSet};
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::key::SigningKey;
use consent_core::merkle::{TILE_WIDTH, Tile};
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use std::collections::BTreeMap;

/// A law that holds for every store.
pub type Law = fn(&dyn Store);

/// All of them, with their names.
pub const LAWS: &[(&str, Law)] = &[
    (
        "a_batch_is_answered_in_order_and_read_back",
        a_batch_is_answered_in_order_and_read_back,
    ),
    (
        "a_repeat_gets_the_first_receipt",
        a_repeat_gets_the_first_receipt,
    ),
    (
        "pages_follow_each_other_and_keep_sites_apart",
        pages_follow_each_other_and_keep_sites_apart,
    ),
    ("times_bound_a_page", times_bound_a_page),
    (
        "acts_and_consent_ids_are_filters",
        acts_and_consent_ids_are_filters,
    ),
    (
        "what_is_rare_is_found_stretch_by_stretch",
        what_is_rare_is_found_stretch_by_stretch,
    ),
    (
        "the_receipts_of_a_consent_id_are_found_among_many",
        the_receipts_of_a_consent_id_are_found_among_many,
    ),
    ("acts_are_counted_per_site", acts_are_counted_per_site),
    (
        "decisions_are_counted_by_day_and_stay_when_receipts_go",
        decisions_are_counted_by_day_and_stay_when_receipts_go,
    ),
    (
        "what_continues_a_consent_id_is_found_at_its_site",
        what_continues_a_consent_id_is_found_at_its_site,
    ),
    (
        "an_artefact_stays_as_it_was_first",
        an_artefact_stays_as_it_was_first,
    ),
    ("a_token_is_found_again", a_token_is_found_again),
    ("an_empty_batch_is_fine", an_empty_batch_is_fine),
    (
        "the_trail_keeps_sites_apart_and_counts_once",
        the_trail_keeps_sites_apart_and_counts_once,
    ),
    (
        "the_last_moment_of_acceptance_is_known",
        the_last_moment_of_acceptance_is_known,
    ),
    (
        "what_is_kept_is_listed_and_what_is_not_is_missing",
        what_is_kept_is_listed_and_what_is_not_is_missing,
    ),
    (
        "what_a_site_published_last_is_remembered_and_the_site_is_known",
        what_a_site_published_last_is_remembered_and_the_site_is_known,
    ),
    (
        "a_token_is_used_and_taken_away",
        a_token_is_used_and_taken_away,
    ),
    (
        "a_line_names_a_record_until_it_goes_and_a_consent_id_until_it_is_unnamed",
        a_line_names_a_record_until_it_goes_and_a_consent_id_until_it_is_unnamed,
    ),
    (
        "what_is_to_go_is_found_and_goes_whole_or_not_at_all",
        what_is_to_go_is_found_and_goes_whole_or_not_at_all,
    ),
    ("nothing_goes_under_a_hold", nothing_goes_under_a_hold),
    (
        "moments_are_the_last_ones_set",
        moments_are_the_last_ones_set,
    ),
    ("a_copy_has_what_was_there", a_copy_has_what_was_there),
    (
        "what_was_deleted_can_be_forgotten",
        what_was_deleted_can_be_forgotten,
    ),
    (
        "leaves_wait_in_their_order_until_they_are_in_tiles",
        leaves_wait_in_their_order_until_they_are_in_tiles,
    ),
    (
        "the_end_of_the_tiles_moves_from_where_it_is_alone",
        the_end_of_the_tiles_moves_from_where_it_is_alone,
    ),
    (
        "receipts_and_artefacts_have_places_in_the_log",
        receipts_and_artefacts_have_places_in_the_log,
    ),
    (
        "receipts_without_a_place_get_theirs",
        receipts_without_a_place_get_theirs,
    ),
    (
        "the_minimum_rises_and_never_falls",
        the_minimum_rises_and_never_falls,
    ),
];

/// A row told apart by its number.
#[must_use]
pub fn new_row(number: u8, site: &str, received_at: i64) -> NewRow {
    NewRow {
        id: RecordId::v7(1_700_000_000_000 + u64::from(number), [number; 10]),
        site: site.parse().unwrap(),
        subject: ConsentId::from_random([number; 16]),
        continues: false,
        counted: Counted::of(&record(number, site, received_at), Day::in_utc(received_at)),
        decided_at: seconds(received_at - 1),
        received_at: seconds(received_at),
        expires_at: seconds(received_at + 1000),
        receipt: format!("header.{number}.signature"),
        commitment: None,
    }
}

/// Such a row with the receipt of its record: what is counted of it can be read again when it goes.
#[must_use]
pub fn signed_row(number: u8, site: &str, received_at: i64) -> NewRow {
    let signer = Signer::new(SigningKey::from_seed(&[7; 32]), "https://a.example");
    NewRow {
        receipt: signer.sign(&record(number, site, received_at), seconds(received_at)),
        ..new_row(number, site, received_at)
    }
}

/// A record that could have become such a row.
#[must_use]
pub fn record(number: u8, site: &str, decided_at: i64) -> Record {
    let accepts = number.is_multiple_of(2);
    Record {
        id: RecordId::v7(1_700_000_000_000 + u64::from(number), [number; 10]),
        site: site.parse().unwrap(),
        subject: ConsentId::from_random([number; 16]),
        decision: Decision {
            act: if accepts {
                Act::AcceptAll
            } else {
                Act::RefuseAll
            },
            source: Source::Banner,
            choices: [("analytics".parse().unwrap(), accepts)]
                .into_iter()
                .collect(),
            services: Choices::default(),
        },
        decided_at: seconds(decided_at - 1),
        expires_at: seconds(decided_at + 1000),
        scope: Digest::from_bytes([3; 32]),
        notice: Digest::from_bytes([4; 32]),
        language: "en".parse().unwrap(),
        previous: None,
        gpc: false,
    }
}

fn seconds(seconds: i64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

fn everything(site: &str) -> Filter {
    Filter::all(site.parse().unwrap())
}

fn receipts(store: &dyn Store, filter: &Filter, after: i64, limit: u32) -> Vec<String> {
    store
        .page(filter, after, limit)
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.receipt)
        .collect()
}

pub fn what_continues_a_consent_id_is_found_at_its_site(store: &dyn Store) {
    let of = |number, site, subject, continues| NewRow {
        subject: ConsentId::from_random([subject; 16]),
        continues,
        ..new_row(number, site, 10)
    };
    let rows = [
        of(1, "a", 7, false),
        of(3, "a", 7, true),
        of(2, "a", 7, true),
        of(4, "a", 8, false),
        of(5, "b", 7, true),
    ];
    store.append(&rows).unwrap();
    let (a, b, none) = ("a".parse().unwrap(), "b".parse().unwrap(), "c".parse());
    let (seven, eight) = (
        ConsentId::from_random([7; 16]),
        ConsentId::from_random([8; 16]),
    );
    let places = |site, subject| -> Vec<i64> {
        let rows = store.continued(site, subject).unwrap();
        rows.iter().map(|row| row.seq).collect()
    };
    // The oldest first, by their ids.
    assert_eq!(places(&a, seven), [3, 2]);
    assert_eq!(places(&b, seven), [1]);
    assert!(places(&a, eight).is_empty() && places(&none.unwrap(), seven).is_empty());
    let later = |site, subject, than: usize| store.has_later(site, subject, rows[than].id).unwrap();
    assert!(later(&a, seven, 0) && later(&a, seven, 2) && !later(&a, seven, 1));
    assert!(!later(&a, eight, 3) && !later(&b, seven, 4) && later(&b, seven, 0));
    let gone = store.remove(&a, &[2], &std::collections::BTreeMap::new());
    assert_eq!(gone.unwrap(), 1);
    assert!(!later(&a, seven, 2));
}

pub fn decisions_are_counted_by_day_and_stay_when_receipts_go(store: &dyn Store) {
    let signer = Signer::new(SigningKey::from_seed(&[7; 32]), "https://a.example");
    let midnight = Day::from_iso("2026-11-01").unwrap();
    let at = 86_400 * i64::from(midnight.number());
    let row = |number: u8, site: &str, received: i64, day: Day, change: fn(&mut Record)| {
        let mut record = record(number, site, received);
        change(&mut record);
        NewRow {
            counted: Counted::of(&record, day),
            receipt: signer.sign(&record, seconds(received)),
            ..new_row(number, site, received)
        }
    };
    let with_service = |record: &mut Record| {
        record.decision.act = Act::Custom;
        record.decision.services = [("video".parse().unwrap(), true)].into_iter().collect();
        record.gpc = true;
    };
    // In Paris, the last hour of October in UTC is of November.
    let rows = [
        row(1, "a", at - 7000, midnight.plus(-1), |_| {}),
        row(3, "a", at - 1000, midnight, |_| {}),
        row(2, "a", at, midnight, |_| {}),
        row(5, "a", at + 1, midnight, with_service),
        row(7, "b", at, midnight, |_| {}),
    ];
    store.append(&rows[..2]).unwrap();
    // A repeat is counted no second time.
    store.append(&rows[1..]).unwrap();
    let (a, b): (SiteId, SiteId) = ("a".parse().unwrap(), "b".parse().unwrap());
    let november = midnight..=midnight.plus(29);
    let told = || -> Vec<(&str, bool, bool, u64)> {
        let counts = store.decisions(&a, november.clone()).unwrap();
        let counts = counts.into_iter();
        let counts = counts.map(|(key, count)| {
            assert_eq!((key.day, key.language.as_str()), (midnight, "en"));
            assert_eq!(key.notice, NoticeKey::of(&Digest::from_bytes([4; 32])));
            (key.act.as_str(), key.gpc, key.granted, count)
        });
        counts.collect()
    };
    let expected = [
        ("accept_all", false, true, 1),
        ("refuse_all", false, false, 1),
        ("custom", true, true, 1),
    ];
    assert_eq!(told(), expected);
    let choices = store.choices(&a, november.clone()).unwrap();
    let choices: Vec<(ChoiceOf, &str, bool, u64)> = choices
        .iter()
        .map(|(key, count)| (key.of, key.id.as_str(), key.granted, *count))
        .collect();
    let (category, service) = (ChoiceOf::Category, ChoiceOf::Service);
    let expected_choices = [
        (category, "analytics", false, 2),
        (category, "analytics", true, 1),
        (service, "video", true, 1),
    ];
    assert_eq!(choices, expected_choices);
    let all = store.of_all_sites(midnight.plus(-1)..=midnight).unwrap();
    let sum = |site: &SiteId| -> u64 {
        let days = all.iter().filter(|day| day.site == *site);
        days.map(|day| day.count).sum()
    };
    assert_eq!((sum(&a), sum(&b)), (4, 1));
    // Counts name nobody: they stay as they were, and nothing is left under the acts.
    assert_eq!(
        store.remove(&a, &[1, 2, 3, 4], &BTreeMap::new()).unwrap(),
        4
    );
    assert_eq!(told(), expected);
    assert_eq!(store.counts(&a).unwrap(), []);
    assert_eq!(
        store
            .decisions(&b, midnight.plus(1)..=midnight.plus(9))
            .unwrap(),
        BTreeMap::new()
    );
}

pub fn a_batch_is_answered_in_order_and_read_back(store: &dyn Store) {
    let batch = [
        new_row(1, "a", 10),
        new_row(2, "a", 11),
        new_row(3, "b", 12),
    ];
    assert_eq!(
        store.append(&batch).unwrap(),
        [Appended::Stored, Appended::Stored, Appended::Stored]
    );
    for row in &batch {
        assert_eq!(
            store.row(&row.site, row.id).unwrap().unwrap().receipt,
            row.receipt
        );
    }
    let elsewhere: SiteId = "b".parse().unwrap();
    assert_eq!(store.row(&elsewhere, batch[0].id).unwrap(), None);
    store.ready().unwrap();
}

pub fn a_repeat_gets_the_first_receipt(store: &dyn Store) {
    let first = new_row(1, "a", 10);
    let again = NewRow {
        receipt: "another.receipt.text".into(),
        ..first.clone()
    };
    let existing = Appended::Exists(first.receipt.clone());
    let within = store
        .append(&[first.clone(), again.clone(), new_row(2, "a", 11)])
        .unwrap();
    assert_eq!(
        within,
        [Appended::Stored, existing.clone(), Appended::Stored]
    );
    assert_eq!(store.append(&[again]).unwrap(), [existing]);
    assert_eq!(
        receipts(store, &everything("a"), 0, 10),
        ["header.1.signature", "header.2.signature"]
    );
}

pub fn pages_follow_each_other_and_keep_sites_apart(store: &dyn Store) {
    let batch: Vec<_> = (1..=7)
        .map(|number| new_row(number, if number == 4 { "b" } else { "a" }, 10))
        .collect();
    store.append(&batch).unwrap();
    let mut seen = Vec::new();
    let mut after = Some(0);
    while let Some(place) = after {
        let page = store.page(&everything("a"), place, 2).unwrap();
        assert!(page.rows.len() <= 2);
        after = page.next;
        seen.extend(page.rows.into_iter().map(|row| row.receipt));
    }
    assert_eq!(
        seen,
        [1, 2, 3, 5, 6, 7].map(|number| format!("header.{number}.signature"))
    );
    let newest = store.latest(&"a".parse().unwrap(), 2).unwrap();
    assert_eq!(newest[0].receipt, "header.7.signature");
    assert_eq!(newest.len(), 2);
}

pub fn times_bound_a_page(store: &dyn Store) {
    store
        .append(&[
            new_row(1, "a", 10),
            new_row(2, "a", 20),
            new_row(3, "a", 30),
        ])
        .unwrap();
    let between = Filter {
        from: Some(seconds(20)),
        to: Some(seconds(30)),
        ..everything("a")
    };
    assert_eq!(receipts(store, &between, 0, 10), ["header.2.signature"]);
}

pub fn acts_and_consent_ids_are_filters(store: &dyn Store) {
    let rows = [1, 2, 3, 4].map(|number| new_row(number, "a", 10));
    store.append(&rows).unwrap();
    let refused = Filter {
        act: Some(Act::RefuseAll),
        ..everything("a")
    };
    let expected = ["header.1.signature", "header.3.signature"];
    assert_eq!(receipts(store, &refused, 0, 10), expected);
    let one = Filter {
        subject: Some(rows[2].subject),
        ..refused
    };
    assert_eq!(receipts(store, &one, 0, 10), ["header.3.signature"]);
    let nobody = Filter {
        act: Some(Act::AcceptAll),
        ..one
    };
    assert_eq!(store.page(&nobody, 0, 10).unwrap(), Stretch::default());
}

pub fn what_is_rare_is_found_stretch_by_stretch(store: &dyn Store) {
    let rows: Vec<NewRow> = (0..25_000_u32)
        .map(|number| {
            let mut random = [0; 10];
            random[4..8].copy_from_slice(&number.to_be_bytes());
            let received = 1 + i64::from(number);
            let mut row = NewRow {
                id: RecordId::v7(1, random),
                ..new_row(8, "a", received)
            };
            row.counted.act = if number == 24_999 {
                Act::Signal
            } else {
                Act::RefuseAll
            };
            row
        })
        .collect();
    store.append(&rows).unwrap();
    let rare = Filter {
        act: Some(Act::Signal),
        ..everything("a")
    };
    let (mut after, mut found, mut stretches) = (Some(0), 0, 0);
    while let Some(place) = after {
        let stretch = store.page(&rare, place, 500).unwrap();
        found += stretch.rows.len();
        stretches += 1;
        after = stretch.next;
    }
    assert_eq!(found, 1);
    assert!(stretches > 1, "one call has looked at 25,000 rows");
}

/// Wherever they lie among many, and whatever was removed beside them.
pub fn the_receipts_of_a_consent_id_are_found_among_many(store: &dyn Store) {
    let a = site("a");
    let rows: Vec<NewRow> = (0..20_000_u32)
        .map(|number| {
            let mut random = [0; 10];
            random[4..8].copy_from_slice(&number.to_be_bytes());
            // Each has five, far from one another; but for one, who is two, alike in what comes first.
            let (who, round) = (number % 4_000, number / 4_000);
            let mut subject = [0; 16];
            subject[0] = who.to_le_bytes()[0];
            subject[1..5].copy_from_slice(&who.to_be_bytes());
            subject[15] = u8::from(who == 7 && round > 1);
            NewRow {
                id: RecordId::v7(1, random),
                subject: ConsentId::from_random(subject),
                ..new_row(8, "a", 1 + i64::from(number))
            }
        })
        .collect();
    for batch in rows.chunks(1_000) {
        store.append(batch).unwrap();
    }
    let places = |subject: ConsentId| {
        let one = Filter {
            subject: Some(subject),
            ..everything("a")
        };
        let (mut after, mut places) = (Some(0), Vec::new());
        while let Some(place) = after {
            let stretch = store.page(&one, place, 2).unwrap();
            places.extend(stretch.rows.iter().map(|row| row.seq));
            after = stretch.next;
        }
        places
    };
    let expected = |subject: ConsentId, gone: &[i64]| -> Vec<i64> {
        let own = (1..).zip(&rows).filter(|(_, row)| row.subject == subject);
        let own = own.map(|(place, _)| place);
        own.filter(|place| !gone.contains(place)).collect()
    };
    for number in [0, 7, 8, 1_234, 3_999, 8_191, 8_192, 19_999] {
        let subject = rows[number].subject;
        assert_eq!(places(subject), expected(subject, &[]), "{number}");
    }
    let gone = [8, 4_008, 8_192, 8_193, 20_000];
    store.remove(&a, &gone, &BTreeMap::new()).unwrap();
    for place in gone {
        let row = usize::try_from(place - 1).unwrap();
        let subject = rows[row].subject;
        assert_eq!(places(subject), expected(subject, &gone), "{place}");
        let (mut after, mut doomed) = (Some(0), Vec::new());
        while let Some(from) = after {
            let stretch = store.doomed(&a, &Doomed::Subject(subject), from).unwrap();
            doomed.extend(stretch.rows.iter().map(|row| row.seq));
            after = stretch.next;
        }
        assert_eq!(doomed, expected(subject, &gone), "{place}");
    }
}

pub fn acts_are_counted_per_site(store: &dyn Store) {
    store
        .append(&[
            signed_row(1, "a", 1),
            signed_row(2, "a", 1),
            signed_row(3, "a", 1),
            signed_row(5, "b", 1),
        ])
        .unwrap();
    let a: SiteId = "a".parse().unwrap();
    let counted = |accepted: u64, refused: u64| {
        let counts = store.counts(&a).unwrap();
        let expected = [("accept_all", accepted), ("refuse_all", refused)];
        let expected = expected.into_iter().filter(|(_, count)| *count > 0);
        let expected: Vec<_> = expected
            .map(|(act, count)| (act.to_owned(), count))
            .collect();
        assert_eq!(counts, expected);
    };
    counted(1, 2);
    // One that is known, and one that is new.
    store
        .append(&[signed_row(1, "a", 1), signed_row(4, "a", 1)])
        .unwrap();
    counted(2, 2);
    store.remove(&a, &[1, 4], &BTreeMap::new()).unwrap();
    counted(1, 1);
    // What is not done counts for nothing.
    assert!(store.remove(&a, &[2, 9], &BTreeMap::new()).is_err());
    counted(1, 1);
    store.remove(&a, &[2, 3], &BTreeMap::new()).unwrap();
    counted(0, 0);
}

pub fn an_artefact_stays_as_it_was_first(store: &dyn Store) {
    let site: SiteId = "a".parse().unwrap();
    let artefact = |content: &str| Artefact {
        digest: Digest::from_bytes([1; 32]),
        kind: ArtefactKind::Notice,
        site: Some(site.clone()),
        content: content.into(),
        kept_at: seconds(5),
    };
    store.keep(&[artefact("first")]).unwrap();
    store.keep(&[artefact("second")]).unwrap();
    let digest = Digest::from_bytes([1; 32]);
    let kept = |site, kind| store.artefact(site, kind, &digest).unwrap();
    assert_eq!(kept(Some(&site), ArtefactKind::Notice).unwrap(), b"first");
    assert_eq!(kept(None, ArtefactKind::Notice), None);
    assert_eq!(kept(Some(&site), ArtefactKind::Scope), None);
}

pub fn a_token_is_found_again(store: &dyn Store) {
    let limited = StoredToken {
        hash: Digest::from_bytes([1; 32]),
        role: Role::Viewer,
        sites: SiteSet::Some(["a".parse().unwrap(), "b".parse().unwrap()].into()),
        label: "J. Dupont".into(),
        created_at: seconds(5),
        expires_at: Some(seconds(50)),
        used_on: None,
    };
    let everywhere = StoredToken {
        hash: Digest::from_bytes([2; 32]),
        role: Role::Admin,
        sites: SiteSet::All,
        expires_at: None,
        ..limited.clone()
    };
    store.add_token(&limited).unwrap();
    store.add_token(&everywhere).unwrap();
    assert_eq!(store.tokens().unwrap(), [limited.clone(), everywhere]);
    assert!(store.add_token(&limited).is_err());
}

pub fn the_trail_keeps_sites_apart_and_counts_once(store: &dyn Store) {
    let access = |site: Option<&str>, at| Access {
        at: seconds(at),
        who: "J. Dupont".into(),
        token: "abcdefgh".into(),
        role: "exporter".into(),
        action: "export".into(),
        site: site.map(|site| site.parse().unwrap()),
        filter: "format=csv".into(),
        rows: None,
    };
    let first = store.note(&access(Some("shop"), 10)).unwrap();
    store.note(&access(Some("shop-two"), 20)).unwrap();
    store.note(&access(None, 30)).unwrap();
    let shop: SiteId = "shop".parse().unwrap();
    assert_eq!(store.manifest(&shop, first).unwrap(), None);
    store.settle(first, 7, Some("{}")).unwrap();
    store.settle(first, 8, None).unwrap();
    assert_eq!(store.manifest(&shop, first).unwrap().as_deref(), Some("{}"));
    let elsewhere = "shop-two".parse().unwrap();
    assert_eq!(store.manifest(&elsewhere, first).unwrap(), None);
    let trail = |sites: SiteSet, after, limit| {
        let filter = AccessFilter {
            sites,
            from: None,
            to: None,
        };
        store.trail(&filter, after, limit).unwrap()
    };
    let of_shop = trail(SiteSet::Some(["shop".parse().unwrap()].into()), 0, 10);
    assert_eq!(of_shop.len(), 1);
    assert_eq!(of_shop[0].access.rows, Some(7));
    assert_eq!(trail(SiteSet::Some([].into()), 0, 10), []);
    let all = trail(SiteSet::All, 0, 10);
    assert_eq!(all.len(), 3);
    assert_eq!(all[1].access, access(Some("shop-two"), 20));
    assert_eq!(trail(SiteSet::All, all[1].seq, 10), all[2..]);
    assert_eq!(trail(SiteSet::All, 0, 2), all[..2]);
    let later = AccessFilter {
        sites: SiteSet::All,
        from: Some(seconds(20)),
        to: Some(seconds(30)),
    };
    assert_eq!(store.trail(&later, 0, 10).unwrap(), all[1..2]);
}

pub fn an_empty_batch_is_fine(store: &dyn Store) {
    assert_eq!(store.append(&[]).unwrap(), []);
    assert_eq!(
        store.page(&everything("a"), 0, 10).unwrap(),
        Stretch::default()
    );
}

fn site(id: &str) -> SiteId {
    id.parse().unwrap()
}

fn artefact(number: u8, kind: ArtefactKind, of: Option<&str>) -> Artefact {
    Artefact {
        digest: Digest::from_bytes([number; 32]),
        kind,
        site: of.map(site),
        content: vec![number],
        kept_at: seconds(5),
    }
}

fn access(action: &str, of: &str, filter: String) -> Access {
    Access {
        at: seconds(10),
        who: "J. Dupont".into(),
        token: "abcdefgh".into(),
        role: "admin".into(),
        action: action.into(),
        site: Some(site(of)),
        filter,
        rows: None,
    }
}

fn filters(store: &dyn Store) -> Vec<String> {
    let all = AccessFilter {
        sites: SiteSet::All,
        from: None,
        to: None,
    };
    let lines = store.trail(&all, 0, 100).unwrap().into_iter();
    lines.map(|line| line.access.filter).collect()
}

/// By the clock of then, whatever came after what.
pub fn the_last_moment_of_acceptance_is_known(store: &dyn Store) {
    assert_eq!(store.last_received().unwrap(), None);
    let rows = [
        new_row(1, "a", 30),
        new_row(2, "a", 20),
        new_row(3, "b", 25),
    ];
    store.append(&rows).unwrap();
    assert_eq!(store.last_received().unwrap(), Some(seconds(30)));
    assert_eq!(store.find(rows[2].id).unwrap().unwrap(), rows[2].receipt);
    assert_eq!(store.find(new_row(9, "a", 1).id).unwrap(), None);
}

/// Of one site and kind, and of all sites.
pub fn what_is_kept_is_listed_and_what_is_not_is_missing(store: &dyn Store) {
    let kept = [
        artefact(1, ArtefactKind::Notice, Some("a")),
        artefact(2, ArtefactKind::Notice, Some("b")),
        artefact(3, ArtefactKind::File, None),
    ];
    store.keep(&kept).unwrap();
    let of_a = store.artefacts(&site("a"), ArtefactKind::Notice).unwrap();
    assert_eq!(of_a.len(), 1);
    assert_eq!(
        (of_a[0].digest, &of_a[0].content),
        (kept[0].digest, &vec![1])
    );
    let (a, b) = (site("a"), site("b"));
    let asked = [
        (Some(&a), ArtefactKind::Notice, kept[0].digest),
        (Some(&b), ArtefactKind::Notice, Digest::from_bytes([9; 32])),
        (None, ArtefactKind::File, kept[2].digest),
        (None, ArtefactKind::File, kept[1].digest),
    ];
    let missing = store.missing(&asked).unwrap();
    assert_eq!(
        missing,
        [Digest::from_bytes([9; 32]), kept[1].digest].into()
    );
    assert!(store.missing(&[]).unwrap().is_empty());
    let found = |number: u8, of: &SiteId, length: usize| {
        let text = Digest::from_bytes([number; 32]).to_text();
        let digests = digests_beginning_with(&text[..length]).unwrap();
        let kind = ArtefactKind::Notice;
        store.artefact_between(of, kind, &digests).unwrap()
    };
    for length in [22, 43] {
        assert_eq!(found(1, &a, length), Some(vec![1]));
        assert_eq!(found(2, &a, length), None, "another site's");
        assert_eq!(found(9, &a, length), None);
    }
}

/// The last one counts; sites are there for ever.
pub fn what_a_site_published_last_is_remembered_and_the_site_is_known(store: &dyn Store) {
    let (first, second) = (Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32]));
    store
        .note_published(&[(site("b"), first), (site("a"), first)])
        .unwrap();
    store.note_published(&[(site("b"), second)]).unwrap();
    assert_eq!(store.last_published(&site("b")).unwrap(), Some(second));
    assert_eq!(store.last_published(&site("c")).unwrap(), None);
    store.append(&[new_row(1, "c", 10)]).unwrap();
    assert_eq!(store.sites().unwrap(), [site("a"), site("b"), site("c")]);
}

/// Once it is taken away it opens nothing.
pub fn a_token_is_used_and_taken_away(store: &dyn Store) {
    let token = StoredToken {
        hash: Digest::from_bytes([1; 32]),
        role: Role::Viewer,
        sites: SiteSet::All,
        label: "J. Dupont".into(),
        created_at: seconds(5),
        expires_at: None,
        used_on: None,
    };
    store.add_token(&token).unwrap();
    store.use_token(&token.hash, seconds(86_400)).unwrap();
    assert_eq!(store.tokens().unwrap()[0].used_on, Some(seconds(86_400)));
    assert!(store.revoke_token(&token.hash).unwrap());
    assert!(!store.revoke_token(&token.hash).unwrap());
    assert_eq!(store.tokens().unwrap(), []);
}

/// Whoever reads the trail later is led to nobody.
pub fn a_line_names_a_record_until_it_goes_and_a_consent_id_until_it_is_unnamed(store: &dyn Store) {
    let row = new_row(1, "a", 10);
    store.append(std::slice::from_ref(&row)).unwrap();
    store
        .note_record(&access("read", "a", String::new()), row.id)
        .unwrap();
    let id = row.id.to_text();
    assert!(filters(store)[0].contains(&id), "{:?}", filters(store));
    let unknown = new_row(2, "a", 10).id;
    store
        .note_record(&access("read", "a", String::new()), unknown)
        .unwrap();
    assert!(!filters(store)[1].contains(&unknown.to_text()));
    let named = super::in_trail(row.subject);
    store
        .note(&access("export", "a", format!("subject={named}")))
        .unwrap();
    store
        .note(&access("export", "b", format!("subject={named}")))
        .unwrap();
    store.remove(&row.site, &[1], &BTreeMap::new()).unwrap();
    store.unname(&row.site, row.subject).unwrap();
    let left = filters(store);
    assert!(
        !left[0].contains(&id) && !left[2].contains(&named),
        "{left:?}"
    );
    assert!(left[3].contains(&named), "another site's line");
}

/// In one transaction, with what lives on of them.
pub fn what_is_to_go_is_found_and_goes_whole_or_not_at_all(store: &dyn Store) {
    let mut rows: Vec<NewRow> = (1..=4).map(|number| new_row(number, "a", 10)).collect();
    rows[3].expires_at = seconds(5000);
    store.append(&rows).unwrap();
    let ended = store
        .doomed(&site("a"), &Doomed::EndedBy(seconds(1010)), 0)
        .unwrap();
    let places: Vec<i64> = ended.rows.iter().map(|row| row.seq).collect();
    assert_eq!(places, [1, 2, 3]);
    let of_one = Doomed::Subject(rows[1].subject);
    let found = store.doomed(&site("a"), &of_one, 0).unwrap();
    assert_eq!(found.rows.len(), 1);
    let tally = Tally {
        month: "2026-11".into(),
        act: "accept_all".into(),
        granted: "analytics".into(),
    };
    let tallies = BTreeMap::from([(tally.clone(), 2)]);
    assert_eq!(store.remove(&site("a"), &[1, 3], &tallies).unwrap(), 2);
    let again = store.remove(&site("a"), &[2, 3], &tallies);
    assert!(matches!(again, Err(StoreError::Fewer)), "{again:?}");
    assert_eq!(store.tallies(&site("a")).unwrap(), tallies);
    assert!(store.tallies(&site("b")).unwrap().is_empty());
    assert_eq!(store.row(&site("a"), rows[0].id).unwrap(), None);
    assert!(store.row(&site("a"), rows[1].id).unwrap().is_some());
    // A place is never given again.
    store.append(&[new_row(9, "a", 20)]).unwrap();
    assert_eq!(
        store
            .row(&site("a"), new_row(9, "a", 20).id)
            .unwrap()
            .unwrap()
            .seq,
        5
    );
}

/// Of the site that it is of, and until it is lifted.
pub fn nothing_goes_under_a_hold(store: &dyn Store) {
    store
        .append(&[new_row(1, "a", 10), new_row(2, "b", 10)])
        .unwrap();
    let hold = Hold {
        site: site("a"),
        reason: "a case".into(),
        since: seconds(20),
    };
    store.hold(&hold).unwrap();
    assert_eq!(store.held(&site("a")).unwrap(), Some(hold.clone()));
    assert_eq!(store.held(&site("b")).unwrap(), None);
    assert_eq!(store.holds().unwrap(), [hold]);
    let kept = store.remove(&site("a"), &[1], &BTreeMap::new());
    assert!(
        matches!(&kept, Err(StoreError::Held(of)) if *of == site("a")),
        "{kept:?}"
    );
    assert_eq!(store.remove(&site("b"), &[1], &BTreeMap::new()).unwrap(), 1);
    assert!(store.lift(&site("a")).unwrap() && !store.lift(&site("a")).unwrap());
    assert_eq!(store.remove(&site("a"), &[1], &BTreeMap::new()).unwrap(), 1);
    assert_eq!(store.known_sites().unwrap(), [site("a"), site("b")].into());
}

/// Each for itself.
pub fn moments_are_the_last_ones_set(store: &dyn Store) {
    assert_eq!(store.moment(Moment::Signed).unwrap(), None);
    store.set_moment(Moment::Signed, seconds(9)).unwrap();
    store.set_moment(Moment::Signed, seconds(7)).unwrap();
    store.set_moment(Moment::Purged, seconds(3)).unwrap();
    assert_eq!(store.moment(Moment::Signed).unwrap(), Some(seconds(7)));
    assert_eq!(store.moment(Moment::Purged).unwrap(), Some(seconds(3)));
    assert_eq!(store.moment(Moment::BackedUp).unwrap(), None);
}

/// Of the moment at which it was asked for, into a file that was not there; unless others copy it, of which none is written.
pub fn a_copy_has_what_was_there(store: &dyn Store) {
    store.append(&[new_row(1, "a", 10)]).unwrap();
    let folder = std::env::temp_dir().join(format!("consent-copy-{:p}", &raw const *store));
    let _ = std::fs::remove_file(&folder);
    assert!(store.size().unwrap() > 0);
    match store.copy_to(&folder) {
        Err(StoreError::CopiedByOthers(_)) => assert!(!folder.exists()),
        copied => {
            copied.unwrap();
            assert!(std::fs::metadata(&folder).unwrap().len() > 0);
            std::fs::remove_file(&folder).unwrap();
        }
    }
}

/// When nobody reads, at the latest.
pub fn what_was_deleted_can_be_forgotten(store: &dyn Store) {
    store.append(&[new_row(1, "a", 10)]).unwrap();
    store.remove(&site("a"), &[1], &BTreeMap::new()).unwrap();
    assert!(store.forget().unwrap());
    assert!(store.forget().unwrap(), "nothing to do");
    store.ready().unwrap();
}

fn leaf(number: u64) -> Digest {
    Digest::of(&number.to_le_bytes())
}

/// None is left out, none comes twice.
pub fn leaves_wait_in_their_order_until_they_are_in_tiles(store: &dyn Store) {
    assert_eq!(store.log_state().unwrap().next, 0);
    store.name_log("example.org/log").unwrap();
    let leaves: Vec<Digest> = (0..5).map(leaf).collect();
    assert_eq!(store.add_leaves(&leaves[..2]).unwrap(), 0);
    assert_eq!(store.add_leaves(&leaves[2..]).unwrap(), 2);
    assert_eq!(store.waiting(0, 100).unwrap(), leaves);
    let tile = Tile::at(0, 0, 5).unwrap();
    assert_eq!(store.tile(tile).unwrap(), None);
    let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    store.integrate(0, 5, &[(tile, bytes.clone())]).unwrap();
    assert_eq!(store.tile(tile).unwrap(), Some(bytes.clone()));
    let narrow = Tile::at(0, 0, 3).unwrap();
    assert_eq!(store.tile(narrow).unwrap(), Some(bytes[..96].to_vec()));
    assert_eq!(
        store.tile(Tile::at(0, 0, 6).unwrap()).unwrap(),
        None,
        "too short"
    );
    assert_eq!(store.waiting(5, 100).unwrap(), []);
    let state = store.log_state().unwrap();
    assert_eq!((state.next, state.size), (5, 5));
    assert_eq!(state.origin.as_deref(), Some("example.org/log"));
}

/// Two that write the log do not both win.
pub fn the_end_of_the_tiles_moves_from_where_it_is_alone(store: &dyn Store) {
    store.add_leaves(&[leaf(0), leaf(1)]).unwrap();
    store.add_leaves(&[leaf(2)]).unwrap();
    let tile = |size| {
        let bytes: Vec<u8> = (0..size).flat_map(|n| *leaf(n).as_bytes()).collect();
        (Tile::at(0, 0, size).unwrap(), bytes)
    };
    store.integrate(0, 2, &[tile(2)]).unwrap();
    let again = store.integrate(0, 3, &[tile(3)]);
    assert!(matches!(again, Err(StoreError::Moved)), "{again:?}");
    let beyond = store.integrate(2, 4, &[tile(4)]);
    assert!(matches!(beyond, Err(StoreError::Moved)), "{beyond:?}");
    assert_eq!(store.log_state().unwrap().size, 2);
    assert_eq!(store.waiting(2, 9).unwrap(), [leaf(2)]);
    store.integrate(2, 3, &[tile(3)]).unwrap();
}

/// With the salt that ties a receipt to its leaf.
pub fn receipts_and_artefacts_have_places_in_the_log(store: &dyn Store) {
    let rows = [1, 2].map(|number| new_row(number, "a", 10).committed().unwrap());
    store.append(&rows).unwrap();
    let notice = artefact(1, ArtefactKind::Notice, Some("a"));
    store
        .keep(&[notice.clone(), artefact(2, ArtefactKind::File, None)])
        .unwrap();
    let logged = store.logged(&site("a"), rows[1].id).unwrap().unwrap();
    assert_eq!((&logged.receipt, logged.place), (&rows[1].receipt, 1));
    assert_eq!(store.logged(&site("b"), rows[1].id).unwrap(), None);
    let place = |kind, digest: &Digest, of: Option<&SiteId>| {
        store.logged_artefact(of, kind, digest).unwrap()
    };
    let a = site("a");
    assert_eq!(
        place(ArtefactKind::Notice, &notice.digest, Some(&a)),
        Some(2)
    );
    assert_eq!(
        place(ArtefactKind::File, &Digest::from_bytes([2; 32]), None),
        None
    );
    let waiting = store.waiting(0, 9).unwrap();
    assert_eq!(waiting[1], leaf_of(&logged.salt, &logged.receipt));
    assert_eq!(
        waiting[2],
        leaf_of_artefact(ArtefactKind::Notice, "a", &notice.digest)
    );
    let placed = store.commitments(&a, &[2, 7]).unwrap();
    assert_eq!(placed.len(), 2);
    assert_eq!(
        placed[0].map(|placed| (placed.place, placed.salt)),
        Some((1, logged.salt))
    );
    assert_eq!(placed[1], None);
}

/// Those that were stored by a server without a log: at once, or when a log is begun.
pub fn receipts_without_a_place_get_theirs(store: &dyn Store) {
    let rows = [new_row(1, "a", 10), new_row(2, "b", 10)];
    store.append(&rows).unwrap();
    while store.adopt().unwrap() {}
    let places: Vec<u64> = rows
        .iter()
        .map(|row| store.logged(&row.site, row.id).unwrap().unwrap().place)
        .collect();
    assert_eq!(places.len(), 2);
    assert_ne!(places[0], places[1]);
    assert_eq!(store.log_state().unwrap().next, 2);
    assert!(!store.adopt().unwrap());
}

/// It says from where on tiles are given out.
pub fn the_minimum_rises_and_never_falls(store: &dyn Store) {
    let width = u64::from(TILE_WIDTH);
    let leaves: Vec<Digest> = (0..=width).map(leaf).collect();
    store.add_leaves(&leaves).unwrap();
    let row = new_row(1, "a", 10).committed().unwrap();
    store.append(std::slice::from_ref(&row)).unwrap();
    assert_eq!(store.first_living().unwrap(), Some(width + 1));
    assert!(
        !store.raise_minimum(width).unwrap(),
        "more than is in tiles"
    );
    let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| *leaf.as_bytes()).collect();
    let full = (
        Tile::at(0, 0, width).unwrap(),
        bytes[..bytes.len() - 32].to_vec(),
    );
    store.integrate(0, width, &[full]).unwrap();
    assert!(store.raise_minimum(width).unwrap());
    assert!(!store.raise_minimum(width - 1).unwrap());
    assert_eq!(store.log_state().unwrap().minimum, width);
    assert_eq!(
        store.first_living().unwrap(),
        None,
        "less than a tile above"
    );
}
