//! Settings from a file, the environment and the command line: which comes first, and what is said of wrong ones.

use crate::support;
use std::path::PathBuf;
use std::process::Command;
use support::process::PROGRAM;

struct Config(tempfile::TempDir);

impl Config {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("consent.toml"), text).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("consent.toml")
    }

    /// `consent …` with this file: code, stdout, stderr.
    fn run(
        &self,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> (Option<i32>, String, String) {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .env("CONSENT_CONFIG", self.file())
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

const GOOD: &str = "url = \"https://consent.example\"\nsites = \"sites\"\ndata = \"/var/lib/consent\"\n\
                    client-rate = 20\nbehind-proxy = true\nlisten = \"127.0.0.1:1\"\nno-log = true\n";

#[test]
fn the_command_line_comes_before_the_environment_and_that_before_the_file() {
    let config = Config::new(GOOD);
    let show = [
        "serve",
        "--show-config",
        "--listen",
        "127.0.0.1:3",
        "--behind-proxy=false",
    ];
    let environment = [
        ("CONSENT_LISTEN", "127.0.0.1:2"),
        ("CONSENT_CLIENT_RATE", "30"),
        ("CONSENT_SIGNING_KEY", "very secret"),
    ];
    let (code, shown, stderr) = config.run(&show, &environment);
    assert_eq!(code, Some(0), "{stderr}");
    let sites = config.0.path().join("sites");
    for line in [
        "listen = \"127.0.0.1:3\" # command line",
        "behind-proxy = false # command line",
        "client-rate = 30 # environment",
        "url = \"https://consent.example\" # file",
        &format!("sites = {:?} # file", sites.to_str().unwrap()),
        "data = \"/var/lib/consent\" # file",
        "site-rate = 0 # default",
        "no-log = true # file",
        "log-format = \"text\" # default",
        "# metrics is not set",
    ] {
        assert!(
            shown.lines().any(|shown| shown == line),
            "no {line}: {shown}"
        );
    }
    assert!(!shown.contains("very secret") && shown.contains("CONSENT_SIGNING_KEY is set"));
    // What is shown is a file that says the same.
    let again = Config::new(&shown);
    let (code, shown_again, stderr) = again.run(&["serve", "--show-config"], &[]);
    assert_eq!(code, Some(0), "{stderr}");
    let values = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| Some(line.split_once(" # ")?.0.to_owned()))
            .collect()
    };
    assert_eq!(values(&shown_again), values(&shown));
}

#[test]
fn an_authority_for_timestamps_is_set_with_its_certificate_or_not_at_all() {
    // Nobody has that address to listen on: no server stays.
    let text = "url = \"https://consent.example\"\nsites = \"sites\"\ndata = \"data\"\n\
                listen = \"192.0.2.1:1\"\ntimestamps = \"https://tsa.example/\"\n";
    let config = Config::new(text);
    let sites = config.0.path().join("sites");
    std::fs::create_dir(&sites).unwrap();
    std::fs::write(sites.join("shop.toml"), support::shop()).unwrap();
    let (code, shown, stderr) = config.run(&["serve", "--show-config"], &[]);
    assert_eq!(code, Some(0), "{stderr}");
    let line = "timestamps = \"https://tsa.example/\" # file";
    assert!(shown.lines().any(|shown| shown == line), "{shown}");
    let (code, _, stderr) = config.run(&["serve"], &[]);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("in --timestamp-authority"), "{stderr}");
}

#[test]
fn a_wrong_setting_is_told_with_file_line_and_key() {
    for (text, place, says) in [
        (
            "url = \"https://a.example\"\nlisten = \"nowhere\"\n",
            "2:10",
            "listen: invalid socket address",
        ),
        (
            "url = \"ftp://a.example\"\n",
            "1:7",
            "url: must be like https://",
        ),
        (
            "# yes\n\n  client_rate = 3\n",
            "3:3",
            "client_rate: not known here: there are sites, data, store, listen",
        ),
        ("connections = -1\n", "1:15", "connections: invalid digit"),
        (
            "connections = [1]\n",
            "1:1",
            "connections: must be a text, a number",
        ),
        ("behind-proxy = \"perhaps\"\n", "1:16", "behind-proxy: "),
        (
            "timestamps = \"tsa.example\"\n",
            "1:14",
            "timestamps: must be like https://",
        ),
        (
            "timestamps = \"https://u5er:pa55w0rd@tsa.example\"\n",
            "1:14",
            "timestamps: must have no user and password",
        ),
        ("listen = \"127.0.0.1:1\n", "1:", ""),
        ("listen = 1\nlisten = 2\n", "2:1", ""),
        ("signing-key-text = \"x\"\n", "1:1", "not known here"),
    ] {
        let config = Config::new(text);
        let (code, stdout, stderr) = config.run(&["serve"], &[]);
        assert_eq!((code, &*stdout), (Some(2), ""), "{text}");
        let begin = format!("error: {}:{place}", config.file().display());
        assert!(
            stderr.starts_with(&begin) && stderr.contains(says),
            "{text}: {stderr}"
        );
        assert!(!stderr.contains("pa55w0rd"), "{stderr}");
    }
    let config = Config::new("");
    let missing = ["serve", "--config", "/nowhere/consent.toml"];
    let (code, _, stderr) = config.run(&missing, &[]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("the configuration /nowhere/consent.toml"),
        "{stderr}"
    );
}

#[test]
fn every_command_takes_what_concerns_it_from_the_file() {
    let config = Config::new("data = \"data\"\nsites = \"sites\"\n");
    support::write_site(&config.0.path().join("sites"));
    let (code, token, stderr) =
        config.run(&["token", "create", "--role", "viewer", "--all-sites"], &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(token.starts_with("consent_"));
    assert!(config.0.path().join("data/consent.db").exists());
    let (code, stdout, stderr) = config.run(&["purge", "--dry-run"], &[]);
    assert_eq!((code, &*stdout), (Some(0), "shop\tdelete\t0\n"), "{stderr}");
}
