//! An authority for timestamps (RFC 3161), made with `openssl` on the spot.

use consent_server::timestamp::Authorities;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

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
pub struct Authority {
    folder: TempDir,
}

pub fn openssl(folder: &Path, arguments: &str) {
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
    pub fn new(key: &str, usage: &str) -> Self {
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

    pub fn rsa() -> Self {
        Self::new("rsa:2048", "extendedKeyUsage = critical,timeStamping\n")
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn trusted(&self) -> Authorities {
        Authorities::from_pem(&std::fs::read(self.path("root.pem")).unwrap()).unwrap()
    }

    /// The answer to a question, in `openssl`'s words.
    pub fn answer(&self, question: &[u8]) -> Vec<u8> {
        std::fs::write(self.path("question.tsq"), question).unwrap();
        openssl(
            self.folder.path(),
            "ts -reply -config tsa.cnf -queryfile question.tsq -out answer.tsr",
        );
        std::fs::read(self.path("answer.tsr")).unwrap()
    }

    /// Answers requests over HTTP; its address.
    pub fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let question = read_request(&stream);
                let answer = self.answer(&question);
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    answer.len()
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&answer).unwrap();
            }
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
