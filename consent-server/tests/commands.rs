//! The commands, as people run them.

use crate::support;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use support::Server;
use support::page::get;
use support::process::{PROGRAM, run};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn outcome(output: &Output) -> (Option<i32>, String, String) {
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The data folder of a server that has taken some records; the last receipt.
async fn used(records: u8) -> (tempfile::TempDir, String) {
    let server = Server::start();
    let mut receipt = String::new();
    for number in 0..records {
        let answer = server
            .record("shop", &server.example("shop", number))
            .await
            .json();
        answer["receipt"].as_str().unwrap().clone_into(&mut receipt);
    }
    let app = server.app.clone();
    tokio::task::spawn_blocking(move || app.intake.stop())
        .await
        .unwrap();
    (server.data, receipt)
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn check_names_file_line_key_and_advice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, support::shop()).unwrap();
    assert_eq!(run(&["check", path(&file)]).status.code(), Some(0));
    std::fs::write(&file, support::shop().replace("\"social\"", "\"socail\"")).unwrap();
    let (code, stdout, _) = outcome(&run(&["check", path(&file)]));
    assert_eq!(code, Some(1));
    let line = support::shop()
        .lines()
        .position(|line| line.contains("\"social\""))
        .unwrap()
        + 1;
    let begin = format!("{}:{line}:12: services.videos.category: ", file.display());
    assert!(stdout.starts_with(&begin), "{stdout}");
    assert!(stdout.contains("did you mean `social`?"), "{stdout}");
    let (code, stdout, stderr) = outcome(&run(&["check", "/nowhere/site.toml"]));
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("/nowhere/site.toml"), "{stderr}");
}

#[test]
fn check_tells_what_breaks_the_law_and_what_is_advice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, support::shop()).unwrap();
    let (code, stdout, stderr) = outcome(&run(&["check", path(&file)]));
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("advice [choice-over-6-months] choice.valid_months: "),
        "{stdout}"
    );
    assert!(stderr.contains(": 0 to mend, "), "{stderr}");
    let presumed = support::shop().replace("Counts visits.", "By continuing you agree.");
    std::fs::write(&file, presumed).unwrap();
    let (code, stdout, _) = outcome(&run(&["check", path(&file)]));
    assert_eq!(code, Some(1));
    assert!(
        stdout.contains("error [presumed-consent] services.counter.purpose"),
        "{stdout}"
    );
    let (code, sarif, _) = outcome(&run(&["check", "--format", "sarif", path(&file)]));
    assert_eq!(code, Some(1));
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let (code, json, _) = outcome(&run(&["check", "--format", "json", path(&file)]));
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&json).unwrap();
    let [checked] = &json["files"].as_array().unwrap()[..] else {
        panic!("{json}")
    };
    assert!(checked["file"] == path(&file) && checked["errors"].as_array().unwrap().is_empty());
    let findings = checked["findings"].as_array().unwrap();
    let presumed = |finding: &&Value| finding["rule"] == "presumed-consent";
    let presumed = findings.iter().find(presumed).unwrap();
    assert_eq!(presumed["severity"], "error");
    assert_eq!(presumed["key"], "services.counter.purpose.en");
    assert_eq!(presumed["file"], path(&file));
    let line = presumed["line"].as_u64().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text
        .lines()
        .nth(usize::try_from(line).unwrap() - 1)
        .unwrap();
    assert!(line.contains("By continuing you agree."), "{line}");
    for member in ["source", "message", "advice"] {
        assert!(!presumed[member].as_str().unwrap().is_empty(), "{member}");
    }
}

#[test]
fn check_says_what_is_wrong_in_a_base_once_and_in_json_for_each_site() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().join("base.toml");
    let shared = support::shop().replace("revision = 1", "revison = 1");
    let shared = shared.replace("id = \"shop\"\n", "");
    std::fs::write(&base, &shared).unwrap();
    let site = |name: &str| {
        let file = folder.path().join(name).with_extension("toml");
        std::fs::write(&file, format!("base = \"base.toml\"\nid = \"{name}\"\n")).unwrap();
        file
    };
    let (one, two) = (site("one"), site("two"));
    let files = [path(&base), path(&one), path(&two)];
    let (code, stdout, stderr) = outcome(&run(&[&["check"], &files[..]].concat()));
    assert_eq!(code, Some(1));
    let line = shared.lines().position(|line| line.starts_with("revison"));
    let begin = format!("{}:{}:1: revison: ", base.display(), line.unwrap() + 1);
    assert!(stdout.starts_with(&begin), "{stdout}");
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    assert!(stderr.starts_with("2 checked: 1 to mend"), "{stderr}");
    let json = outcome(&run(&[&["check", "--format", "json"], &files[..]].concat())).1;
    let json: Value = serde_json::from_str(&json).unwrap();
    for (place, file) in [&one, &two].into_iter().enumerate() {
        let checked = &json["files"][place];
        assert_eq!(checked["file"], path(file));
        assert_eq!(checked["errors"][0]["rule"], "format");
        assert_eq!(checked["errors"][0]["file"], path(&base));
    }
    std::fs::write(&base, shared.replace("revison", "revision")).unwrap();
    let answer = run(&[&["check"], &files[..]].concat());
    assert_eq!(answer.status.code(), Some(0), "{}", text(&answer.stdout));
}

#[test]
fn build_writes_a_site_that_has_a_base() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("site.toml"), folder.path().join("out"));
    let shared = support::shop().replace("id = \"shop\"\n", "");
    std::fs::write(folder.path().join("base.toml"), shared).unwrap();
    std::fs::write(&file, "base = \"base.toml\"\nid = \"branch\"\n").unwrap();
    let arguments = ["build", path(&file), "--out", path(&out)];
    let (code, _, stderr) = outcome(&run(&arguments));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(out.join("consent.js").is_file());
    let folders = std::fs::read_dir(&out).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path());
    let mut notices = folders
        .map(|folder| folder.join("en.html"))
        .filter(|file| file.is_file());
    let notice = std::fs::read_to_string(notices.next().unwrap()).unwrap();
    assert!(notice.contains("data-site=\"branch\""), "{notice}");
}

#[test]
fn init_writes_a_declaration_that_passes_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    assert_eq!(run(&["init", path(&file)]).status.code(), Some(0));
    assert_eq!(run(&["check", path(&file)]).status.code(), Some(0));
    let schema = folder.path().join("site.schema.json");
    let written = std::fs::read_to_string(&schema).unwrap();
    assert_eq!(written, include_str!("../../consent-core/site.schema.json"));
    std::fs::write(&schema, "theirs").unwrap();
    let other = folder.path().join("other.toml");
    assert_eq!(run(&["init", path(&other)]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&schema).unwrap(), "theirs");
    std::fs::write(&file, "mine").unwrap();
    assert_eq!(run(&["init", path(&file)]).status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn init_takes_the_services_that_a_site_uses_and_refuses_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    let init = |with: &str| outcome(&run(&["init", "--with", with, path(&file)]));
    let (code, _, stderr) = init("youtube,matomoo");
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("did you mean \"matomo\"?"), "{stderr}");
    assert!(!file.exists(), "a part of it was written");
    assert_eq!(init("youtube,matomo").0, Some(0));
    let written = std::fs::read_to_string(&file).unwrap();
    let end = written.split_once("[services.youtube]").unwrap().1;
    assert_eq!(
        end,
        "\nlike = \"youtube\"\n\n[services.matomo]\nlike = \"matomo\"\nprovider = \"My organisation\"\n\
         country = \"FR\"\npolicy = \"https://www.example.org/cookies\"\n"
    );
    assert_eq!(run(&["check", path(&file)]).status.code(), Some(0));
}

#[test]
fn add_puts_a_service_at_the_end_of_a_declaration_or_leaves_it_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("site.toml");
    assert_eq!(run(&["init", path(&file)]).status.code(), Some(0));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o664)).unwrap();
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let before = std::fs::read_to_string(&file).unwrap();
    let add = |service: &str| outcome(&run(&["add", service, path(&link)]));
    let (code, _, stderr) = add("meta-pixel");
    assert_eq!(code, Some(0), "{stderr}");
    let after = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        after,
        before + "\n[services.meta-pixel]\nlike = \"meta-pixel\"\n"
    );
    assert_eq!(run(&["check", path(&file)]).status.code(), Some(0));
    for (service, said) in [
        ("meta-pixel", "services.meta-pixel is there already"),
        ("metapixel", "did you mean \"meta-pixel\"?"),
    ] {
        let (code, _, stderr) = add(service);
        assert_eq!(code, Some(2));
        assert!(stderr.contains(said), "{stderr}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    assert!(link.is_symlink());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o664);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(
        left.len(),
        3,
        "the declaration, its schema, the link: {left:?}"
    );
}

#[test]
fn services_are_listed_searched_and_shown_with_what_to_write() {
    let services = |words: &[&str]| outcome(&run(&[&["services"], words].concat()));
    let (code, all, _) = services(&[]);
    assert_eq!(code, Some(0));
    assert!(all.lines().count() >= 60, "{all}");
    assert!(
        all.contains("youtube                  social       YouTube\n"),
        "{all}"
    );
    let (code, some, _) = services(&["heatmap"]);
    assert_eq!(code, Some(0));
    assert!(
        some.contains("hotjar ") && !some.contains("youtube "),
        "{some}"
    );
    let (code, shown, _) = services(&["microsoft", "clarity"]);
    assert_eq!(code, Some(0));
    for part in [
        "Microsoft Clarity (microsoft-clarity)\n",
        "  _clck: 1 year. Tells visitors apart.\n",
        "  [services.microsoft-clarity]\n  like = \"microsoft-clarity\"\n",
        "  [signals.microsoft_clarity]\n",
        "data-service=\"microsoft-clarity\"",
        "https://learn.microsoft.com/",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(services(&["microsoft-clarity"]).1, shown);
    let (code, nothing, stderr) = services(&["abacus"]);
    assert_eq!((code, &*nothing), (Some(1), ""));
    assert!(stderr.contains("abacus"), "{stderr}");
}

#[test]
fn serve_refuses_broken_declarations_and_exposed_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    let serve = || {
        outcome(&run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--url",
            support::URL,
            "--sites",
            path(&sites),
            "--data",
            path(&data),
        ]))
    };
    std::fs::create_dir(&sites).unwrap();
    assert!(serve().2.contains("consent init"));
    std::fs::write(
        sites.join("shop.toml"),
        support::shop().replace("revision = 1", "revision = \"x\""),
    )
    .unwrap();
    let (code, _, stderr) = serve();
    assert_eq!(code, Some(2));
    assert!(stderr.contains("shop.toml:5:12: revision"), "{stderr}");
    assert!(
        !data.exists(),
        "a server that does not start leaves nothing behind"
    );
    support::write_site(&sites);
    std::fs::create_dir_all(data.join("keys")).unwrap();
    std::fs::set_permissions(data.join("keys"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (code, _, stderr) = serve();
    assert_eq!(code, Some(2));
    assert!(stderr.contains("chmod 700"), "{stderr}");
}

#[tokio::test]
async fn export_writes_data_to_stdout_and_hints_to_stderr() {
    let (data, receipt) = used(3).await;
    let data = path(data.path());
    let jsonl = run(&[
        "export", "--site", "shop", "--format", "jsonl", "--data", data,
    ]);
    let (code, stdout, stderr) = outcome(&jsonl);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout.lines().count(), 3);
    let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["receipt"], receipt);
    let (code, stdout, stderr) = outcome(&run(&[
        "export", "--site", "shpo", "--format", "csv", "--data", data,
    ]));
    assert_eq!((code, &*stdout), (Some(2), ""));
    let says = "there is no site \"shpo\"; did you mean \"shop\"? Known are: library, shop";
    assert!(stderr.contains(says), "{stderr}");
    // One that is known and has none.
    let (code, stdout, stderr) = outcome(&run(&[
        "export", "--site", "library", "--format", "csv", "--data", data,
    ]));
    assert_eq!((code, stdout.lines().count()), (Some(0), 1));
    assert!(stderr.contains("has no such receipt"), "{stderr}");
    let late = [
        "export",
        "--site",
        "shop",
        "--format",
        "jsonl",
        "--data",
        data,
        "--from",
        "2030-01-01",
    ];
    assert_eq!(text(&run(&late).stdout), "");
    let (code, _, stderr) = outcome(&run(&[
        "export", "--site", "shop", "--format", "csv", "--data", "/nowhere",
    ]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("/nowhere/consent.db is not there"),
        "{stderr}"
    );
    assert!(!Path::new("/nowhere").exists());
}

#[tokio::test]
async fn export_to_a_file_puts_a_manifest_beside_it_and_overwrites_nothing() {
    let (data, _) = used(3).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.csv");
    let export = |more: &[&str]| {
        let data = path(data.path());
        let begin = [
            "export", "--site", "shop", "--format", "csv", "--data", data,
        ];
        outcome(&run(&[&begin, more].concat()))
    };
    let (code, stdout, stderr) = export(&["--out", path(&file), "--granted", "analytics"]);
    assert_eq!((code, &*stdout), (Some(0), ""), "{stderr}");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let manifest = folder.path().join("shop.csv.manifest.json");
    let told: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    assert_eq!(told["receipts"], 3);
    assert_eq!(
        told["filter"],
        serde_json::json!({ "granted": "analytics" })
    );
    let sum = Command::new("sha256sum").arg(&file).output().unwrap();
    let sum = text(&sum.stdout);
    assert_eq!(sum.split(' ').next(), told["sha256"].as_str());

    let before = std::fs::read(&file).unwrap();
    for more in [
        &["--out", path(&file)][..],
        &["--manifest", path(&manifest)],
        &["--act", "maybe"],
        &["--after", "-1"],
    ] {
        let (code, stdout, stderr) = export(more);
        assert_eq!((code, &*stdout), (Some(2), ""), "{more:?}");
        assert!(!stderr.is_empty());
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let rest = export(&["--after", "2"]);
    assert_eq!(rest.1.lines().count(), 2, "{}", rest.1);
    assert_eq!(
        export(&["--subject", "AwMDAwMDAwMDAwMDAwMDAw"])
            .1
            .lines()
            .count(),
        1
    );
}

#[tokio::test]
async fn export_into_a_closed_pipe_ends_quietly() {
    let (data, _) = used(250).await;
    let mut child = Command::new(PROGRAM)
        .args([
            "export",
            "--site",
            "shop",
            "--format",
            "jsonl",
            "--data",
            path(data.path()),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.ends_with("}\n"));
    assert_eq!(outcome(&output), (Some(0), String::new(), String::new()));
}

#[tokio::test]
async fn verify_reads_files_and_stdin_and_says_no_with_exit_code_1() {
    let (data, receipt) = used(1).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, keys) = (
        folder.path().join("receipt"),
        folder.path().join("jwks.json"),
    );
    std::fs::write(&file, format!("{receipt}\n")).unwrap();
    std::fs::write(
        &keys,
        run(&["keys", "list", "--jwks", "--data", path(data.path())]).stdout,
    )
    .unwrap();
    let by_keys = [
        "verify",
        path(&file),
        "--keys",
        path(&keys),
        "--at",
        "2026-12-01",
    ];
    let (code, stdout, stderr) = outcome(&run(&by_keys));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.ends_with("valid\n"));
    let by_data = [
        "verify",
        path(&file),
        "--data",
        path(data.path()),
        "--at",
        "2029-12-01",
        "--json",
    ];
    let (code, stdout, _) = outcome(&run(&by_data));
    assert_eq!(code, Some(1));
    assert_eq!(
        serde_json::from_str::<Value>(&stdout).unwrap()["valid"],
        false
    );

    let mut child = Command::new(PROGRAM)
        .args(["verify", "-", "--at", "2026-12-01", "--keys", path(&keys)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(receipt.replacen("ey", "eY", 1).as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("failed"));
}

#[test]
fn a_token_is_written_once_and_works() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let create = |more: &[&str]| {
        let mut arguments = vec!["token", "create", "--role", "viewer", "--data", path(&data)];
        arguments.extend(more);
        outcome(&run(&arguments))
    };
    let shop = ["--site", "shop", "--expires", "90d", "--label", "J. Dupont"];
    let (code, stdout, stderr) = create(&shop);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(
        stderr.contains("there is no site \"shop\"") && stderr.contains("--undeclared"),
        "{stderr}"
    );
    // One that is declared, or is to come.
    let sites = folder.path().join("sites");
    support::write_site(&sites);
    let (code, _, stderr) = create(&[&shop[..], &["--sites", path(&sites)]].concat());
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stdout, _) = create(&[&shop[..], &["--undeclared"]].concat());
    assert_eq!(code, Some(0));
    let store =
        consent_server::store::StoreAddress::of(&consent_server::data::DataFolder::at(&data))
            .open()
            .unwrap();
    let now = consent_server::clock::Clock::system().now();
    let staff = consent_server::auth::identify(&*store, stdout.trim(), now)
        .unwrap()
        .unwrap();
    assert_eq!(staff.label, "J. Dupont");
    for (arguments, says) in [
        (&["--expires", "90d"][..], "--site"),
        (&["--site", "shop", "--all-sites"], "--all-sites"),
        (&["--site", "shop", "--expires", "soon"], "90d"),
        (&["--site", "shop", "--expires", "2020-01-01"], "past"),
        (&["--site", "Shop"], "a-z"),
    ] {
        let (code, stdout, stderr) = create(arguments);
        assert_eq!((code, &*stdout), (Some(2), ""), "{arguments:?}");
        assert!(stderr.contains(says), "{stderr}");
    }
}

#[test]
fn the_demo_serves_five_sites_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["demo", "--port", "0", "--data", path(folder.path())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let file = folder.path().join("demo.json");
    let description = (0..600).find_map(|_| {
        std::thread::sleep(Duration::from_millis(100));
        serde_json::from_slice::<Value>(&std::fs::read(&file).ok()?).ok()
    });
    let description = description.unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let sites = description["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 5);
    for site in sites {
        let page = get(site["page"].as_str().unwrap());
        assert!(page.contains(&format!("/s/{}/consent.js", site["id"].as_str().unwrap())));
        let french_first = ["carians", "mast"].contains(&site["id"].as_str().unwrap());
        let default = if french_first {
            "<html lang=\"fr\">"
        } else {
            "<html lang=\"en\">"
        };
        assert!(page.contains(default));
        for language in ["en", "fr"] {
            let page = get(&format!(
                "{}?lang={language}",
                site["page"].as_str().unwrap()
            ));
            assert!(page.contains(&format!("<html lang=\"{language}\">")));
        }
    }
    assert_eq!(
        get(&format!(
            "{}/log",
            description["third_party_url"].as_str().unwrap()
        )),
        "[]"
    );
    let token = description["token"].as_str().unwrap();
    let export = format!(
        "{}/v1/sites/mast/export?format=jsonl",
        description["staff_url"].as_str().unwrap()
    );
    let exported = ureq::get(&export)
        .header("authorization", &format!("Bearer {token}"))
        .call()
        .unwrap();
    assert_eq!(exported.status(), 200);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(text(&output.stdout).contains(token));
}

#[test]
fn healthy_says_yes_for_a_server_that_can_store_and_no_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let server = support::process::Process::serve(&sites, &data);
    let address = server.url.trim_start_matches("http://").to_owned();
    let ask = || run(&["healthy", "--listen", &address]).status.code();
    assert_eq!(ask(), Some(0));
    let other = rusqlite::Connection::open(data.join("consent.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // What was found a moment ago is told for a second.
    let began = std::time::Instant::now();
    while ask() == Some(0) {
        assert!(began.elapsed() < Duration::from_mins(1));
    }
    drop(other);
    drop(server);
    assert_eq!(ask(), Some(2));
}

#[test]
fn a_purge_can_be_tried_dry_and_a_hold_can_be_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    drop(support::process::Process::serve(&sites, &data));
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let purge = ["purge", "--sites", sites, "--data", data];
    let dry = run(&[&purge[..], &["--dry-run"]].concat());
    assert_eq!(String::from_utf8(dry.stdout).unwrap(), "shop\tdelete\t0\n");
    assert!(
        String::from_utf8(dry.stderr)
            .unwrap()
            .contains("Nothing was changed")
    );
    let hold = ["hold", "--site", "shop", "--data", data];
    assert!(
        run(&[&hold[..], &["--reason", "case 12/345"]].concat())
            .status
            .success()
    );
    // Another site, which comes after it, is purged all the same.
    let other = std::fs::read_to_string(format!("{sites}/shop.toml")).unwrap();
    let other = other.replace("id = \"shop\"", "id = \"zoo\"");
    std::fs::write(format!("{sites}/zoo.toml"), other).unwrap();
    for arguments in [&purge[..], &[&purge[..], &["--dry-run"]].concat()] {
        let done = run(arguments);
        assert_eq!(done.status.code(), Some(0));
        let said = String::from_utf8(done.stdout).unwrap();
        assert_eq!(said, "shop\theld\t0\nzoo\tdelete\t0\n");
        let told = String::from_utf8(done.stderr).unwrap();
        assert!(told.contains("consent hold --lift"), "{told}");
    }
    assert_eq!(
        run(&[&hold[..], &["--lift"]].concat()).status.code(),
        Some(0)
    );
    assert_eq!(
        run(&[&hold[..], &["--lift"]].concat()).status.code(),
        Some(1)
    );
    assert!(run(&purge).status.success());
}

#[tokio::test]
async fn a_reason_moves_no_cursor_and_begins_no_line() {
    let (data, _) = used(1).await;
    let hold = |more: &[&str]| {
        outcome(&run(
            &[&["hold", "--data", path(data.path())], more].concat()
        ))
    };
    let reason = "a\u{1b}[31mb\tc\nd\u{9b}e";
    let (code, _, stderr) = hold(&["--site", "shop", "--reason", reason]);
    assert_eq!(code, Some(0), "{stderr}");
    let (_, stdout, _) = hold(&["--list"]);
    assert!(stdout.ends_with("\ta [31mb c d e\n"), "{stdout:?}");
    assert_eq!(stdout.lines().count(), 1);
}

#[tokio::test]
async fn a_hold_on_a_site_that_nobody_knows_is_refused() {
    let (data, _) = used(1).await;
    let folder = tempfile::tempdir().unwrap();
    let data = path(data.path());
    let hold = |more: &[&str]| outcome(&run(&[&["hold", "--data", data], more].concat()));
    let reason = ["--reason", "case 12/345"];
    for (site, says) in [
        ("shpo", "did you mean \"shop\"? Known are: library, shop"),
        ("nope", "Known are: library, shop"),
    ] {
        let (code, stdout, stderr) = hold(&[&["--site", site][..], &reason].concat());
        assert_eq!((code, &*stdout), (Some(2), ""), "{stderr}");
        let begin = format!("error: there is no site \"{site}\"");
        assert!(
            stderr.starts_with(&begin) && stderr.contains(says),
            "{stderr}"
        );
        // Nor is one lifted that was never there.
        let (code, _, stderr) = hold(&["--site", site, "--lift"]);
        assert_eq!(code, Some(2), "{stderr}");
    }
    let (code, stdout, stderr) = hold(&["--list"]);
    assert_eq!((code, &*stdout), (Some(0), ""));
    assert!(stderr.contains("No site is under a hold"), "{stderr}");
    // The library has published, and has no receipt; the kiosk is declared, and was never served.
    let kiosk = support::shop().replace("id = \"shop\"", "id = \"kiosk\"");
    std::fs::write(folder.path().join("kiosk.toml"), kiosk).unwrap();
    let declared = ["--sites", path(folder.path())];
    let kiosk = ["--site", "kiosk"];
    assert_eq!(hold(&[&kiosk[..], &reason].concat()).0, Some(2));
    let answer = hold(&[&kiosk[..], &reason, &declared].concat());
    assert_eq!(answer.0, Some(0), "{answer:?}");
    assert_eq!(
        hold(&[&["--site", "library"][..], &reason].concat()).0,
        Some(0)
    );
    let (_, stdout, _) = hold(&["--list"]);
    let lines: Vec<Vec<&str>> = stdout
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let [kiosk_line, library] = &lines[..] else {
        panic!("{stdout}");
    };
    assert_eq!((kiosk_line[0], kiosk_line[2]), ("kiosk", "case 12/345"));
    assert_eq!((library[0], library[2]), ("library", "case 12/345"));
    // What is held is known, whatever became of its declaration.
    assert_eq!(hold(&["--site", "kiosk", "--lift"]).0, Some(0));
}
