//! Receipts in `PostgreSQL`, with the real program: what the server and its commands do, and what becomes of records when either
//! the server or the database is killed.

use crate::support;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use support::cluster::{Cluster, Durability};
use support::page::{Page, get, status};
use support::process::{PROGRAM, Process, trust};
use support::tls::CertificateAuthority;
use support::write_site;
use tempfile::TempDir;

/// A password that nothing may print.
const PASSWORD: &str = "s3cret-of-the-database";

/// A server's folders, and its database on a cluster that keeps what it answers for.
struct Setting {
    cluster: Cluster,
    url: String,
    folder: TempDir,
}

impl Setting {
    /// `None`, and said so, where `PostgreSQL` is not installed.
    fn new() -> Option<Self> {
        let cluster = Cluster::start(Durability::Durable)?;
        let url = cluster.database();
        let name = url.rsplit('/').next().unwrap();
        let url = format!(
            "postgres://consent:{PASSWORD}@127.0.0.1:{}/{name}",
            cluster.port()
        );
        let folder = tempfile::tempdir().unwrap();
        write_site(&folder.path().join("sites"));
        Some(Self {
            cluster,
            url,
            folder,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self) -> Process {
        let (sites, data) = (self.path("sites"), self.path("data"));
        Process::serve_with(&sites, &data, &["--store", &self.url])
    }

    /// A command on this server's data folder and database.
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(arguments)
            .arg("--data")
            .arg(self.path("data"))
            .env("CONSENT_DATABASE_URL", &self.url)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// What a command that succeeds writes.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(!said.contains(PASSWORD), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The record ids of an export, each of which is there once.
    fn stored(&self) -> HashSet<String> {
        let text = self.ok(&["export", "--site", "shop", "--format", "jsonl"]);
        let ids = text.lines().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["jti"].as_str().unwrap().to_owned()
        });
        let ids: Vec<String> = ids.collect();
        let unique: HashSet<String> = ids.iter().cloned().collect();
        assert_eq!(unique.len(), ids.len(), "a record is stored twice");
        unique
    }

    fn check(&self) -> (bool, String) {
        let output = self.run(&["fsck"]);
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    fn is_sound(&self) {
        let (is_sound, said) = self.check();
        assert!(is_sound, "{said}");
    }
}

fn id(record: &Value) -> String {
    record["jti"].as_str().unwrap().to_owned()
}

#[test]
fn the_server_and_its_commands_do_on_postgresql_what_they_do_on_sqlite() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let mut server = setting.serve();
    let page = Page::open(&server.url);
    for number in 0..20 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }
    assert_eq!(page.send(&page.record(7)), Some(201), "a repeat");
    assert_eq!(setting.stored().len(), 20);
    assert_eq!(status(&format!("{}/readyz", server.url)), 200);
    assert!(server.said.contains("no standby has"), "{}", server.said);

    // What was exported and what proves one record verify with the keys of the data folder.
    let file = |name: &str| setting.path(name).to_str().unwrap().to_owned();
    let export = file("export.jsonl");
    setting.ok(&[
        "export", "--site", "shop", "--format", "jsonl", "--out", &export,
    ]);
    setting.ok(&["verify", &export]);
    let record = id(&page.record(3));
    wait_until_signed(&server, 20);
    let evidence = file("evidence.zip");
    setting.ok(&["evidence", &record, "--output", &evidence]);
    setting.ok(&["verify", &evidence]);

    setting.ok(&["hold", "--site", "shop", "--reason", "a case"]);
    assert!(setting.ok(&["hold", "--list"]).contains("a case"));
    let token = setting.ok(&[
        "token",
        "create",
        "--role",
        "admin",
        "--all-sites",
        "--label",
        "J. Dupont",
    ]);
    let erase = |subject: &str| {
        let answer = ureq::post(format!("{}/v1/sites/shop/erasures", server.staff))
            .header("authorization", format!("Bearer {}", token.trim()))
            .header("content-type", "application/json")
            .send(json!({ "subject": subject }).to_string());
        match answer {
            Ok(answer) => answer.status().as_u16(),
            Err(ureq::Error::StatusCode(status)) => status,
            Err(error) => panic!("{error}"),
        }
    };
    let text = std::fs::read_to_string(&export).unwrap();
    let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let subject = line["sub"].as_str().unwrap();
    assert_eq!(erase(subject), 409, "under a hold");
    setting.ok(&["hold", "--site", "shop", "--lift"]);
    setting.is_sound();
    assert_eq!(erase(subject), 200);
    assert!(setting.stored().is_empty());
    setting.is_sound();
    assert!(setting.ok(&["token", "list"]).contains("J. Dupont"));
    setting.ok(&["log", "prune", "--dry-run"]);
    setting.ok(&["purge", "--dry-run", "--sites", &file("sites")]);
    let copied = setting.run(&["backup", "--to", &file("copy")]);
    assert!(copied.status.success());
    assert!(String::from_utf8_lossy(&copied.stderr).contains("pg_basebackup"));

    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    let lease = "SELECT holder IS NULL FROM leases WHERE name = 'log'";
    assert_eq!(setting.cluster.sql(&setting.url, lease), "t", "given back");
    let log = server.log();
    assert!(log.contains("stopped") && !log.contains(PASSWORD), "{log}");
    let shown = setting.ok(&[
        "serve",
        "--show-config",
        "--url",
        support::URL,
        "--sites",
        &file("sites"),
    ]);
    let stands = shown.lines().find(|line| line.starts_with("store = "));
    assert!(
        stands.is_some_and(|line| line.contains("postgres://consent@127.0.0.1")),
        "{shown}"
    );
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[test]
fn a_receipt_that_is_deleted_by_hand_is_missed_by_fsck() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let server = setting.serve();
    let page = Page::open(&server.url);
    for number in 0..5 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }
    setting.is_sound();
    setting
        .cluster
        .sql(&setting.url, "DELETE FROM receipts WHERE seq = 3");
    let (is_sound, said) = setting.check();
    assert!(!is_sound && said.contains("place 3"), "{said}");
}

#[test]
fn rows_that_are_changed_by_hand_are_named_by_fsck() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let server = setting.serve();
    let page = Page::open(&server.url);
    for number in 0..5 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }
    drop(server);
    let token = ["token", "create", "--role", "viewer", "--all-sites"];
    let token = setting.ok(&[&token[..], &["--label", "J. Dupont"]].concat());
    let out = setting.path("export.jsonl");
    let out = out.to_str().unwrap();
    setting.ok(&[
        "export", "--site", "shop", "--format", "jsonl", "--out", out,
    ]);
    setting.ok(&["hold", "--site", "shop", "--reason", "a case"]);
    setting.is_sound();
    for (table, change, back) in [
        ("tokens", "role = 'admin'", "role = 'viewer'"),
        ("tokens", "sites = 'shop'", "sites = NULL"),
        (
            "tokens",
            "expires_at = expires_at + 1",
            "expires_at = expires_at - 1",
        ),
        ("tokens", "label = 'B. Durand'", "label = 'J. Dupont'"),
        ("holds", "reason = 'another'", "reason = 'a case'"),
        ("holds", "since = since + 1", "since = since - 1"),
        (
            "published",
            "declaration = declaration || 'x'",
            "declaration = substr(declaration, 1, 32)",
        ),
        (
            "artefacts",
            "kept_at = kept_at + 1",
            "kept_at = kept_at - 1",
        ),
        ("audit", "at = at + 1", "at = at - 1"),
        ("audit", "who = who || 'x'", "who = left(who, -1)"),
        (
            "audit",
            "manifest = manifest || ' '",
            "manifest = left(manifest, -1)",
        ),
        (
            "audit",
            "filter = filter || 'x'",
            "filter = left(filter, -1)",
        ),
        ("moments", "at = at + 1", "at = at - 1"),
        ("sites", "id = id || 'x'", "id = left(id, -1)"),
    ] {
        let set = |values: &str| {
            let statement = format!("UPDATE {table} SET {values}");
            setting.cluster.sql(&setting.url, &statement);
        };
        set(change);
        let (is_sound, said) = setting.check();
        let named = format!("table {table}, row");
        assert!(!is_sound && said.contains(&named), "{change}: {said}");
        set(back);
    }
    setting.is_sound();
    let change = |statement: &str| setting.cluster.sql(&setting.url, statement);
    change("UPDATE receipts SET continues = NOT continues WHERE seq = 2");
    let (is_sound, said) = setting.check();
    assert!(
        !is_sound && said.contains("continue a consent id"),
        "{said}"
    );
    change("UPDATE receipts SET continues = NOT continues WHERE seq = 2");
    setting.is_sound();

    // What the program changes next does not make it good.
    change("UPDATE tokens SET role = 'admin'");
    let server = setting.serve();
    let used = ureq::get(format!(
        "{}/v1/sites/shop/export?format=jsonl",
        server.staff
    ));
    let used = used
        .header("authorization", format!("Bearer {}", token.trim()))
        .call();
    assert_eq!(used.unwrap().status(), 200);
    drop(server);
    let (is_sound, said) = setting.check();
    assert!(!is_sound && said.contains("table tokens, row"), "{said}");
}

#[test]
fn what_is_in_sqlite_moves_with_its_places_and_goes_on_in_postgresql() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let (sites, data) = (setting.path("sites"), setting.path("data"));
    let folder = data.to_str().unwrap();
    let sqlite = |arguments: &[&str]| {
        let output = support::process::run(&[arguments, &["--data", folder]].concat());
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    for number in 0..300 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }
    sqlite(&["hold", "--site", "shop", "--reason", "a case"]);
    sqlite(&[
        "token",
        "create",
        "--role",
        "viewer",
        "--all-sites",
        "--label",
        "J. Dupont",
    ]);
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    let before = sqlite(&["export", "--site", "shop", "--format", "jsonl"]);

    let moving = |crash: &str| {
        let mut command = Command::new(PROGRAM);
        command.args(["move", "--from", folder]);
        command.env("CONSENT_DATABASE_URL", &setting.url);
        command.env("CONSENT_CRASH", crash);
        let output = command.output().unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (is_done, _) = moving("receipts-moved");
    assert!(!is_done);
    let refused = setting.run(&["export", "--site", "shop", "--format", "jsonl"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("has not come to its end"), "{said}");
    let (is_done, _) = moving("database-set-aside");
    assert!(!is_done && !data.join("consent.db").exists());
    let (is_done, said) = moving("");
    assert!(is_done, "{said}");

    let after = setting.ok(&["export", "--site", "shop", "--format", "jsonl"]);
    assert_eq!(after, before);
    assert!(setting.ok(&["hold", "--list"]).contains("a case"));
    assert!(setting.ok(&["token", "list"]).contains("J. Dupont"));
    let server = setting.serve();
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(7)), Some(201), "a repeat");
    assert_eq!(page.send(&page.record(300)), Some(201));
    assert_eq!(setting.stored().len(), 301);
    wait_until_signed(&server, 301);
    setting.is_sound();
    drop(server);

    // Neither goes on twice: not into the same database, and not into another.
    let (is_done, said) = moving("");
    assert!(!is_done && said.contains("have moved to"), "{said}");
    let another = setting.cluster.database();
    let again = support::process::run(&["move", "--from", folder, "--to", &another]);
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(
        !again.status.success() && said.contains("have moved to"),
        "{said}"
    );
    assert_eq!(
        setting.cluster.sql(
            &another,
            "SELECT count(*) FROM pg_class WHERE relname = 'receipts'"
        ),
        "0"
    );

    has_moved_away(&sites, &data);
}

/// Without the URL there is nothing, where an empty database would pass for theirs.
fn has_moved_away(sites: &Path, data: &Path) {
    let names = || {
        let entries = std::fs::read_dir(data).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = names();
    let (sites, folder) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--staff",
        "127.0.0.1:0",
        "--url",
        support::URL,
        "--sites",
        sites,
    ];
    for arguments in [
        &serve[..],
        &[&serve[..], &["--no-log"]].concat(),
        &["token", "list"],
        &["token", "create", "--role", "admin", "--all-sites"],
        &["export", "--site", "shop", "--format", "jsonl"],
        &["hold", "--list"],
        &["hold", "--site", "shop", "--reason", "a case"],
        &["purge", "--sites", sites],
        &["fsck"],
        &["log", "renew"],
        &["log", "prune"],
    ] {
        let refused = support::process::run(&[arguments, &["--data", folder]].concat());
        let said = String::from_utf8_lossy(&refused.stderr);
        let says = "have moved to postgres://consent@127.0.0.1";
        assert!(
            !refused.status.success() && said.contains(says),
            "{arguments:?}: {said}"
        );
        assert!(
            said.contains("--store") && !said.contains(PASSWORD),
            "{said}"
        );
        assert_eq!(names(), before, "{arguments:?}");
    }
}

/// With sums of its own in the new database, it would look sound there.
#[test]
fn what_is_spoilt_in_sqlite_is_named_and_not_moved() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let data = setting.path("data");
    let folder = data.to_str().unwrap();
    drop(Process::serve(&setting.path("sites"), &data));
    let token = [
        "token",
        "create",
        "--role",
        "viewer",
        "--all-sites",
        "--data",
        folder,
    ];
    assert!(support::process::run(&token).status.success());
    let database = rusqlite::Connection::open(data.join("consent.db")).unwrap();
    let triggers: Vec<(String, String)> = {
        let mut all = database
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap();
        let all = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        all.unwrap().collect::<Result<_, _>>().unwrap()
    };
    for (name, _) in &triggers {
        database
            .execute_batch(&format!("DROP TRIGGER {name}"))
            .unwrap();
    }
    database
        .execute_batch("UPDATE tokens SET role = 'admin'")
        .unwrap();
    for (_, trigger) in &triggers {
        database.execute_batch(trigger).unwrap();
    }
    drop(database);
    let moved = support::process::run(&["move", "--from", folder, "--to", &setting.url]);
    let said = String::from_utf8_lossy(&moved.stderr);
    assert!(
        !moved.status.success() && said.contains("table tokens, row"),
        "{said}"
    );
    assert!(data.join("consent.db").exists());
    assert_eq!(
        setting
            .cluster
            .sql(&setting.url, "SELECT count(*) FROM tokens"),
        "0"
    );
}

#[test]
fn a_line_of_the_trail_that_is_deleted_by_hand_is_missed_by_fsck() {
    let Some(setting) = Setting::new() else {
        return;
    };
    // Its keys are what receipts are checked with.
    drop(setting.serve());
    for _ in 0..3 {
        setting.ok(&["token", "create", "--role", "viewer", "--all-sites"]);
    }
    let lines = || {
        setting
            .cluster
            .sql(&setting.url, "SELECT count(*) FROM audit")
    };
    assert_eq!(lines(), "3");
    for (spoil, says) in [
        (
            "DELETE FROM audit WHERE seq = 3",
            "3 lines were written, and 2 are there",
        ),
        (
            "DELETE FROM audit WHERE seq = 1",
            "3 lines were written, and 1 are there",
        ),
        (
            "UPDATE audit_next SET next = 2",
            "is numbered 2, and 1 are counted",
        ),
    ] {
        setting.cluster.sql(&setting.url, spoil);
        let (is_sound, said) = setting.check();
        assert!(!is_sound && said.contains(says), "{spoil}: {said}");
    }
}

/// As on a machine that stood still, or was cut off, for longer than the lease waits.
#[test]
fn a_server_that_another_has_superseded_stores_nothing_and_says_why() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let server = setting.serve();
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(1)), Some(201));
    wait_until_signed(&server, 1);
    server.signal("-STOP");
    let other = setting.path("other");
    let copied = Command::new("cp")
        .arg("-r")
        .arg(setting.path("data"))
        .arg(&other)
        .status();
    assert!(copied.unwrap().success());
    let options = ["--store", &setting.url];
    let second = Process::serve_with(&setting.path("sites"), &other, &options);
    server.signal("-CONT");

    assert_eq!(page.send(&page.record(2)), Some(503));
    let agent = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = agent.build().new_agent();
    let mut ready = agent.get(format!("{}/readyz", server.url)).call().unwrap();
    assert_eq!(ready.status(), 503);
    let said: Value = serde_json::from_str(&ready.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(said["code"], "superseded", "{said}");
    server.hear("another server has taken over this database");
    // Visitors see their banner, and the other one takes their records.
    let page = Page::open(&second.url);
    Page::open(&server.url);
    assert_eq!(page.send(&page.record(2)), Some(201));
    assert_eq!(setting.stored().len(), 2);
    setting.is_sound();
}

/// As by a fail-over to a standby that lacked what was answered.
#[test]
fn a_database_that_is_set_back_under_a_server_is_not_signed_over() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let server = setting.serve();
    let page = Page::open(&server.url);
    for number in 0..5 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }
    let size = || {
        setting
            .cluster
            .sql(&setting.url, "SELECT size FROM log_tree")
    };
    let next = || {
        setting
            .cluster
            .sql(&setting.url, "SELECT next FROM log_next")
    };
    while size() != next() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = size();
    wait_until_signed(&server, before.parse().unwrap());
    let checkpoint = get(&format!("{}/log/checkpoint", server.url));
    let set_to = |size: &str| {
        let statement = format!("UPDATE log_tree SET size = {size}");
        setting.cluster.sql(&setting.url, &statement);
    };
    set_to("1");
    server.hear("was set back while this server runs");
    let ready = format!("{}/readyz", server.url);
    while status(&ready) != 503 {
        std::thread::sleep(Duration::from_millis(50));
    }
    page.send(&page.record(5));
    assert_eq!(get(&format!("{}/log/checkpoint", server.url)), checkpoint);
    assert_eq!(size(), "1");
    set_to(&before);
    server.hear("the log goes on");
    wait_until_signed(&server, next().parse().unwrap());
    while status(&ready) != 200 {
        std::thread::sleep(Duration::from_millis(50));
    }
    setting.is_sound();
}

#[test]
fn a_url_that_is_wrong_is_refused_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for (url, words) in [
        (
            format!("postgres://consent:{PASSWORD}@127.0.0.1:1/d"),
            "cannot be reached",
        ),
        (
            format!("postgres://consent:{PASSWORD}@127.0.0.1:port/d"),
            "--store",
        ),
        (
            format!("mysql://consent:{PASSWORD}@127.0.0.1/d"),
            "postgres://",
        ),
        (
            format!("postgres://consent:x@{PASSWORD}@127.0.0.1/d"),
            "%40",
        ),
    ] {
        let arguments = [
            "export", "--site", "shop", "--format", "jsonl", "--data", data,
        ];
        let output = support::process::run(&[&arguments[..], &["--store", &url]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words) && !said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn a_connection_is_encrypted_with_whom_the_system_trusts_and_with_nobody_else() {
    let Some(mut setting) = Setting::new() else {
        return;
    };
    let ours = CertificateAuthority::new("Ours");
    let identity = ours.identity("IP:127.0.0.1");
    setting.cluster.encrypt(identity.files());
    setting.url += "?sslmode=require";
    let (sites, data) = (setting.path("sites"), setting.path("data"));
    let options = ["--store", &setting.url];
    let server = Process::serve_trusting(&ours.path(), &sites, &data, &options);
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(1)), Some(201));
    let connections = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'consent'";
    assert_eq!(
        setting
            .cluster
            .sql(&setting.cluster.url("postgres"), connections),
        "t"
    );

    let export = |authority: &CertificateAuthority| {
        let mut command = Command::new(PROGRAM);
        trust(&mut command, &authority.path());
        command.args([
            "export",
            "--site",
            "shop",
            "--format",
            "jsonl",
            "--store",
            &setting.url,
        ]);
        let output = command.arg("--data").arg(&data).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    assert_eq!(export(&ours).0, Some(0));
    let (code, said) = export(&CertificateAuthority::new("Theirs"));
    assert!(code == Some(2) && said.contains("certificate"), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
    // Of an authority that is trusted, and for another host.
    setting
        .cluster
        .encrypt(ours.identity("DNS:elsewhere.example").files());
    let (code, said) = export(&ours);
    assert!(code == Some(2) && said.contains("certificate"), "{said}");
}

/// Sends records from several threads until it is told to end; those that were answered with 201.
struct Load {
    ends: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    away: Arc<AtomicUsize>,
    threads: Vec<std::thread::JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(page: &Page, next: &Arc<AtomicU64>) -> Self {
        let (ends, answered, away) =
            <(Arc<AtomicBool>, Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let threads = (0..4).map(|_| {
            let (page, next, ends) = (page.clone(), Arc::clone(next), Arc::clone(&ends));
            let (answered, away) = (Arc::clone(&answered), Arc::clone(&away));
            std::thread::spawn(move || {
                let config = ureq::Agent::config_builder().http_status_as_error(false);
                let agent = config.build().new_agent();
                let mut acknowledged = Vec::new();
                while !ends.load(Ordering::Relaxed) {
                    let record = page.record(next.fetch_add(1, Ordering::Relaxed));
                    let answer = agent
                        .post(format!("{}/v1/sites/shop/consents", page.url))
                        .header("content-type", "application/json")
                        .send(record.to_string());
                    let Ok(answer) = answer else {
                        // The server is gone.
                        return acknowledged;
                    };
                    match answer.status().as_u16() {
                        201 => {
                            acknowledged.push(id(&record));
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        503 => {
                            assert!(answer.headers().contains_key("retry-after"));
                            away.fetch_add(1, Ordering::Relaxed);
                        }
                        status => panic!("{status}"),
                    }
                }
                acknowledged
            })
        });
        Self {
            threads: threads.collect(),
            ends,
            answered,
            away,
        }
    }

    fn finish(self) -> Vec<String> {
        self.ends.store(true, Ordering::Relaxed);
        let threads = self.threads.into_iter();
        threads.flat_map(|thread| thread.join().unwrap()).collect()
    }
}

/// Waits until a number has grown by so many.
fn wait_for_more(number: &AtomicUsize, more: usize) {
    let least = number.load(Ordering::Relaxed) + more;
    for _ in 0..600 {
        if number.load(Ordering::Relaxed) >= least {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("not reached in half a minute");
}

#[test]
fn a_killed_server_has_every_acknowledged_record_in_the_database() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let next = Arc::default();
    let mut acknowledged = Vec::new();
    let mut server = setting.serve();
    for _ in 0..3 {
        let load = Load::start(&Page::open(&server.url), &next);
        wait_for_more(&load.answered, 100);
        server.signal("-KILL");
        acknowledged.extend(load.finish());
        drop(server);
        server = setting.serve();
        let stored = setting.stored();
        for id in &acknowledged {
            assert!(stored.contains(id), "{id} was acknowledged and is lost");
        }
    }
    assert!(acknowledged.len() >= 300);
    setting.is_sound();
}

#[test]
fn a_database_that_goes_and_comes_back_loses_nothing_and_needs_no_step_by_hand() {
    let Some(setting) = Setting::new() else {
        return;
    };
    let server = setting.serve();
    let load = Load::start(&Page::open(&server.url), &Arc::default());
    for _ in 0..2 {
        wait_for_more(&load.answered, 100);
        setting.cluster.stop();
        wait_for_more(&load.away, 3);
        assert_eq!(status(&format!("{}/healthz", server.url)), 200);
        assert_eq!(status(&format!("{}/readyz", server.url)), 503);
        // Visitors see their banner all the same.
        Page::open(&server.url);
        setting.cluster.begin();
        wait_for_more(&load.answered, 100);
    }
    let (away, acknowledged) = (load.away.load(Ordering::Relaxed), load.finish());
    eprintln!("{} acknowledged, {away} put off", acknowledged.len());
    let stored = setting.stored();
    for id in &acknowledged {
        assert!(stored.contains(id), "{id} was acknowledged and is lost");
    }
    setting.is_sound();
    // The log has gone on, too.
    wait_until_signed(&server, stored.len());
}

/// Waits until so many entries of the log are covered by what is signed.
fn wait_until_signed(server: &Process, entries: usize) {
    let size = || -> usize {
        let checkpoint = get(&format!("{}/log/checkpoint", server.url));
        checkpoint.lines().nth(1).unwrap().parse().unwrap()
    };
    for _ in 0..600 {
        if size() >= entries {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} of {entries} entries are signed", size());
}

#[test]
fn a_fail_over_to_a_synchronous_standby_loses_nothing() {
    let Some(mut setting) = Setting::new() else {
        return;
    };
    let standby = setting.cluster.standby();
    let cluster = &setting.cluster;
    cluster.sql(
        &setting.url,
        "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'",
    );
    cluster.sql(&setting.url, "SELECT pg_reload_conf()");
    let follows = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'";
    while cluster.sql(&setting.url, follows) != "1" {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (first, second) = (cluster.port(), standby.port());
    let name = setting.url.rsplit('/').next().unwrap().to_owned();
    setting.url =
        format!("postgres://consent:{PASSWORD}@127.0.0.1:{first},127.0.0.1:{second}/{name}");

    let server = setting.serve();
    assert!(!server.said.contains("no standby has"), "{}", server.said);
    let load = Load::start(&Page::open(&server.url), &Arc::default());
    wait_for_more(&load.answered, 200);
    setting.cluster.stop();
    standby.promote();
    wait_for_more(&load.answered, 200);
    let acknowledged = load.finish();
    let stored = setting.stored();
    for id in &acknowledged {
        assert!(stored.contains(id), "{id} was acknowledged and is lost");
    }
    wait_until_signed(&server, stored.len());
    setting.is_sound();
}
