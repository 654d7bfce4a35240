//! Witnesses and an authority for timestamps behind https, as real ends of TLS before real ones: whom the server trusts, and
//! what it says of others.

use crate::support;
use std::path::Path;
use std::process::{Command, Output};
use support::Server;
use support::authority::Authority;
use support::organisation::{Organisation, step};
use support::port::free_port;
use support::process::{PROGRAM, Process, run, trust};
use support::tls::{CertificateAuthority, End};
use support::witness::Witness;

#[tokio::test]
async fn who_is_behind_https_vouches() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let witness = Witness::start("w.example/1", &folder.path().join("w"), &[&us.log_key()]);
    let authority = Authority::rsa();
    let root = folder.path().join("root.pem");
    std::fs::copy(authority.path("root.pem"), &root).unwrap();
    let (root, clock) = (root.to_str().unwrap(), authority.serve());

    let ca = CertificateAuthority::new("Ours");
    let identity = ca.identity("IP:127.0.0.1,DNS:localhost");
    let (first, second) = (free_port().unwrap(), free_port().unwrap());
    let _first = End::start(first, "TLSv1.3", &identity, witness.endpoint.url.as_str());
    let _second = End::start(second, "TLSv1.2", &identity, &clock);
    let endpoint = format!("{} https://127.0.0.1:{first}/", witness.endpoint.key);
    let clock = format!("https://localhost:{second}/tsa");
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
    let server = us.serve_trusting(&ca.path(), &options);
    let id = Organisation::take(&server, &Server::start().example("shop", 1));
    let verdict = us.verdict(&id, &["--authority", root]);
    assert_eq!(verdict["valid"], true, "{verdict}");
    for (name, reason) in [
        ("witnessed", "w.example/1 at "),
        ("timestamped", "CN=Clock at "),
    ] {
        let (result, said) = step(&verdict, name);
        assert!(result == "passed" && said.starts_with(reason), "{verdict}");
    }
    // Who knows no witness takes nobody's word for them.
    let file = us.data.join("e.zip");
    let unknowing = run(&["verify", file.to_str().unwrap(), "--json"]);
    let verdict = serde_json::from_slice(&unknowing.stdout).unwrap();
    let (result, said) = step(&verdict, "witnessed");
    let claimed = "named only by the file: w.example/1 at ";
    assert!(
        result == "not_checked" && said.starts_with(claimed),
        "{verdict}"
    );
}

#[tokio::test]
async fn a_stranger_and_another_name_are_refused_and_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let witness = Witness::start("w.example/1", &folder.path().join("w"), &[&us.log_key()]);
    let ca = CertificateAuthority::new("Ours");
    let port = free_port().unwrap();
    let end = |identity| End::start(port, "TLSv1.3", &identity, witness.endpoint.url.as_str());

    let endpoint = format!("{} https://localhost:{port}", witness.endpoint.key);
    let options = ["--witness", &endpoint, "--vouch-every", "1"];
    let server = us.serve_trusting(&ca.path(), &options);
    let id = Organisation::take(&server, &Server::start().example("shop", 1));
    server.hear("Connection refused");
    // Also one that calls itself what the trusted one is called.
    for name in ["Others", "Ours"] {
        let others = CertificateAuthority::new(name);
        let stranger = end(others.identity("DNS:localhost"));
        for _ in 0..2 {
            let said = server.hear("nobody whom this machine trusts");
            assert!(said.contains("w.example/1: "), "{said}");
            assert!(said.contains("set SSL_CERT_FILE"), "{said}");
        }
        drop(stranger);
        server.hear("Connection refused");
    }
    let misnamed = end(ca.identity("DNS:elsewhere.example,IP:127.0.0.1"));
    let said = server.hear("another name");
    assert!(said.contains("not valid for name \"localhost\""), "{said}");
    assert!(said.contains("elsewhere.example"), "{said}");
    drop(misnamed);

    let _known = end(ca.identity("DNS:localhost"));
    let verdict = us.verdict(&id, &[]);
    assert_eq!(step(&verdict, "logged").0, "passed", "{verdict}");
    let (result, reason) = step(&verdict, "witnessed");
    assert!(
        result == "passed" && reason.starts_with("w.example/1 at "),
        "{verdict}"
    );
}

#[test]
fn without_anybody_to_trust_https_is_refused_at_the_start_and_http_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(folder.path());
    let (empty, away) = (folder.path().join("empty.pem"), folder.path().join("away"));
    std::fs::write(&empty, "").unwrap();
    let nonsense = folder.path().join("nonsense.pem");
    std::fs::write(
        &nonsense,
        "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let key = us.log_key();
    for roots in [&empty, &nonsense, &away] {
        let refused = serve_briefly(&us, &format!("{key} https://127.0.0.1:1/"), roots);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        for words in [
            "https://127.0.0.1:1 cannot be asked",
            &format!("SSL_CERT_FILE={}", roots.display()),
            "ca-certificates",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    // Nobody is asked whom the system trusts where it does not matter.
    let options = ["--witness", &format!("{key} http://127.0.0.1:1/")];
    us.serve_trusting(&away, &options);
}

#[test]
fn an_address_that_cannot_be_asked_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(folder.path());
    let key = us.log_key();
    for address in ["ftp://127.0.0.1/", "witness.example"] {
        let refused = serve_briefly(&us, &format!("{key} {address}"), Path::new("/"));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(
            said.contains("the witness's address: must be like https://"),
            "{said}"
        );
    }
    for (address, reason) in [
        (
            "http://u5er:pa55w0rd@127.0.0.1/",
            "must have no user and password",
        ),
        ("http://127.0.0.1/?token=pa55w0rd", "must end before the ?"),
        ("http://127.0.0.1/#pa55w0rd", "must end before the #"),
    ] {
        let refused = serve_briefly(&us, &format!("{key} {address}"), Path::new("/"));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        let begin = format!("error: invalid value '{key} http://…' for '--witness <KEY URL>'");
        assert!(said.starts_with(&begin) && said.contains(reason), "{said}");
        assert!(!said.contains("pa55w0rd"), "{said}");
    }
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let witness = Witness::start("w.example/1", &folder.path().join("w"), &[&us.log_key()]);
    let endpoint = format!("{} {}", witness.endpoint.key, witness.endpoint.url);
    let options = ["--witness", &endpoint, "--vouch-every", "1"];
    let server = Process::serve_proxied("http://127.0.0.1:1", &us.sites, &us.data, &options);
    let id = Organisation::take(&server, &Server::start().example("shop", 1));
    let verdict = us.verdict(&id, &[]);
    assert_eq!(step(&verdict, "witnessed").0, "passed", "{verdict}");
}

#[tokio::test]
async fn what_an_authority_is_asked_with_is_not_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let us = Organisation::new(&folder.path().join("us"));
    let authority = Authority::rsa();
    let root = authority.path("root.pem");
    let clock = "http://127.0.0.1:1/tsa?token=pa55w0rd";
    let options = ["--timestamps", clock, "--timestamp-authority"];
    let options = [
        &options[..],
        &[root.to_str().unwrap(), "--vouch-every", "1"],
    ]
    .concat();
    let server = us.serve(&options);
    Organisation::take(&server, &Server::start().example("shop", 1));
    let said = server.hear("not vouched for");
    assert!(said.contains("http://127.0.0.1:1/tsa: "), "{said}");
    assert!(!said.contains("pa55w0rd"), "{said}");
}

/// What a server that does not start says.
fn serve_briefly(us: &Organisation, witness: &str, roots: &Path) -> Output {
    // One that does start would run for ever.
    let mut serve = Command::new("timeout");
    trust(&mut serve, roots);
    serve
        .args(["20", PROGRAM, "serve", "--listen", "127.0.0.1:0"])
        .args(["--url", support::URL, "--witness", witness])
        .arg("--sites")
        .arg(&us.sites)
        .arg("--data")
        .arg(&us.data)
        .output()
        .unwrap()
}
