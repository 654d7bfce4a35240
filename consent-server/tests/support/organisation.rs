//! An organisation with a server whose log others vouch for.

use super::process::{Process, run};
use consent_core::archive::Archive;
use consent_core::note::NoteKey;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The folders of its server.
pub struct Organisation {
    pub sites: PathBuf,
    pub data: PathBuf,
}

impl Organisation {
    pub fn new(folder: &Path) -> Self {
        let (sites, data) = (folder.join("sites"), folder.join("data"));
        std::fs::create_dir_all(&sites).unwrap();
        std::fs::write(sites.join("shop.toml"), super::shop()).unwrap();
        Self { sites, data }
    }

    /// The key of its log, which the first start makes.
    pub fn log_key(&self) -> NoteKey {
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

    /// A server that asks others as these options say.
    pub fn serve(&self, options: &[&str]) -> Process {
        Process::serve_with(&self.sites, &self.data, options)
    }

    /// One with these authorities instead of the system's, for https.
    pub fn serve_trusting(&self, roots: &Path, options: &[&str]) -> Process {
        Process::serve_trusting(roots, &self.sites, &self.data, options)
    }

    /// Gives a server a record; its id.
    pub fn take(server: &Process, record: &Value) -> String {
        let url = format!("{}/v1/sites/shop/consents", server.url);
        let answer = ureq::post(&url)
            .content_type("application/json")
            .send(record.to_string())
            .unwrap();
        assert_eq!(answer.status(), 201);
        record["jti"].as_str().unwrap().to_owned()
    }

    /// Waits until somebody has vouched for a record, and answers the verdict on its evidence.
    pub fn verdict(&self, id: &str, verify: &[&str]) -> Value {
        let file = self.data.join("e.zip");
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let verdict = self.verdict_now(id, &file, verify);
            if step(&verdict, "witnessed").0 != "not_checked" || Instant::now() > deadline {
                return verdict;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn verdict_now(&self, id: &str, file: &Path, verify: &[&str]) -> Value {
        let (data, file) = (self.data.to_str().unwrap(), file.to_str().unwrap());
        let _ = std::fs::remove_file(file);
        let made = run(&["evidence", id, "--data", data, "-o", file]);
        let said = String::from_utf8_lossy(&made.stderr);
        assert_eq!(made.status.code(), Some(0), "{said}");
        // Its witnesses are known here.
        let zip = std::fs::read(file).unwrap();
        let archive = Archive::from_zip(&zip).unwrap();
        let keys = self.data.join("known-keys");
        let mut arguments = vec!["verify", file, "--json", "--data", data];
        if let Some(known) = archive.get("keys/log.txt") {
            std::fs::write(&keys, known).unwrap();
            arguments.extend(["--log-keys", keys.to_str().unwrap()]);
        }
        arguments.extend(verify);
        let verdict = run(&arguments);
        serde_json::from_slice(&verdict.stdout).unwrap()
    }
}

/// The result of a step of a verdict, and its reason.
pub fn step<'v>(verdict: &'v Value, name: &str) -> (&'v str, &'v str) {
    let steps = verdict["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["step"] == name).unwrap();
    (
        step["result"].as_str().unwrap(),
        step["reason"].as_str().unwrap_or_default(),
    )
}
