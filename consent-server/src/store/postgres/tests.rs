//! The laws of the contract, and what holds for all statements, on a cluster of this program's own.

use super::error::PostgresError;
use super::opening::Source;
use super::session::Session;
use super::sql::Sql;
use super::store::Use;
use super::{PostgresInspection, PostgresStore, PostgresUrl};
use super::{
    append, artefacts, fence, guard, import, inspection, lease, log, migrate, month, place, read,
    removal, statistics, sums, tokens, trail, upkeep,
};
use crate::staff::{Role, SiteSet};
use crate::store::conformance::{LAWS, new_row, signed_row};
use crate::store::{
    Actor, Appended, Artefact, ArtefactKind, Artefacts as _, Direction, Hold, Inspection as _,
    LogStore as _, Moment, NewRow, Receipts as _, Retention as _, StoreError, StoredToken,
    Tokens as _, Trail as _, Upkeep as _,
};
use cluster::Cluster;
use consent_core::digest::Digest;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

#[path = "../../../tests/support/cluster.rs"]
mod cluster;
#[path = "../../../embedded/port.rs"]
#[allow(unreachable_pub, reason = "other programs of tests share it")]
mod port;
#[path = "../../../embedded/skipped.rs"]
#[allow(unreachable_pub, reason = "other programs of tests share it")]
mod skipped;

/// All statements, by their files.
const FILES: [(&str, &[Sql]); 18] = [
    ("append", append::STATEMENTS),
    ("artefacts", artefacts::STATEMENTS),
    ("fence", fence::STATEMENTS),
    ("guard", guard::STATEMENTS),
    ("import", import::STATEMENTS),
    ("inspection", inspection::STATEMENTS),
    ("lease", lease::STATEMENTS),
    ("log", log::STATEMENTS),
    ("migrate", migrate::STATEMENTS),
    ("month", month::STATEMENTS),
    ("place", place::STATEMENTS),
    ("read", read::STATEMENTS),
    ("removal", removal::STATEMENTS),
    ("statistics", statistics::STATEMENTS),
    ("sums", sums::STATEMENTS),
    ("tokens", tokens::STATEMENTS),
    ("trail", trail::STATEMENTS),
    ("upkeep", upkeep::STATEMENTS),
];

fn fresh(cluster: &Cluster) -> (PostgresStore, PostgresUrl) {
    let url = cluster.database().parse().unwrap();
    (open(&url).unwrap(), url)
}

fn open(url: &PostgresUrl) -> Result<PostgresStore, StoreError> {
    PostgresStore::open_for(url, Use::Tests)
}

#[test]
fn every_law_of_the_contract_holds() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    for (name, law) in LAWS {
        eprintln!("{name}");
        let (store, url) = fresh(cluster);
        law(&store);
        drop(store);
        // Whatever a law has stored, it has its sums.
        assert_eq!(wrong_sums(&url), [] as [String; 0], "{name}");
    }
}

fn wrong_sums(url: &PostgresUrl) -> Vec<String> {
    let source = Source::of(url).unwrap();
    let wrong = source.once(&source.writing(), async |session: &mut Session| {
        let mut wrong = Vec::new();
        for table in &sums::TABLES {
            let mut tell = |row| {
                wrong.push(row);
                ControlFlow::Continue(())
            };
            sums::wrong(session, table, &mut tell).await?;
        }
        Ok(wrong)
    });
    wrong.unwrap()
}

#[test]
fn receipts_of_before_are_counted_by_day_and_their_rows_get_sums() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let address = cluster.database();
    let url: PostgresUrl = address.parse().unwrap();
    let store = open(&url).unwrap();
    let rows: Vec<NewRow> = (1..=9)
        .map(|number| signed_row(number, "a", 1_795_000_000))
        .collect();
    store.append(&rows).unwrap();
    let counts = || {
        let view = PostgresInspection::open(&url).unwrap();
        view.daily_counts(Direction::In).unwrap()
    };
    let before = counts();
    assert_eq!(before.decisions.values().sum::<i64>(), 9);
    drop(store);
    for table in &sums::TABLES {
        let unsummed = format!("ALTER TABLE {} DROP COLUMN sum", table.name());
        cluster.sql(&address, &unsummed);
    }
    let older = "DROP TABLE decision_counts; DROP TABLE choice_counts;
        CREATE TABLE acts_stored (site int4); CREATE TABLE acts_removed (site int4);
        ALTER TABLE receipts DROP COLUMN day_shift; ALTER TABLE site_next DROP COLUMN continued;
        ALTER TABLE sites DROP COLUMN continued_gone; UPDATE meta SET format = 1";
    cluster.sql(&address, older);
    drop(open(&url).unwrap());
    assert_eq!(counts(), before);
    assert_eq!(wrong_sums(&url), [] as [String; 0]);
}

#[test]
fn every_statement_is_one_that_the_database_understands() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (_store, url) = fresh(cluster);
    let source = Source::of(&url).unwrap();
    for (file, statements) in FILES {
        for statement in statements {
            let prepared = source.once(&source.writing(), async |session: &mut Session| {
                session.prepared(*statement).await.map(drop)
            });
            assert!(prepared.is_ok(), "{file}: {statement:?}: {prepared:?}");
        }
    }
}

/// What engines that spread a database over several machines do not have, or do otherwise.
#[test]
fn statements_keep_to_what_many_engines_have() {
    let outside = [
        "ADVISORY",
        "LISTEN ",
        "NOTIFY",
        "TRIGGER",
        "CREATE FUNCTION",
        "SEQUENCE",
        "SERIAL",
        "IDENTITY",
        "DEFERRABLE",
        "EXCLUDE USING",
        "SKIP LOCKED",
        "TEMP",
        "CTID",
        "DECLARE ",
        "COPY ",
        "WITH ",
        "LATERAL",
        "REFERENCES",
        "ON CONFLICT DO",
    ];
    let statements = FILES.iter().flat_map(|(file, statements)| {
        statements
            .iter()
            .map(move |sql| (*file, sql.text().to_uppercase()))
    });
    for (file, statement) in statements {
        for word in outside {
            assert!(!statement.contains(word), "{file}: {word} in {statement}");
        }
        let locks = statement.contains("FOR UPDATE") || statement.contains("FOR SHARE");
        assert!(
            !(locks && statement.contains("RECEIPTS")),
            "{file}: {statement}"
        );
        let is_limited_deletion = statement.starts_with("DELETE") && statement.contains("LIMIT");
        assert!(!is_limited_deletion, "{file}: {statement}");
    }
    let tables = [
        include_str!("../../../migrations/postgres/001_all.sql"),
        include_str!("../../../migrations/postgres/002_daily_counts.sql"),
    ];
    let tables = tables.concat().to_uppercase();
    let definitions = tables.lines().map(|line| line.split("--").next().unwrap());
    for line in definitions {
        for word in outside.iter().filter(|word| **word != "WITH ") {
            assert!(!line.contains(word), "{word} in {line}");
        }
        assert!(
            !line.contains("PARTITION OF") && !line.contains(" DEFAULT PARTITION"),
            "{line}"
        );
    }
}

#[test]
fn every_file_with_statements_is_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/postgres");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let has_some = text.contains("\nstatements! {");
        assert_eq!(
            has_some,
            FILES.iter().any(|(file, _)| *file == name),
            "{name}"
        );
    }
}

#[test]
fn rows_are_there_after_reopening_and_one_server_at_a_time_has_them() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (store, url) = fresh(cluster);
    let row = new_row(1, "hospital", 100);
    store.append(std::slice::from_ref(&row)).unwrap();
    let second = open(&url);
    assert!(
        matches!(
            second.as_ref().err().and_then(PostgresError::of),
            Some(PostgresError::Served { .. })
        ),
        "{second:?}"
    );
    // A command beside it reads, and writes.
    let beside = PostgresStore::open_existing(&url).unwrap();
    assert!(beside.row(&row.site, row.id).unwrap().is_some());
    drop(store);
    let reopened = open(&url).unwrap();
    assert_eq!(
        reopened.row(&row.site, row.id).unwrap().unwrap().receipt,
        row.receipt
    );
}

/// Whose process was stopped, and whose lease another took meanwhile, stores nothing more: what is signed there may be by a key
/// that ended since.
#[test]
fn who_has_lost_the_lease_stores_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (store, url) = fresh(cluster);
    let row = new_row(1, "a", 10).committed().unwrap();
    store.append(std::slice::from_ref(&row)).unwrap();
    let admin = cluster_url(cluster, &url);
    cluster.sql(
        &admin,
        "UPDATE leases SET epoch = epoch + 1, holder = 'another'",
    );
    let site = row.site.clone();
    let now = row.received_at;
    let digest = Digest::of(b"x");
    let access = Actor::operator("tests", now).access("export", None, String::new(), None);
    let token = StoredToken {
        hash: digest,
        role: Role::Viewer,
        sites: SiteSet::All,
        label: String::new(),
        created_at: now,
        expires_at: None,
        used_on: None,
    };
    let hold = Hold {
        site: site.clone(),
        reason: "a case".into(),
        since: now,
    };
    let artefact = Artefact {
        digest,
        kind: ArtefactKind::File,
        site: None,
        content: b"x".to_vec(),
        kept_at: now,
    };
    let tallies = BTreeMap::new();
    let written: [(&str, Result<(), StoreError>); 18] = [
        ("append", store.append(&[new_row(2, "a", 10)]).map(drop)),
        ("a repeat", store.append(&[row]).map(drop)),
        ("integrate", store.integrate(0, 1, &[])),
        ("add_leaves", store.add_leaves(&[digest]).map(drop)),
        ("name_log", store.name_log("another")),
        ("raise_minimum", store.raise_minimum(1).map(drop)),
        ("keep", store.keep(&[artefact])),
        (
            "note_published",
            store.note_published(&[(site.clone(), digest)]),
        ),
        ("note", store.note(&access).map(drop)),
        ("settle", store.settle(1, 1, None)),
        ("add_token", store.add_token(&token)),
        ("use_token", store.use_token(&digest, now)),
        ("revoke_token", store.revoke_token(&digest).map(drop)),
        ("hold", store.hold(&hold)),
        ("lift", store.lift(&site).map(drop)),
        ("remove", store.remove(&site, &[1], &tallies).map(drop)),
        ("set_moment", store.set_moment(Moment::Signed, now)),
        ("ready", store.ready()),
    ];
    for (what, written) in written {
        let is_refused = matches!(written, Err(StoreError::Superseded));
        assert!(is_refused, "{what}: {written:?}");
    }
    let state = store.log_state().unwrap();
    assert_eq!((state.size, state.next), (0, 1));
    let receipts = cluster.sql(&admin, "SELECT count(*) FROM receipts");
    assert_eq!(receipts, "1");
    // A command beside the server that has it now writes as before.
    let beside = PostgresStore::open_existing(&url).unwrap();
    beside.hold(&hold).unwrap();
}

/// As by a fail-over to a standby that was behind: a withdrawal may be among what is lacking.
#[test]
fn a_database_that_lacks_what_was_stored_takes_and_says_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (store, url) = fresh(cluster);
    let rows = [new_row(1, "a", 10), new_row(2, "a", 10)];
    store.append(&rows).unwrap();
    let admin = cluster_url(cluster, &url);
    let hold = Hold {
        site: rows[0].site.clone(),
        reason: "a case".into(),
        since: rows[0].received_at,
    };
    let next = |next: u32| cluster.sql(&admin, &format!("UPDATE log_next SET next = {next}"));
    next(1);
    let (site, subject) = (&rows[0].site, rows[0].subject);
    let said = [
        store.append(&[new_row(3, "a", 10)]).map(drop),
        store.append(&rows[1..]).map(drop),
        store.hold(&hold),
        store.remove(site, &[1], &BTreeMap::new()).map(drop),
        store.has_later(site, subject, rows[0].id).map(drop),
    ];
    for (number, said) in said.iter().enumerate() {
        assert!(
            matches!(said, Err(StoreError::SetBack)),
            "{number}: {said:?}"
        );
    }
    // The one that was in use is back.
    next(2);
    store.hold(&hold).unwrap();
    assert!(!store.has_later(site, subject, rows[0].id).unwrap());
    store.append(&[new_row(3, "a", 10)]).unwrap();
}

fn cluster_url(cluster: &Cluster, url: &PostgresUrl) -> String {
    let shown = url.to_string();
    let (_, name) = shown.rsplit_once('/').unwrap();
    cluster.url(name)
}

/// Of batches with common ids that come at the same time, each record is stored once, and its places are given once.
#[test]
fn batches_that_meet_store_each_record_once() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (store, url) = fresh(cluster);
    let others: Vec<_> = (0..3)
        .map(|_| PostgresStore::open_existing(&url).unwrap())
        .collect();
    let stores: Vec<&PostgresStore> = others.iter().chain([&store]).collect();
    let rows = |of: u8| -> Vec<NewRow> {
        let row = |number: u8| NewRow {
            receipt: format!("header.{number}.of-{of}"),
            ..new_row(number, if number.is_multiple_of(3) { "a" } else { "b" }, 10)
        };
        let mut rows: Vec<NewRow> = (1..=40).map(row).collect();
        if of.is_multiple_of(2) {
            rows.reverse();
        }
        rows
    };
    let taken: Vec<usize> = std::thread::scope(|threads| {
        let appending: Vec<_> = stores
            .iter()
            .zip(0..)
            .map(|(store, of)| {
                threads.spawn(move || {
                    let answers = store.append(&rows(of)).unwrap();
                    answers
                        .iter()
                        .filter(|answer| **answer == Appended::Stored)
                        .count()
                })
            })
            .collect();
        appending
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(taken.iter().sum::<usize>(), 40);
    let view = PostgresInspection::open(&url).unwrap();
    let receipts = view.receipts(0, 100).unwrap();
    let mut places: Vec<i64> = receipts
        .iter()
        .map(|receipt| receipt.leaf.unwrap())
        .collect();
    places.sort_unstable();
    assert_eq!(places, (0..40).collect::<Vec<i64>>());
    let mut of_sites: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for receipt in &receipts {
        of_sites
            .entry(receipt.site())
            .or_default()
            .push(receipt.place());
    }
    for places in of_sites.values() {
        assert_eq!(
            *places,
            (1..=i64::try_from(places.len()).unwrap()).collect::<Vec<_>>()
        );
    }
    assert_eq!(store.waiting(0, 100).unwrap().len(), 40);
}

#[test]
fn two_that_open_a_new_database_at_once_make_its_tables_once() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let url: PostgresUrl = cluster.database().parse().unwrap();
    std::thread::scope(|threads| {
        let opening: Vec<_> = (0..4)
            .map(|_| threads.spawn(|| PostgresStore::open_beside(&url).map(drop)))
            .collect();
        for thread in opening {
            thread.join().unwrap().unwrap();
        }
    });
}

#[test]
fn what_is_not_there_or_of_another_format_is_said_in_plain_words() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let words = |opened: Result<PostgresStore, StoreError>| opened.unwrap_err().to_string();
    let url: PostgresUrl = cluster.database().parse().unwrap();
    assert!(words(PostgresStore::open_existing(&url)).contains("holds no receipts"));
    assert!(words(PostgresStore::open(&url)).contains("fsync = off"));
    drop(open(&url).unwrap());
    let to_format = |format: &str| {
        cluster.sql(
            &cluster_url(cluster, &url),
            &format!("UPDATE meta SET format = {format}"),
        )
    };
    to_format("99");
    assert!(words(open(&url)).contains("run the newer version"));
    assert!(words(PostgresStore::open_existing(&url)).contains("run the newer version"));

    let nowhere: PostgresUrl = cluster.url("nowhere").parse().unwrap();
    assert!(words(open(&nowhere)).contains("lets nobody in"));
    let refused: PostgresUrl = "postgres://u:s3cret@127.0.0.1:1/d".parse().unwrap();
    let refused = words(open(&refused));
    assert!(
        refused.contains("cannot be reached") && !refused.contains("s3cret"),
        "{refused}"
    );
}

/// Also where the server was told of none by name: records of other years come with those that are moved here.
#[test]
fn a_month_that_nobody_made_is_made() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (store, url) = fresh(cluster);
    let months = |store: &PostgresStore| {
        store.append(&[new_row(1, "a", 10)]).unwrap();
        let named = "SELECT count(*) FROM pg_class WHERE relname LIKE 'receipts\\_____\\___'";
        cluster.sql(&cluster_url(cluster, &url), named)
    };
    // This one, three ahead, and the one that is needed.
    assert_eq!(months(&store), "5");
    assert_eq!(months(&PostgresStore::open_existing(&url).unwrap()), "5");
}

/// A commit that was cancelled while it waited for a standby is answered as done, with a warning.
#[test]
fn what_is_answered_with_a_warning_counts_as_not_stored() {
    let Some(cluster) = Cluster::start(cluster::Durability::Volatile) else {
        return;
    };
    let (store, url) = fresh(&cluster);
    // The month is made, and is not what waits.
    store.append(&[new_row(2, "a", 10)]).unwrap();
    let admin = cluster_url(&cluster, &url);
    let reload = "SELECT pg_reload_conf()";
    cluster.sql(
        &admin,
        "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
    );
    cluster.sql(&admin, reload);
    let rows = [new_row(1, "a", 10)];
    let answer = std::thread::scope(|threads| {
        let appending = threads.spawn(|| store.append(&rows));
        let cancel = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> pg_backend_pid()";
        while !appending.is_finished() {
            cluster.sql(&admin, cancel);
        }
        appending.join().unwrap()
    });
    assert!(answer.is_err(), "{answer:?}");
    cluster.sql(&admin, "ALTER SYSTEM RESET synchronous_standby_names");
    cluster.sql(&admin, reload);
    // Whoever sends it again hears that it is there.
    let again = store.append(&rows).unwrap();
    assert_eq!(again, [Appended::Exists(rows[0].receipt.clone())]);
    store.ready().unwrap();
}
