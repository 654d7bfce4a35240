//! `consent try`: the page follows the file, and says what is wrong in it.

use crate::support;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use support::process::PROGRAM;

/// The command, killed when the test ends.
struct Trial {
    child: Child,
    url: String,
}

impl Trial {
    fn of(file: &std::path::Path) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["try", "--port", "0"])
            .arg(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().trim_end_matches('/').to_owned();
        Self { child, url }
    }

    fn get(&self, path: &str) -> (u16, String) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        let agent: ureq::Agent = agent.into();
        let mut answer = agent.get(format!("{}{path}", self.url)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), text)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_page_follows_the_file_and_names_what_is_wrong_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.toml");
    std::fs::write(&file, support::shop()).unwrap();
    let trial = Trial::of(&file);
    assert!(trial.url.starts_with("http://127.0.0.1:"), "{}", trial.url);

    let (status, index) = trial.get("/");
    assert_eq!(status, 200);
    for shown in [
        "data-version=\"1\"",
        "?lang=fr&amp;look=declared",
        "look=dark",
        "phone=true",
        "[no-authority]",
    ] {
        assert!(index.contains(shown), "{shown}: {index}");
    }
    let (_, sample) = trial.get("/page?lang=fr&look=dark");
    assert!(
        sample.contains("<html lang=\"fr\">") && sample.contains("/dark/consent.js"),
        "{sample}"
    );
    assert!(sample.contains("data-service=\"counter\""), "{sample}");
    let [declared, dark] =
        ["declared", "dark"].map(|look| trial.get(&format!("/{look}/consent.js")));
    assert_eq!(declared.0, 200);
    assert_ne!(declared.1, dark.1);
    assert_eq!(trial.get("/dark/nowhere/banner.js").0, 404);
    assert_eq!(trial.get("/purple/consent.js").0, 400);

    // Each answers as soon as the file has been read again.
    std::fs::write(&file, support::shop().replace("\"Counter\"", "\"Abacus\"")).unwrap();
    assert_eq!(trial.get("/changed?since=1").0, 200);
    assert!(trial.get("/page").1.contains("Abacus"));
    std::fs::write(&file, support::shop().replace("\"social\"", "\"socail\"")).unwrap();
    assert_eq!(trial.get("/changed?since=2").0, 200);
    let (_, index) = trial.get("/");
    assert!(
        index.contains("shop.toml:34:12: services.videos.category"),
        "{index}"
    );
    assert_eq!(trial.get("/page").0, 404);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(trial.get("/changed?since=3").0, 200);
    assert!(trial.get("/").1.contains("No such file"));
    std::fs::write(&file, support::shop()).unwrap();
    assert_eq!(trial.get("/changed?since=4").0, 200);
    assert_eq!(trial.get("/page").0, 200);
    // Nothing is beside it.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_not_there_is_said_at_once() {
    let output = support::process::run(&["try", "--port", "0", "/nowhere/site.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/nowhere/site.toml: No such file"), "{said}");
}
