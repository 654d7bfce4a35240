//! `cargo xtask bench start`: how long a server with many sites takes until it serves, with nothing kept and with everything,
//! and until it has read one changed site again.

use crate::command;
use crate::workspace::Workspace;
use anyhow::{Context as _, bail};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

/// Sites, and rounds with everything kept.
const SITES: usize = 500;
const ROUNDS: usize = 7;

pub(crate) fn bench(
    workspace: &Workspace,
    program: &Path,
    options: &[String],
) -> anyhow::Result<()> {
    let count = match options {
        [] => SITES,
        [name, count] if name == "--sites" => count.parse().context("--sites NUMBER")?,
        _ => bail!("bench start takes --sites NUMBER"),
    };
    let folder = std::env::temp_dir().join(format!("consent-bench-start-{}", std::process::id()));
    let bench = Bench {
        program: program.to_owned(),
        sites: folder.join("sites"),
        data: folder.join("data"),
    };
    fs::create_dir_all(&bench.sites)?;
    let measured = bench.run(&workspace.root().join("examples/sites"), count);
    fs::remove_dir_all(&folder)?;
    measured
}

struct Bench {
    program: PathBuf,
    sites: PathBuf,
    data: PathBuf,
}

struct Started {
    server: Child,
    log: BufReader<ChildStderr>,
    took: Duration,
    line: String,
}

impl Bench {
    fn run(&self, examples: &Path, count: usize) -> anyhow::Result<()> {
        let texts = declarations(examples, count)?;
        for (number, text) in texts.iter().enumerate() {
            fs::write(self.sites.join(format!("site-{number:03}.toml")), text)?;
        }
        let cold = self.start()?;
        println!(
            "{count} sites, nothing kept: {:.2?} ({})",
            cold.took,
            words(&cold.line)
        );
        println!("    memory: {}", memory(&cold.server)?);
        stop(cold.server)?;
        let mut warm = Vec::new();
        for _ in 0..ROUNDS {
            let started = self.start()?;
            warm.push(started.took);
            if warm.len() == ROUNDS {
                println!(
                    "{count} sites, unchanged: {} ({})",
                    shown(warm.clone()),
                    words(&started.line)
                );
                println!("    memory: {}", memory(&started.server)?);
                self.reloads(started, &texts[0])?;
            } else {
                stop(started.server)?;
            }
        }
        println!(
            "    kept: {} files, {} MB",
            command::read(Command::new("sh").arg("-c").arg(format!(
                "find '{}/cache' -type f | wc -l",
                self.data.display()
            )))?
            .trim(),
            megabytes(&self.data.join("cache"))?,
        );
        Ok(())
    }

    fn reloads(&self, mut started: Started, text: &str) -> anyhow::Result<()> {
        let (mut one, mut none) = (Vec::new(), Vec::new());
        let mut last = String::new();
        for round in 0..ROUNDS {
            none.push(reload(&mut started)?.0);
            let changed = text.replacen("[controller]\nname = \"", "[controller]\nname = \"x", 1);
            let changed = changed.replacen("name = \"x", &format!("name = \"{round}"), 1);
            fs::write(self.sites.join("site-000.toml"), changed)?;
            let (took, line) = reload(&mut started)?;
            one.push(took);
            last = line;
        }
        println!("reload, unchanged: {}", shown(none));
        println!(
            "reload, one site changed: {} ({})",
            shown(one),
            words(&last)
        );
        stop(started.server)
    }

    fn start(&self) -> anyhow::Result<Started> {
        let began = Instant::now();
        let mut server = Command::new(&self.program)
            .args(["serve", "--listen", "127.0.0.1:0", "--url"])
            .arg("https://consent.example")
            .arg("--sites")
            .arg(&self.sites)
            .arg("--data")
            .arg(&self.data)
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()?;
        let stderr = server.stderr.take().context("no log")?;
        let mut log = BufReader::new(stderr);
        let line = hear(&mut log, "address=")?;
        Ok(Started {
            took: began.elapsed(),
            server,
            log,
            line,
        })
    }
}

/// Each of the examples again and again, as another site of another controller.
fn declarations(examples: &Path, count: usize) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(examples)?.collect::<Result<_, _>>()?;
    paths.sort_by_key(fs::DirEntry::path);
    for path in paths {
        texts.push(fs::read_to_string(path.path())?);
    }
    let of = |number: usize| {
        let text = texts.get(number % texts.len()).context("no examples")?;
        let text = text.replacen("id = \"", &format!("id = \"s{number}-"), 1);
        Ok(text.replacen(
            "[controller]\nname = \"",
            &format!("[controller]\nname = \"{number}. "),
            1,
        ))
    };
    (0..count).map(of).collect()
}

fn reload(started: &mut Started) -> anyhow::Result<(Duration, String)> {
    let began = Instant::now();
    let id = started.server.id().to_string();
    command::run(Command::new("kill").args(["-HUP", &id]))?;
    let line = hear(&mut started.log, "reloaded")?;
    Ok((began.elapsed(), line))
}

fn hear(log: &mut BufReader<ChildStderr>, word: &str) -> anyhow::Result<String> {
    let mut line = String::new();
    while log.read_line(&mut line)? > 0 {
        if line.contains(word) {
            return Ok(line);
        }
        line.clear();
    }
    bail!("the server ended without saying `{word}`")
}

fn stop(mut server: Child) -> anyhow::Result<()> {
    command::run(Command::new("kill").arg(server.id().to_string()))?;
    server.wait()?;
    Ok(())
}

/// What the server says that it did.
fn words(line: &str) -> String {
    let said = line.split_whitespace();
    said.filter(|word| word.starts_with("rendered=") || word.starts_with("compressed="))
        .collect::<Vec<_>>()
        .join(" ")
}

fn memory(server: &Child) -> anyhow::Result<String> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id()))?;
    let lines = status
        .lines()
        .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"));
    let words = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    Ok(words.collect::<Vec<_>>().join(", "))
}

fn megabytes(folder: &Path) -> anyhow::Result<String> {
    let said = command::read(Command::new("du").arg("-sm").arg(folder))?;
    Ok(said.split_whitespace().next().unwrap_or("?").to_owned())
}

/// The median, and the best and the worst.
fn shown(mut all: Vec<Duration>) -> String {
    all.sort_unstable();
    let middle = all[all.len() / 2];
    format!(
        "median {middle:.0?} ({:.0?} to {:.0?} of {})",
        all[0],
        all[all.len() - 1],
        all.len()
    )
}
