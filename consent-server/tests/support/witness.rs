//! `consent witness`, as a process of its own.

use super::process::PROGRAM;
use consent_core::note::NoteKey;
use consent_server::witness::Endpoint;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A witness process, killed when the test ends.
pub struct Witness {
    pub child: Child,
    pub endpoint: Endpoint,
}

impl Witness {
    pub fn start(name: &str, data: &Path, logs: &[&NoteKey]) -> Self {
        Self::start_at("127.0.0.1:0", name, data, logs)
    }

    /// At an address that it had before, say.
    pub fn start_at(address: &str, name: &str, data: &Path, logs: &[&NoteKey]) -> Self {
        std::fs::create_dir_all(data).unwrap();
        let list = data.with_extension("logs");
        let lines: Vec<String> = logs.iter().map(ToString::to_string).collect();
        std::fs::write(&list, lines.join("\n")).unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["witness", "--listen", address, "--name", name, "--data"])
            .arg(data)
            .arg("--logs")
            .arg(&list)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut key = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut key)
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("witnessing") {
            line.clear();
            assert!(
                stderr.read_line(&mut line).unwrap() > 0,
                "the witness did not start"
            );
        }
        let port = line.rsplit_once("127.0.0.1:").unwrap().1;
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        let endpoint = format!("{} http://127.0.0.1:{port}/", key.trim())
            .parse()
            .unwrap();
        Self { child, endpoint }
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
