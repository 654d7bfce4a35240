//! Root's commands on a folder of somebody else: run as its owner.
//!
//! What root makes in the folder of a server that runs as another user (a key, a lock, the database's own files) that server
//! cannot read, and it stops. So a command that opens a data folder becomes the folder's owner first, whatever it does there.

use anyhow::{Result, anyhow, bail};
use consent_server::input;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: u32 = 0;

/// Where systemd keeps the folders of units with `DynamicUser`: outside the unit, its user cannot get there.
const DYNAMIC: &str = "/var/lib/private";

/// Begins anew as the owner of the data folder, if this is root and the folder is not root's. Returns only otherwise.
pub(super) fn become_owner(data: &Path) -> Result<()> {
    let Ok(folder) = data.metadata() else {
        // It is to be made, or what is wrong with it is said by who needs it.
        return Ok(());
    };
    let owner = folder.uid();
    if owner == ROOT || user()? != Some(ROOT) {
        return Ok(());
    }
    let name = name_of(owner).unwrap_or_else(|| format!("uid {owner}"));
    let shown = data.display();
    if data
        .canonicalize()
        .is_ok_and(|data| data.starts_with(DYNAMIC))
    {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        bail!(
            "{shown} belongs to a unit with DynamicUser, and what root makes in it the server could not read. Run this as a unit of that user, by its name in the unit (User=, or the unit's own):\n\
             \x20   systemd-run --pipe --wait -p DynamicUser=yes -p User=consent -p StateDirectory=consent consent {}",
            arguments.join(" ")
        );
    }
    eprintln!(
        "{shown} belongs to {name}: running as {name}, for whom the files named on the command line must be in reach."
    );
    let error = Command::new(program()?)
        .args(std::env::args_os().skip(1))
        // What root's session knows (tokens, agents) the owner could read from the process.
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| is_passed_on(name)))
        .uid(owner)
        .gid(folder.gid())
        .exec();
    Err(anyhow!(
        "this program cannot be run as {name}, who owns {shown} ({error}): put it where everybody can run it, like /usr/local/bin, or run this as {name}"
    ))
}

/// Whether a variable of the environment is meant for this program.
fn is_passed_on(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| {
        ["CONSENT_", "LC_", "RUST_", "SSL_CERT_"]
            .iter()
            .any(|beginning| name.starts_with(beginning))
            || ["PATH", "LANG", "TZ", "TERM", "NO_COLOR", "TMPDIR"].contains(&name)
    })
}

/// Who runs this. `None` where the system does not say it in a file; nothing is changed there.
fn user() -> Result<Option<u32>> {
    match Path::new("/proc/self").metadata() {
        Ok(process) => Ok(Some(process.uid())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow!(error).context("/proc/self")),
    }
}

/// This program, also where its folder is root's alone, or its file was replaced.
fn program() -> Result<PathBuf> {
    let this = PathBuf::from("/proc/self/exe");
    if this.exists() {
        return Ok(this);
    }
    Ok(std::env::current_exe()?)
}

/// The name of a user, as the system's list has it.
fn name_of(user: u32) -> Option<String> {
    let list = input::read_text(Path::new("/etc/passwd"), input::PART).ok()?;
    list.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, id) = (parts.next()?, parts.nth(1)?);
        (id.parse() == Ok(user)).then(|| name.to_owned())
    })
}
