//! `consent fsck` finds every damaged bit that means something, and names it.

mod support;

use axum::http::StatusCode;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use consent_server::fsck::{Finding, FsckError, Place, Watcher, check};
use consent_server::keys::Keys;
use consent_server::store::{Access, Hold, Store as _, Tally};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use support::process::run;
use support::{Server, stop};
use tempfile::TempDir;

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Watcher for Findings {
    fn found(&mut self, finding: Finding) -> std::io::Result<()> {
        self.0.push(finding);
        Ok(())
    }

    fn reached(&mut self, _: Place, _: u64, _: Duration) -> std::io::Result<()> {
        Ok(())
    }
}

struct Folder {
    data: TempDir,
    keys: KeySet,
    log_key: NoteKey,
}

impl Folder {
    /// A data folder in which every table has rows.
    async fn new() -> Self {
        let server = Server::start();
        for number in 1..6 {
            let record = server.example("shop", number);
            assert_eq!(
                server.record("shop", &record).await.status,
                StatusCode::CREATED
            );
        }
        server.token(
            consent_server::auth::Role::Viewer,
            &["shop"],
            Some(support::NOW + 5),
        );
        let at = consent_core::time::UnixSeconds::new(support::NOW).unwrap();
        let site: consent_core::id::SiteId = "shop".parse().unwrap();
        let hold = Hold {
            site: "library".parse().unwrap(),
            reason: "case 12".into(),
            since: at,
        };
        server.store.hold(&hold).unwrap();
        let access = Access {
            at,
            who: "J. Dupont".into(),
            token: "abcdefgh".into(),
            role: "viewer".into(),
            action: "export".into(),
            site: Some(site.clone()),
            filter: "format=csv".into(),
            rows: None,
        };
        server.store.note(&access).unwrap();
        let tally = Tally {
            month: "2026-11".into(),
            act: "custom".into(),
            granted: "analytics".into(),
        };
        server
            .store
            .remove(&site, &[5], &BTreeMap::from([(tally, 1)]))
            .unwrap();
        let keys = Keys::read(server.data.path()).unwrap().public();
        let log_key = server.app.log.as_ref().unwrap().key().clone();
        let Server {
            app,
            data,
            store,
            router,
            ..
        } = server;
        drop((router, store));
        stop(app).await;
        let folder = Self {
            data,
            keys,
            log_key,
        };
        // One file, with nothing beside it.
        let connection = rusqlite::Connection::open(folder.database()).unwrap();
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(connection);
        folder
    }

    fn database(&self) -> std::path::PathBuf {
        self.data.path().join("consent.db")
    }

    fn check(&self) -> Result<Vec<Finding>, FsckError> {
        self.check_from(Place::default())
    }

    fn check_from(&self, from: Place) -> Result<Vec<Finding>, FsckError> {
        let mut findings = Findings::default();
        check(
            self.data.path(),
            &self.keys,
            Some(&self.log_key),
            from,
            &mut findings,
        )?;
        Ok(findings.0)
    }

    fn change(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.execute_batch(statement).unwrap();
    }
}

/// Every value of every row, and the definitions of the tables: what a damaged bit must not change unnoticed.
fn meaning(database: &Path) -> rusqlite::Result<Vec<String>> {
    let connection = rusqlite::Connection::open(database)?;
    let mut tables =
        connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")?;
    let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let tables: Vec<(String, String)> = tables.collect::<Result<_, _>>()?;
    let mut all = vec![format!("{tables:?}")];
    for (table, sql) in tables {
        if !sql.starts_with("CREATE TABLE") {
            continue;
        }
        let mut rows = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| row.get_ref(column));
            lines.push(format!(
                "{table} {:?}",
                values.collect::<Result<Vec<_>, _>>()?
            ));
        }
        lines.sort();
        all.extend(lines);
    }
    Ok(all)
}

#[tokio::test]
async fn a_sound_folder_has_nothing_wrong() {
    let folder = Folder::new().await;
    assert_eq!(folder.check().unwrap(), []);
    let data = folder.data.path().to_str().unwrap();
    let output = run(&["fsck", "--data", data, "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["ok"], true);
    assert_eq!(document["checked"]["counts"]["receipts"], 4);
    for from in ["artefacts", "tiles:1", "receipts:1099511627778"] {
        assert_eq!(
            run(&["fsck", "--data", data, "--from", from]).status.code(),
            Some(0),
            "{from}"
        );
    }
    assert_eq!(
        run(&["fsck", "--data", data, "--from", "elsewhere"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(run(&["fsck", "--data", "/nowhere"]).status.code(), Some(2));
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place() {
    let whole = Folder::new().await;
    let copy = std::fs::read(whole.database()).unwrap();
    let tamper = |statement: &str, place: &str, wrong: &str| {
        std::fs::write(whole.database(), &copy).unwrap();
        whole.change(statement);
        let findings = whole.check().unwrap();
        let is_named = findings
            .iter()
            .any(|found| found.place.contains(place) && found.wrong.contains(wrong));
        assert!(is_named, "{statement}: {findings:?}");
        let output = run(&["fsck", "--data", whole.data.path().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stdout).unwrap().contains(place));
    };
    let receipt = "receipt 2 of site shop";
    let seq = "(2 | (1 << 40))";
    tamper(
        &format!("UPDATE records SET act = 'refuse_all' WHERE seq = {seq}"),
        receipt,
        "column act",
    );
    tamper(
        &format!("UPDATE records SET subject = x'00' WHERE seq = {seq}"),
        receipt,
        "column subject",
    );
    tamper(
        &format!("UPDATE records SET receipt = replace(receipt, '.', '.A') WHERE seq = {seq}"),
        receipt,
        "",
    );
    tamper(
        &format!("UPDATE records SET salt = zeroblob(32) WHERE seq = {seq}"),
        receipt,
        "does not make the leaf",
    );
    tamper(
        &format!("UPDATE records SET leaf = leaf + 1 WHERE seq = {seq}"),
        receipt,
        "does not make the leaf",
    );
    tamper(
        &format!("UPDATE records SET leaf = NULL WHERE seq = {seq}"),
        receipt,
        "no place in the log",
    );
    tamper(
        &format!("UPDATE records SET seq = seq + 70 WHERE seq = {seq}"),
        "receipt 72 of site shop",
        "after the last place",
    );
    tamper(
        "UPDATE artefacts SET content = x'00' WHERE kind = 'notice' AND site = 'shop'",
        "of site shop",
        "another digest",
    );
    tamper(
        "UPDATE log_tiles SET hashes = zeroblob(length(hashes))",
        "log/checkpoint",
        "another root",
    );
    tamper(
        "DELETE FROM artefacts WHERE kind = 'file'",
        "publication",
        "is not kept",
    );
    tamper("DROP INDEX artefacts_unlogged", "artefacts_unlogged", "");
}

/// A generator that is good enough to pick bits: splitmix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// How many bits of the database are flipped, one at a time; `CONSENT_FLIPS` says another number.
const FLIPS: u64 = 300;

#[tokio::test]
async fn a_flipped_bit_is_found_or_changes_nothing() {
    let folder = Folder::new().await;
    let sound = std::fs::read(folder.database()).unwrap();
    let meant = meaning(&folder.database()).unwrap();
    let flips = std::env::var("CONSENT_FLIPS")
        .ok()
        .and_then(|flips| flips.parse().ok());
    let (mut state, mut found, mut harmless) = (20_261_122, 0, 0);
    for _ in 0..flips.unwrap_or(FLIPS) {
        let bit = usize::try_from(next(&mut state) % (sound.len() as u64 * 8)).unwrap();
        let mut damaged = sound.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        for beside in ["consent.db-wal", "consent.db-shm"] {
            let _ = std::fs::remove_file(folder.data.path().join(beside));
        }
        std::fs::write(folder.database(), &damaged).unwrap();
        let is_found = match folder.check() {
            Ok(findings) => {
                assert!(
                    findings
                        .iter()
                        .all(|found| !found.place.is_empty() && !found.wrong.is_empty())
                );
                !findings.is_empty()
            }
            Err(error) => !error.to_string().is_empty(),
        };
        if is_found {
            found += 1;
        } else {
            // A free byte of a page, or a counter of the file.
            assert_eq!(
                meaning(&folder.database()).unwrap(),
                meant,
                "bit {bit} changes something, and is not found"
            );
            harmless += 1;
        }
    }
    println!("{found} found, {harmless} without meaning");
    assert!(found > harmless);
}

#[tokio::test]
async fn a_flipped_bit_of_the_checkpoint_is_found_wherever_it_is() {
    let folder = Folder::new().await;
    let file = folder.data.path().join("log/checkpoint");
    let sound = std::fs::read(&file).unwrap();
    let tiles = "tiles".parse().unwrap();
    // A bit of each byte, each time another one.
    for byte in 0..sound.len() {
        let bit = byte * 8 + byte % 8;
        let mut damaged = sound.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&file, damaged).unwrap();
        let findings = folder.check_from(tiles).unwrap();
        assert!(
            findings.iter().any(|found| found.place == "log/checkpoint"),
            "bit {bit}: {findings:?}"
        );
    }
}
