//! Two witnesses as real processes, each watching the other's log: what goes on is cosigned, what does not is refused, and a
//! crash forgets nothing.

use crate::support;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::digest::Digest;
use consent_core::merkle;
use consent_core::note::{Note, NoteSigner};
use consent_core::time::UnixSeconds;
use consent_core::witness::{AddCheckpoint, NotCosigned};
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::keys::Keys;
use consent_server::outgoing::Client;
use consent_server::witness::{AskError, Endpoint, Notebook, WitnessError, ask};
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use support::process::PROGRAM;
use support::witness::Witness;

/// One organisation's log, as long as it likes.
struct Log {
    signer: NoteSigner,
    leaves: Vec<Digest>,
}

impl Log {
    fn new(origin: &str, seed: u8) -> Self {
        let signer = NoteSigner::from_seed(origin.parse().unwrap(), &[seed; 32]);
        Self {
            signer,
            leaves: Vec::new(),
        }
    }

    fn grow(&mut self, entries: u8) {
        let from = self.leaves.len();
        self.leaves
            .extend((0..entries).map(|n| Digest::of(&[n, from.to_le_bytes()[0]])));
    }

    fn checkpoint(&self) -> SignedCheckpoint {
        let (origin, size) = (self.signer.key().name().as_str(), self.leaves.len() as u64);
        let checkpoint = Checkpoint::new(origin, size, merkle::root_of(&self.leaves));
        checkpoint.unwrap().sign(&self.signer).unwrap()
    }

    fn ask(&self, witness: &Endpoint, known: u64) -> Result<SignedCheckpoint, AskError> {
        let mut checkpoint = self.checkpoint();
        let client = Client::to([&witness.url]).unwrap();
        let prove = |old, new| self.prove(old, new);
        let cosignature = ask(&client, witness, &checkpoint, known, prove)?;
        checkpoint.add(cosignature);
        Ok(checkpoint)
    }

    fn prove(&self, old: u64, new: u64) -> Result<Vec<Digest>, Box<dyn Error + Send + Sync>> {
        let node = |node: merkle::Node| -> Result<Digest, std::convert::Infallible> {
            let range =
                usize::try_from(node.first()).unwrap()..usize::try_from(node.end()).unwrap();
            Ok(merkle::root_of(&self.leaves[range]))
        };
        Ok(merkle::consistency_proof(old, new, node)?)
    }
}

#[test]
fn two_organisations_witness_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ours, mut theirs) = (Log::new("a.example/log", 1), Log::new("b.example/log", 2));
    ours.grow(5);
    theirs.grow(9);
    let a = Witness::start(
        "a.example/witness",
        &folder.path().join("a"),
        &[theirs.signer.key()],
    );
    let b = Witness::start(
        "b.example/witness",
        &folder.path().join("b"),
        &[ours.signer.key()],
    );
    for (log, witness) in [(&mut ours, &b), (&mut theirs, &a)] {
        let first = log.leaves.len() as u64;
        // First contact; then with more entries, knowing what the witness knows, and not knowing it.
        for known in [0, first, 0] {
            let cosigned = log.ask(&witness.endpoint, known).unwrap();
            let witnesses = [witness.endpoint.key.clone()];
            let seen = cosigned.verify(log.signer.key(), &witnesses).unwrap();
            assert_eq!(seen.witnesses.len(), 1);
            log.grow(7);
        }
    }
    // Whom nobody has told it about is not cosigned.
    let refused = ours.ask(&a.endpoint, 0).unwrap_err();
    assert!(matches!(refused, AskError::Refused(404, _)), "{refused}");
    let mut impostor = Log::new("a.example/log", 3);
    impostor.grow(5);
    let refused = impostor.ask(&b.endpoint, 0).unwrap_err();
    assert!(matches!(refused, AskError::Refused(403, _)), "{refused}");
}

#[test]
fn a_stale_or_forked_log_is_refused_also_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new("a.example/log", 1);
    log.grow(5);
    let data = folder.path().join("w");
    let start = || Witness::start("w.example", &data, &[log.signer.key()]);
    let (mut stale, mut forked) = (Log::new("a.example/log", 1), Log::new("a.example/log", 1));
    stale.leaves.clone_from(&log.leaves);
    forked.leaves = (0..8).map(|n| Digest::of(&[n, 77])).collect();
    let mut grown = Log::new("a.example/log", 1);
    grown.leaves.clone_from(&log.leaves);
    grown.grow(3);
    let key = {
        let witness = start();
        log.ask(&witness.endpoint, 0).unwrap();
        grown.ask(&witness.endpoint, 5).unwrap();
        witness.endpoint.key.clone()
        // Killed here, without a chance to tidy up.
    };
    let witness = start();
    assert_eq!(witness.endpoint.key, key);
    let refused = stale.ask(&witness.endpoint, 0).unwrap_err();
    assert!(matches!(refused, AskError::SetBack(8)), "{refused}");
    let refused = forked.ask(&witness.endpoint, 8).unwrap_err();
    assert!(matches!(refused, AskError::Forked(8)), "{refused}");
    forked.grow(4);
    let refused = forked.ask(&witness.endpoint, 8).unwrap_err();
    assert!(matches!(refused, AskError::Refused(422, _)), "{refused}");
    grown.grow(4);
    grown.ask(&witness.endpoint, 8).unwrap();

    // What a monitor sees; and a second witness on the same folder is refused.
    let name: String = Digest::of(b"a.example/log")
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    let url = format!("{}/{name}/checkpoint", witness.endpoint.url);
    let shown = ureq::get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let shown = SignedCheckpoint::parse(&shown).unwrap();
    assert_eq!(
        shown
            .verify(log.signer.key(), &[key])
            .unwrap()
            .checkpoint
            .size(),
        12
    );
    let second = Command::new(PROGRAM)
        .args([
            "witness",
            "--listen",
            "127.0.0.1:0",
            "--name",
            "w.example",
            "--data",
        ])
        .arg(&data)
        .arg("--logs")
        .arg(data.with_extension("logs"))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another witness"));
}

#[test]
fn a_witness_keeps_nothing_that_a_stranger_added_and_starts_with_what_one_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Log::new("a.example/log", 1);
    log.grow(5);
    let data = folder.path().join("w");
    let start = || Witness::start("w.example", &data, &[log.signer.key()]);
    let witness = start();
    let own = witness.endpoint.key.clone();
    // As many lines as a note may have, one of them under the witness's own name and number.
    let junk = |count: u8| -> String {
        let lines =
            (1..count).map(|n| format!("\u{2014} x {}\n", STANDARD.encode([0, 0, 0, 0, n])));
        let mut id = own.id().to_be_bytes().to_vec();
        id.extend([0; 72]);
        let mimic = format!("\u{2014} w.example {}\n", STANDARD.encode(id));
        mimic + &lines.collect::<Vec<_>>().concat()
    };
    let body = format!("old 0\n\n{}{}", log.checkpoint(), junk(99));
    let url = format!("{}/add-checkpoint", witness.endpoint.url);
    let answer = ureq::post(&url).send(body).unwrap();
    assert_eq!(answer.status(), 200);
    let name = Digest::of(b"a.example/log");
    let name: Vec<_> = name
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let kept = data.join(format!("{}.checkpoint", name.concat()));
    let sound = |witness: &Witness| {
        let url = format!("{}/{}/checkpoint", witness.endpoint.url, name.concat());
        let shown = ureq::get(&url).call().unwrap().body_mut().read_to_string();
        let shown = SignedCheckpoint::parse(&shown.unwrap()).unwrap();
        let seen = shown
            .verify(log.signer.key(), std::slice::from_ref(&own))
            .unwrap();
        assert_eq!((seen.checkpoint.size(), seen.witnesses.len()), (5, 1));
        assert_eq!(shown.note().signatures().len(), 2);
        shown.to_string()
    };
    let shown = sound(&witness);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), shown);
    drop(witness);
    // What an earlier version kept after such a request.
    let cut = shown.find("\u{2014} w.example").unwrap();
    let poisoned = format!("{}{}{}", &shown[..cut], junk(99), &shown[cut..]);
    std::fs::write(&kept, poisoned).unwrap();
    let witness = start();
    sound(&witness);
    let refused = Log::new("a.example/log", 1).ask(&witness.endpoint, 0);
    assert!(matches!(refused, Err(AskError::SetBack(5))), "{refused:?}");
    drop(witness);
    // Without the log's signature it is nothing to go on from.
    std::fs::write(&kept, shown.replace("a.example/log ", "b.example/log ")).unwrap();
    let refused = Command::new("timeout")
        .args([
            "20",
            PROGRAM,
            "witness",
            "--listen",
            "127.0.0.1:0",
            "--name",
            "w.example",
        ])
        .arg("--data")
        .arg(&data)
        .arg("--logs")
        .arg(data.with_extension("logs"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the log's own signature is missing"),
        "{said}"
    );
}

#[test]
fn who_sends_half_a_request_is_cut_off_and_holds_no_witness_up() {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::new("a.example/log", 1);
    let mut witness = Witness::start("w.example", &folder.path().join("w"), &[log.signer.key()]);
    let address = witness.endpoint.url.as_str().trim_start_matches("http://");
    let send = |half: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(half.as_bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(25)))
            .unwrap();
        stream
    };
    let head = "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 100\r\n";
    let mut halves = [head.to_owned(), format!("{head}\r\nold ")].map(|half| send(&half));
    for half in &mut halves {
        // 408 or nothing, and then the end.
        let mut answer = String::new();
        half.read_to_string(&mut answer).unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
    let _late = send(&format!("{head}\r\nold "));
    let id = witness.child.id().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(told.success());
    let deadline = Instant::now() + Duration::from_secs(14);
    while witness.child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_witness_answers_is_one_short_line_of_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for status in ["403 Forbidden", "409 Conflict"] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            assert_ne!(stream.read(&mut asked).unwrap(), 0);
            let said = format!("no\u{1b}[2J{}\n2026 INFO stored", "!".repeat(9000));
            let length = said.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{said}"
            )
            .unwrap();
            while stream.read(&mut asked).is_ok_and(|length| length > 0) {}
        }
    });
    let mut log = Log::new("a.example/log", 1);
    log.grow(5);
    let endpoint = format!("{} {url}", log.signer.key()).parse().unwrap();
    for status in ["403", "409"] {
        let said = log.ask(&endpoint, 0).unwrap_err().to_string();
        let begin = format!("the witness refused with status {status}: no\\u{{1b}}[2J!!!");
        assert!(said.starts_with(&begin) && said.len() < 300, "{said}");
        assert!(!said.contains(['\n', '\u{1b}']), "{said}");
    }
}

/// The same checkpoint with other lines of strangers, in this order.
fn with_lines(checkpoint: &SignedCheckpoint, before: &[u8], after: &[u8]) -> SignedCheckpoint {
    let mut note = Note::new(checkpoint.note().text()).unwrap();
    let line = |seed: &u8| {
        let signer = NoteSigner::from_seed("stranger.example/x".parse().unwrap(), &[*seed; 32]);
        let mut note = Note::new(checkpoint.note().text()).unwrap();
        note.sign(&signer);
        note.signatures()[0].clone()
    };
    before.iter().map(line).for_each(|line| note.add(line));
    for own in checkpoint.note().signatures() {
        note.add(own.clone());
    }
    after.iter().map(line).for_each(|line| note.add(line));
    SignedCheckpoint::parse(&note.to_string()).unwrap()
}

#[test]
fn what_was_cosigned_a_moment_ago_is_neither_signed_nor_written_again() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().unwrap();
    let seconds = Arc::new(AtomicI64::new(support::NOW));
    let told = Arc::clone(&seconds);
    let clock = Clock::new(move || UnixSeconds::new(told.load(Ordering::Relaxed)).unwrap());
    let mut log = Log::new("a.example/log", 1);
    log.grow(5);
    let keys = Keys::open(&DataFolder::at(folder.path()), clock.now()).unwrap();
    let cosigner = keys.into_cosigner("w.example".parse().unwrap()).unwrap();
    let notebook = Notebook::open(&DataFolder::at(folder.path())).unwrap();
    let known = vec![log.signer.key().clone()];
    let witness = consent_server::witness::Witness::new(cosigner, known, notebook, clock).unwrap();
    // A file that is written anew is another file.
    let file = || {
        let mut files = std::fs::read_dir(folder.path())
            .unwrap()
            .map(Result::unwrap);
        let file = files.find(|file| {
            file.path()
                .extension()
                .is_some_and(|end| end == "checkpoint")
        });
        let file = file.unwrap().metadata().unwrap();
        (file.ino(), file.mtime(), file.mtime_nsec())
    };
    let older = log.checkpoint();
    let first = AddCheckpoint {
        old: 0,
        proof: vec![],
        checkpoint: older.clone(),
    };
    witness.add(&first).unwrap();
    log.grow(3);
    let grown = log.checkpoint();
    let grow = AddCheckpoint {
        old: 5,
        proof: log.prove(5, 8).unwrap(),
        checkpoint: grown.clone(),
    };
    let signature = witness.add(&grow).unwrap();
    let written = file();
    let again = |old, checkpoint: &SignedCheckpoint| {
        witness.add(&AddCheckpoint {
            old,
            proof: vec![],
            checkpoint: checkpoint.clone(),
        })
    };
    for number in 0..50 {
        seconds.store(support::NOW + number, Ordering::Relaxed);
        for checkpoint in [
            grown.clone(),
            with_lines(&grown, &[7, 8], &[]),
            with_lines(&grown, &[8], &[7, 9]),
        ] {
            assert_eq!(again(8, &checkpoint).unwrap(), signature);
        }
        // An older one, and sizes that are made up.
        for (old, checkpoint) in [
            (5, &grown),
            (0, &grown),
            (5, &older),
            (8, &older),
            (999, &grown),
        ] {
            let refused = again(old, checkpoint);
            assert!(
                matches!(
                    refused,
                    Err(WitnessError::Refused(
                        NotCosigned::Size(8) | NotCosigned::Order
                    ))
                ),
                "{old}: {refused:?}"
            );
        }
    }
    assert_eq!(file(), written);
    // A log that stands still gets a newer time after a while, once.
    seconds.store(support::NOW + 100, Ordering::Relaxed);
    let newer = again(8, &grown).unwrap();
    assert_ne!(newer, signature);
    assert_ne!(file(), written);
    let written = file();
    assert_eq!(again(8, &grown).unwrap(), newer);
    // A clock that goes back takes no time back that was given.
    seconds.store(support::NOW - 1000, Ordering::Relaxed);
    assert_eq!(again(8, &grown).unwrap(), newer);
    assert_eq!(file(), written);
}
