//! Two organisations, each with a server and a witness of the other's log, and an authority for timestamps: the evidence of
//! a receipt tells who has seen it, and when.

mod support;

use consent_core::note::NoteKey;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::Server;
use support::authority::Authority;
use support::process::{Process, run};
use support::witness::Witness;

struct Organisation {
    sites: PathBuf,
    data: PathBuf,
}

impl Organisation {
    fn new(folder: &Path) -> Self {
        let (sites, data) = (folder.join("sites"), folder.join("data"));
        std::fs::create_dir_all(&sites).unwrap();
        std::fs::write(sites.join("shop.toml"), support::shop()).unwrap();
        Self { sites, data }
    }

    /// The key of its log, which the first start makes.
    fn log_key(&self) -> NoteKey {
        let server = Process::serve(&self.sites, &self.data);
        let url = format!("{}/log/vkey", server.url);
        let key = ureq::get(&url)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        key.trim().parse().unwrap()
    }

    /// Takes a record, waits until somebody has vouched for it, and answers the verdict on its evidence.
    fn verdict(&self, options: &[&str], verify: &[&str], record: &Value) -> Value {
        let server = Process::serve_with(&self.sites, &self.data, options);
        let url = format!("{}/v1/sites/shop/consents", server.url);
        let answer = ureq::post(&url)
            .content_type("application/json")
            .send(record.to_string())
            .unwrap();
        assert_eq!(answer.status(), 201);
        let (id, file) = (record["jti"].as_str().unwrap(), self.data.join("e.zip"));
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let data = self.data.to_str().unwrap();
            let made = run(&["evidence", id, "--data", data, "-o", file.to_str().unwrap()]);
            assert_eq!(
                made.status.code(),
                Some(0),
                "{}",
                String::from_utf8_lossy(&made.stderr)
            );
            let mut arguments = vec!["verify", file.to_str().unwrap(), "--json"];
            arguments.extend(verify);
            let verdict = run(&arguments);
            let verdict: Value = serde_json::from_slice(&verdict.stdout).unwrap();
            if step(&verdict, "witnessed").0 != "not_checked" || Instant::now() > deadline {
                return verdict;
            }
        }
    }
}

fn step<'v>(verdict: &'v Value, name: &str) -> (&'v str, &'v str) {
    let steps = verdict["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["step"] == name).unwrap();
    (
        step["result"].as_str().unwrap(),
        step["reason"].as_str().unwrap_or_default(),
    )
}

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
        let verdict = us.verdict(&options, &["--authority", root], &record);
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
