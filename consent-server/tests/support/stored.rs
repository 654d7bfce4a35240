//! A data folder in which every table has rows, and what the check says of it.

use super::Server;
use axum::http::StatusCode;
use consent_core::canonical::Value;
use consent_core::digest::Digest;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use consent_core::publication::{MANIFEST_PLACE, PARTS_PLACE};
use consent_server::auth::Role;
use consent_server::bundle::Bundle;
use consent_server::data::DataFolder;
use consent_server::fsck::{Finding, FsckError, Place, Watcher, examine};
use consent_server::keys::Keys;
use consent_server::server::Config;
use consent_server::store::{Access, Actor, Hold, Moment, StoreAddress, Tally, deeds};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// The data folder of a server that was stopped.
pub struct Stored {
    data: TempDir,
    keys: KeySet,
    log_key: NoteKey,
}

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

/// Stops the check at the first finding.
#[derive(Default)]
struct First(Option<Finding>);

impl Watcher for First {
    fn found(&mut self, finding: Finding) -> std::io::Result<()> {
        self.0 = Some(finding);
        Err(std::io::Error::other("one is enough"))
    }

    fn reached(&mut self, _: Place, _: u64, _: Duration) -> std::io::Result<()> {
        Ok(())
    }
}

impl Stored {
    pub async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::with(data, super::shop(), Bundle::embedded().unwrap()).await
    }

    /// The same in small pages, with a bundle of a few bytes and notices in one language: a database so small that every
    /// bit of it can be flipped.
    pub async fn small() -> Self {
        let data = tempfile::tempdir().unwrap();
        let new = rusqlite::Connection::open(data.path().join("consent.db")).unwrap();
        new.pragma_update(None, "page_size", 512).unwrap();
        new.pragma_update(None, "journal_mode", "WAL").unwrap();
        drop(new);
        let shop = super::shop()
            .replace("[\"en\", \"fr\"]", "[\"en\"]")
            .replace(", fr = \"Le <Magasin>\"", "");
        Self::with(data, &shop, small_bundle()).await
    }

    async fn with(data: TempDir, shop: &str, bundle: Bundle) -> Self {
        let settings = |config| Config {
            bundle: Some(bundle),
            ..config
        };
        let server = Server::open_as(data, shop, |store| store, settings);
        for number in 1..6 {
            let record = server.example("shop", number);
            let answer = server.record("shop", &record).await;
            assert_eq!(answer.status, StatusCode::CREATED);
        }
        // What comes now waits for its tile for good.
        server.app.log().unwrap().stop();
        let record = server.example("library", 9);
        let answer = server.record("library", &record).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        // Of one of them, only the leaf is left.
        let record = server.example("shop", 10);
        let answer = server.record("shop", &record).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        remove(&server, 6, None);
        server.token(Role::Viewer, &["shop"], Some(super::NOW + 5));
        server.token(Role::Admin, &[], None);
        fill(&server);
        let keys = Keys::read(&DataFolder::at(server.data.path()))
            .unwrap()
            .public();
        let log_key = server.app.log().unwrap().key().clone();
        let data = server.end().await;
        let stored = Self {
            data,
            keys,
            log_key,
        };
        // One file, with nothing beside it.
        let connection = rusqlite::Connection::open(stored.database()).unwrap();
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
        drop(connection);
        stored
    }

    /// Another folder with the same in it.
    pub fn copy(&self) -> Self {
        let data = tempfile::tempdir().unwrap();
        std::fs::create_dir(data.path().join("log")).unwrap();
        for file in ["consent.db", "log/checkpoint"] {
            std::fs::copy(self.folder().join(file), data.path().join(file)).unwrap();
        }
        Self {
            data,
            keys: self.keys.clone(),
            log_key: self.log_key.clone(),
        }
    }

    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    pub fn database(&self) -> PathBuf {
        self.folder().join("consent.db")
    }

    pub fn examine(&self) -> Result<Vec<Finding>, FsckError> {
        self.check_from(Place::default())
    }

    pub fn check_from(&self, from: Place) -> Result<Vec<Finding>, FsckError> {
        let mut findings = Findings::default();
        self.watch(from, &mut findings)?;
        Ok(findings.0)
    }

    /// The first thing that is wrong, in words; `None` if nothing is.
    pub fn first_wrong(&self) -> Option<String> {
        let mut first = First::default();
        let checked = self.watch(Place::default(), &mut first);
        let found = first
            .0
            .map(|found| format!("{}: {}", found.place, found.wrong));
        found.or_else(|| checked.err().map(|error| error.to_string()))
    }

    fn watch(&self, from: Place, watcher: &mut dyn Watcher) -> Result<(), FsckError> {
        let data = DataFolder::at(self.folder());
        examine(
            &data,
            &StoreAddress::of(&data),
            &self.keys,
            Some(&self.log_key),
            from,
            watcher,
        )
        .map(|_| ())
    }

    pub fn change(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        connection.execute_batch(statement).unwrap();
    }

    /// The same by somebody who makes the sums of rows fit.
    pub fn change_knowingly(&self, statement: &str) {
        let connection = rusqlite::Connection::open(self.database()).unwrap();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        let sum = |values: &Context<'_>| {
            let mut text = Vec::new();
            for value in 0..values.len() {
                add(&mut text, values.get_raw(value));
            }
            Ok(Digest::of(&text).as_bytes()[..8].to_vec())
        };
        connection
            .create_scalar_function("row_sum", -1, flags, sum)
            .unwrap();
        connection.execute_batch(statement).unwrap();
    }

    /// Every value of every row, and the definitions of the tables: what a damaged bit must not change unnoticed.
    pub fn meaning(&self) -> rusqlite::Result<Vec<Vec<u8>>> {
        let connection = rusqlite::Connection::open(self.database())?;
        let mut tables = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
        let tables = tables.query_map([], |row| row.get(0))?;
        let mut tables: Vec<String> = tables.collect::<Result<_, _>>()?;
        tables.push("sqlite_schema".into());
        let mut all = Vec::new();
        for table in tables {
            let mut rows = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns = rows.column_count();
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                let mut line = table.clone().into_bytes();
                for column in 0..columns {
                    add(&mut line, row.get_ref(column)?);
                }
                all.push(line);
            }
        }
        all.sort();
        Ok(all)
    }
}

/// A value with its type and length.
fn add(line: &mut Vec<u8>, value: ValueRef<'_>) {
    let number;
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(value) => {
            number = value.to_be_bytes();
            (1, &number)
        }
        ValueRef::Real(value) => {
            number = value.to_be_bytes();
            (2, &number)
        }
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    line.push(kind);
    line.extend(bytes.len().to_be_bytes());
    line.extend(bytes);
}

/// Removes a receipt of the shop as a purge does.
pub fn remove(server: &Server, place: i64, tally: Option<Tally>) {
    let at = consent_core::time::UnixSeconds::new(super::NOW).unwrap();
    let site: consent_core::id::SiteId = "shop".parse().unwrap();
    let at_end = if tally.is_some() {
        "anonymise"
    } else {
        "delete"
    };
    let filter = format!("at_end={at_end} ended_by=2026-01-01T00:00:00Z");
    let access = Actor::operator("schedule", at).access("purge", Some(&site), filter, None);
    let line = server.store.note(&access).unwrap();
    let tallies = tally.into_iter().map(|tally| (tally, 1)).collect();
    assert_eq!(server.store.remove(&site, &[place], &tallies).unwrap(), 1);
    server.store.settle(line, 1, None).unwrap();
}

/// Rows in the tables that records do not reach.
fn fill(server: &Server) {
    let at = consent_core::time::UnixSeconds::new(super::NOW).unwrap();
    let site: consent_core::id::SiteId = "shop".parse().unwrap();
    let hold = Hold {
        site: "library".parse().unwrap(),
        reason: "case 12".into(),
        since: at,
    };
    let operator = Actor::operator("command line", at);
    deeds::hold(&*server.store, &hold, &operator).unwrap();
    let declared = Digest::of(b"a declaration");
    server
        .store
        .note_published(&[(site.clone(), declared)])
        .unwrap();
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
    let second = server.store.note(&access).unwrap();
    server.store.settle(second, 7, Some("{}")).unwrap();
    let tally = Tally {
        month: "2026-11".into(),
        act: "custom".into(),
        granted: "analytics".into(),
    };
    // The last was anonymised, and one in the middle erased.
    remove(server, 5, Some(tally));
    remove(server, 3, None);
    server.store.set_moment(Moment::Signed, at).unwrap();
    // A long reason, forgotten again, leaves free pages.
    let lifted = Hold {
        site: site.clone(),
        reason: "case 13 ".repeat(120),
        since: at,
    };
    deeds::hold(&*server.store, &lifted, &operator).unwrap();
    assert!(deeds::lift(&*server.store, &site, &operator).unwrap());
}

/// The embedded bundle with a few bytes in each file, and no style.
fn small_bundle() -> Bundle {
    let folder = tempfile::tempdir().unwrap();
    let whole = Bundle::embedded().unwrap();
    let mut files = BTreeMap::new();
    for (name, bytes) in whole.files() {
        let text = match name {
            "gate.js" => format!("[{MANIFEST_PLACE}, {PARTS_PLACE}]").into_bytes(),
            "parts.json" | "styles.json" => {
                let parts: BTreeMap<String, String> = serde_json::from_slice(bytes).unwrap();
                let none = parts.into_keys().map(|name| (name, String::new()));
                serde_json::to_vec(&none.collect::<BTreeMap<_, _>>()).unwrap()
            }
            name => format!("/* {name} */").into_bytes(),
        };
        files.insert(name.to_owned(), Digest::of(&text).to_text());
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let list = Value::object(files.iter().map(|(name, digest)| (&**name, &**digest)));
    let build = serde_json::json!({ "bundle": list.digest().to_text(), "files": files });
    std::fs::write(folder.path().join("build.json"), build.to_string()).unwrap();
    Bundle::from_folder(folder.path()).unwrap()
}
