//! A `PostgreSQL` cluster of a test's own: made by `initdb` in a temporary folder, and gone with the process that made it.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::disallowed_methods,
    reason = "each program of tests uses its part of this, and no data of people goes there"
)]

use super::port::free_port;
use super::skipped;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where Debian's packages lie, the newest first.
const VERSIONS: [&str; 5] = ["18", "17", "16", "15", "14"];

/// The superuser of a cluster.
const USER: &str = "consent";

/// How often a port that was free is taken by somebody else before the cluster has it.
const ATTEMPTS: u32 = 5;

/// Whether what is committed is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// As it must be where records are kept.
    Durable,
    /// Faster, where no test kills the machine.
    Volatile,
}

/// A cluster that listens on a socket of its folder and on a port of this machine.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    durability: Durability,
    databases: AtomicU32,
    /// Ends the cluster and removes its folder once this process is gone, however it went.
    watcher: Child,
}

impl Cluster {
    /// The one of this program of tests; `None`, and said so, where `PostgreSQL` is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        SHARED
            .get_or_init(|| Self::start(Durability::Volatile))
            .as_ref()
    }

    /// One of a test's own, which it can stop.
    pub fn start(durability: Durability) -> Option<Self> {
        let Some(programs) = programs() else {
            skipped::not_installed(
                "the tests on PostgreSQL",
                "no initdb in /usr/lib/postgresql/*/bin, nor in a folder of PATH (on Debian the package postgresql)",
            );
            return None;
        };
        let folder = new_folder();
        let data = folder.join("data");
        let mut initdb = command(&programs, "initdb", &folder);
        initdb.arg("--pgdata").arg(&data);
        initdb.args([
            "--username",
            USER,
            "--auth=trust",
            "--no-sync",
            "--data-checksums",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]);
        run(&mut initdb);
        Some(Self::watched(programs, folder, durability))
    }

    /// A standby of this one, which follows it.
    pub fn standby(&self) -> Self {
        let folder = new_folder();
        let mut copy = command(&self.programs, "pg_basebackup", &folder);
        copy.arg("--pgdata").arg(folder.join("data"));
        copy.arg("--host").arg(&self.folder);
        copy.args(["--port", &self.port.to_string(), "--username", USER]);
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        run(&mut copy);
        Self::watched(self.programs.clone(), folder, self.durability)
    }

    /// Makes a standby the one that takes writes.
    pub fn promote(&self) {
        run(self.pg_ctl("promote").arg("--wait"));
    }

    /// Begins what lies in a folder, and has it watched.
    fn watched(programs: PathBuf, folder: PathBuf, durability: Durability) -> Self {
        let mut cluster = Self {
            watcher: watch(&programs, &folder).unwrap(),
            programs,
            folder,
            port: 0,
            durability,
            databases: AtomicU32::new(0),
        };
        for attempt in 1.. {
            cluster.port = free_port().unwrap();
            match cluster.try_begin() {
                Ok(()) => break,
                Err(error) => assert!(attempt < ATTEMPTS, "{error}"),
            }
        }
        cluster
    }

    /// Begins again after [`Self::stop`].
    pub fn begin(&self) {
        self.try_begin().unwrap();
    }

    fn try_begin(&self) -> io::Result<()> {
        let mut options = format!(
            "-k {} -p {} -c listen_addresses=127.0.0.1 -c max_connections=200",
            self.folder.display(),
            self.port
        );
        if self.durability == Durability::Volatile {
            options += " -c fsync=off";
        }
        let mut start = self.pg_ctl("start");
        start.arg("--log").arg(self.folder.join("log"));
        start.args(["--wait", "--options", &options]);
        let output = start.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        if output.success() {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(io::Error::other(log))
    }

    /// Speaks TLS from now on, with this certificate and its key.
    pub fn encrypt(&self, [certificate, key]: [&Path; 2]) {
        let data = self.folder.join("data");
        let owner = fs::metadata(&data).unwrap();
        for (from, name) in [(certificate, "server.crt"), (key, "server.key")] {
            let to = data.join(name);
            fs::copy(from, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&to, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let admin = self.url("postgres");
        self.sql(&admin, "ALTER SYSTEM SET ssl = on");
        self.sql(&admin, "SELECT pg_reload_conf()");
    }

    /// Stops it at once, as if its processes were killed.
    pub fn stop(&self) {
        run(self.pg_ctl("stop").args(["--mode", "immediate", "--wait"]));
    }

    fn pg_ctl(&self, what: &str) -> Command {
        let mut pg_ctl = command(&self.programs, "pg_ctl", &self.folder);
        pg_ctl
            .arg(what)
            .arg("--pgdata")
            .arg(self.folder.join("data"));
        pg_ctl
    }

    /// The URL of a new database, on the socket.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(&self.url("postgres"), &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database by its name, on the socket.
    pub fn url(&self, name: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{folder}:{}/{name}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What a statement answers: a line a row, `|` between columns.
    pub fn sql(&self, url: &str, statement: &str) -> String {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--set", "ON_ERROR_STOP=1", "--command", statement, url]);
        run(&mut psql).trim_end().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

/// A folder that belongs to whom a cluster runs as. The watcher removes it: where a program of tests ends, nothing is dropped.
fn new_folder() -> PathBuf {
    let folder = tempfile::Builder::new().prefix("consent-pg-").tempdir();
    let folder = folder.unwrap().keep();
    if let Some((user, group)) = other_user(&folder) {
        chown(&folder, Some(user), Some(group)).unwrap();
    }
    folder
}

/// The folder of `PostgreSQL`'s programs.
fn programs() -> Option<PathBuf> {
    let debian =
        VERSIONS.map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = debian.into_iter().chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// The user and group that a cluster runs as, if this is root: `initdb` refuses root.
fn other_user(folder: &Path) -> Option<(u32, u32)> {
    if fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }
    let id = |which| -> u32 {
        let output = Command::new("id").args([which, "postgres"]).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        text.trim()
            .parse()
            .expect("root needs the user postgres for PostgreSQL")
    };
    Some((id("-u"), id("-g")))
}

/// A program of `PostgreSQL`'s, run as the owner of the cluster's folder.
fn command(programs: &Path, name: &str, folder: &Path) -> Command {
    let mut command = Command::new(programs.join(name));
    run_as_owner(&mut command, folder);
    command
}

fn run_as_owner(command: &mut Command, folder: &Path) {
    let owner = fs::metadata(folder).unwrap();
    let own = fs::metadata("/proc/self").unwrap();
    if owner.uid() != own.uid() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    // The folder of the tests may be nobody else's.
    command.current_dir(folder);
}

fn watch(programs: &Path, folder: &Path) -> io::Result<Child> {
    let mut watcher = Command::new("sh");
    watcher.arg("-c").arg(
        "cat > /dev/null; \"$0\" stop --pgdata \"$1/data\" --mode immediate --wait; rm -rf \"$1\"",
    );
    watcher.arg(programs.join("pg_ctl")).arg(folder);
    run_as_owner(&mut watcher, folder);
    // What interrupts the tests leaves it alone.
    watcher.process_group(0);
    watcher.stdin(Stdio::piped());
    watcher.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
