//! Two organisations, each with a server and a witness of the other's log, and an authority for timestamps: the evidence of
//! a receipt tells who has seen it, and when.

mod support;

use support::Server;
use support::authority::Authority;
use support::organisation::{Organisation, step};
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
