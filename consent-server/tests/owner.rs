//! Root's commands on the data folder of a server that runs as somebody else: nothing of root's stays in it.
//!
//! Only root can set the stage; run by others, the test says so and looks at nothing.

use crate::support;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::page::Page;
use support::process::{Process, copy_program, run};
use support::skipped::not_here;
use support::write_site;

/// The user that owns nothing.
const NOBODY: u32 = 65_534;

struct Stage {
    sites: PathBuf,
    data: PathBuf,
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Stage {
    /// `None` where this is not root.
    fn new() -> Option<Self> {
        if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
            not_here(
                "root on another's folder",
                "only root can give a folder away",
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mode(folder.path(), 0o755);
        let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
        write_site(&sites);
        std::fs::create_dir(&data).unwrap();
        mode(&data, 0o700);
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let program = folder.path().join("consent");
        copy_program(&program);
        Some(Self {
            sites,
            data,
            program,
            folder,
        })
    }

    /// A command on the data folder, by root.
    fn root(&self, arguments: &[&str]) -> Output {
        let data = ["--data", self.data.to_str().unwrap()];
        Command::new(&self.program)
            .args(arguments)
            .args(data)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// The server, as its own user runs it.
    fn serve(&self) -> Process {
        Process::serve_by(
            Command::new("setpriv").args([
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                self.program.to_str().unwrap(),
            ]),
            &self.sites,
            &self.data,
        )
    }

    /// What in the folder is not its owner's.
    fn strange(&self) -> Vec<PathBuf> {
        let mut strange = Vec::new();
        let mut folders = vec![self.data.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let metadata = entry.metadata().unwrap();
                if metadata.uid() != NOBODY {
                    strange.push(entry.path());
                }
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        strange
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn nothing_that_root_does_in_the_folder_of_a_server_stops_it() {
    let Some(stage) = Stage::new() else { return };
    let server = stage.serve();
    let page = Page::open(&server.url);
    let mut record = page.record(1);
    let now = consent_server::clock::Clock::system().now().get();
    record["dat"] = now.into();
    record["exp"] = (now + 86_400).into();
    assert_eq!(page.send(&record), Some(201));
    let id = record["jti"].as_str().unwrap();
    let sites = stage.sites.to_str().unwrap();
    // A folder in which its owner may write, for what is written besides.
    let out = stage.folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    chown(&out, Some(NOBODY), Some(NOBODY)).unwrap();
    let to = |name: &str| out.join(name).to_str().unwrap().to_owned();
    let (backup, evidence, export) = (to("backup"), to("e.zip"), to("x.csv"));
    let all: &[&[&str]] = &[
        &["keys", "rotate"],
        &["keys", "list"],
        &["purge", "--sites", sites],
        &["hold", "--site", "shop", "--reason", "a trial"],
        &["hold", "--site", "shop", "--lift"],
        &["token", "create", "--role", "viewer", "--all-sites"],
        &["fsck"],
        &["backup", "--to", &backup],
        &["evidence", id, "--output", &evidence],
        &[
            "export", "--site", "shop", "--format", "csv", "--out", &export,
        ],
        &["log", "prune"],
    ];
    for running in [true, false] {
        if !running {
            server.signal("-KILL");
        }
        for arguments in all {
            for made in [&backup, &evidence, &export] {
                let _ = std::fs::remove_dir_all(made);
                let _ = std::fs::remove_file(made);
            }
            let _ = std::fs::remove_file(to("x.csv.manifest.json"));
            let output = stage.root(arguments);
            assert_eq!(
                output.status.code(),
                Some(0),
                "{arguments:?}: {}",
                said(&output)
            );
            assert!(
                said(&output).contains("running as nobody"),
                "{}",
                said(&output)
            );
            assert_eq!(stage.strange(), Vec::<PathBuf>::new(), "{arguments:?}");
        }
    }
    drop(server);
    let output = stage.root(&["log", "renew"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stage.strange(), Vec::<PathBuf>::new());
    // The keys that root has made are the server's to sign with.
    let server = stage.serve();
    let page = Page::open(&server.url);
    let mut record = page.record(2);
    record["dat"] = now.into();
    record["exp"] = (now + 86_400).into();
    assert_eq!(page.send(&record), Some(201));
}

/// Before the server's own first start, too, and when root itself starts it.
#[test]
fn the_first_commands_and_roots_own_start_leave_the_owner_everything() {
    let Some(stage) = Stage::new() else { return };
    let output = stage.root(&["token", "create", "--role", "admin", "--all-sites"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stage.strange(), Vec::<PathBuf>::new());
    drop(Process::serve_by(
        &mut Command::new(&stage.program),
        &stage.sites,
        &stage.data,
    ));
    assert_eq!(stage.strange(), Vec::<PathBuf>::new());
    drop(stage.serve());
}

#[test]
fn what_the_owner_may_not_do_is_refused_and_leaves_nothing() {
    let Some(stage) = Stage::new() else { return };
    drop(stage.serve());
    // Root's alone, as its home is.
    let home = stage.folder.path().join("root");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let backup = home.join("backup");
    let output = stage.root(&["backup", "--to", backup.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let told = said(&output);
    assert!(
        told.contains("running as nobody") && told.contains("in reach"),
        "{told}"
    );
    assert!(!backup.exists());
    // Where only root can get at the program, it is run all the same.
    let program = home.join("consent");
    copy_program(&program);
    let data = stage.data.to_str().unwrap();
    let listed = Command::new(&program)
        .args(["keys", "list", "--data", data])
        .output();
    assert!(listed.unwrap().status.success());
    // A folder of root's own is root's to work in.
    let own = stage.folder.path().join("own");
    let made = run(&[
        "token",
        "create",
        "--role",
        "admin",
        "--all-sites",
        "--data",
        own.to_str().unwrap(),
    ]);
    assert!(
        made.status.success() && !said(&made).contains("running as"),
        "{}",
        said(&made)
    );
}
