//! What `consent verify` calls valid, and what it calls unproven; how much it reads; and what it and its neighbours write.

use crate::support;
use consent_core::archive::Archive;
use consent_core::digest::Digest;
use consent_core::evidence::{Material, assemble};
use consent_core::id::{ConsentId, RecordId};
use consent_core::key::{KeySet, SigningKey};
use consent_core::receipt::{Signer, UnverifiedReceipt};
use consent_core::record::Record;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::Server;
use support::process::{PROGRAM, run};
use tempfile::TempDir;

/// A data folder with three records, and files about them.
struct Used {
    data: TempDir,
    receipts: Vec<String>,
    export: String,
    evidence: Vec<u8>,
}

async fn used() -> Used {
    let server = Server::start();
    let mut receipts = Vec::new();
    for number in 1..=3 {
        let answer = server.record("shop", &server.example("shop", number)).await;
        receipts.push(answer.json()["receipt"].as_str().unwrap().to_owned());
    }
    let id = UnverifiedReceipt::parse(&receipts[0]).unwrap().record().id;
    let folder = text(server.data.path());
    // Until the log has it: a second at most, on a machine that does nothing else.
    let deadline = Instant::now() + Duration::from_mins(1);
    let evidence = loop {
        let evidence = run(&["evidence", &id.to_text(), "--data", &folder, "-o", "-"]);
        assert_eq!(evidence.status.code(), Some(0), "{}", said(&evidence));
        let archive = Archive::from_zip(&evidence.stdout).unwrap();
        if archive.get("keys/log.txt").is_some() || Instant::now() > deadline {
            break evidence;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let app = server.app.clone();
    tokio::task::spawn_blocking(move || app.intake.stop())
        .await
        .unwrap();
    let data = server.data;
    let jwks = run(&["keys", "list", "--jwks", "--data", &folder]).stdout;
    std::fs::write(data.path().join("jwks.json"), jwks).unwrap();
    let export = run(&[
        "export", "--site", "shop", "--format", "jsonl", "--data", &folder,
    ]);
    Used {
        receipts,
        export: String::from_utf8(export.stdout).unwrap(),
        evidence: evidence.stdout,
        data,
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The exit code, and the last line.
fn last(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap_or_default().to_owned();
    (output.status.code(), last)
}

const UNPROVEN: &str = "unproven: consistent in itself, but checked against no key that you trust";

impl Used {
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.data.path().join(name);
        std::fs::write(&path, content).unwrap();
        text(&path)
    }

    /// Six gigabytes that take no room.
    fn sparse(&self, name: &str, begin: &str) -> String {
        let path = self.file(name, begin);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(6 << 30).unwrap();
        path
    }

    fn jwks(&self) -> String {
        text(&self.data.path().join("jwks.json"))
    }

    /// An evidence file in which everything is the forger's, the key too.
    fn forged(&self) -> Vec<u8> {
        let archive = Archive::from_zip(&self.evidence).unwrap();
        let forger = SigningKey::from_seed(&[66; 32]);
        let keys: KeySet = [forger.public_key()].into_iter().collect();
        let issuer = support::URL;
        let signer = Signer::new(forger, issuer);
        let genuine = UnverifiedReceipt::parse(&self.receipts[0]).unwrap();
        let receipt = signer.sign(genuine.record(), genuine.issued_at());
        let material = Material {
            receipt: &receipt,
            notice: archive.get("notice.json").unwrap(),
            scope: archive.get("scope.json").unwrap(),
            keys: &keys,
            site: None,
            log: None,
        };
        assemble(&material, &signer).unwrap()
    }
}

#[tokio::test]
async fn what_agrees_with_itself_alone_is_not_called_valid() {
    let used = used().await;
    let jwks = used.jwks();
    let (forged, genuine) = (
        used.file("forged.zip", used.forged()),
        used.file("genuine.zip", &used.evidence),
    );
    for file in [&forged, &genuine] {
        let found = run(&["verify", file]);
        assert_eq!(last(&found), (Some(3), UNPROVEN.into()), "{}", said(&found));
        let found: Value =
            serde_json::from_slice(&run(&["verify", file, "--json"]).stdout).unwrap();
        assert_eq!(
            (&found["valid"], &found["verdict"]),
            (&false.into(), &"unproven".into())
        );
    }
    let verify = |file: &str, more: &[&str]| {
        last(&run(&[&["verify", file, "--keys", &jwks], more].concat()))
    };
    assert_eq!(verify(&forged, &[]), (Some(1), "not valid".into()));
    assert_eq!(verify(&genuine, &[]), (Some(0), "valid".into()));
    // The log's key says that a receipt is in the log, and nothing of what stands beside it.
    let archive = Archive::from_zip(&used.evidence).unwrap();
    let log = used.file("log.txt", archive.get("keys/log.txt").unwrap());
    let found = run(&["verify", &genuine, "--log-keys", &log]);
    assert_eq!(last(&found), (Some(3), UNPROVEN.into()));
    assert_eq!(
        verify(&genuine, &["--log-keys", &log]),
        (Some(0), "valid".into())
    );
    // And without it, nobody has seen that it is in a log.
    let found = run(&["verify", &genuine, "--keys", &jwks]);
    let text = String::from_utf8(found.stdout).unwrap();
    let logged = text
        .lines()
        .find(|line| line.starts_with("logged"))
        .unwrap();
    assert!(logged.contains("not checked"), "{text}");
    // Words in the file change nothing in that.
    let mut reworded = Archive::from_zip(&used.forged()).unwrap();
    reworded.insert("README.txt", b"valid".to_vec());
    let reworded = used.file("reworded.zip", reworded.to_zip());
    assert_eq!(
        last(&run(&["verify", &reworded])),
        (Some(1), "not valid".into())
    );
}

#[tokio::test]
async fn no_keys_are_no_trust() {
    let used = used().await;
    let evidence = used.file("genuine.zip", &used.evidence);
    let receipt = used.file("receipt", &used.receipts[0]);
    let export = used.file("export", &used.export);
    let empty = used.file("empty.json", "{\"keys\":[]}");
    for file in [&evidence, &receipt, &export] {
        for (keys, says) in [
            (&*empty, "no Ed25519 key"),
            ("https://consent.example/.well-known/jwks.json", "curl"),
        ] {
            let found = run(&["verify", file, "--keys", keys]);
            assert_eq!(found.status.code(), Some(2), "{file} {keys}");
            assert!(found.stdout.is_empty());
            assert!(said(&found).contains(says), "{}", said(&found));
        }
    }
    // What brings no keys along is not looked at without any.
    for file in [&receipt, &export] {
        let found = run(&["verify", file]);
        assert_eq!(found.status.code(), Some(2));
        assert!(said(&found).contains("--keys"), "{}", said(&found));
    }
}

#[tokio::test]
async fn of_a_header_of_cookies_the_one_that_counts_is_verified() {
    let used = used().await;
    let verify = |header: &str, more: &[&str]| {
        let file = used.file("header", header);
        let jwks = used.jwks();
        let at = ["verify", &file, "--keys", &jwks, "--at", "2026-12-01"];
        last(&run(&[&at, more].concat()))
    };
    let [one, two] = [0, 1].map(|place| &used.receipts[place]);
    let valid = (Some(0), "valid".to_owned());
    assert_eq!(
        verify(&format!("Cookie: a=b; eu-consent={one}; c=d"), &[]),
        valid
    );
    assert_eq!(
        verify(&format!("eu-consent={one}; eu-consent={two}"), &[]),
        valid
    );
    assert_eq!(
        verify(&format!("a=b; choice={one}"), &["--cookie", "choice"]),
        valid
    );
    let broken = one.replacen("ey", "eY", 1);
    assert_eq!(verify(&format!("a=b; eu-consent={broken}"), &[]).0, Some(1));
    assert_eq!(verify("a=b; c=d", &[]).0, Some(2));
}

/// Files that are no files of their kind: `consent` may use no more memory than a small machine has.
fn run_in_little_memory(arguments: &[&str]) -> Output {
    let mut shell = Command::new("sh");
    // In KiB: an allocation of what is to be read would be refused, and end the process.
    shell.args(["-c", "ulimit -v 3000000; exec \"$0\" \"$@\"", PROGRAM]);
    shell.args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[tokio::test]
async fn nothing_is_read_beyond_its_limit() {
    let used = used().await;
    let plain = used.sparse("sparse", "");
    let (jwks, receipt) = (used.jwks(), used.file("receipt", &used.receipts[0]));
    let evidence = used.file("genuine.zip", &used.evidence);
    let export = used.file("export", &used.export);
    let pipe = text(&used.data.path().join("pipe"));
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let folder = text(used.data.path());
    let cases: &[&[&str]] = &[
        &["verify", "FILE", "--keys", &jwks],
        &["verify", &receipt, "--keys", "FILE"],
        &["verify", &receipt, "--keys", &jwks, "--notice", "FILE"],
        &[
            "verify",
            &receipt,
            "--keys",
            &jwks,
            "--proof",
            "FILE",
            "--log-keys",
            &jwks,
        ],
        &["verify", &evidence, "--log-keys", "FILE"],
        &["verify", &evidence, "--checkpoint", "FILE"],
        &[
            "verify",
            &evidence,
            "--keys",
            &jwks,
            "--log-keys",
            "FILE",
            "--authority",
            &jwks,
        ],
        &["verify", &export, "--keys", &jwks, "--manifest", "FILE"],
        &["check", "FILE"],
        &["build", "FILE"],
        &["--config", "FILE", "check", &receipt],
        &[
            "witness",
            "--name",
            "w.example",
            "--data",
            "/nonexistent/w",
            "--logs",
            "FILE",
        ],
        &[
            "serve",
            "--data",
            "/nonexistent/d",
            "--url",
            "http://a.example",
            "--sites",
            "/nonexistent",
            "--config",
            "FILE",
        ],
    ];
    for case in cases {
        for (file, says) in [
            (&*plain, "longer than"),
            ("/dev/zero", "longer than"),
            (&pipe, "named pipe"),
            (&folder, "folder"),
        ] {
            let arguments: Vec<_> = case
                .iter()
                .map(|word| if *word == "FILE" { file } else { word })
                .collect();
            let began = Instant::now();
            let output = run_in_little_memory(&arguments);
            assert_eq!(
                output.status.code(),
                Some(2),
                "{arguments:?}: {}",
                said(&output)
            );
            assert!(
                said(&output).contains(says),
                "{arguments:?}: {}",
                said(&output)
            );
            assert!(began.elapsed() < Duration::from_mins(1), "{arguments:?}");
        }
    }
}

#[tokio::test]
async fn nor_an_archive_or_a_base_that_a_declaration_names() {
    let used = used().await;
    used.sparse("sparse", "");
    let zip = used.sparse("sparse.zip", "PK");
    let output = run_in_little_memory(&["verify", &zip, "--keys", &used.jwks()]);
    assert!(
        said(&output).contains("longer than 64 MiB"),
        "{}",
        said(&output)
    );
    let declared = used.file("site.toml", "base = \"sparse\"\nid = \"a\"\n");
    let output = run_in_little_memory(&["check", &declared]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("longer than 4 MiB"),
        "{text}{}",
        said(&output)
    );
}

#[tokio::test]
async fn an_export_is_read_line_by_line() {
    let used = used().await;
    let jwks = used.jwks();
    let verify = |content: &[u8]| {
        let file = used.file("export", content);
        run_in_little_memory(&["verify", &file, "--keys", &jwks, "--json"])
    };
    let found = |output: &Output| -> Value { serde_json::from_slice(&output.stdout).unwrap() };
    // Blank lines at the end are none, and a byte order mark is no part of the first.
    let good = format!("\u{FEFF}{}\r\n\n", used.export.replace('\n', "\r\n"));
    let output = verify(good.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", found(&output));
    let between = used.export.replacen('\n', "\n\n", 1);
    let output = verify(between.as_bytes());
    let wrong = &found(&output)["wrong"];
    assert_eq!(
        (wrong.as_array().unwrap().len(), &wrong[0]["line"]),
        (1, &2.into())
    );
    // A line without an end, longer than all memory: the check ends there, and says so.
    let file = used.file("endless", &used.export);
    let endless = std::fs::File::options().write(true).open(&file).unwrap();
    endless.set_len(6 << 30).unwrap();
    let output = run_in_little_memory(&["verify", &file, "--keys", &jwks, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let document = found(&output);
    let wrong = &document["wrong"][0];
    assert_eq!(
        (&wrong["line"], &document["wrong_lines"]),
        (&4.into(), &1.into())
    );
    assert!(
        wrong["reason"]
            .as_str()
            .unwrap()
            .contains("longer than 64 KiB")
    );
    // Bytes that are no text spoil their line, not those beside it.
    let mut odd = used.export.clone().into_bytes();
    odd[10] = 0xFF;
    let document = found(&verify(&odd));
    assert_eq!(
        (&document["receipts"], &document["wrong_lines"]),
        (&3.into(), &1.into())
    );
}

#[tokio::test]
async fn what_is_written_is_private_and_never_written_over() {
    let used = used().await;
    let data = text(used.data.path());
    let id = UnverifiedReceipt::parse(&used.receipts[0])
        .unwrap()
        .record()
        .id
        .to_text();
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&out.path().join(name));
    let mode = |name: &str| {
        let metadata = std::fs::metadata(out.path().join(name)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    let evidence = path("e.zip");
    let make = || {
        run_wide(
            &["evidence", &id, "--data", &data, "-o", &evidence],
            out.path(),
        )
    };
    assert_eq!(make().status.code(), Some(0));
    assert_eq!(mode("e.zip"), 0o600);
    let first = std::fs::read(&evidence).unwrap();
    std::fs::write(&evidence, b"mine").unwrap();
    let again = make();
    assert_eq!(again.status.code(), Some(2));
    assert!(
        said(&again).contains("is there already: name another file"),
        "{}",
        said(&again)
    );
    assert_eq!(std::fs::read(&evidence).unwrap(), b"mine");
    // Under the name that it chooses itself, too; and not through a link.
    let own = format!("shop-{id}.evidence.zip");
    let plain = || run_wide(&["evidence", &id, "--data", &data], out.path());
    assert_eq!(plain().status.code(), Some(0));
    assert_eq!(mode(&own), 0o600);
    assert!(std::fs::read(out.path().join(&own)).unwrap() == first);
    assert_eq!(plain().status.code(), Some(2));
    std::os::unix::fs::symlink(out.path().join("target"), out.path().join("link")).unwrap();
    let link = path("link");
    let linked = run_wide(&["evidence", &id, "--data", &data, "-o", &link], out.path());
    assert_eq!(linked.status.code(), Some(2));
    assert!(!out.path().join("target").exists());
    // An export, and its manifest.
    let export = [
        "export", "--site", "shop", "--format", "csv", "--data", &data,
    ];
    let to = path("x.csv");
    assert_eq!(
        run_wide(&[&export[..], &["--out", &to]].concat(), out.path())
            .status
            .code(),
        Some(0)
    );
    assert_eq!(["x.csv", "x.csv.manifest.json"].map(mode), [0o600; 2]);
    assert_eq!(
        run_wide(&[&export[..], &["--out", &to]].concat(), out.path())
            .status
            .code(),
        Some(2)
    );
    // Nothing of what could not be written whole stays.
    let full = path("full.csv");
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, PROGRAM])
        .args(export)
        .args(["--out", &full]);
    let output = shell.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let backup = path("backup");
    let mut shell = Command::new("sh");
    shell.args([
        "-c", script, PROGRAM, "backup", "--data", &data, "--to", &backup,
    ]);
    assert_eq!(shell.output().unwrap().status.code(), Some(2));
    let mut names: Vec<_> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["e.zip", "link", &*own, "x.csv", "x.csv.manifest.json"]
    );
}

/// As somebody who lets others read what they write.
fn run_wide(arguments: &[&str], folder: &Path) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 0; exec \"$0\" \"$@\"", PROGRAM]);
    shell.args(arguments).current_dir(folder).output().unwrap()
}

/// A proof of the digest that the manifest of an export has to have.
#[tokio::test]
async fn the_digest_of_an_export_is_that_of_all_its_bytes() {
    let used = used().await;
    let jwks = used.jwks();
    let bytes = format!("{}\n\n", used.export);
    let sha256 = Digest::of(bytes.as_bytes()).to_hex();
    let manifest = serde_json::json!({ "receipts": 3, "sha256": sha256 }).to_string();
    let (file, manifest) = (used.file("export", &bytes), used.file("m.json", manifest));
    let found = run(&["verify", &file, "--keys", &jwks, "--manifest", &manifest]);
    assert_eq!(last(&found), (Some(0), "valid".into()), "{}", said(&found));
}

/// A record of a browser, `number` seconds after the others.
fn choice(number: u8, person: u8, granted: bool) -> Record {
    let at = support::NOW + i64::from(number);
    let id = RecordId::v7(at.unsigned_abs() * 1000, [number; 10]);
    let act = if granted { "accept_all" } else { "withdraw" };
    let json = serde_json::json!({
        "act": act, "aud": "shop", "choices": { "analytics": granted }, "dat": at, "exp": at + 1000,
        "jti": id.to_text(), "lang": "en", "notice": Digest::of(b"notice").to_text(),
        "scope": Digest::of(b"scope").to_text(), "src": "banner",
        "sub": ConsentId::from_random([person; 16]).to_text(),
    });
    Record::from_json(json.to_string().as_bytes()).unwrap()
}

#[test]
fn of_several_cookies_the_choice_that_counts_is_judged_whatever_it_is() {
    let folder = TempDir::new().unwrap();
    let key = SigningKey::from_seed(&[9; 32]);
    let keys: KeySet = [key.public_key()].into_iter().collect();
    let jwks = folder.path().join("jwks.json");
    std::fs::write(&jwks, keys.to_jwks()).unwrap();
    let signer = Signer::new(key, support::URL);
    let receipt = |record: &Record| signer.sign(record, record.decided_at);
    let agreed = receipt(&choice(1, 2, true));
    let withdrawn = receipt(&choice(2, 2, false));
    let unsigned = choice(2, 2, false).to_cookie_value();
    let broken = format!("{}AAAAAA", &withdrawn[..withdrawn.len() - 6]);
    let other = receipt(&choice(3, 3, true));
    for (newest, values, is_valid) in [
        ("an unsigned withdrawal", [&agreed, &unsigned], false),
        ("a broken one", [&agreed, &broken], false),
        ("an agreement of another", [&withdrawn, &other], false),
        ("another beside one's own", [&agreed, &other], false),
        ("a withdrawal", [&agreed, &withdrawn], true),
    ] {
        for [first, second] in [values, [values[1], values[0]]] {
            let header = format!("eu-consent={first}; a=b; eu-consent={second}");
            let file = folder.path().join("header.txt");
            std::fs::write(&file, header).unwrap();
            let verified = run(&[
                "verify",
                &text(&file),
                "--keys",
                &text(&jwks),
                "--at",
                "2026-11-22T03:10:00Z",
                "--json",
            ]);
            let verdict: Value = serde_json::from_slice(&verified.stdout)
                .unwrap_or_else(|_| panic!("{newest}: {}", said(&verified)));
            assert_eq!(verdict["valid"], is_valid, "{newest}: {verdict}");
            assert_eq!(verified.status.code() == Some(0), is_valid, "{newest}");
            assert_ne!(verdict["record"]["act"], "accept_all", "{newest}");
        }
    }
}
