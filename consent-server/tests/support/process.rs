//! The real program, as a process of its own.

use super::compressed::Compressed;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_consent");

/// Copies the program, by a process of its own: another that is begun while this one has the copy open to write keeps it
/// open, and nobody can run it ("text file busy").
pub fn copy_program(to: &Path) {
    let copied = Command::new("cp").arg(PROGRAM).arg(to).status();
    assert!(copied.unwrap().success());
}

/// `consent serve`, killed when the test ends.
pub struct Process {
    pub child: Child,
    pub url: String,
    /// Its log until it said that it serves, that line included.
    pub said: String,
    /// Where it listens for staff.
    pub staff: String,
    heard: mpsc::Receiver<String>,
    log: Arc<Mutex<String>>,
}

impl Process {
    pub fn serve(sites: &Path, data: &Path) -> Self {
        Self::start(Command::new(PROGRAM), sites, data, &[])
    }

    /// With nothing that another server has compressed.
    pub fn serve_unaided(sites: &Path, data: &Path) -> Self {
        Self::serve_by(Command::new("env").arg(PROGRAM), sites, data)
    }

    /// With files that cannot grow beyond so many blocks of 512 bytes: a disk that is full.
    pub fn serve_on_full_disk(sites: &Path, data: &Path, blocks: u32) -> Self {
        let mut shell = Command::new("sh");
        // Ignored, the signal leaves the error to whoever writes.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, PROGRAM]);
        Self::start(shell, sites, data, &[])
    }

    /// With so few files open at a time.
    pub fn serve_with_few_files(sites: &Path, data: &Path, files: u32) -> Self {
        let mut shell = Command::new("sh");
        let script = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, PROGRAM]);
        Self::start(shell, sites, data, &[])
    }

    /// With a place in the program where it is killed.
    pub fn serve_until(sites: &Path, data: &Path, crash: &str) -> Self {
        let mut command = Command::new(PROGRAM);
        command.env("CONSENT_CRASH", crash);
        Self::start(command, sites, data, &[])
    }

    pub fn serve_with(sites: &Path, data: &Path, options: &[&str]) -> Self {
        Self::start(Command::new(PROGRAM), sites, data, options)
    }

    /// With these authorities instead of the system's, for https.
    pub fn serve_trusting(roots: &Path, sites: &Path, data: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        trust(&mut command, roots);
        Self::start(command, sites, data, options)
    }

    /// In an environment that names a proxy for everything.
    pub fn serve_proxied(proxy: &str, sites: &Path, data: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        for name in ["http_proxy", "https_proxy", "ALL_PROXY"] {
            command.env(name, proxy);
        }
        Self::start(command, sites, data, options)
    }

    /// By a command that runs the program, as another user perhaps.
    pub fn serve_by(command: &mut Command, sites: &Path, data: &Path) -> Self {
        let mut by = Command::new(command.get_program());
        by.args(command.get_args());
        Self::start(by, sites, data, &[])
    }

    fn start(mut command: Command, sites: &Path, data: &Path, options: &[&str]) -> Self {
        // Not for another user, and not where files must not grow.
        let lent = command.get_program() == PROGRAM;
        let compressed = lent.then(|| Compressed::lend(Path::new(PROGRAM), data));
        let mut child = command
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--url",
                super::URL,
                "--sites",
            ])
            .arg(sites)
            .arg("--data")
            .arg(data)
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, hear) = mpsc::channel();
        let log = Arc::<Mutex<String>>::default();
        let written = Arc::clone(&log);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        // Read to the end, so that the program never waits for room in the pipe.
        std::thread::spawn(move || {
            let mut line = String::new();
            while stderr.read_line(&mut line).is_ok_and(|length| length > 0) {
                written.lock().unwrap().push_str(&line);
                let _ = said.send(std::mem::take(&mut line));
            }
        });
        let mut told = String::new();
        let (address, staff) = loop {
            let line = hear.recv_timeout(Duration::from_mins(1)).unwrap();
            let plain = strip_colours(&line);
            told += &plain;
            if let Ok(object) = serde_json::from_str::<Value>(&plain)
                && let (Some(address), Some(staff)) =
                    (object["address"].as_str(), object["staff"].as_str())
            {
                break (address.to_owned(), staff.to_owned());
            }
            let after = |mark: &str| {
                let (_, rest) = plain.split_once(mark)?;
                rest.split_whitespace().next().map(str::to_owned)
            };
            if let (Some(address), Some(staff)) = (after(" address="), after(" staff=")) {
                break (address, staff);
            }
        };
        if let Some(compressed) = compressed {
            compressed.keep();
        }
        Self {
            child,
            url: format!("http://{address}"),
            said: told,
            staff: format!("http://{staff}"),
            heard: hear,
            log,
        }
    }

    /// Its log so far, as it was written.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The next line of its log that has these words.
    pub fn hear(&self, words: &str) -> String {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.heard.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("`{words}` is not in the server's log"));
            if line.contains(words) {
                return strip_colours(&line);
            }
        }
    }

    /// All that it still says until it ends.
    pub fn rest(&self) -> String {
        let lines = std::iter::from_fn(|| self.heard.recv_timeout(Duration::from_mins(1)).ok());
        lines.map(|line| strip_colours(&line)).collect()
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of a command's environment, with which the test's own may come.
pub fn trust(command: &mut Command, roots: &Path) {
    command
        .env("SSL_CERT_FILE", roots)
        .env_remove("SSL_CERT_DIR");
}

pub fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The receipts of the site `shop`, as `consent export` writes them: a JSON object a line.
pub fn exported(data: &Path) -> Vec<Value> {
    let data = data.to_str().unwrap();
    let output = run(&[
        "export", "--site", "shop", "--format", "jsonl", "--data", data,
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

/// The record ids of an export.
pub fn exported_ids(data: &Path) -> Vec<String> {
    let lines = exported(data).into_iter();
    lines
        .map(|line| line["jti"].as_str().unwrap().to_owned())
        .collect()
}

fn strip_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}
