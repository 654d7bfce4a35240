//! Two servers or commands on one data folder, and commands that are killed: nothing is ever left half done.

use crate::support;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use support::page::Page;
use support::process::{PROGRAM, Process, exported, run};
use support::write_site;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All at the same time.
fn at_once(count: usize, arguments: impl Fn(usize) -> Vec<String>) -> Vec<Output> {
    let running: Vec<_> = (0..count)
        .map(|number| {
            Command::new(PROGRAM)
                .args(arguments(number))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let ended = running.into_iter().map(Child::wait_with_output);
    ended.collect::<Result<_, _>>().unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn killed_at(point: &str, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .env("CONSENT_CRASH", point)
        .output()
        .unwrap()
}

fn is_sound(data: &Path) {
    let fsck = run(&["fsck", "--data", text(data)]);
    assert_eq!(fsck.status.code(), Some(0), "{}", said(&fsck));
}

#[test]
fn a_second_server_is_refused_under_whichever_name_the_folder_has() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let alias = folder.path().join("alias");
    std::os::unix::fs::symlink(&data, &alias).unwrap();
    let dotted = folder.path().join("sites/../data");
    let options = ["--listen", "127.0.0.1:0", "--url", support::URL];
    let second = |data: &Path, more: &[&str]| {
        let folders = ["serve", "--sites", text(&sites), "--data", text(data)];
        // One that is not refused serves for ever.
        let mut limited = Command::new("timeout");
        limited.args(["60", PROGRAM]).args(folders).args(options);
        limited.args(more).output().unwrap()
    };
    for more in [&[][..], &["--no-log"]] {
        for data in [&data, &alias, &dotted] {
            let refused = second(data, more);
            assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
            assert!(said(&refused).contains("is in use"), "{}", said(&refused));
        }
    }
    // Whoever takes the lock's file for a leftover changes nothing.
    fs::remove_file(data.join("log/lock")).unwrap();
    let refused = second(&alias, &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    let renewed = run(&["log", "renew", "--data", text(&alias)]);
    assert_eq!(renewed.status.code(), Some(2), "{}", said(&renewed));
    assert!(said(&renewed).contains("is in use"), "{}", said(&renewed));
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(1)), Some(201));
    drop(server);
    is_sound(&data);
}

#[test]
fn commands_beside_a_server_and_beside_each_other_do_their_work_or_say_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    for number in 0..5 {
        assert_eq!(page.send(&page.record(number)), Some(201));
    }

    // Each key is another, and each is there.
    let keys = at_once(4, |_| words(&["keys", "rotate", "--data", text(&data)]));
    let made: BTreeSet<Vec<u8>> = keys.iter().map(|output| output.stdout.clone()).collect();
    assert!(
        keys.iter().all(|output| output.status.success()),
        "{keys:?}"
    );
    assert_eq!(made.len(), 4);
    let listed = run(&["keys", "list", "--data", text(&data)]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed.lines().count(), 5, "{listed}");

    let create = [
        "token",
        "create",
        "--role",
        "viewer",
        "--all-sites",
        "--data",
    ];
    let tokens = at_once(4, |_| words(&[&create[..], &[text(&data)]].concat()));
    assert!(
        tokens.iter().all(|output| output.status.success()),
        "{tokens:?}"
    );

    let purge = ["purge", "--sites", text(&sites), "--data", text(&data)];
    let purges = at_once(2, |_| words(&purge));
    assert!(
        purges.iter().all(|output| output.status.success()),
        "{purges:?}"
    );

    // Into one folder: one of them makes it, and it is whole.
    let to = folder.path().join("backup");
    let backup = ["backup", "--data", text(&data), "--to", text(&to)];
    let backups = at_once(3, |_| words(&backup));
    let whole = backups.iter().filter(|output| output.status.success());
    assert_eq!(whole.count(), 1, "{backups:?}");
    for output in backups.iter().filter(|output| !output.status.success()) {
        let said = said(output);
        assert!(said.contains("is there"), "{said}");
    }
    assert_eq!(exported(&to).len(), 5);
    assert!(!folder.path().join("backup.unfinished").exists());
    let again = run(&backup);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));

    is_sound(&data);
    assert_eq!(page.send(&page.record(6)), Some(201));
    drop(server);
    drop(Process::serve(&sites, &data));
    is_sound(&data);
}

#[test]
fn a_command_that_is_killed_leaves_nothing_that_is_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    let page = Page::open(&server.url);
    assert_eq!(page.send(&page.record(1)), Some(201));

    let killed = killed_at("file-written", &["keys", "rotate", "--data", text(&data)]);
    assert_eq!(killed.status.code(), None);
    let listed = run(&["keys", "list", "--data", text(&data)]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 1);
    let rotated = run(&["keys", "rotate", "--data", text(&data)]);
    assert!(rotated.status.success(), "{}", said(&rotated));

    let to = folder.path().join("backup");
    let backup = ["backup", "--data", text(&data), "--to", text(&to)];
    let killed = killed_at("copy-begun", &backup);
    assert_eq!(killed.status.code(), None);
    assert!(!to.exists(), "half a backup has the name of a whole one");
    let refused = run(&backup);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("delete"), "{}", said(&refused));
    fs::remove_dir_all(folder.path().join("backup.unfinished")).unwrap();
    assert!(run(&backup).status.success());
    // What the killed rotation has left is in nobody's way, and not in the copy.
    let keys = fs::read_dir(to.join("keys")).unwrap();
    let mut names = keys.map(|entry| entry.unwrap().path());
    assert!(names.all(|name| name.extension().is_none_or(|ending| ending != "new")));

    drop(server);
    drop(Process::serve(&sites, &data));
    is_sound(&data);
}

#[test]
fn a_command_does_not_bring_a_database_to_a_new_format_under_a_server_that_does_not_know_it() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    write_site(&sites);
    let server = Process::serve(&sites, &data);
    // As if an earlier version were running: its format is one less.
    let format = |change: i64| {
        let database = rusqlite::Connection::open(data.join("consent.db")).unwrap();
        let format: i64 = database
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        database
            .pragma_update(None, "user_version", format + change)
            .unwrap();
        format
    };
    let newest = format(-1);
    for command in [
        &["token", "create", "--role", "viewer", "--all-sites"][..],
        &["purge", "--sites", text(&sites)],
        &["hold", "--site", "shop", "--reason", "x"],
    ] {
        let refused = run(&[command, &["--data", text(&data)]].concat());
        assert_eq!(refused.status.code(), Some(2), "{command:?}");
        let said = said(&refused);
        assert!(
            said.contains("a server of the earlier version runs on it"),
            "{said}"
        );
    }
    assert_eq!(format(1), newest - 1, "it was upgraded");
    drop(server);
}
