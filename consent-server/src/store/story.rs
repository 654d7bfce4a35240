//! What every backend must do, told once: `story::tests!(fresh)` runs it against a backend.

use super::{
    Access, AccessFilter, Appended, Artefact, ArtefactKind, Filter, NewRow, Store, StoredToken,
    Stretch,
};
use crate::staff::{Role, SiteSet};
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::record::Record;
use consent_core::time::UnixSeconds;

macro_rules! tests {
    ($fresh:ident) => {
        $crate::store::story::tests!(
            $fresh,
            a_batch_is_answered_in_order_and_read_back,
            a_repeat_gets_the_first_receipt,
            pages_follow_each_other_and_keep_sites_apart,
            times_bound_a_page,
            acts_and_consent_ids_are_filters,
            what_is_rare_is_found_stretch_by_stretch,
            acts_are_counted_per_site,
            what_continues_a_consent_id_is_found_at_its_site,
            an_artefact_stays_as_it_was_first,
            a_token_is_found_again,
            an_empty_batch_is_fine,
            the_trail_keeps_sites_apart_and_counts_once,
        );
    };
    ($fresh:ident, $($story:ident,)+) => {
        $(
            #[test]
            fn $story() {
                let (store, _keep) = $fresh();
                $crate::store::story::$story(&store);
            }
        )+
    };
}
pub(crate) use tests;

/// A row told apart by its number.
pub(crate) fn new_row(number: u8, site: &str, received_at: i64) -> NewRow {
    NewRow {
        id: RecordId::v7(1_700_000_000_000 + u64::from(number), [number; 10]),
        site: site.parse().unwrap(),
        subject: ConsentId::from_random([number; 16]),
        continues: false,
        act: if number.is_multiple_of(2) {
            Act::AcceptAll
        } else {
            Act::RefuseAll
        },
        decided_at: seconds(received_at - 1),
        received_at: seconds(received_at),
        expires_at: seconds(received_at + 1000),
        receipt: format!("header.{number}.signature"),
        commitment: None,
    }
}

/// A record that could have become such a row.
pub(crate) fn record(number: u8, site: &str, decided_at: i64) -> Record {
    let row = new_row(number, site, decided_at);
    Record {
        id: row.id,
        site: row.site,
        subject: row.subject,
        decision: Decision {
            act: row.act,
            source: Source::Banner,
            choices: [("analytics".parse().unwrap(), row.act == Act::AcceptAll)]
                .into_iter()
                .collect(),
            services: Choices::default(),
        },
        decided_at: row.decided_at,
        expires_at: row.expires_at,
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

fn receipts(store: &impl Store, filter: &Filter, after: i64, limit: u32) -> Vec<String> {
    store
        .page(filter, after, limit)
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.receipt)
        .collect()
}

pub(crate) fn what_continues_a_consent_id_is_found_at_its_site(store: &impl Store) {
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

pub(crate) fn a_batch_is_answered_in_order_and_read_back(store: &impl Store) {
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

pub(crate) fn a_repeat_gets_the_first_receipt(store: &impl Store) {
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

pub(crate) fn pages_follow_each_other_and_keep_sites_apart(store: &impl Store) {
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

pub(crate) fn times_bound_a_page(store: &impl Store) {
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

pub(crate) fn acts_and_consent_ids_are_filters(store: &impl Store) {
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

pub(crate) fn what_is_rare_is_found_stretch_by_stretch(store: &impl Store) {
    let rows: Vec<NewRow> = (0..25_000_u32)
        .map(|number| {
            let mut random = [0; 10];
            random[4..8].copy_from_slice(&number.to_be_bytes());
            let received = 1 + i64::from(number);
            NewRow {
                id: RecordId::v7(1, random),
                ..new_row(if number == 24_999 { 7 } else { 8 }, "a", received)
            }
        })
        .collect();
    store.append(&rows).unwrap();
    let rare = Filter {
        subject: Some(new_row(7, "a", 1).subject),
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

pub(crate) fn acts_are_counted_per_site(store: &impl Store) {
    store
        .append(&[
            new_row(1, "a", 1),
            new_row(2, "a", 1),
            new_row(3, "a", 1),
            new_row(5, "b", 1),
        ])
        .unwrap();
    let counts = store.counts(&"a".parse().unwrap()).unwrap();
    assert_eq!(
        counts,
        [("accept_all".to_owned(), 1), ("refuse_all".to_owned(), 2)]
    );
}

pub(crate) fn an_artefact_stays_as_it_was_first(store: &impl Store) {
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

pub(crate) fn a_token_is_found_again(store: &impl Store) {
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

pub(crate) fn the_trail_keeps_sites_apart_and_counts_once(store: &impl Store) {
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

pub(crate) fn an_empty_batch_is_fine(store: &impl Store) {
    assert_eq!(store.append(&[]).unwrap(), []);
    assert_eq!(
        store.page(&everything("a"), 0, 10).unwrap(),
        Stretch::default()
    );
}
