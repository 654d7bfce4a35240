//! Two organisations, each with a server and a witness of the other's log, and an authority for timestamps: the evidence of
//! a receipt tells who has seen it, and when.

use crate::support;
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::cosignature::Cosigner;
use consent_core::digest::Digest;
use consent_server::auth::Role;
use consent_server::data::DataFolder;
use consent_server::log::read_log_key;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::Server;
use support::authority::Authority;
use support::organisation::{Organisation, step};
use support::process::run;
use support::witness::Witness;

#[tokio::test]
async fn two_servers_witness_each_other_and_their_evidence_tells() {
    let folder = tempfile::tempdir().unwrap();
    let [ours, theirs] =
        ["ours", "theirs"].map(|name| Organisation::new(&folder.path().join(name)));
    let (our_key, their_key) = (ours.log_key(), theirs.log_key());
    let our_witness = Witness::start(
        "ours.example/witness",
        &folder.path().join("a"),
        &[&their_key],
    );
    let their_witness = Witness::start(
        "theirs.example/witness",
        &folder.path().join("b"),
        &[&our_key],
    );
    let authority = Authority::rsa();
    let root = folder.path().join("root.pem");
    std::fs::copy(authority.path("root.pem"), &root).unwrap();
    let (root, clock) = (root.to_str().unwrap(), authority.serve());
    // What the embedded bundle's notices make of a record is the same in every server.
    let record = Server::start().example("shop", 1);
    for (us, witness, name) in [
        (&ours, &their_witness, "theirs"),
        (&theirs, &our_witness, "ours"),
    ] {
        let endpoint = format!("{} {}", witness.endpoint.key, witness.endpoint.url);
        let options = [
            "--witness",
            &endpoint,
            "--timestamps",
            &clock,
            "--timestamp-authority",
            root,
            "--vouch-every",
            "1",
        ];
        let server = us.serve(&options);
        let id = Organisation::take(&server, &record);
        let verdict = us.verdict(&id, &["--authority", root]);
        assert_eq!(verdict["valid"], true, "{verdict}");
        let (result, reason) = step(&verdict, "witnessed");
        assert!(
            result == "passed" && reason.starts_with(&format!("{name}.example/witness at ")),
            "{verdict}"
        );
        let (result, reason) = step(&verdict, "timestamped");
        assert!(
            result == "passed" && reason.starts_with("CN=Clock at "),
            "{verdict}"
        );
        assert_eq!(step(&verdict, "logged").0, "passed");
    }
}

#[tokio::test]
async fn who_was_away_is_asked_again_and_evidence_names_all() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let key = us.log_key();
    let data = ["a", "b"].map(|name| folder.path().join(name));
    let first = Witness::start("a.example/w", &data[0], &[&key]);
    let second = Witness::start("b.example/w", &data[1], &[&key]);
    let endpoints = [&first, &second].map(|w| format!("{} {}", w.endpoint.key, w.endpoint.url));
    let address = second
        .endpoint
        .url
        .as_str()
        .trim_start_matches("http://")
        .to_owned();
    drop(second);
    let options = [
        "--witness",
        &endpoints[0],
        "--witness",
        &endpoints[1],
        "--vouch-every",
        "1",
    ];
    let server = us.serve(&options);
    let examples = Server::start();
    let deadline = Instant::now() + Duration::from_mins(1);
    let ids = [1, 2].map(|number| {
        let id = Organisation::take(&server, &examples.example("shop", number));
        // One has vouched for it, and the other was not there.
        loop {
            let verdict = us.verdict(&id, &[]);
            let (result, reason) = step(&verdict, "witnessed");
            assert!(!reason.contains("b.example/w"), "{verdict}");
            if result == "passed" {
                break id;
            }
            assert!(Instant::now() < deadline, "{verdict}");
        }
    });
    assert!(server.hear("not vouched for").contains("b.example/w: "));
    let _second = Witness::start_at(&address, "b.example/w", &data[1], &[&key]);
    // Asked about the last checkpoint again; the first record is in that one too, and nobody will ask about its own.
    for id in ids.iter().rev() {
        loop {
            let verdict = us.verdict(id, &[]);
            let (result, reason) = step(&verdict, "witnessed");
            if ["a.example/w at ", "b.example/w at "]
                .iter()
                .all(|name| reason.contains(name))
            {
                assert_eq!(result, "passed");
                break;
            }
            assert!(Instant::now() < deadline, "{verdict}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    // Nothing is asked that was answered: the files stay as they are.
    let kept = files(&us.data, "checkpoint");
    let read = || {
        kept.iter()
            .map(|file| file.metadata().unwrap().modified().unwrap())
    };
    let before: Vec<_> = read().collect();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(read().collect::<Vec<_>>(), before);
}

#[tokio::test]
#[allow(
    clippy::too_many_lines,
    reason = "one folder, damaged in one way after another"
)]
async fn a_damaged_file_is_passed_over_and_found() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let witness = Witness::start("w.example", &folder.path().join("w"), &[&us.log_key()]);
    let authority = Authority::rsa();
    let root = folder.path().join("root.pem");
    std::fs::copy(authority.path("root.pem"), &root).unwrap();
    let (root, clock) = (root.to_str().unwrap(), authority.serve());
    let endpoint = format!("{} {}", witness.endpoint.key, witness.endpoint.url);
    let options = [
        "--witness",
        &endpoint,
        "--vouch-every",
        "1",
        "--timestamps",
        &clock,
    ];
    let options = [&options[..], &["--timestamp-authority", root]].concat();
    let server = us.serve(&options);
    let examples = Server::start();
    let trust = ["--authority", root];
    let [id, later] = [1, 2].map(|number| {
        let id = Organisation::take(&server, &examples.example("shop", number));
        assert_eq!(step(&us.verdict(&id, &trust), "timestamped").0, "passed");
        id
    });
    drop(server);
    let data = us.data.to_str().unwrap();
    let fsck = || {
        let output = run(&["fsck", "--data", data]);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert_eq!(fsck(), (Some(0), String::new()));
    // The last two have the records; others may be of what was published before.
    let checkpoints = files(&us.data, "checkpoint");
    let [.., early, last] = &checkpoints[..] else {
        panic!("{checkpoints:?}")
    };
    let tell = |file: &Path, wrong: &str, steps: [&str; 2]| {
        let name = file.file_name().unwrap().to_str().unwrap();
        let said = run(&["evidence", &id, "--data", data, "-o", "-"]).stderr;
        let said = String::from_utf8(said).unwrap();
        assert!(
            said.contains(name) && said.contains(wrong),
            "{wrong}: {said}"
        );
        assert!(!said.contains("log renew"), "{said}");
        let verdict = us.verdict(&id, &trust);
        assert_eq!(verdict["valid"], true, "{verdict}");
        let found = ["witnessed", "timestamped"].map(|name| step(&verdict, name).0);
        assert_eq!(found, steps, "{verdict}");
        let (code, found) = fsck();
        assert_eq!(code, Some(1));
        let line = format!("log/vouched/{name}: is damaged: ");
        let line = found.lines().find(|found| found.starts_with(&line));
        assert!(
            line.is_some_and(|line| line.contains(wrong)),
            "{wrong}: {found}"
        );
    };
    let sound = std::fs::read_to_string(early).unwrap();
    let cosignature = sound.find("\u{2014} w.example ").unwrap() + "\u{2014} w.example ".len();
    let mut flipped = sound.clone().into_bytes();
    // Past the key's number: a letter of the time or the signature.
    let letter = &mut flipped[cosignature + 40];
    *letter = if *letter == b'A' { b'B' } else { b'A' };
    let passed = ["passed"; 2];
    for (content, wrong) in [
        (&b"\xffnonsense"[..], "a note has"),
        (&flipped, "w.example is not over this text"),
        (
            &std::fs::read(last).unwrap(),
            "its size is not that of its name",
        ),
    ] {
        std::fs::write(early, content).unwrap();
        tell(early, wrong, passed);
    }
    std::fs::write(early, &sound).unwrap();
    let stamps = [early, last].map(|file| file.with_extension("tsr"));
    let answers = stamps.each_ref().map(|file| std::fs::read(file).unwrap());
    std::fs::write(&stamps[0], &answers[1]).unwrap();
    tell(&stamps[0], "of another message", passed);
    for stamp in &stamps {
        std::fs::write(stamp, "nonsense").unwrap();
    }
    tell(&stamps[0], "not a timestamp", ["passed", "not_checked"]);
    for (stamp, answer) in stamps.iter().zip(answers) {
        std::fs::write(stamp, answer).unwrap();
    }
    assert_eq!(fsck(), (Some(0), String::new()));

    // Signed by the log, and of another tree.
    let read = SignedCheckpoint::parse(&sound).unwrap();
    let (origin, size) = (read.unverified().origin(), read.unverified().size());
    let key = read_log_key(&DataFolder::at(&us.data)).unwrap().unwrap();
    let signer = key.into_note_signer(origin.parse().unwrap()).unwrap();
    let other = Checkpoint::new(origin, size, Digest::of(b"another")).unwrap();
    std::fs::write(early, other.sign(&signer).unwrap().to_string()).unwrap();
    let (code, found) = fsck();
    assert!(
        code == Some(1) && found.contains("lead to another root"),
        "{found}"
    );

    // A line of the witnesses' file; and the last checkpoint, which is asked for anew.
    std::fs::write(early, &sound).unwrap();
    let keys = us.data.join("log/vouched/witnesses");
    let listed_keys = std::fs::read(&keys).unwrap();
    std::fs::write(&keys, [&listed_keys[..], b"\xff\n"].concat()).unwrap();
    std::fs::write(last, "nonsense").unwrap();
    let (code, found) = fsck();
    assert!(
        code == Some(1) && found.contains("log/vouched/witnesses: line 2 "),
        "{found}"
    );
    let _server = us.serve(&options);
    let verdict = us.verdict(&later, &trust);
    assert_eq!(step(&verdict, "witnessed").0, "passed", "{verdict}");
    assert_eq!(fsck(), (Some(0), String::new()));
}

#[tokio::test]
async fn staff_get_evidence_although_a_file_is_damaged() {
    let server = Server::start();
    let record = server.example("shop", 1);
    server.record("shop", &record).await;
    let vouched = server.data.path().join("log/vouched");
    std::fs::create_dir_all(&vouched).unwrap();
    std::fs::write(vouched.join("00000000000000000900.checkpoint"), "nonsense").unwrap();
    let token = server.token(Role::Admin, &[], None);
    let id = record["jti"].as_str().unwrap();
    let path = format!("/v1/sites/shop/consents/{id}/evidence");
    let headers = [("authorization", &*format!("Bearer {token}"))];
    let answer = server.staff().get(&path, &headers).await;
    assert_eq!(answer.status, 200);
}

/// Those who are asked answer nothing, for ten seconds each.
#[tokio::test]
async fn whoever_is_slow_to_vouch_holds_no_server_up() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(folder.path());
    let key = Cosigner::from_seed("slow.example".parse().unwrap(), &[9; 32]);
    let slow = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let endpoints = slow
        .each_ref()
        .map(|slow| format!("{} http://{}", key.key(), slow.local_addr().unwrap()));
    let options = [
        "--witness",
        &endpoints[0],
        "--witness",
        &endpoints[1],
        "--vouch-every",
        "1",
    ];
    let mut server = us.serve(&options);
    Organisation::take(&server, &Server::start().example("shop", 1));
    // The first is being asked.
    let _asked = slow[0].accept().unwrap();
    server.signal("-TERM");
    let told = Instant::now();
    server.hear("everything accepted is stored");
    assert!(server.child.wait().unwrap().success());
    assert!(
        told.elapsed() < Duration::from_secs(8),
        "{:?}",
        told.elapsed()
    );
}

/// The files of what was said with that ending, in the order of the log.
fn files(data: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join("log/vouched")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}
