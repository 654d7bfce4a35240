//! Timestamps of an authority that is made with `openssl` on the spot.

use consent_server::timestamp::{Authorities, StampError, TimestampError, check, stamp};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const MESSAGE: &[u8] = b"consent.example/log\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

const CONFIGURATION: &str = "
[tsa]
default_tsa = own
[own]
serial = serial
signer_cert = tsa.pem
certs = chain.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
";

/// An authority: a root, a certificate for timestamps below it, and an HTTP server that asks `openssl ts`.
struct Authority {
    folder: TempDir,
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "openssl {arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

impl Authority {
    /// `key`: as `openssl req -newkey` wants it.
    fn new(key: &str, usage: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        file("tsa.cnf", CONFIGURATION);
        file("serial", "01\n");
        file("usage", usage);
        let run = |arguments: &str| openssl(folder.path(), arguments);
        run(&format!(
            "req -x509 -newkey {key} -nodes -keyout root.key -out root.pem -days 30 -subj /CN=Root"
        ));
        run(&format!(
            "req -new -newkey {key} -nodes -keyout tsa.key -out tsa.csr -subj /CN=Clock"
        ));
        run(
            "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -CAcreateserial -out tsa.pem -days 20 -extfile usage",
        );
        std::fs::copy(
            folder.path().join("root.pem"),
            folder.path().join("chain.pem"),
        )
        .unwrap();
        Self { folder }
    }

    fn rsa() -> Self {
        Self::new("rsa:2048", "extendedKeyUsage = critical,timeStamping\n")
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn trusted(&self) -> Authorities {
        Authorities::from_pem(&std::fs::read(self.path("root.pem")).unwrap()).unwrap()
    }

    /// The answer to a question, in `openssl`'s words.
    fn answer(&self, question: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("question.tsq"), question).unwrap();
        openssl(
            self.folder.path(),
            "ts -reply -config tsa.cnf -queryfile question.tsq -out answer.tsr",
        );
        std::fs::read(self.path("answer.tsr")).unwrap()
    }

    /// Answers one request over HTTP; its address.
    fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let question = read_request(&stream);
            let answer = self.answer(&question);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&answer).unwrap();
        });
        url
    }
}

fn read_request(stream: &TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line).unwrap() > 2 {
        let lower = line.to_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        assert!(
            !lower.starts_with("content-type:") || lower.contains("application/timestamp-query")
        );
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}

#[test]
fn an_authoritys_answer_is_had_and_checked_and_openssl_agrees() {
    let authority = Authority::rsa();
    let (trusted, root) = (
        authority.trusted(),
        std::fs::read(authority.path("root.pem")).unwrap(),
    );
    let before = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let (answer, timestamp) = stamp(&authority.serve(), MESSAGE, &trusted).unwrap();
    assert_eq!(timestamp.authority, "CN=Clock");
    assert!(timestamp.at.get().unsigned_abs().abs_diff(before) < 30);
    assert_eq!(check(&answer, MESSAGE, &trusted), Ok(timestamp));
    assert_eq!(
        check(&answer, b"another", &trusted),
        Err(TimestampError::OtherMessage)
    );

    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("a.tsr", &answer[..]),
        ("root.pem", &root),
        ("checkpoint.txt", MESSAGE),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    openssl(
        folder.path(),
        "ts -verify -data checkpoint.txt -in a.tsr -CAfile root.pem",
    );
}

#[test]
fn no_flipped_bit_of_what_is_signed_passes_and_no_stranger_does() {
    let authority = Authority::new(
        "ec -pkeyopt ec_paramgen_curve:P-256",
        "extendedKeyUsage = critical,timeStamping\n",
    );
    let question = consent_server::timestamp::request(MESSAGE, [7; 8]).unwrap();
    let (answer, trusted) = (authority.answer(&question), authority.trusted());
    let good = check(&answer, MESSAGE, &trusted).unwrap();
    for bit in 0..answer.len() * 8 {
        let mut flipped = answer.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // Bits around what is signed, such as certificates that are not needed, may flip: never to another verdict.
        if let Ok(timestamp) = check(&flipped, MESSAGE, &trusted) {
            assert_eq!(timestamp, good, "bit {bit}");
        }
    }
    let stranger = Authority::new(
        "ec -pkeyopt ec_paramgen_curve:P-384",
        "extendedKeyUsage = critical,timeStamping\n",
    );
    assert!(check(&stranger.answer(&question), MESSAGE, &stranger.trusted()).is_ok());
    assert_eq!(
        check(&answer, MESSAGE, &stranger.trusted()),
        Err(TimestampError::Certificate(
            "it comes from none that is trusted"
        ))
    );
    assert!(matches!(
        check(b"nonsense", MESSAGE, &trusted),
        Err(TimestampError::Form(_))
    ));
    let refused = stamp("http://127.0.0.1:1/", MESSAGE, &trusted);
    assert!(matches!(refused, Err(StampError::Away(_))));
    assert!(Authorities::from_pem(b"").is_err());
}
