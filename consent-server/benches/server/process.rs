//! The real program, as a process of its own.

use crate::fixture::{Fixture, URL};
use crate::shown;
use anyhow::{Context as _, Result, bail, ensure};
use consent_core::digest::Digest;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// `consent serve`, killed if it is not stopped.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The notice that it shows.
    pub(crate) notice: Digest,
}

/// What `/proc` tells, in kibibytes.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// At the end of the load.
    pub(crate) resident: u64,
    /// At most, ever.
    pub(crate) peak: u64,
}

impl Process {
    pub(crate) fn start(
        program: &Path,
        fixture: &Fixture,
        data: &Path,
        options: &[&str],
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--url", URL, "--sites"])
            .arg(&fixture.sites)
            .arg("--data")
            .arg(data)
            .args(options)
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .context("the server")?;
        let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?);
        let mut said = String::new();
        let address = loop {
            let mut line = String::new();
            if stderr.read_line(&mut line)? == 0 {
                bail!("the server did not start:\n{said}");
            }
            if let Some((_, rest)) = line.split_once("address=") {
                break rest.split_whitespace().next().unwrap_or("").parse()?;
            }
            said.push_str(&line);
        };
        // What it says from here on is shown; and it must never wait for room in the pipe.
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::stderr()));
        let notice = shown::notice(fixture, address)?;
        Ok(Self {
            child,
            address,
            notice,
        })
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        Ok(Memory {
            resident: field("VmRSS:").context("no VmRSS")?,
            peak: field("VmHWM:").context("no VmHWM")?,
        })
    }

    /// The processor time that it has used.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time(&self.child.id().to_string())
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

/// The processor time of all threads of a process; `self` is this one.
pub(crate) fn processor_time(process: &str) -> Result<Duration> {
    /// `USER_HZ`, which is 100 on every Linux.
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in brackets and may hold anything; user and system time are the 12th and 13th word after it.
    let (_, rest) = stat.rsplit_once(')').context("a strange /proc/…/stat")?;
    let ticks: Vec<u32> = rest
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(TICK * ticks.iter().sum())
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
