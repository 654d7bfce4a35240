//! Evidence files, as staff and operators get them, and what `consent verify` says of them and of other files.

use crate::support;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::archive::Archive;
use consent_core::evidence::{Logged, Material, assemble};
use consent_core::key::{KeySet, SigningKey};
use consent_core::note::NoteKey;
use consent_core::receipt::Signer;
use consent_core::tlog_proof::TlogProof;
use consent_server::auth::Role;
use consent_server::timestamp::request;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::authority::Authority;
use support::process::run;
use support::{NOW, Server};
use tempfile::TempDir;

/// The data folder of a server that has taken three records; its JWK set; the ids of the records.
struct Used {
    data: TempDir,
    jwks: PathBuf,
    receipts: Vec<String>,
    ids: Vec<String>,
    served: Vec<u8>,
    export: String,
}

async fn used() -> Used {
    let server = Server::start();
    let (mut receipts, mut ids) = (Vec::new(), Vec::new());
    for number in 0..3 {
        let record = server.example("shop", number);
        ids.push(record["jti"].as_str().unwrap().to_owned());
        let answer = server.record("shop", &record).await.json();
        receipts.push(answer["receipt"].as_str().unwrap().to_owned());
    }
    let token = server.token(Role::Exporter, &["shop"], None);
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer)];
    // The last one: so the checkpoint that first has it has them all, and stays the last.
    let path = format!("/v1/sites/shop/consents/{}/evidence", ids[2]);
    let answer = server.staff().get(&path, &headers).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let export = server
        .staff()
        .get("/v1/sites/shop/export?format=jsonl", &headers)
        .await
        .text();
    let app = server.app.clone();
    tokio::task::spawn_blocking(move || app.intake.stop())
        .await
        .unwrap();
    let jwks = server.data.path().join("jwks.json");
    let list = run(&[
        "keys",
        "list",
        "--jwks",
        "--data",
        path_of(server.data.path()),
    ]);
    std::fs::write(&jwks, list.stdout).unwrap();
    Used {
        data: server.data,
        jwks,
        receipts,
        ids,
        served: answer.body,
        export,
    }
}

fn path_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn verdict(output: &Output) -> (Option<i32>, Value) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdict = serde_json::from_str(&text);
    (
        output.status.code(),
        verdict.unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr))),
    )
}

fn steps(verdict: &Value) -> Vec<(&str, &str)> {
    let steps = verdict["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| {
            (
                step["step"].as_str().unwrap(),
                step["result"].as_str().unwrap(),
            )
        })
        .collect()
}

impl Used {
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.data.path().join(name);
        std::fs::write(&path, content).unwrap();
        path_of(&path).to_owned()
    }

    /// The verdict of `consent verify` on this content.
    fn verify(&self, content: impl AsRef<[u8]>, options: &[&str]) -> (Option<i32>, Value) {
        let file = self.file("to-verify", content);
        let mut arguments = vec!["verify", &file, "--json", "--keys", path_of(&self.jwks)];
        arguments.extend(options);
        verdict(&run(&arguments))
    }

    fn evidence(&self, options: &[&str]) -> Output {
        let mut arguments = vec!["evidence", "--data", path_of(self.data.path())];
        arguments.extend(options);
        run(&arguments)
    }
}

#[tokio::test]
async fn staff_and_operators_get_the_same_file_and_it_verifies() {
    let used = used().await;
    let sites = tempfile::tempdir().unwrap();
    std::fs::write(sites.path().join("shop.toml"), support::shop()).unwrap();
    let (file, sites) = (
        used.data.path().join("a.zip"),
        path_of(sites.path()).to_owned(),
    );
    let made = used.evidence(&[&used.ids[2], "-o", path_of(&file), "--sites", &sites]);
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let zip = std::fs::read(&file).unwrap();
    assert!(zip == used.served, "the same bytes for the same record");
    let piped = used.evidence(&[&used.ids[2], "-o", "-"]);
    let without = Archive::from_zip(&piped.stdout).unwrap();
    assert!(without.get("formats/dpv.json").is_none());

    let (code, verdict) = used.verify(&zip, &["--site", "shop"]);
    assert_eq!(
        (code, &verdict["valid"]),
        (Some(0), &true.into()),
        "{verdict}"
    );
    assert_eq!(verdict["record"]["jti"], used.ids[2].as_str());
    let expected = [
        ("form", "passed"),
        ("digests", "passed"),
        ("keys", "passed"),
        ("seal", "passed"),
        ("receipt", "passed"),
        ("record", "passed"),
        ("time", "passed"),
        ("notice", "passed"),
        ("scope", "passed"),
        ("logged", "not_checked"),
        ("witnessed", "not_checked"),
        ("consistent", "not_checked"),
        ("timestamped", "not_checked"),
    ];
    assert_eq!(steps(&verdict), expected);
    // Long after the choice has ended, it still proves what was chosen then; and that it no longer stands.
    let (code, verdict) = used.verify(&zip, &["--at", "2029-01-01"]);
    assert_eq!((code, steps(&verdict)[6]), (Some(1), ("time", "failed")));

    let mut flipped = zip.clone();
    let place = zip.windows(8).position(|part| part == b"<!DOCTYP").unwrap();
    flipped[place] ^= 1;
    let (code, verdict) = used.verify(&flipped, &[]);
    assert_eq!(code, Some(1));
    assert!(
        verdict["steps"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("summary.en.html"),
        "{verdict}"
    );

    let nobody = used.evidence(&["01a20139-bd78-7101-8101-010101010199"]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("There is no record"));
}

#[tokio::test]
async fn the_evidence_of_one_site_is_for_its_staff_and_leaves_a_line_in_the_trail() {
    let server = Server::start();
    let record = server.example("shop", 0);
    server.record("shop", &record).await;
    let path = format!(
        "/v1/sites/shop/consents/{}/evidence",
        record["jti"].as_str().unwrap()
    );
    let ask = async |token: Option<String>, path: &str| {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers = bearer
            .iter()
            .map(|bearer| ("authorization", &**bearer))
            .collect::<Vec<_>>();
        server.staff().get(path, &headers).await.status.as_u16()
    };
    let admin = server.token(Role::Admin, &[], None);
    assert_eq!(ask(None, &path).await, 401);
    assert_eq!(
        ask(Some(server.token(Role::Admin, &["library"], None)), &path).await,
        403
    );
    assert_eq!(
        ask(Some(admin.clone()), &path.replace("shop", "library")).await,
        404
    );
    assert_eq!(
        ask(
            Some(server.token(Role::Viewer, &["shop"], Some(NOW + 1))),
            &path
        )
        .await,
        200
    );
    let bearer = format!("Bearer {admin}");
    let trail = server
        .staff()
        .get("/v1/audit?site=shop", &[("authorization", &bearer)])
        .await
        .json();
    let lines: Vec<&str> = trail["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(lines, ["evidence"]);
}

/// An evidence file, extracted, and the lines of its README.txt that begin with `$ `.
struct Extracted {
    folder: PathBuf,
    commands: Vec<String>,
}

impl Extracted {
    fn new(zip: &[u8], folder: PathBuf) -> Self {
        let archive = Archive::from_zip(zip).unwrap();
        for (name, content) in archive.iter() {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let guide = String::from_utf8(archive.get("README.txt").unwrap().to_vec()).unwrap();
        let commands = guide.lines().filter_map(|line| line.strip_prefix("$ "));
        Self {
            commands: commands.map(str::to_owned).collect(),
            folder,
        }
    }

    /// Runs something as a reader does; what it wrote, if it went well.
    fn run(&self, command: &str) -> Option<String> {
        let temporary = format!("{}/", path_of(self.folder.parent().unwrap()));
        let output = Command::new("bash")
            .args([
                "-o",
                "pipefail",
                "-c",
                &command.replace("/tmp/", &temporary),
            ])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    /// The places of the commands that find something wrong.
    fn failures(&self) -> Vec<usize> {
        let commands = self.commands.iter().enumerate();
        commands
            .filter(|(_, command)| self.run(command).is_none())
            .map(|(place, _)| place)
            .collect()
    }
}

const KEYS: usize = 0;
const FILES: usize = 1;
const SIGNATURE: usize = 5;
const RECORD: usize = 6;
const NOTICE: usize = 7;

/// Each line of README.txt that begins with `$ `, as a reader runs it.
#[tokio::test]
async fn the_commands_in_the_evidence_check_it_with_standard_tools() {
    let used = used().await;
    let extracted = Extracted::new(&used.served, used.data.path().join("extracted"));
    let folder = &extracted.folder;
    assert_eq!(extracted.commands.len(), 8);
    assert_eq!(extracted.failures(), [0; 0]);
    // Whoever does not trust the file does not trust its README.txt.
    let manual = include_str!("../../docs/evidence.md");
    for command in &extracted.commands {
        assert!(manual.contains(&format!("$ {command}\n")), "{command}");
    }
    // And they find what is wrong: another notice, another receipt.
    let notice = folder.join("notice.json");
    let original = std::fs::read_to_string(&notice).unwrap();
    std::fs::write(&notice, original.replacen("shop", "shoq", 1)).unwrap();
    assert_eq!(extracted.failures(), [FILES, NOTICE]);
    std::fs::write(&notice, original).unwrap();
    std::fs::write(folder.join("receipt.jwt"), &used.receipts[1]).unwrap();
    assert_eq!(extracted.failures(), [FILES, RECORD]);
    let broken = used.receipts[2].replacen('.', "A.", 1);
    std::fs::write(folder.join("receipt.jwt"), broken).unwrap();
    assert_eq!(extracted.failures(), [FILES, SIGNATURE]);
}

/// Everything by the forger's own key, but for `keys/jwks.json`, which readers compare with the published keys.
#[tokio::test]
async fn the_commands_find_a_forgery_beside_the_genuine_key_set() {
    let used = used().await;
    let forgery = Extracted::new(&used.served, used.data.path().join("forged"));
    let write = |name: &str, content: &str| {
        std::fs::write(forgery.folder.join(name), content).unwrap();
    };
    let record = std::fs::read_to_string(forgery.folder.join("record.json")).unwrap();
    let lies = record.replacen("\"iss\":\"", "\"iss\":\"https://elsewhere.example/", 1);
    assert_ne!(lies, record);
    let header = used.receipts[2].split('.').next().unwrap();
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(&lies));
    write("record.json", &lies);
    write("signed", &signed);
    let forge = |command: &str| forgery.run(command).unwrap_or_else(|| panic!("{command}"));
    forge("openssl genpkey -algorithm ed25519 -out ../forger.key");
    forge("openssl pkey -in ../forger.key -pubout | tee keys/receipt.pem > keys/seal.pem");
    let signature = forge(
        "openssl pkeyutl -sign -rawin -inkey ../forger.key -in signed | base64 -w 0; rm signed",
    );
    let signature = signature.replace('+', "-").replace('/', "_");
    write(
        "receipt.jwt",
        &format!("{signed}.{}", signature.trim_end_matches('=')),
    );
    forge("tail -n +2 SHA256SUMS | cut -d' ' -f3 | xargs sha256sum > ../sums");
    forge("(head -n 1 SHA256SUMS; cat ../sums) > new && mv new SHA256SUMS");
    forge("openssl pkeyutl -sign -rawin -inkey ../forger.key -in SHA256SUMS -out SHA256SUMS.sig");
    assert_eq!(forgery.failures(), [KEYS]);
    // Nor does one of the two genuine keys do.
    let genuine = Archive::from_zip(&used.served).unwrap();
    for name in ["keys/receipt.pem", "keys/seal.pem"] {
        let forged = std::fs::read(forgery.folder.join(name)).unwrap();
        std::fs::write(forgery.folder.join(name), genuine.get(name).unwrap()).unwrap();
        assert!(forgery.failures().contains(&KEYS));
        std::fs::write(forgery.folder.join(name), forged).unwrap();
    }
}

/// An authority's certificate ends years before what it has stamped is of no use any more.
#[tokio::test]
async fn the_command_for_a_timestamp_takes_the_certificate_as_of_then() {
    let used = used().await;
    let archive = Archive::from_zip(&used.served).unwrap();
    let text = |name| std::str::from_utf8(archive.get(name).unwrap()).unwrap();
    let proof: TlogProof = text("log/receipt.tlog-proof").parse().unwrap();
    let log: NoteKey = text("keys/log.txt")
        .lines()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let authority = Authority::rsa();
    let question = request(text("log/checkpoint.txt").as_bytes(), [7; 8]).unwrap();
    let answer = authority.answer(&question);
    let seal = SigningKey::from_seed(&[8; 32]);
    let keys = KeySet::from_jwks(text("keys/jwks.json")).unwrap();
    let keys: KeySet = keys.keys().cloned().chain([seal.public_key()]).collect();
    let material = Material {
        receipt: text("receipt.jwt"),
        notice: archive.get("notice.json").unwrap(),
        scope: archive.get("scope.json").unwrap(),
        keys: &keys,
        site: None,
        log: Some(Logged {
            proof: &proof,
            log: &log,
            witnesses: &[],
            timestamp: Some(&answer),
        }),
    };
    let zip = assemble(&material, &Signer::new(seal, "https://consent.example")).unwrap();
    let extracted = Extracted::new(&zip, used.data.path().join("stamped"));
    std::fs::copy(
        authority.path("root.pem"),
        extracted.folder.join("authority.pem"),
    )
    .unwrap();
    let guide = std::fs::read_to_string(extracted.folder.join("README.txt")).unwrap();
    let command = guide
        .lines()
        .find(|line| line.contains("openssl ts -verify"));
    let command = command.unwrap();
    assert!(extracted.run(command).is_some(), "{command}");
    let at = command
        .split(' ')
        .skip_while(|word| *word != "-attime")
        .nth(1);
    let at: i64 = at.unwrap().parse().unwrap();
    let reply = extracted
        .run("openssl ts -reply -in log/timestamp.tsr -text")
        .unwrap();
    let stamped = reply
        .lines()
        .find_map(|line| line.strip_prefix("Time stamp: "));
    let seconds = extracted
        .run(&format!("date -d '{}' +%s", stamped.unwrap()))
        .unwrap();
    assert_eq!(seconds.trim(), at.to_string());
    // Whoever verifies after the certificate has ended.
    let later = command.replace(&at.to_string(), &(at + 40 * 86_400).to_string());
    assert!(extracted.run(&later).is_none());
}

#[tokio::test]
async fn verify_tells_receipts_cookies_and_exports_apart() {
    let used = used().await;
    let at = ["--at", "2026-12-01"];
    let (code, verdict) = used.verify(format!("eu-consent={}", used.receipts[0]), &at);
    assert_eq!(
        (code, &verdict["valid"]),
        (Some(0), &true.into()),
        "{verdict}"
    );

    // What a browser keeps before the server has answered.
    let server = Server::start();
    let json = server.example("shop", 9).to_string();
    let record = consent_core::record::Record::from_json(json.as_bytes()).unwrap();
    let (cookie, at) = (record.to_cookie_value(), ["--at", "2026-11-22T03:09:00Z"]);
    let (code, verdict) = used.verify(&cookie, &at);
    assert_eq!(
        (code, steps(&verdict)),
        (
            Some(1),
            vec![
                ("form", "passed"),
                ("signature", "failed"),
                ("time", "passed")
            ]
        )
    );
    let unsigned = |options: &[&str]| used.verify(&cookie, &[&["--unsigned"], options].concat());
    let (code, verdict) = unsigned(&["--site", "shop", at[0], at[1]]);
    // Anybody can have made it, whoever does not mind that.
    assert_eq!((code, steps(&verdict)[1].1), (Some(3), "not_checked"));
    assert_eq!(
        (&verdict["valid"], &verdict["verdict"]),
        (&false.into(), &"unproven".into())
    );
    assert_eq!(
        unsigned(&["--site", "other", "--at", "2026-12-01"]).0,
        Some(1)
    );
    for at in ["2026-01-01", "2035-01-01"] {
        let (code, verdict) = unsigned(&["--at", at]);
        let last = *steps(&verdict).last().unwrap();
        assert_eq!((code, last), (Some(1), ("time", "failed")));
    }

    let (code, verdict) = used.verify(&used.export, &[]);
    assert_eq!(
        (code, &verdict["receipts"]),
        (Some(0), &3.into()),
        "{verdict}"
    );
    let lies = used.export.replacen("\"act\":\"", "\"act\":\"not_", 1);
    let lies = lies.replace(&used.receipts[2], &used.receipts[2].replacen("ey", "eY", 1));
    let (code, verdict) = used.verify(&lies, &[]);
    assert_eq!(code, Some(1));
    let wrong: Vec<_> = verdict["wrong"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| {
            (
                wrong["line"].as_u64().unwrap(),
                wrong["step"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(wrong, [(1, "claims"), (3, "form")]);

    let file = used.file("receipt", &used.receipts[0]);
    let keyless = run(&["verify", &file]);
    assert_eq!(keyless.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&keyless.stderr).contains("--keys"));
}

#[tokio::test]
async fn an_export_is_whole_and_holds_each_record_once() {
    let used = used().await;
    let lines: Vec<&str> = used.export.lines().collect();
    let wrong = |verdict: &Value| {
        let wrong = verdict["wrong"].as_array().unwrap();
        let wrong = wrong.iter().map(|wrong| wrong["reason"].as_str().unwrap());
        wrong.map(str::to_owned).collect::<Vec<_>>()
    };
    let (code, verdict) = used.verify(format!("{}{}", used.export, used.export), &[]);
    assert_eq!((code, wrong(&verdict).len()), (Some(1), 3), "{verdict}");
    assert!(
        wrong(&verdict)[1].ends_with("is in line 2 already"),
        "{verdict}"
    );
    let twice = used
        .export
        .replacen("{\"act\":", "{\"act\":\"refuse_all\",\"act\":", 1);
    assert_ne!(twice, used.export);
    let (code, verdict) = used.verify(twice, &[]);
    assert!(
        code == Some(1) && wrong(&verdict)[0].contains("twice"),
        "{verdict}"
    );

    let sha256 = consent_core::digest::Digest::of(used.export.as_bytes()).to_hex();
    let manifest = serde_json::json!({ "receipts": 3, "sha256": sha256 }).to_string();
    let manifest = used.file("manifest", manifest);
    let (code, verdict) = used.verify(&used.export, &["--manifest", &manifest]);
    assert_eq!((code, &verdict["manifest"]), (Some(0), &"passed".into()));
    let reordered = [lines[1], lines[0], lines[2], ""].join("\n");
    for (export, why) in [
        (
            used.export.replacen(lines[1], "", 1).replace("\n\n", "\n"),
            "2 receipts",
        ),
        (reordered, "the SHA-256 is"),
    ] {
        let (code, verdict) = used.verify(&export, &[]);
        assert_eq!(
            (code, &verdict["manifest"]),
            (Some(0), &"not_checked".into())
        );
        let (code, verdict) = used.verify(&export, &["--manifest", &manifest]);
        assert_eq!((code, &verdict["manifest"]), (Some(1), &"failed".into()));
        assert!(
            verdict["reason"].as_str().unwrap().contains(why),
            "{verdict}"
        );
    }
    // As the command finds it beside the file.
    std::fs::rename(&manifest, used.data.path().join("to-verify.manifest.json")).unwrap();
    let (code, verdict) = used.verify(&used.export, &[]);
    let reason = verdict["reason"].as_str().unwrap();
    assert_eq!(
        (code, &verdict["manifest"]),
        (Some(0), &"not_checked".into())
    );
    // It came with the export: whoever took lines out can have written it anew.
    assert!(reason.contains("nobody has signed"), "{reason}");
    assert_eq!(used.verify(lines[0], &[]).0, Some(1));
}

#[tokio::test]
async fn verify_refuses_options_that_it_would_not_look_at() {
    let used = used().await;
    let export = used.file("export", &used.export);
    let receipt = used.file("receipt", &used.receipts[0]);
    let evidence = used.file("evidence", &used.served);
    for (file, option) in [
        (&evidence, "--notice"),
        (&evidence, "--proof"),
        (&evidence, "--manifest"),
        (&export, "--notice"),
        (&export, "--proof"),
        (&export, "--checkpoint"),
        (&export, "--log-keys"),
        (&export, "--authority"),
        (&receipt, "--checkpoint"),
        (&receipt, "--log-keys"),
        (&receipt, "--authority"),
        (&receipt, "--manifest"),
    ] {
        let said = run(&[
            "verify",
            file,
            "--keys",
            path_of(&used.jwks),
            option,
            &receipt,
        ]);
        let why = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(2), "{file} {option}: {why}");
        assert!(
            why.contains(option) && why.contains("leave it out"),
            "{why}"
        );
    }
    let empty = run(&["verify", &used.file("empty", "")]);
    assert!(String::from_utf8_lossy(&empty.stderr).contains("nothing in it"));
}

#[tokio::test]
async fn what_stands_beside_a_receipt_in_an_export_is_of_its_form() {
    let used = used().await;
    let line = used.export.lines().next().unwrap();
    let (start, seq) = line.rsplit_once(",\"seq\":").unwrap();
    let seq = seq.trim_end_matches('}');
    let verdict_of = |beside: &str| used.verify(format!("{start}{beside}}}\n"), &[]);
    let (salt, other) = ("A".repeat(43), format!("{}B", "A".repeat(42)));
    for sound in [
        String::new(),
        format!(",\"seq\":{seq}"),
        format!(",\"seq\":1099511627775,\"place\":0,\"salt\":\"{salt}\""),
    ] {
        let (code, verdict) = verdict_of(&sound);
        assert_eq!(code, Some(0), "{sound}: {verdict}");
    }
    for (name, odd) in [
        ("seq", "{\"x\":\"refuse_all\"}".to_owned()),
        ("seq", format!("\"{seq}\"")),
        ("seq", "0".into()),
        ("seq", "1.5".into()),
        ("seq", "1099511627776".into()),
        ("place", "-1".into()),
        ("place", "null".into()),
        ("place", "9223372036854775808".into()),
        ("salt", "[]".into()),
        ("salt", format!("\"{salt}A\"")),
        // A second spelling of the same bytes.
        ("salt", format!("\"{other}\"")),
        ("salt", format!("\"{salt}=\"")),
    ] {
        let (code, verdict) = verdict_of(&format!(",\"{name}\":{odd}"));
        assert_eq!(code, Some(1), "{name} {odd}: {verdict}");
        let wrong = &verdict["wrong"][0];
        let reason = wrong["reason"].as_str().unwrap();
        assert_eq!(wrong["step"], "form", "{verdict}");
        assert!(reason.starts_with(&format!("the `{name}` of")), "{reason}");
    }
}

#[tokio::test]
async fn verify_compares_the_notice() {
    let used = used().await;
    let archive = Archive::from_zip(&used.served).unwrap();
    let notice = used.file("notice", archive.get("notice.json").unwrap());
    let other = used.file("other", "{}");
    for (file, code) in [(&notice, 0), (&other, 1)] {
        let (found, verdict) =
            used.verify(&used.receipts[0], &["--at", "2026-12-01", "--notice", file]);
        assert_eq!(found, Some(code), "{verdict}");
    }
}
