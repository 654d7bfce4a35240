//! Evidence files, as staff and operators get them, and what `consent verify` says of them and of other files.

mod support;

use consent_core::archive::Archive;
use consent_server::auth::Role;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
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
    let answer = server.get(&path, &headers).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    let export = server
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
        ("logged", "passed"),
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
        server.get(path, &headers).await.status.as_u16()
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

/// Each line of README.txt that begins with `$ `, as a reader runs it.
#[tokio::test]
async fn the_commands_in_the_evidence_check_it_with_standard_tools() {
    let used = used().await;
    let folder = used.data.path().join("extracted");
    let archive = Archive::from_zip(&used.served).unwrap();
    for (name, content) in archive.iter() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let guide = String::from_utf8(archive.get("README.txt").unwrap().to_vec()).unwrap();
    let temporary = format!("{}/", path_of(used.data.path()));
    let commands: Vec<String> = guide
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .map(|line| line.replace("/tmp/", &temporary))
        .collect();
    assert_eq!(commands.len(), 7);
    let failures = || {
        let failed = |command: &&String| {
            let output = Command::new("bash")
                .args(["-o", "pipefail", "-c", command])
                .current_dir(&folder)
                .output()
                .unwrap();
            !output.status.success()
        };
        commands.iter().filter(failed).count()
    };
    assert_eq!(failures(), 0);
    // And they find what is wrong: another notice, another receipt.
    let notice = folder.join("notice.json");
    let original = std::fs::read_to_string(&notice).unwrap();
    std::fs::write(&notice, original.replacen("shop", "shoq", 1)).unwrap();
    assert_eq!(failures(), 2);
    std::fs::write(&notice, original).unwrap();
    std::fs::write(folder.join("receipt.jwt"), &used.receipts[1]).unwrap();
    assert_eq!(failures(), 2);
    let broken = used.receipts[2].replacen('.', "A.", 1);
    std::fs::write(folder.join("receipt.jwt"), broken).unwrap();
    assert_eq!(failures(), 2);
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
    assert_eq!((code, steps(&verdict)[1].1), (Some(0), "not_checked"));
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
    assert_eq!(used.verify(&used.export, &[]).1["manifest"], "passed");
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
