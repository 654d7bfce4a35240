//! A declaration changes: what visitors read otherwise is said before it is published, and in the log when it is.

use crate::support;
use serde_json::Value;
use std::path::Path;
use support::process::{Process, run};

/// The exit code, and what was written to stdout and to stderr.
fn diff(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(&[&["diff"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn advertising() -> String {
    support::shop().replace("Counts visits.", "Sells visits.")
}

#[test]
fn diff_says_who_is_asked_and_fails_where_another_meaning_asks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["old.toml", "new.toml", "asked.toml", "broken.toml"];
    let [old, new, asked, broken] = files.map(|name| folder.path().join(name));
    std::fs::write(&old, support::shop()).unwrap();
    std::fs::write(&new, advertising()).unwrap();
    let revised = advertising().replace("revision = 1", "revision = 2");
    std::fs::write(&asked, revised).unwrap();
    std::fs::write(&broken, "id = 1\n").unwrap();

    let (code, stdout, stderr) = diff(&[path(&old), path(&new)]);
    assert_eq!(
        stdout,
        "It is another thing than was agreed to, and nobody is asked:\n  \
         services.counter.purpose: \"Counts visits.\" → \"Sells visits.\"\n"
    );
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("raise `revision`"), "{stderr}");
    assert_eq!(diff(&[path(&old), path(&new), "--accept"]).0, Some(0));

    let (code, stdout, stderr) = diff(&[path(&old), path(&asked)]);
    assert!(
        stdout.starts_with("Everybody is asked again:\n  revision: \"1\" → \"2\"\n"),
        "{stdout}"
    );
    assert_eq!(code, Some(0), "{stderr}");

    let (code, stdout, _) = diff(&[path(&old), path(&new), "--json"]);
    let object: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(object["asks_again"], false);
    assert_eq!(object["scopes"][0], object["scopes"][1]);
    assert_eq!(object["changes"][0]["effect"], "meaning");
    assert_eq!(code, Some(1));

    let same = diff(&[path(&old), path(&old)]);
    assert_eq!(same, (Some(0), String::new(), "Nothing changes.\n".into()));
    let (code, _, stderr) = diff(&[path(&old), path(&broken)]);
    assert!(stderr.contains("broken.toml:1:"), "{stderr}");
    assert_eq!(code, Some(2));
    assert_eq!(diff(&[path(&old)]).0, Some(2));
}

#[test]
fn what_is_published_is_compared_with_and_a_server_logs_what_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    support::write_site(&sites);
    let file = sites.join("shop.toml");
    let server = Process::serve(&sites, &data);
    std::fs::write(&file, advertising()).unwrap();
    let (code, stdout, stderr) = diff(&["--data", path(&data), path(&file)]);
    assert!(stdout.contains("\"Sells visits.\""), "{stdout}{stderr}");
    assert_eq!(code, Some(1));

    // Read again while it serves.
    server.signal("-HUP");
    let line = server.hear("services.counter.purpose");
    assert!(
        line.contains("WARN") && line.contains("nobody is asked"),
        "{line}"
    );
    assert!(!server.said.contains("nobody is asked"), "{}", server.said);
    drop(server);
    assert_eq!(diff(&["--data", path(&data), path(&file)]).1, "");

    // Or at the next start.
    std::fs::write(
        &file,
        support::shop().replace("revision = 1", "revision = 2"),
    )
    .unwrap();
    let server = Process::serve(&sites, &data);
    assert!(
        server
            .said
            .contains("everybody is asked again: revision: \"1\" → \"2\""),
        "{}",
        server.said
    );
    drop(server);
    let server = Process::serve(&sites, &data);
    assert!(!server.said.contains("asked again"), "{}", server.said);
}
